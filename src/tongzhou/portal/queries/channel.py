"""What a division's channel page shows: its own decisions, and those from above."""

from typing import Any

from tongzhou.places.models import Division
from tongzhou.places.queries import ancestors
from tongzhou.portal.models import ChannelVersion
from tongzhou.portal.rules import Content, resolved


def content_of(division: Division, above: list[Division] | None = None) -> Content:
    """Every part of the page; `above`: the division's ancestors, where they are known already."""
    line = [*(ancestors(division) if above is None else above), division]
    versions = ChannelVersion.objects.filter(division__in=line, in_force=True)
    decided = dict(versions.values_list("division_id", "content"))
    return resolved((one.code, decided[one.pk]) for one in reversed(line) if one.pk in decided)


def decisions_on(division: Division) -> dict[str, Any]:
    """What the division's own staff decided; {} where they decided nothing."""
    found = ChannelVersion.objects.filter(division=division, in_force=True).first()
    return found.content if found else {}


def history(division: Division) -> list[ChannelVersion]:
    """The versions of a division's page, newest first."""
    return list(ChannelVersion.objects.filter(division=division).order_by("-number"))
