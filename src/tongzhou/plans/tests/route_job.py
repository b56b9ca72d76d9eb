"""A job of 40 counties as a process of its own, to be killed: `python -m ... start|work|look`."""

import json
import sys
import time

import django

COUNTIES = 40


def main(what: str) -> None:
    django.setup()
    sys.stdout.write(json.dumps({"start": start, "work": work, "look": look}[what]()))


def start() -> dict[str, object]:
    """A plan that gives each of 40 counties six units, and its routes asked for."""
    from tongzhou.places.models import Place
    from tongzhou.plans import actions

    from .routing import computed_plan, on_the_map, settings
    from .world import COORDINATOR, _division, make_world

    world = make_world()
    on_the_map(world)
    for n in range(COUNTIES - len(world.counties)):
        first = 1_300 + 10 * n
        code = f"62{first}"
        county = _division(code, f"县{n}", 3, world.provinces[0], first, first + 9)
        for k in range(4):
            kind = "clinic" if k else "depot"
            at = {"lat": 36.0 + k / 20, "lon": 100.0 + n / 4, "people65": 100.0}
            Place.objects.create(
                code=f"{code}-{k}", name=f"{n}-{k}", kind=kind, division=county, **at
            )
    run = computed_plan(world, 6 * COUNTIES)
    actions.start_routes(run, settings(iterations=20_000), by=COORDINATOR)
    return look()


def work() -> dict[str, object]:
    """Work like the worker of the house, until the routes are there."""
    from tongzhou.kit.jobs import work as work_once
    from tongzhou.plans.models import RouteRun

    while not RouteRun.objects.filter(state="done").exists():
        work_once()
        time.sleep(0.1)
    return look()


def look() -> dict[str, object]:
    """What is stored: states, ends told, and when each county was computed."""
    from tongzhou.kit.models import Event
    from tongzhou.plans.models import CountyRoutes

    rows = CountyRoutes.objects.order_by("county__first")
    return {
        "done": rows.filter(state="done").count(),
        "waiting": rows.filter(state="waiting").count(),
        "ends": Event.objects.filter(verb="routes.finished").count(),
        "computed": {r.county_id: str(r.computed_at) for r in rows if r.computed_at},
    }


if __name__ == "__main__":
    main(sys.argv[1])
