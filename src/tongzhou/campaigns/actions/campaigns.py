"""A campaign's own rows: its frame, its state, its items and its funds."""

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import (
    Campaign,
    CampaignFund,
    CampaignItem,
    WeightPolicy,
)
from tongzhou.campaigns.queries.steps import is_planned
from tongzhou.interchange.trace_ids import TraceKind, new_trace_id
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import chain_of
from tongzhou.supplies.models import Fund, Item


class CampaignRefused(Exception):
    """A change of a campaign is not possible; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """The frame of a campaign to open; `seed` decides ties and is public from the first day."""

    name: str
    division: Division
    opened_on: date
    deadline: date
    policy: WeightPolicy
    name_en: str = ""
    purpose: str = ""
    purpose_en: str = ""
    seed: str = ""
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class NewItem:
    """What each place of a kind is to get: target, floor and drop in base units."""

    item: Item
    place_kind: str
    target_units: int
    drop_units: int = 1
    floor_units: int = 0
    carton_units: int = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """What may change of an open campaign: its names, its purpose and its deadline."""

    name: str
    deadline: date
    name_en: str = ""
    purpose: str = ""
    purpose_en: str = ""


@transaction.atomic
def open_campaign(new: NewCampaign, *, by: Actor) -> Campaign:
    """Open a campaign; its seed is published with it, before any supply is known."""
    if new.deadline < new.opened_on:
        raise CampaignRefused(_("The deadline is before the first day. Give a later deadline."))
    campaign = Campaign.objects.create(
        public_id=new_trace_id(TraceKind.CAMPAIGN),
        name=new.name,
        name_en=new.name_en,
        purpose=new.purpose,
        purpose_en=new.purpose_en,
        division=new.division,
        state=Campaign.State.OPEN,
        opened_on=new.opened_on,
        deadline=new.deadline,
        policy=new.policy,
        seed=new.seed or secrets.token_hex(8),
        made_up=new.made_up,
    )
    record(
        "campaign.opened",
        campaign,
        by=by,
        chain=chain_of(new.division),
        after={
            "campaign": campaign.public_id,
            "name": campaign.name,
            "deadline": campaign.deadline.isoformat(),
            "seed": campaign.seed,
            "policy": str(new.policy),
        },
    )
    return campaign


@transaction.atomic
def change_frame(campaign: Campaign, frame: Frame, *, by: Actor) -> Campaign:
    """Change what may change of an open campaign; the event keeps what it was.

    Raises CampaignRefused if it is closed or the deadline is before its first day.
    """
    campaign = still_open(campaign.pk)
    if frame.deadline < campaign.opened_on:
        raise CampaignRefused(_("The deadline is before the first day. Give a later deadline."))
    before = _frame_of(campaign)
    for name in before:
        setattr(campaign, name, getattr(frame, name))
    after = _frame_of(campaign)
    if before == after:
        return campaign
    campaign.save(update_fields=list(after))
    changed = [name for name in after if before[name] != after[name]]
    record(
        "campaign.changed",
        campaign,
        by=by,
        chain=chain_of(campaign.division),
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return campaign


def _frame_of(campaign: Campaign) -> dict[str, str]:
    names = ("name", "name_en", "purpose", "purpose_en", "deadline")
    return {name: str(getattr(campaign, name)) for name in names}


@transaction.atomic
def change_state(campaign: Campaign, state: str, *, by: Actor) -> Campaign:
    """Close an open campaign or open a draft or closed one again; a second time has no effect."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("division")
        .get(pk=campaign.pk)
    )
    if campaign.state == state:
        return campaign
    before, campaign.state = campaign.state, state
    campaign.save(update_fields=["state"])
    record(
        "campaign.state_changed",
        campaign,
        by=by,
        chain=chain_of(campaign.division),
        before={"state": before},
        after={"state": state},
    )
    return campaign


def refuse_if_closed(campaign: Campaign) -> None:
    """Raises CampaignRefused for a closed campaign."""
    if campaign.state == Campaign.State.CLOSED:
        raise CampaignRefused(
            _("The campaign is closed. Open it again, or ask the office that leads it to do so.")
        )


def still_open(pk: int) -> Campaign:
    """The campaign as it is now, locked so that it is not closed meanwhile; not its division.

    Raises CampaignRefused for a closed one.
    """
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("division")
    campaign = rows.get(pk=pk)
    refuse_if_closed(campaign)
    return campaign


@transaction.atomic
def add_item(campaign: Campaign, new: NewItem, *, by: Actor) -> CampaignItem:
    """Say what places of one kind are to get of an item.

    Raises CampaignRefused if the target cannot be given in whole drops, if that kind of place or
    another one gets the item already, or if the campaign is closed.
    """
    campaign = still_open(campaign.pk)
    _refuse_split_drops(new)
    if campaign.items.filter(item=new.item, place_kind=new.place_kind).exists():
        raise CampaignRefused(
            _("Places of this kind get %(item)s already. Change that line instead.")
            % {"item": new.item.name}
        )
    # The goods on hand of an item are ranked once, over the places of one kind.
    if campaign.items.filter(item=new.item).exists():
        raise CampaignRefused(
            _(
                "%(item)s goes to another kind of place here, and a plan gives an item to places of"
                " one kind. Open another campaign for this kind."
            )
            % {"item": new.item.name}
        )
    row = CampaignItem.objects.create(
        campaign=campaign, item=new.item, place_kind=new.place_kind, **_amounts(new)
    )
    record(
        "campaign.item_added",
        row,
        by=by,
        chain=chain_of(campaign.division),
        after={
            "campaign": campaign.public_id,
            "item": new.item.code,
            "place_kind": new.place_kind,
            **_amounts(new),
        },
    )
    return row


@transaction.atomic
def change_item(row: CampaignItem, new: NewItem, *, by: Actor) -> CampaignItem:
    """Change target, floor, drop and carton of a line; item and kind of place stay.

    Raises CampaignRefused once a plan was run: what it gave counts on these amounts.
    """
    campaign = still_open(row.campaign_id)
    if is_planned(campaign):
        raise CampaignRefused(
            _(
                "A plan was run with these amounts, and places were told their number. They stay"
                " for this campaign; open another one for a second round."
            )
        )
    _refuse_split_drops(new)
    row = CampaignItem.objects.select_related("item").get(pk=row.pk)
    before = _amounts(row)
    if before == _amounts(new):
        return row
    for name, value in _amounts(new).items():
        setattr(row, name, value)
    row.save()
    record(
        "campaign.item_changed",
        row,
        by=by,
        chain=chain_of(campaign.division),
        before=before,
        after={"campaign": campaign.public_id, "item": row.item.code, **_amounts(new)},
    )
    return row


def _amounts(line: NewItem | CampaignItem) -> dict[str, int]:
    return {
        "target_units": line.target_units,
        "floor_units": line.floor_units,
        "drop_units": line.drop_units,
        "carton_units": line.carton_units,
    }


def _refuse_split_drops(new: NewItem) -> None:
    if new.target_units % new.drop_units or new.floor_units % new.drop_units:
        raise CampaignRefused(
            _(
                "%(units)s units cannot be given in drops of %(drop)s. Make target and floor"
                " multiples of the drop."
            )
            % {"units": new.target_units, "drop": new.drop_units}
        )
    if new.floor_units > new.target_units:
        raise CampaignRefused(
            _("What everybody gets first is more than the target. Lower it, or raise the target.")
        )


@transaction.atomic
def add_fund(campaign: Campaign, fund: Fund, *, by: Actor) -> CampaignFund:
    """Put a donation behind a campaign; a fund serves one campaign only."""
    campaign = still_open(campaign.pk)
    if CampaignFund.objects.filter(fund=fund).exclude(campaign=campaign).exists():
        raise CampaignRefused(
            _("Donation %(fund)s already pays for another campaign. Choose another one.")
            % {"fund": fund.public_id}
        )
    row, created = CampaignFund.objects.get_or_create(campaign=campaign, fund=fund)
    if created:
        record(
            "campaign.fund_added",
            row,
            by=by,
            chain=chain_of(campaign.division),
            after={"campaign": campaign.public_id, "fund": fund.public_id},
        )
    return row
