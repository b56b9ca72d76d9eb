"""A world with points on it, and a plan of which routes can be found."""

from typing import Any

from tongzhou.places.models import Place
from tongzhou.planning.routing import Vehicle
from tongzhou.planning.routing.settings import RouteSettings
from tongzhou.plans import actions
from tongzhou.plans.actions.publish import post_parts
from tongzhou.plans.models import CountyRoutes, RouteRun, Run

from .world import COORDINATOR, REVIEWER, World

DRIVEN = {"vehicles": (Vehicle("van", 4),), "iterations": 50}


def settings(**values: Any) -> RouteSettings:
    return RouteSettings(**{**DRIVEN, **values})


def on_the_map(world: World) -> None:
    """Counties half a degree apart, each with a depot and clinics around it; made-up points."""
    for n, county in enumerate(world.counties):
        county.lat, county.lon = 36.0, 103.0 + n / 2
        county.save()
        at = {"lat": county.lat, "lon": county.lon, "placed": True}
        Place.objects.create(
            code=f"{county.code}-depot",
            name=f"{county.name}物资站",
            kind="depot",
            division=county,
            **at,
        )
    for n, clinic in enumerate(world.clinics):
        county = world.counties[n // 3]
        clinic.lat, clinic.lon = county.lat + 0.05 * (n % 3 + 1), county.lon + 0.03 * (n % 2)
        clinic.placed = n % 3 == 0
        clinic.save()


def computed_plan(world: World, units: int = 24) -> Run:
    world.ready(units)
    run = actions.open_run(world.campaign, by=COORDINATOR)
    return actions.compute_run(run, by=COORDINATOR)


def published(run: Run) -> Run:
    run = actions.publish_run(actions.review_run(run, by=REVIEWER), by=REVIEWER)
    post_parts(run, lambda *_: None, by=REVIEWER)
    return actions.finish_publishing(run, by=REVIEWER)


def started(world: World, **values: Any) -> RouteRun:
    on_the_map(world)
    return actions.start_routes(computed_plan(world), settings(**values), by=COORDINATOR)


def row_of(route_run: RouteRun, code: str) -> CountyRoutes:
    rows = CountyRoutes.objects.select_related("county", "route_run__run__campaign__division")
    return rows.get(route_run=route_run, county__code=code)
