"""Text that a spreadsheet would take for a formula, made harmless and brought back.

White space at the ends of a text carries no meaning: it is taken off when reading and writing. A
text that then begins with `=`, `+`, `-`, `@` or their full-width forms, or with apostrophes before
one of these, gets one more apostrophe in a CSV file; reading takes one away again. So every text
comes back as it was, an escaped one included. In XLSX a text is a cell of its own type and no
formula; there only texts that already have the apostrophe get another.
"""

from __future__ import annotations

import polars as pl

_TRIGGER = r"[=+\-@＝＋－＠]"
LIKE_FORMULA = f"^{_TRIGGER}"
_LIKE_ESCAPED = f"^('+{_TRIGGER})"
_RISKY = f"^('*{_TRIGGER})"
_ESCAPED = f"^'('*{_TRIGGER})"


def escaped_for_csv(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.replace(_RISKY, "'${1}")


def escaped_for_xlsx(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.replace(_LIKE_ESCAPED, "'${1}")


def without_escape(text: pl.Series) -> pl.Series:
    """The text as it was before `escaped_for_csv` or `escaped_for_xlsx`."""
    if not text.str.starts_with("'").any():
        return text
    return text.str.replace(_ESCAPED, "${1}")
