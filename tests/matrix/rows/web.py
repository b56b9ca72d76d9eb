"""What an operator's machines ask."""

from ..table import Row, open_to_all, token_in_header

ROWS: list[Row] = [
    open_to_all("healthz"),
    open_to_all("readyz"),
    token_in_header("metrics"),
]
