"""Why an action was refused, as a sentence for the person who asked."""


class Refused(Exception):
    """Nothing was changed. `code` is stable for programs, the text says what to do next."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
