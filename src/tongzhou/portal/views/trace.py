"""Where the units are: by campaign, donation, division, place and parcel."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.views.decorators.http import require_safe

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.queries.parcels import parcel_by_public_id
from tongzhou.kit.access import public
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import ancestors, children, division_by_code
from tongzhou.portal.queries import donations
from tongzhou.portal.queries.daily import Daily, daily
from tongzhou.portal.queries.pictures import day_curve, province_map
from tongzhou.portal.queries.progress import standings, standings_below
from tongzhou.portal.queries.steps import county_name, waiting_of, ways_of
from tongzhou.supplies.models import Fund

CHILDREN_SHOWN = 400


@public
@require_safe
def campaign(request: HttpRequest, public_id: str) -> HttpResponse:
    """One campaign: what is needed and given, on a map, by day, and by province."""
    found = get_object_or_404(Campaign.objects.select_related("division"), public_id=public_id)
    top = standings(found.division, campaign=found)
    provinces = list(children(found.division)[:CHILDREN_SHOWN])
    below = standings_below(found, provinces)
    rows = [(division, below.get(division.pk)) for division in provinces]
    context: dict[str, Any] = {
        "campaign": found,
        "top": top[0] if top else None,
        "rows": [(d, s) for d, s in rows if s],
        "funds": Fund.objects.filter(campaign_link__campaign=found, public=True),
    }
    if top:
        days = daily(found)
        context |= {
            "map": province_map(below, provinces),
            "curve": day_curve(found, days, top[0].need),
            "days": _day_rows(days),
        }
    return render(request, "portal/campaign.html", context)


def _day_rows(days: Daily) -> list[tuple[Any, int, int, int]]:
    return list(zip(days.days, days.allocated, days.at_county, days.received, strict=False))


@public
@require_safe
def donation(request: HttpRequest, public_id: str) -> HttpResponse:
    """One donation: its money, its units and where they are, to the clinics that have them."""
    fund = get_object_or_404(
        Fund.objects.filter(public=True).select_related("donor", "item"), public_id=public_id
    )
    return render(
        request,
        "portal/donation.html",
        {
            "fund": fund,
            "money": donations.money_of(fund) if fund.kind == Fund.Kind.CASH else None,
            "units": donations.units_of(fund),
            "orders": donations.orders_of(fund),
            "reached": donations.last_reached(fund),
            "campaign": donations.campaign_of(fund),
        },
    )


@public
@require_safe
def division(request: HttpRequest, code: str) -> HttpResponse:
    """One division: every campaign's standing in it, and its children's for the newest."""
    found = division_by_code(code)
    if found is None:
        raise Http404
    here = standings(found)
    below = list(children(found)[:CHILDREN_SHOWN])
    standing_of = standings_below(here[0].campaign, below) if here else {}
    clinics = (
        Place.objects.filter(division=found, kind=Place.Kind.CLINIC).order_by("code")[:50]
        if found.level == Division.Level.VILLAGE
        else []
    )
    return render(
        request,
        "portal/division.html",
        {
            "division": found,
            "standings": here,
            "children": [(d, standing_of[d.pk]) for d in below if d.pk in standing_of],
            "others": [d for d in below if d.pk not in standing_of],
            "clinics": clinics,
            "crumbs": [
                (d.name, reverse("trace-division", args=[d.code]))
                for d in [*ancestors(found), found]
            ],
        },
    )


@public
@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One clinic: each drop's way with the age of its open step, and what it still waits for."""
    found = get_object_or_404(Place.objects.select_related("division"), code=code)
    ways = ways_of(found)
    return render(
        request,
        "portal/place.html",
        {
            "place": found,
            "county": county_name(found),
            "ways": ways,
            "waiting": waiting_of(found, ways),
            "crumbs": [
                (d.name, reverse("trace-division", args=[d.code]))
                for d in [*ancestors(found.division), found.division]
            ]
            + [(found.name, "")],
        },
    )


@public
@require_safe
def parcel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where the parcel with this outer label should be. A receipt from here is only claimed."""
    found = parcel_by_public_id(public_id)
    if found is None:
        return render(request, "portal/no_parcel.html", {"typed": public_id[:40]}, status=404)
    if found.public_id != public_id:
        return redirect("trace-parcel", public_id=found.public_id)
    ways = [way for way in ways_of(found.place) if way.run.pk == found.run_id]
    return render(
        request,
        "portal/parcel.html",
        {
            "parcel": found,
            "place": found.place,
            "county": county_name(found.place),
            "way": ways[0] if ways else None,
            "units": number_format(sum(line.units for line in found.lines.all())),
        },
    )
