"""The answer to a file that cannot be read as a table at all."""

from __future__ import annotations

from tongzhou.interchange import messages


class TableRefused(ValueError):
    """The whole file is refused: `code` and `params` say why, `str()` in plain English.

    `sentence(refused, "zh")` of `messages` gives the same in Chinese.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(messages.sentence(self))
