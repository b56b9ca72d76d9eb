"""The rules for one cell of each kind, applied to whole columns.

Every kind has a plain form that nearly all cells have and that one pass recognises; only the
remaining cells go through the careful rules, which find the value or the name of the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from tongzhou.interchange.tables.columns import Column, Kind
from tongzhou.interchange.tables.sources import (
    EXACT,
    HELD_AS_DATE,
    HELD_AS_NUMBER,
    HELD_AS_TEXT,
)

DEFAULT_CODE = r"^[\p{L}0-9._/-]{1,64}$"
_SCIENTIFIC = r"^[+-]?[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,3}$"
_DECIMAL = r"^[+-]?[0-9]+\.[0-9]*$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$"
_DATE = r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
_SERIAL = r"^[0-9]{1,6}(\.[0-9]+)?$"
# Days 1910 to 2199 as a spreadsheet counts them: a year alone (2023) is below, year and month
# without a hyphen (202301) above, so neither is taken for a day by mistake.
_SERIAL_DAYS = (3_654, 109_575)
_ERROR = r"^#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NULL!|NUM!|GETTING_DATA|SPILL!|CALC!)$"
YES = ("yes", "y", "true", "1", "是", "有", "对", "√")
NO = ("no", "n", "false", "0", "否", "无", "不", "×")


@dataclass(frozen=True, slots=True)
class Judged:
    """Values of the cells, and for those that have a fault its message code and limit."""

    values: pl.Series
    faults: pl.Series
    limits: pl.Series


def judge(text: pl.Series, held: pl.Series, column: Column) -> Judged:
    """Values and faults of a column; `text` is normalised, null where empty; held as HELD_AS_..."""
    frame = pl.DataFrame({"text": text, "held": held})
    plain = frame.select(_PLAIN[column.kind](column).alias("value"))["value"]
    rest = frame.with_columns(value=plain).filter(
        pl.col("text").is_not_null() & pl.col("value").is_null()
    )
    return _merged(plain, text, rest.select(*_careful(column)))


def _merged(plain: pl.Series, text: pl.Series, rest: pl.DataFrame) -> Judged:
    faults = pl.repeat(None, len(plain), dtype=pl.String, eager=True)
    limits = pl.repeat(None, len(plain), dtype=pl.String, eager=True)
    if rest.height:
        where = (text.is_not_null() & plain.is_null()).arg_true()
        plain = plain.scatter(where, rest["value"])
        faults = faults.scatter(where, rest["fault"])
        limits = limits.scatter(where, rest["limit"])
    return Judged(plain, faults, limits)


def _careful(column: Column) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    value, faults = _CAREFUL[column.kind](column)
    # What the spreadsheet itself calls an error is one in every kind of column.
    chain = _first((("cell.error", pl.col("text").str.contains(_ERROR), ""), *faults))
    fault, limit = chain
    return (
        pl.when(fault.is_null()).then(value).alias("value"),
        fault.alias("fault"),
        limit.alias("limit"),
    )


Fault = tuple[str, pl.Expr, str]
Rule = tuple[pl.Expr, tuple[Fault, ...]]


def _first(faults: tuple[Fault, ...]) -> tuple[pl.Expr, pl.Expr]:
    """Message code and limit of the first fault whose condition holds, else null."""
    code: pl.Expr = pl.lit(None, dtype=pl.String)
    limit: pl.Expr = pl.lit(None, dtype=pl.String)
    for name, condition, bound in reversed(faults):
        code = pl.when(condition).then(pl.lit(name)).otherwise(code)
        limit = pl.when(condition).then(pl.lit(bound or None)).otherwise(limit)
    return code, limit


def _plain_code(column: Column) -> pl.Expr:
    text = pl.col("text")
    right = text.str.contains(_code_pattern(column)) & (pl.col("held") == HELD_AS_TEXT)
    # With lengths the pattern is digits only; any other could match a spoiled number.
    if not column.lengths:
        right &= ~text.str.contains(_SCIENTIFIC) & ~text.str.contains(_DECIMAL)
    return pl.when(right).then(text)


def _code_pattern(column: Column) -> str:
    if column.lengths:
        return "^(" + "|".join(rf"[0-9]{{{length}}}" for length in column.lengths) + ")$"
    # The digits of other scripts would match; a code in them is found nowhere.
    ours = (column.pattern or "").replace(r"\d", "[0-9]")
    return f"^(?:{ours})$" if ours else DEFAULT_CODE


def _careful_code(column: Column) -> Rule:
    text, held = pl.col("text"), pl.col("held")
    wanted = ", ".join(map(str, column.lengths))
    right = text.str.contains(_code_pattern(column))
    digits = text.str.contains("^[0-9]+$")
    short = digits & (text.str.len_bytes() < max(column.lengths, default=0)) & ~right
    size = text.cast(pl.Float64, strict=False).abs()
    # A number held as such has lost digits beyond the fifteenth, whatever it looks like now.
    inexact = (held == HELD_AS_NUMBER) & (size >= EXACT) & size.is_finite()
    form = "code.length" if wanted else "code.form"
    return text, (
        ("code.date", held == HELD_AS_DATE, ""),
        ("code.precision", inexact, ""),
        ("code.scientific", text.str.contains(_SCIENTIFIC), ""),
        ("code.decimal", text.str.contains(_DECIMAL), ""),
        ("code.zeros", short, wanted),
        (form, ~right, wanted),
    )


def _plain_text(column: Column) -> pl.Expr:
    text = pl.col("text")
    return pl.when(~text.str.contains("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\ufffd]|^#")).then(text)


def _careful_text(column: Column) -> Rule:
    text = pl.col("text")
    return text, (
        ("cell.control", text.str.contains("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]"), ""),
        ("cell.replaced", text.str.contains("\ufffd"), ""),
    )


def _plain_whole(column: Column) -> pl.Expr:
    text = pl.col("text")
    # Up to 15 digits: no whole number of that size overflows or loses a digit as a float.
    number = pl.when(text.str.contains(r"^[0-9]{1,15}$")).then(text).cast(pl.Int64, strict=False)
    return pl.when(number.is_between(column.least, column.most)).then(number)


def _plain_decimal(column: Column) -> pl.Expr:
    text = pl.col("text")
    number = pl.when(text.str.contains(r"^[0-9]{1,15}(\.[0-9]+)?$")).then(text)
    value = number.cast(pl.Float64, strict=False)
    return pl.when(value.is_between(column.least, column.most)).then(value)


def _careful_whole(column: Column) -> Rule:
    number, faults = _careful_decimal(column)
    # Whether it is a number at all comes before whether it is whole, and that before its size.
    fraction: Fault = ("number.fraction", number != number.round(0), "")
    return number.cast(pl.Int64, strict=False), (*faults[:3], fraction, *faults[3:])


def _careful_decimal(column: Column) -> Rule:
    text = pl.col("text").str.replace_all(r"^\+|\s", "")
    grouped = text.str.contains(_GROUPED)
    shown = pl.when(grouped).then(text.str.replace_all(",", "")).otherwise(text)
    number = pl.when(shown.str.contains(_NUMBER)).then(shown).cast(pl.Float64, strict=False)
    # Both limits are shown as they would be typed: 1,000,000,000 and not 1e9.
    low = text.str.to_lowercase()
    least, most = f"{column.least:,.15g}", f"{column.most:,.15g}"
    return number, (
        ("number.nan", low.str.contains(r"^[+-]?nan$"), ""),
        (
            "number.infinite",
            low.str.contains(r"^[+-]?(inf|infinity|∞)$") | number.is_infinite(),
            "",
        ),
        ("number.text", number.is_null(), ""),
        ("number.negative", (number < 0) & (column.least >= 0), least),
        ("number.below", number < column.least, least),
        ("number.above", number > column.most, most),
    )


def _plain_date(column: Column) -> pl.Expr:
    text = pl.col("text")
    iso = pl.when(text.str.contains(r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$")).then(text)
    return iso.str.to_date("%Y-%m-%d", strict=False)


def _careful_date(column: Column) -> Rule:
    text = pl.col("text")
    # Year first only: 1/8/2023 is January to some and August to others.
    year, month, day = (text.str.extract(_DATE, i).cast(pl.Int32, strict=False) for i in (1, 2, 3))
    padded = pl.format(
        "{}-{}-{}",
        year,
        month.cast(pl.String).str.zfill(2),
        day.cast(pl.String).str.zfill(2),
    )
    written = padded.str.to_date("%Y-%m-%d", strict=False)
    serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
    days = (
        pl.when(serial.is_between(*_SERIAL_DAYS, closed="left")).then(serial.floor()).cast(pl.Int32)
    )
    from_serial = pl.date(1899, 12, 30) + pl.duration(days=days)
    value = pl.coalesce(written, from_serial)
    return value, (("date.form", value.is_null(), ""),)


def _plain_yes_no(column: Column) -> pl.Expr:
    low = pl.col("text").str.to_lowercase()
    return pl.when(low.is_in(YES)).then(True).when(low.is_in(NO)).then(False)


def _careful_yes_no(column: Column) -> Rule:
    return pl.lit(None, dtype=pl.Boolean), (("yes_no.form", pl.lit(True), ""),)


def _plain_phone(column: Column) -> pl.Expr:
    text = pl.col("text")
    return pl.when(text.str.contains(r"^\+?[0-9]{3,15}$")).then(text)


def _careful_phone(column: Column) -> Rule:
    text = pl.col("text")
    # Grouping is a habit of each place; a number is compared and dialled without it.
    bare = text.str.replace_all(r"[\s()-]", "")
    return bare, (
        ("code.scientific", text.str.contains(_SCIENTIFIC), ""),
        ("code.decimal", text.str.contains(_DECIMAL), ""),
        ("phone.form", ~bare.str.contains(r"^\+?[0-9]{3,15}$"), ""),
    )


_PLAIN: dict[Kind, Callable[[Column], pl.Expr]] = {
    Kind.CODE: _plain_code,
    Kind.TEXT: _plain_text,
    Kind.WHOLE: _plain_whole,
    Kind.DECIMAL: _plain_decimal,
    Kind.DATE: _plain_date,
    Kind.YES_NO: _plain_yes_no,
    Kind.PHONE: _plain_phone,
}
_CAREFUL: dict[Kind, Callable[[Column], Rule]] = {
    Kind.CODE: _careful_code,
    Kind.TEXT: _careful_text,
    Kind.WHOLE: _careful_whole,
    Kind.DECIMAL: _careful_decimal,
    Kind.DATE: _careful_date,
    Kind.YES_NO: _careful_yes_no,
    Kind.PHONE: _careful_phone,
}
