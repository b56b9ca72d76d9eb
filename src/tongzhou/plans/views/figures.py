"""Numbers of an explanation as they are written, and the table of figures behind a weight."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tongzhou.plans.queries.behind import Figure

DECIMALS_AT_MOST = 6
FACTOR_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One factor: its name, what the register says, what it counts as, and why that differs."""

    name: str
    value: str
    factor: str
    note: str


def number(value: float, decimals: int = 0) -> str:
    # Rounded first: number_format cuts digits off.
    return number_format(round(value, decimals), decimals, force_grouping=True)


def weights_apart(one: float, other: float) -> tuple[str, str]:
    """Both with one decimal, or with as many as show which is larger. A plan keeps weights as
    floats of 32 bits, so what differs by less than that is equal."""
    if abs(one - other) <= 1e-6 * max(1.0, abs(one)):
        return number(one, 1), number(one, 1)
    for decimals in range(1, DECIMALS_AT_MOST + 1):
        texts = number(one, decimals), number(other, decimals)
        if texts[0] != texts[1]:
            return texts
    return number(one, DECIMALS_AT_MOST), number(other, DECIMALS_AT_MOST)


def figure_row(figure: Figure, name: str) -> FigureRow:
    """As a factor of the weight: a share of 15 % counts as 1.15."""
    if figure.used is None:
        return FigureRow(name, "—", "—", _("missing: the median of a wider area was counted"))
    note = ""
    if figure.value is None:
        note = _("missing: the median of its county was counted")
    elif figure.bound is not None:
        note = _("beyond the limits of the policy: %(bound)s was counted") % {
            "bound": _written(figure, figure.bound)
        }
    return FigureRow(
        name=name,
        value="—" if figure.value is None else _written(figure, figure.value),
        factor=_factor(figure, figure.used),
        note=note,
    )


def _factor(figure: Figure, used: float) -> str:
    return _short(1 + used if figure.plus_one else used)


def _written(figure: Figure, value: float) -> str:
    return f"{_short(100 * value, 2)}%" if figure.name == "risk_share" else _short(value)


def _short(value: float, decimals: int = FACTOR_DECIMALS) -> str:
    """Without zeros at its end, and exact enough for a pocket calculator to come to the weight."""
    for places in range(decimals):
        if round(value, places) == round(value, decimals):
            return number(value, places)
    return number(value, decimals)
