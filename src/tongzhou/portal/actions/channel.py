"""A division's staff decide what its channel page shows."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.portal.models import ChannelVersion
from tongzhou.portal.rules import checked


@transaction.atomic
def set_channel(
    division: Division, content: Mapping[str, Any], *, by: Actor, note: str = ""
) -> ChannelVersion:
    """Put a new version in force, event "channel.set".

    The same content once more makes no version. Raises ContentRefused for what a page cannot show.
    """
    kept = checked(content)
    Division.objects.select_for_update().get(pk=division.pk)  # one writer for a page's versions
    last = ChannelVersion.objects.filter(division=division).order_by("-number").first()
    if last is not None and last.content == kept:
        return last
    before = {"version": last.number if last else 0}
    ChannelVersion.objects.filter(division=division, in_force=True).update(in_force=False)
    version = ChannelVersion.objects.create(
        division=division,
        number=before["version"] + 1,
        content=kept,
        note=note,
        by=str(by),
        at=clock.now(),
    )
    record(
        "channel.set",
        version,
        by=by,
        chain=chain_of(division),
        before=before,
        after={"division": division.code, "version": version.number, "content": kept},
    )
    return version


def bring_back(version: ChannelVersion, *, by: Actor, note: str = "") -> ChannelVersion:
    """Put an earlier version's content in force again, as a new version."""
    return set_channel(version.division, version.content, by=by, note=note)
