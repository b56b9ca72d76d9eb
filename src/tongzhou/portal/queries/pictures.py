"""The two pictures of a campaign: its provinces as tiles, and its days as a curve."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.kit.pictures import Curve, Line, Mark, Tile, curve, tiles
from tongzhou.places.models import Division
from tongzhou.places.queries.tiles import tile_layout

from .daily import Daily
from .progress import Standing


def province_map(below: Mapping[int, Standing], provinces: Sequence[Division]) -> SafeString:
    layout = tile_layout()
    cells = [
        _tile(division, below.get(division.pk)) for division in provinces if division.code in layout
    ]
    return (
        tiles(_("Share of the need that is at the counties, by province"), cells)
        if cells
        else (SafeString(""))
    )


def _tile(division: Division, standing: Standing | None) -> Tile:
    at = tile_layout()[division.code]
    share = standing.at_county / standing.need if standing and standing.need else None
    return Tile(
        row=at.row,
        column=at.column,
        label=at.short,
        share=share,
        value="—" if share is None else f"{share:.0%}",
        title=_("%(name)s: %(share)s of the need is at the counties")
        % {"name": division.name, "share": "—" if share is None else f"{share:.0%}"},
        url=reverse("trace-division", args=[division.code]),
    )


def day_curve(found: Campaign, days: Daily, need: int) -> SafeString:
    """Given, at the counties, in the clinics: shares of all units needed, by day."""
    if not need:
        return SafeString("")

    def shares(units: list[int]) -> list[tuple[float, float]]:
        return [(at, count / need) for at, count in enumerate(units)]

    return curve(
        Curve(
            name=_("Share of the need given, at the counties and in the clinics, by day"),
            days=[f"{day.month}-{day.day}" for day in days.days],
            lines=[
                Line(_("Allocated"), shares(days.allocated), dashed=True, series=4),
                Line(_("At the counties"), shares(days.at_county), series=1),
                Line(_("Received by clinics"), shares(days.received), series=2),
            ],
            marks=[Mark((found.deadline - days.days[0]).days, _("Deadline"))],
        )
    )
