"""Changes in words, and what each of them forced."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongzhou.kit.templatetags.look import day
from tongzhou.places.rules import Scope
from tongzhou.plans.queries.whatif import Names, names_of

Change = Mapping[str, Any]


def change_words(changes: Sequence[Change], seen: Scope) -> list[str]:
    """Each change as a sentence, for somebody with this scope."""
    names = names_of(changes, seen)
    return [_words(change, names) for change in changes]


def _words(change: Change, names: Names) -> str:
    values = {
        "units": _n(change.get("units", 0)),
        "item": names.items.get(change.get("item", ""), change.get("item") or _("all items")),
        "dock": names.docks.get(change.get("dock", 0), _("a dock")),
        "hub": names.recipients.get(change.get("recipient", 0), _("a recipient")),
        "division": names.divisions.get(change.get("division", ""), change.get("division", "")),
        "place": names.places.get(change.get("place", ""), _("a place outside your area")),
        "percent": _n(change.get("percent", 0)),
        "day": day(date.fromisoformat(change["day"])) if "day" in change else "",
        "days": _n(change.get("days", 0)),
    }
    return _sentence(change) % values


def _sentence(change: Change) -> str:
    kind, units = change["kind"], change.get("units")
    if kind == "lane" and not units:
        return _("The lane from %(dock)s to %(hub)s closes on %(day)s")
    if kind == "inbound" and not units:
        return _("%(hub)s takes in nothing")
    if kind == "share" and not change["percent"]:
        return _("%(dock)s gives no %(item)s from %(day)s on")
    if kind == "later":
        return ngettext(
            "What %(dock)s promises of %(item)s comes %(days)s day later",
            "What %(dock)s promises of %(item)s comes %(days)s days later",
            change["days"],
        )
    return {
        "more": _("%(units)s units of %(item)s more at %(dock)s on %(day)s"),
        "fewer": _("%(units)s units of %(item)s fewer at %(dock)s from %(day)s on"),
        "share": _("%(dock)s gives %(percent)s%% of its %(item)s from %(day)s on"),
        "lane": _(
            "The lane from %(dock)s to %(hub)s carries %(units)s units a day from %(day)s on"
        ),
        "inbound": _("%(hub)s takes in %(units)s units a day"),
        "need": _("%(division)s needs %(percent)s%% of what it needed of %(item)s"),
        "recount": _("%(place)s counts %(units)s units of %(item)s"),
    }[kind]


def forced_words(step: Mapping[str, int]) -> list[str]:
    """What one change forced, in short sentences."""
    found = []
    if step["gone_units"]:
        found.append(
            ngettext(
                "%(places)s place would lose published goods that no longer exist: %(units)s"
                " units.",
                "%(places)s places would lose published goods that no longer exist: %(units)s"
                " units.",
                step["gone_places"],
            )
            % {"places": _n(step["gone_places"]), "units": _n(step["gone_units"])}
        )
    if step["more"]:
        found.append(
            ngettext(
                "%(places)s place gets more: %(units)s units in all.",
                "%(places)s places get more: %(units)s units in all.",
                step["more"],
            )
            % {"places": _n(step["more"]), "units": _n(step["units_more"])}
        )
    if step["fewer"]:
        found.append(
            ngettext(
                "%(places)s place gets fewer: %(units)s units in all.",
                "%(places)s places get fewer: %(units)s units in all.",
                step["fewer"],
            )
            % {"places": _n(step["fewer"]), "units": _n(step["units_fewer"])}
        )
    if step["shifted"]:
        found.append(
            ngettext(
                "%(places)s place gets the same on another day.",
                "%(places)s places get the same on another day.",
                step["shifted"],
            )
            % {"places": _n(step["shifted"])}
        )
    return found or [_("It changes nothing for any place.")]


def _n(value: float) -> str:
    return number_format(value, force_grouping=True)
