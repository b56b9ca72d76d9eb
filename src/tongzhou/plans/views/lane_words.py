"""Sentences about the lanes of a plan: which of them limit it, and what would change that."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.campaigns.models import Recipient
from tongzhou.places.rules import Scope
from tongzhou.plans.models import RunWays
from tongzhou.plans.queries.lane_use import (
    LaneUse,
    Limit,
    lane_uses,
    not_followed,
    touches,
    unreached_in,
)

NAMES_SHOWN = 5


def lane_context(seen: Scope, ways: RunWays, at_most: int | None = None) -> dict[str, Any]:
    """What pages show of a run's lanes to somebody with this scope."""
    uses = lane_uses(ways, seen)
    lost = [recipient for recipient in unreached_in(ways) if touches(seen, recipient)]
    return {
        "lanes": [(use, in_short(use)) for use in uses[:at_most]],
        "more_lanes": len(uses) - len(uses[:at_most]),
        "lane_sentences": lane_sentences(uses, lost, not_followed(ways)),
    }


def lane_sentences(
    uses: Sequence[LaneUse], unreached: Sequence[Recipient], loose: int
) -> list[str]:
    """What a coordinator should know first: two or three sentences."""
    full = [use for use in uses if use.full_days]
    found = [_full(full, len(uses)), more(full[0])] if full else [_free()]
    if unreached:
        names = ", ".join(recipient.name for recipient in unreached[:NAMES_SHOWN])
        found.append(
            _("No lane leads to %(names)s; their places get nothing in this plan.")
            % {"names": names + ("…" if len(unreached) > NAMES_SHOWN else "")}
        )
    if loose:
        found.append(
            ngettext(
                "%(n)s unit on hand that the plan sends makes no whole drop where it arrives;"
                " publishing leaves it at its dock.",
                "%(n)s units on hand that the plan sends make no whole drop where they arrive;"
                " publishing leaves them at their dock.",
                loose,
            )
            % {"n": _n(loose)}
        )
    return found


def in_short(use: LaneUse) -> str:
    """What one unit more a day would change, for a row that names the lane."""
    if not use.full_days or use.last is None:
        return _("would change nothing")
    values = {"units": _n(use.full_days), "day": date_format(use.last, "Y-m-d")}
    return (
        ngettext(
            "up to %(units)s unit more by %(day)s",
            "up to %(units)s units more by %(day)s",
            use.full_days,
        )
        % values
    )


def more(use: LaneUse) -> str:
    """The same as a sentence, for a lane that limits the plan."""
    values = {
        "dock": use.dock.name if use.dock else "",
        "hub": use.recipient.name,
        "units": _n(use.full_days),
        "day": date_format(use.last, "Y-m-d") if use.last else "",
    }
    if use.dock is None:
        return (
            _(
                "One unit a day more that %(hub)s takes in would bring up to %(units)s units more"
                " by %(day)s."
            )
            % values
        )
    return (
        _(
            "One unit a day more from %(dock)s to %(hub)s would bring up to %(units)s units more"
            " by %(day)s."
        )
        % values
    )


def limit_words(limit: Limit) -> str:
    """What limits most on the way to the recipient of a place."""
    values = {
        "dock": limit.dock.name if limit.dock else "",
        "hub": limit.recipient.name,
        "units": _n(limit.full_days),
        "day": date_format(limit.last, "Y-m-d"),
    }
    if limit.kind == "lane":
        text = _(
            "What limits most on the way is the lane from %(dock)s to %(hub)s: one unit a day more"
            " would bring up to %(units)s units more by %(day)s."
        )
    elif limit.kind == "inbound":
        text = _(
            "What limits most on the way is what %(hub)s can take in: one unit a day more would"
            " bring up to %(units)s units more by %(day)s."
        )
    else:
        text = _("What limits most is the goods at %(dock)s: all of them are sent.")
    return text % values


def _full(full: Sequence[LaneUse], count: int) -> str:
    return ngettext(
        "%(n)s of %(count)s ways limits this plan.",
        "%(n)s of %(count)s ways limit this plan.",
        len(full),
    ) % {"n": _n(len(full)), "count": _n(count)}


def _free() -> str:
    return _("No lane limits this plan: what it gives can be there in time.")


def _n(value: float) -> str:
    return number_format(value, force_grouping=True)
