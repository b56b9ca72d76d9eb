"""What places ask for: append-only versions, verified or queried by another office."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign, NeedStatement
from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Item

from .campaigns import CampaignRefused, refuse_if_closed


@dataclass(frozen=True, slots=True)
class NewNeed:
    """Units a place asks for, or stock that was counted there (`source` count)."""

    place: Place
    item: Item
    units_asked: int
    as_of: date
    stock_units: int = 0
    source: str = NeedStatement.Source.REQUEST
    evidence: str = ""


@transaction.atomic
def state_need(campaign: Campaign, new: NewNeed, *, by: Actor) -> NeedStatement:
    """Write a new version of a place's need; the version before is superseded, never changed.

    Raises CampaignRefused if the campaign is closed.
    """
    # Locked, so that it is not closed meanwhile and no two offices write the same version.
    refuse_if_closed(Campaign.objects.select_for_update().get(pk=campaign.pk))
    same = NeedStatement.objects.filter(campaign=campaign, place=new.place, item=new.item)
    last = same.aggregate(Max("version"))["version__max"] or 0
    same.filter(source=new.source).exclude(state=NeedStatement.State.SUPERSEDED).update(
        state=NeedStatement.State.SUPERSEDED
    )
    row = NeedStatement.objects.create(
        campaign=campaign,
        place=new.place,
        item=new.item,
        version=last + 1,
        units_asked=new.units_asked,
        stock_units=new.stock_units,
        source=new.source,
        evidence=new.evidence,
        as_of=new.as_of,
        row_key=f"{new.place.code}:{new.item.code}:{new.source}",
        by=str(by),
    )
    record(
        "need.stated",
        row,
        by=by,
        chain=chain_of(new.place.division),
        after={
            "place": new.place.code,
            "units_asked": new.units_asked,
            "stock_units": new.stock_units,
            "source": new.source,
        },
    )
    return row


@transaction.atomic
def verify_need(need: NeedStatement, *, by: Actor) -> NeedStatement:
    """Another office confirms a statement. A count only lowers what a place gets once it is
    verified.

    Raises CampaignRefused if the one who wrote it verifies it.
    """
    if need.by == str(by):
        raise CampaignRefused(_("Whoever wrote a statement cannot verify it. Ask another office."))
    return _judged(need, NeedStatement.State.VERIFIED, "need.verified", "", by=by)


@transaction.atomic
def query_need(need: NeedStatement, question: str, *, by: Actor) -> NeedStatement:
    """Send a statement back with a question; it does not count until it is answered."""
    if not question.strip():
        raise CampaignRefused(_("Say what is asked, so that the office can answer."))
    return _judged(need, NeedStatement.State.QUERIED, "need.queried", question.strip(), by=by)


def _judged(need: NeedStatement, state: str, verb: str, note: str, *, by: Actor) -> NeedStatement:
    need = (
        NeedStatement.objects.select_for_update(of=("self",))
        .select_related("place__division")
        .get(pk=need.pk)
    )
    before = need.state
    if before not in (NeedStatement.State.SUBMITTED, NeedStatement.State.QUERIED):
        raise CampaignRefused(_("This statement was already decided or replaced by a newer one."))
    need.state, need.query_note = state, note
    need.save(update_fields=["state", "query_note"])
    record(
        verb,
        need,
        by=by,
        chain=chain_of(need.place.division),
        before={"state": before},
        after={"state": state, "note": note, "judged_on": clock.today().isoformat()},
    )
    return need
