"""The page that tells the story: what happened, in figures and pictures, and where to look next."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.models import Parcel
from tongzhou.kit.access import public
from tongzhou.kit.models import Job
from tongzhou.places.models import Division
from tongzhou.places.queries import children
from tongzhou.plans.models import Run, RunDivision
from tongzhou.portal.queries.daily import daily
from tongzhou.portal.queries.pictures import day_curve, province_map
from tongzhou.portal.queries.progress import standings, standings_below

from . import story


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch as it was planned: units, places it reached, and the units of the named
    province."""

    run: Run
    batch: story.Batch
    places: int
    waiting: int
    here: int


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole story on one page; before it is played there is nothing to show."""
    campaign = Campaign.objects.select_related("division").order_by("pk").first()
    top = standings(campaign.division, campaign=campaign) if campaign else []
    if campaign is None or not top:
        raise Http404
    provinces = list(children(campaign.division))
    province = Division.objects.get(code=story.GANSU)
    here = standings(province, campaign=campaign)
    late = Division.objects.get(code=story.LATE_COUNTY)
    return render(
        request,
        "demo/story.html",
        {
            "campaign": campaign,
            "fund": campaign.funds.select_related("fund")[0].fund,
            "top": top[0],
            "curve": day_curve(campaign, daily(campaign), top[0].need),
            "map": province_map(standings_below(campaign, provinces), provinces),
            "batches": _batches(campaign, province),
            "province": province,
            "here": here[0] if here else None,
            "reported": story.GANSU_REPORTED,
            "reported_source": story.GANSU_SOURCE,
            "late": late,
            "late_standing": next(iter(standings(late, campaign=campaign)), None),
            "job": Job.objects.filter(kind="demo.sign").order_by("-pk").first(),
            "clinic": _a_clinic(province),
            "people": _people(),
            "password": story.PASSWORD,
        },
    )


def _batches(campaign: Campaign, province: Division) -> list[BatchRow]:
    here = {
        row.run_id: row.units_by_wave[0]
        for row in RunDivision.objects.filter(run__campaign=campaign, division=province)
    }
    rows = []
    for batch, run in zip(story.BATCHES, campaign.runs.order_by("number"), strict=False):
        wave = run.waves.get(number=1)
        served, waiting = wave.places_served, wave.places_waiting
        rows.append(BatchRow(run, batch, served, waiting, here.get(run.pk, 0)))
    return rows


def _people() -> list[tuple[story.Person, str]]:
    """The sign-ins, each with the name of the division where its role is held."""
    codes = {person.division for person in story.PEOPLE}
    names = dict(Division.objects.filter(code__in=codes).values_list("code", "name"))
    return [(person, names.get(person.division, "")) for person in story.PEOPLE]


def _a_clinic(province: Division) -> Parcel | None:
    """A clinic of the province that has signed, to follow a unit to its end."""
    signed = Parcel.objects.filter(
        received_at__isnull=False,
        place__division__first__gte=province.first,
        place__division__first__lte=province.last,
    )
    return signed.select_related("place").order_by("pk").first()
