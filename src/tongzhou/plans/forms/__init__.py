"""What a coordinator types: a run to open, a line to override, routes, lanes, and what if."""

from .asking import KINDS, Asker, ChangeForm, offered
from .lanes import InboundForm, LaneForm
from .routes import FirstDayForm, RouteForm, TerrainForm
from .runs import CompareForm, OverrideForm, RunForm, TakeBackForm
from .written import changes_in, written_change

__all__ = [
    "KINDS",
    "Asker",
    "ChangeForm",
    "CompareForm",
    "FirstDayForm",
    "InboundForm",
    "LaneForm",
    "OverrideForm",
    "RouteForm",
    "RunForm",
    "TakeBackForm",
    "TerrainForm",
    "changes_in",
    "offered",
    "written_change",
]
