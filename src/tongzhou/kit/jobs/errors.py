"""What is kept of an error: its kind and its first line, which hold no value of a row."""


def describe(error: BaseException) -> str:
    """`IntegrityError: duplicate key ...`; databases put the values in the lines that follow."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
