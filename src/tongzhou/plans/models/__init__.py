"""Runs of the planning engine, what they decided, how far their publishing has come, their routes,
and the lanes they plan with."""

from .lanes import CampaignLane, InboundLimit, RunWays
from .publishing import AllocationLine, PublishPart, TakenBack
from .routes import CountyRoutes, RouteRun
from .runs import Override, Run, RunArrays, RunDivision, RunSupply, RunWave

__all__ = [
    "AllocationLine",
    "CampaignLane",
    "CountyRoutes",
    "InboundLimit",
    "Override",
    "PublishPart",
    "RouteRun",
    "Run",
    "RunArrays",
    "RunDivision",
    "RunSupply",
    "RunWave",
    "RunWays",
    "TakenBack",
]
