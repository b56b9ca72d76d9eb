"""The pictures of a run: its share of places served by recipient, and by wave."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.kit.pictures import Curve, Line, Tile, curve, tiles
from tongzhou.places.queries.tiles import tile_layout
from tongzhou.plans.models import Run, RunDivision


def province_map(run: Run, sums: Sequence[RunDivision]) -> SafeString:
    """One tile a province: the share of its places that this run and earlier ones serve.

    Empty where the tree has no tile layout (another country): the table below shows the same.
    """
    layout = tile_layout()
    cells = []
    for row in sums:
        if (at := layout.get(row.division.code)) is None:
            continue
        served = row.places_served / row.places if row.places else None
        cells.append(
            Tile(
                row=at.row,
                column=at.column,
                label=at.short,
                share=served,
                value="—" if served is None else f"{served:.0%}",
                title=_("%(name)s: %(served)s of %(places)s places served")
                % {
                    "name": row.division.name,
                    "served": number_format(row.places_served, force_grouping=True),
                    "places": number_format(row.places, force_grouping=True),
                },
                url=reverse("run-division", args=[run.pk, row.division.code]),
            )
        )
    return tiles(_("Share of places served by province"), cells) if cells else SafeString("")


def wave_curve(run: Run) -> SafeString:
    """Share of places served after each wave: a plan, so it is dashed."""
    waves = list(run.waves.order_by("day", "number"))
    places = run.metrics.get("places", 0)
    if not waves or not places:
        return SafeString("")
    first = min(run.campaign.opened_on, waves[0].day)
    last = max(run.campaign.deadline, waves[-1].day)
    days = [first.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    before = run.metrics.get("served_before", 0) / places
    values = [(0.0, before)]
    for wave in waves:
        served = (places - wave.places_waiting) / places
        values.append(((wave.day - first).days, served))
    return curve(
        Curve(
            name=_("Share of places served by wave, planned"),
            days=[f"{day.month}-{day.day}" for day in days],
            lines=[Line(_("Planned"), values, dashed=True)],
        )
    )
