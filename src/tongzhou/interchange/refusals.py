"""The answers to input that cannot be taken, each with a sentence in English and Chinese."""

from __future__ import annotations

from tongzhou.interchange import messages


class Refusal(ValueError):
    """`code` and `params` say why; `str()` is the English sentence.

    `messages.sentence(refusal, "zh")` gives the Chinese one.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(messages.sentence(self))

    def __reduce__(self) -> tuple[object, ...]:
        # An exception with keyword arguments cannot be sent between processes without this.
        return _again, (type(self), self.code, self.params)


class CodeRefused(Refusal):
    """A code, public id or token that cannot be what was typed."""


class TableRefused(Refusal):
    """A file that cannot be read as a table at all."""


def _again(kind: type[Refusal], code: str, params: dict[str, str]) -> Refusal:
    return kind(code, **params)
