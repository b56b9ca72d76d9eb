"""Runs of the engine. A run is seen by whoever its campaign touches, in it only the reader's own
divisions and places; it is made, approved and published by whoever holds all of it."""

import zlib
from dataclasses import replace

import numpy as np

from tongzhou.campaigns.models import Campaign
from tongzhou.kit.models import Job
from tongzhou.places.models import Place
from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.answer import Answer, DriverTrip, Visit
from tongzhou.planning.routing.documents import answer_bytes
from tongzhou.planning.routing.instance import Roads, Stop
from tongzhou.planning.routing.settings import RouteSettings
from tongzhou.plans.models import (
    CampaignLane,
    CountyRoutes,
    Override,
    PublishPart,
    RouteRun,
    Run,
    RunArrays,
    RunDivision,
    RunWave,
    RunWays,
    TakenBack,
)
from tongzhou.plans.queries.results import Result, read_result, written
from tongzhou.plans.queries.rounds import rounds_in, token_of
from tongzhou.plans.queries.ways import Carried, Given, Sent, Source, carried_to, given_to
from tongzhou.plans.rules import LaneDays, packed_table, sha256_of

from ..oracle import touching
from ..table import Row, api_listing, api_page, by_secret, listing, open_to_all, page
from ..world import NOW, Built, Making
from . import campaigns, places

FIGURES = {
    "places": 1,
    "units": 2,
    "served": 1,
    "waiting": 0,
    "short_units": 0,
    "left_units": 0,
    "worst_share": 1.0,
}
STEP = ("more", "fewer", "shifted", "units_more", "units_fewer", "gone_places", "gone_units")


def computed(campaign: Campaign, at: Place, **values: object) -> Run:
    """A run that gives one place its two units."""
    run = Run.objects.create(
        campaign=campaign,
        number=campaign.runs.count() + 1,
        seed=campaign.seed,
        by="account:0",
        created_at=NOW,
        computed_at=NOW,
        **{"state": "computed", "metrics": FIGURES, **values},
    )
    RunWave.objects.create(run=run, number=1, day=NOW.date())
    data = written([result_of(at)])
    RunArrays.objects.create(run=run, data=data, sha256=sha256_of(data))
    for division in {campaign.division, at.division}:
        RunDivision.objects.create(
            run=run,
            division=division,
            item=campaigns.item(),
            places=1,
            need_units=2,
            units=2,
            places_served=1,
            units_by_wave=[2],
        )
    return run


def result_of(*given: Place) -> Result:
    """Two units for each of these places."""
    one = np.ones(len(given), dtype=np.int64)
    return Result(
        item_id=campaigns.item().pk,
        place=np.array([at.pk for at in given], dtype=np.int64),
        county=np.array([at.division_id for at in given], dtype=np.int64),
        recipient=one * 0,
        weight=one.astype(np.float32),
        rank=one,
        cap=one * 2,
        given=one * 0,
        flags=one * 0,
        units=(one * 2).reshape(-1, 1).astype(np.int32),
    )


def run(making: Making) -> Built:
    """A run of a campaign of the division alone."""
    campaign = campaigns.opened(f"行动{making.token}", making.division)
    made = computed(campaign, places.stored(making))
    return Built(
        kwargs={"pk": made.pk},
        marks=(f"行动{making.token}",),
        secrets=(making.token,),
    )


def campaign_of(made: Built) -> Campaign:
    return Run.objects.select_related("campaign").get(pk=made.kwargs["pk"]).campaign


def reviewed(making: Making) -> Built:
    made = run(making)
    Run.objects.filter(pk=made.kwargs["pk"]).update(state="reviewed", reviewed_by="account:1")
    return made


def unfinished(making: Making) -> Built:
    """Nothing computes it any more."""
    made = run(making)
    Run.objects.filter(pk=made.kwargs["pk"]).update(state="draft", computed_at=None)
    return made


def stopped(making: Making) -> Built:
    """A publishing whose one county is not posted and whose job has failed."""
    made = run(making)
    row = Run.objects.get(pk=made.kwargs["pk"])
    part = np.array([[1], [1], [2]], dtype=np.int64)
    recipient = campaigns.recipient(row.campaign)
    PublishPart.objects.create(
        run=row,
        county=making.division,
        recipient=recipient,
        part=1,
        lines=1,
        units=2,
        data=packed_table(part),
    )
    Run.objects.filter(pk=row.pk).update(state="publishing")
    return made


def asked_back(making: Making) -> Built:
    """Somebody else asked to take back what is not posted."""
    made = stopped(making)
    Run.objects.filter(pk=made.kwargs["pk"]).update(take_back_by="account:0", take_back_note="hold")
    return replace(made, data={"agree": "1"})


def counties_of_run(making: Making) -> Built:
    """A national run with one county that is not posted."""
    frame = campaigns.nations(making).runs.filter(note="posting").first() or computed(
        campaigns.nations(making), places.stored(making), note="posting"
    )
    TakenBack.objects.get_or_create(
        run=frame, county=making.division, defaults={"lines": 1, "units": 2}
    )
    mark = f"/desk/plans/{frame.pk}/divisions/{making.division.code}/"
    return Built(within={"pk": frame.pk}, marks=(mark,), secrets=(mark,))


def runs_of_campaign(making: Making) -> Built:
    made = run(making)
    return replace(
        made,
        kwargs={"campaign": campaign_of(made).public_id},
        marks=(f"/desk/plans/{made.kwargs['pk']}/",),
    )


def two_runs(making: Making) -> Built:
    made = run(making)
    other = computed(campaign_of(made), places.stored(replace(making, token=f"{making.token}b")))
    return replace(made, query=f"?other={other.number}")


def answered(making: Making) -> Built:
    """What somebody else asked of a run, answered."""
    made = run(making)
    metrics = {**FIGURES, "places": 1}
    side = {"metrics": metrics, "fairness": [], "steps": [[NOW.date().isoformat(), 1.0]]}
    change = {
        "kind": "need",
        "division": making.division.code,
        "item": campaigns.item().code,
        "percent": 150,
    }
    job = Job.objects.create(
        kind="plans.whatif",
        key=f"whatif:{made.kwargs['pk']}",
        payload={"run": made.kwargs["pk"], "changes": [change]},
        state=Job.State.DONE,
        result={
            "before": side,
            "after": side,
            "steps": [dict.fromkeys(STEP, 0)],
            "divisions": [],
            "moved": False,
        },
        by="account:0",
        created_at=NOW,
        next_at=NOW,
        finished_at=NOW,
    )
    return replace(made, kwargs={**made.kwargs, "job": job.pk})


def division_of_run(making: Making) -> Built:
    """A national run, looked at for one division."""
    made = computed(campaigns.nations(making), places.stored(making))
    return Built(kwargs={"pk": made.pk, "code": making.division.code}, secrets=(making.token,))


def place_of_run(making: Making) -> Built:
    at = places.stored(making)
    made = computed(campaigns.nations(making), at)
    return Built(
        kwargs={"pk": made.pk, "code": at.code},
        marks=(at.name,),
        secrets=(making.token,),
    )


def summed_in_a_file(making: Making) -> Built:
    made = summed(making)
    return replace(made, within={**made.within, "ending": "geojson"})


def placed_in_a_file(making: Making) -> Built:
    """A national run that gives something to one place of each division."""
    campaign, at = campaigns.nations(making), places.stored(making)
    frame = campaign.runs.filter(note="file").first() or computed(campaign, at, note="file")
    data = written([result_of(at, *Place.objects.filter(pk__in=given_by(frame)).exclude(pk=at.pk))])
    RunArrays.objects.filter(run=frame).update(data=data, sha256=sha256_of(data))
    within = {"pk": frame.pk, "ending": "geojson"}
    return Built(within=within, marks=(at.name,), secrets=(making.token,))


def given_by(of: Run) -> list[int]:
    return [int(pk) for result in read_result(of) for pk in result.place]


def override(making: Making) -> Built:
    """Somebody's change of one place's line, in a run that is everybody's frame."""
    campaign, at = campaigns.nations(making), places.stored(making)
    frame = campaign.runs.filter(note="frame").first() or computed(campaign, at, note="frame")
    Override.objects.create(
        run=frame,
        place=at,
        item=campaigns.item(),
        units_before=2,
        units_after=0,
        note=f"关闭{making.token}",
        by="account:0",
        at=NOW,
    )
    return Built(within={"pk": frame.pk}, marks=(at.name,), secrets=(making.token,))


def listed(making: Making) -> Built:
    made = run(making)
    return replace(made, marks=(campaign_of(made).public_id,))


def summed(making: Making) -> Built:
    """A national run by division, for programs: only the reader's divisions."""
    campaign, at = campaigns.nations(making), places.stored(making)
    frame = campaign.runs.filter(note="sums").first() or computed(campaign, at, note="sums")
    RunDivision.objects.get_or_create(
        run=frame,
        division=making.division,
        item=campaigns.item(),
        defaults={"places": 1, "need_units": 2, "units": 2, "places_served": 1},
    )
    code = f'"{making.division.code}"'
    return Built(within={"pk": frame.pk}, marks=(code,), secrets=(code,))


def document(making: Making) -> bytes:
    """The routes of a county with one stop, whose name tells whose they are."""
    depot = Stop("depot", lon=103.0, lat=36.0, name="库")
    stop = Stop(f"c{making.token}", 2, f"室{making.token}", lon=103.1, lat=36.1)
    trip = DriverTrip(1, "van", 1, 1, 28_800, 36_000, (Visit(stop, 32_000, 9_000),), 9_000)
    van = (Vehicle("van", 100),)
    return answer_bytes(
        Answer("x", depot, (stop,), van, (trip,), (), Roads(), 1, False, 0, 1, 18_000)
    )


def with_routes(of: Run, making: Making, state: str = "done") -> RouteRun:
    """The first routes of a run, with one more county: the maker's division."""
    settings = RouteSettings().to_json()
    found, _ = RouteRun.objects.get_or_create(
        run=of,
        number=1,
        defaults={
            "settings": settings,
            "seed": "s",
            "by": "account:0",
            "created_at": NOW,
            "state": "going" if state == "waiting" else "done",
        },
    )
    CountyRoutes.objects.get_or_create(
        route_run=found,
        county=making.division,
        defaults={
            "state": state,
            "circuity": 1.35,
            "places": 1,
            "units": 2,
            "data": zlib.compress(document(making)) if state == "done" else b"",
            "computed_at": NOW,
            "stops": 1,
            "trips": 1,
        },
    )
    return found


def routed(making: Making) -> Built:
    """A run of a campaign of the division alone, with its routes."""
    made = run(making)
    with_routes(Run.objects.get(pk=made.kwargs["pk"]), making)
    link = f"/desk/plans/{made.kwargs['pk']}/routes/1/"
    return replace(made, marks=(link,), secrets=(making.token, link))


def routes_stopped(making: Making) -> Built:
    """Its work has stopped before its county was computed."""
    made = run(making)
    with_routes(Run.objects.get(pk=made.kwargs["pk"]), making, "waiting")
    return replace(made, kwargs={**made.kwargs, "number": 1})


def county_again(making: Making) -> Built:
    made = routed(making)
    kwargs = {**made.kwargs, "number": 1, "code": making.division.code}
    return replace(made, kwargs=kwargs, data={"circuity": "1.8"})


def county_routed(making: Making) -> Built:
    """A national run, of which one county is looked at."""
    made = computed(campaigns.nations(making), places.stored(making))
    with_routes(made, making)
    return Built(
        kwargs={"pk": made.pk, "number": 1, "code": making.division.code},
        marks=(f"室{making.token}",),
        secrets=(making.token,),
    )


def county_for_programs(making: Making) -> Built:
    made = county_routed(making)
    kwargs = {name: value for name, value in made.kwargs.items() if name != "number"}
    return replace(made, kwargs=kwargs)


def round_of_county(making: Making) -> Built:
    """The secret on the sheet of the county's one driver."""
    made = county_routed(making)
    row = CountyRoutes.objects.get(route_run__run=made.kwargs["pk"], county=making.division)
    (one,) = rounds_in(row)
    return Built(kwargs={"token": token_of(row, one, NOW.date())})


def round_script(making: Making) -> Built:
    return Built(kwargs={"name": "round"})


def counties_routed(making: Making) -> Built:
    """A national run with the routes of one county more."""
    campaign, at = campaigns.nations(making), places.stored(making)
    frame = campaign.runs.filter(note="routes").first() or computed(campaign, at, note="routes")
    with_routes(frame, making)
    mark = f"/desk/plans/{frame.pk}/routes/1/{making.division.code}/"
    return Built(within={"pk": frame.pk, "number": 1}, marks=(mark,), secrets=(mark,))


def laned(making: Making) -> Built:
    """A campaign of the division alone with a lane to its recipient."""
    campaign = campaigns.opened(f"行动{making.token}", making.division)
    recipient = campaigns.recipient(campaign)
    dock = places.stored(making, "producer")
    lane = CampaignLane.objects.create(
        campaign=campaign, dock=dock, recipient=recipient, lead_days=1
    )
    return Built(
        kwargs={"campaign": campaign.public_id, "pk": lane.pk},
        marks=(f"行动{making.token}",),
        secrets=(making.token,),
        data={
            "dock": str(dock.pk),
            "recipient": str(recipient.pk),
            "lead_days": "2",
            "units_a_day": "7",
        },
    )


def lanes_of_campaign(making: Making) -> Built:
    made = laned(making)
    return replace(made, kwargs={"campaign": made.kwargs["campaign"]})


def another_lane(making: Making) -> Built:
    made = lanes_of_campaign(making)
    dock = places.stored(replace(making, token=f"{making.token}b"), "producer")
    return replace(made, data={**made.data, "dock": str(dock.pk)})


def run_by_lane(making: Making) -> Built:
    """A run that sends something by a lane."""
    made = run(making)
    of = Run.objects.get(pk=made.kwargs["pk"])
    recipient = campaigns.recipient(of.campaign)
    dock = places.stored(replace(making, token=f"{making.token}d"), "producer")
    lane = LaneDays(dock.pk, recipient.pk, 1, None, 0, 0, None)
    source = Source(f"dock:{dock.pk}", dock.pk, (), ())
    sent = Sent(0, recipient.pk, campaigns.item().pk, 0, 1, 2)
    RunWays.objects.create(
        run=of,
        opened_on=NOW.date(),
        given=given_to(Given(NOW.date(), (lane,), {}, (source,))),
        data=carried_to(Carried(True, (sent,), ())),
    )
    return replace(made, marks=(dock.name,), secrets=(making.token,))


def campaign_for_lanes(making: Making) -> str:
    return str(campaigns.nations(making).public_id)


FRAME = {"rule": touching}
PAPER = {"marks": False, "same": False, "why": "a PDF carries the moment it was made"}
ROWS: list[Row] = [
    page("runs", "plans.view", runs_of_campaign, **FRAME),
    page("run-new", "plans.run", runs_of_campaign, posts=True, marks=False),
    page("run", "plans.view", run, **FRAME),
    listing("run", "plans.view", override, part="overrides"),
    page("run", "plans.view", run_by_lane, part="lanes", **FRAME),
    page("run-division", "plans.view", division_of_run),
    page("run-place", "plans.view", place_of_run),
    listing("run-places", "plans.view", placed_in_a_file),
    listing("run-sums", "plans.view", summed_in_a_file),
    page("run-compare", "plans.view", two_runs, **FRAME),
    page("run-compute", "plans.run", unfinished, gets=False, posts=True, marks=False, writes=True),
    page("run-whatif", "plans.view", run, posts=True, **FRAME),
    page("run-answer", "plans.view", answered),
    page("run-keep", "plans.run", answered, gets=False, posts=True, marks=False),
    page("run-approve", "plans.publish", run, posts=True, marks=False, writes=True),
    page("run-publish", "plans.publish", reviewed, posts=True, marks=False),
    listing("run-counties", "plans.view", counties_of_run),
    page("run-resume", "plans.publish", stopped, gets=False, posts=True, marks=False, writes=True),
    page("run-take-back", "plans.publish", asked_back, posts=True, marks=False, writes=True),
    page("lanes", "plans.view", lanes_of_campaign),
    page("lane-new", "plans.run", another_lane, posts=True, marks=False, writes=True),
    page("lane-change", "plans.run", laned, posts=True, marks=False, writes=True),
    page("lane-remove", "plans.run", laned, posts=True, marks=False, writes=True),
    page("inbound", "plans.run", lanes_of_campaign, posts=True, marks=False, writes=True),
    *places.imports("lanes", "plans.run", campaign_for_lanes),
    page("run-lanes", "plans.view", run_by_lane, **FRAME),
    page("run-shipments", "plans.view", run_by_lane, **FRAME),
    page("run-routes", "plans.view", routed, **FRAME),
    page("routes-new", "plans.run", run, posts=True, marks=False),
    listing("route-run", "plans.view", counties_routed),
    page("county-routes", "plans.view", county_routed),
    page("county-routes-csv", "plans.view", county_routed),
    page("county-routes-geojson", "plans.view", county_routed),
    page("county-routes-sheets", "plans.view", county_routed, **PAPER),
    by_secret("round", round_of_county),
    open_to_all("round-script", round_script),
    page("routes-resume", "plans.run", routes_stopped, gets=False, posts=True, writes=True),
    page("routes-retry", "plans.run", county_again, gets=False, posts=True, writes=True),
    api_page("plans/<int:pk>/routes/<code>", "plans.view", county_for_programs),
    api_listing("plans/<int:pk>/places.<ending>", "plans.view", placed_in_a_file),
    api_listing("plans/<int:pk>/divisions.<ending>", "plans.view", summed_in_a_file),
    api_listing("plans", "plans.view", listed, **FRAME),
    replace(api_listing("plans/<int:pk>", "plans.view", summed), part=""),
    replace(api_page("plans/<int:pk>", "plans.view", run, **FRAME), part="frame", marks=False),
]
