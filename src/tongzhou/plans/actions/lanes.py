"""Say by which lanes goods of a campaign travel, and what a recipient's hub can take in."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign, Recipient
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor, Json
from tongzhou.places.models import Place
from tongzhou.places.queries import chain_of
from tongzhou.plans.models import CampaignLane, InboundLimit
from tongzhou.plans.queries.lanes import LANES_AT_MOST

from .refusal import PlanRefused


@dataclass(frozen=True, slots=True)
class NewLane:
    """A way from a dock to a recipient; None means no limit, or no first or last day."""

    dock: Place
    recipient: Recipient
    lead_days: int
    units_a_day: int | None = None
    cost_fen: int = 0
    from_date: date | None = None
    until_date: date | None = None


@transaction.atomic
def add_lane(campaign: Campaign, new: NewLane, *, by: Actor) -> CampaignLane:
    """Open a way. The first one of a campaign ends that every dock reaches everybody at once.

    Raises PlanRefused where it is open on the same day as another between the two, its last day is
    before its first, or the campaign is closed.
    """
    campaign = _open_campaign(campaign)
    if campaign.lanes.count() >= LANES_AT_MOST:
        raise PlanRefused(
            _("A campaign has at most %(most)s lanes. Merge some.") % {"most": LANES_AT_MOST}
        )
    _refuse_unless_sound(campaign, new)
    row = CampaignLane.objects.create(campaign=campaign, **_values(new))
    _record("lane.added", row, by=by, after=_said(row))
    return row


@transaction.atomic
def change_lane(lane: CampaignLane, new: NewLane, *, by: Actor) -> CampaignLane:
    """Change a lane; runs that are opened already keep it as it was. Raises as `add_lane`."""
    campaign = _open_campaign(lane.campaign)
    row = CampaignLane.objects.select_for_update(of=("self",)).get(pk=lane.pk)
    before = _said(row)
    _refuse_unless_sound(campaign, new, but=row)
    for name, value in _values(new).items():
        setattr(row, name, value)
    row.save()
    _record("lane.changed", row, by=by, before=before, after=_said(row))
    return row


@transaction.atomic
def remove_lane(lane: CampaignLane, *, by: Actor) -> None:
    """Close a way for good; a second time has no effect. Raises PlanRefused if the campaign is
    closed."""
    _open_campaign(lane.campaign)
    row = CampaignLane.objects.filter(pk=lane.pk).first()
    if row is None:
        return
    _record("lane.removed", row, by=by, before=_said(row))
    row.delete()


@transaction.atomic
def set_inbound(campaign: Campaign, recipient: Recipient, units: int | None, *, by: Actor) -> None:
    """Say what a recipient's hub can take in on one day; None takes the limit away. What is so
    already has no effect.

    Raises PlanRefused for a recipient of another campaign, units below 1 or a closed campaign.
    """
    campaign = _open_campaign(campaign)
    if recipient.campaign_id != campaign.pk:
        raise PlanRefused(_("This recipient belongs to another campaign."))
    if units is not None and units < 1:
        raise PlanRefused(_("A hub takes in at least 1 unit a day; leave it empty for no limit."))
    row = InboundLimit.objects.filter(recipient=recipient).first()
    before = row.units_a_day if row else None
    if before == units:
        return
    if units is None:
        InboundLimit.objects.filter(recipient=recipient).delete()
    else:
        InboundLimit.objects.update_or_create(
            campaign=campaign, recipient=recipient, defaults={"units_a_day": units}
        )
    record(
        "inbound.set",
        recipient,
        by=by,
        chain=chain_of(campaign.division),
        before={"units_a_day": before},
        after={"units_a_day": units, "hub": recipient.hub.code},
    )


def _open_campaign(campaign: Campaign) -> Campaign:
    """The campaign, locked, so that no two lanes between the same are opened at once."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("division")
    campaign = rows.get(pk=campaign.pk)
    if campaign.state == Campaign.State.CLOSED:
        raise PlanRefused(_("The campaign is closed. Open it again, then change its lanes."))
    return campaign


def _refuse_unless_sound(
    campaign: Campaign, new: NewLane, *, but: CampaignLane | None = None
) -> None:
    if new.recipient.campaign_id != campaign.pk:
        raise PlanRefused(_("This recipient belongs to another campaign."))
    if new.from_date and new.until_date and new.until_date < new.from_date:
        raise PlanRefused(_("The last day is before the first one. Correct one of the two."))
    between = CampaignLane.objects.filter(campaign=campaign, dock=new.dock, recipient=new.recipient)
    for other in between:
        if other != but and overlap(
            (new.from_date, new.until_date), (other.from_date, other.until_date)
        ):
            raise PlanRefused(
                _(
                    "Another lane from %(dock)s to %(recipient)s is open on the same days. Change"
                    " that one, or let it end before this one begins."
                )
                % {"dock": new.dock.name, "recipient": new.recipient.name}
            )


Days = tuple[date | None, date | None]


def overlap(one: Days, other: Days) -> bool:
    """Whether two spans of days, both ends included, share a day; None has no end."""
    (first, last), (begin, end) = one, other
    return not (first and end and end < first) and not (begin and last and last < begin)


def _values(new: NewLane) -> Json:
    return {name: getattr(new, name) for name in NewLane.__dataclass_fields__}


def _said(row: CampaignLane) -> Json:
    return {
        "dock": row.dock.code,
        "hub": row.recipient.hub.code,
        "lead_days": row.lead_days,
        "units_a_day": row.units_a_day,
        "cost_fen": row.cost_fen,
        "from": row.from_date.isoformat() if row.from_date else None,
        "until": row.until_date.isoformat() if row.until_date else None,
    }


def _record(verb: str, row: CampaignLane, *, by: Actor, **said: Json) -> None:
    record(verb, row, by=by, chain=chain_of(row.campaign.division), **said)
