"""What is sent to workers in the tests of killing: the routes of a county, with one bad county."""

import os
import time

from tongzhou.planning.routing.county import CountyResult, CountyTask, county_routes

BAD = "620007"


def routes_or_die(task: CountyTask) -> CountyResult:
    if task.instance.name == BAD:
        os._exit(9)
    return county_routes(task)


def routes_or_sleep(task: CountyTask) -> CountyResult:
    if task.instance.name == BAD:
        time.sleep(30)
    return county_routes(task)
