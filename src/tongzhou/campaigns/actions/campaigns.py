"""A campaign's own rows: its frame, its items, its funds and whom it serves through which hub."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import (
    Campaign,
    CampaignFund,
    CampaignItem,
    Recipient,
    RecipientArea,
    WeightPolicy,
)
from tongzhou.interchange.trace_ids import TraceKind, new_trace_id
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
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
class NewRecipient:
    """A hub and the divisions served through it."""

    name: str
    division: Division
    hub: Place
    areas: Sequence[Division]
    name_en: str = ""
    organisation: Organisation | None = None


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
def change_state(campaign: Campaign, state: str, *, by: Actor) -> Campaign:
    """Close an open campaign or open a draft or closed one again."""
    campaign = Campaign.objects.select_for_update().select_related("division").get(pk=campaign.pk)
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


@transaction.atomic
def add_item(campaign: Campaign, new: NewItem, *, by: Actor) -> CampaignItem:
    """Say what places of one kind are to get of an item.

    Raises CampaignRefused if the target cannot be given in whole drops.
    """
    if new.target_units % new.drop_units or new.floor_units % new.drop_units:
        raise CampaignRefused(
            _(
                "%(units)s units cannot be given in drops of %(drop)s. Make target and floor"
                " multiples of the drop."
            )
            % {"units": new.target_units, "drop": new.drop_units}
        )
    row = CampaignItem.objects.create(
        campaign=campaign,
        item=new.item,
        place_kind=new.place_kind,
        target_units=new.target_units,
        floor_units=new.floor_units,
        drop_units=new.drop_units,
        carton_units=new.carton_units,
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
            "target_units": new.target_units,
            "drop_units": new.drop_units,
        },
    )
    return row


@transaction.atomic
def add_fund(campaign: Campaign, fund: Fund, *, by: Actor) -> CampaignFund:
    """Put a donation behind a campaign; a fund serves one campaign only."""
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


@transaction.atomic
def add_recipients(
    campaign: Campaign, recipients: Sequence[NewRecipient], *, by: Actor
) -> list[Recipient]:
    """Say who is served through which hub. Areas may nest: the smallest one around a place decides.

    Raises CampaignRefused if two recipients name the same division, since a clinic counts once.
    """
    taken = set(
        RecipientArea.objects.filter(recipient__campaign=campaign).values_list(
            "division_id", flat=True
        )
    )
    rows = []
    for new in recipients:
        row = Recipient.objects.create(
            campaign=campaign,
            organisation=new.organisation,
            name=new.name,
            name_en=new.name_en,
            division=new.division,
            hub=new.hub,
        )
        for area in new.areas:
            if area.pk in taken:
                raise CampaignRefused(
                    _(
                        "%(name)s (%(code)s) is named by two recipients. Name it once, so that"
                        " each place counts once."
                    )
                    % {"name": area.name, "code": area.code}
                )
            taken.add(area.pk)
        RecipientArea.objects.bulk_create(
            [RecipientArea(recipient=row, division=area) for area in new.areas]
        )
        rows.append(row)
    record(
        "campaign.recipients_added",
        campaign,
        by=by,
        chain=chain_of(campaign.division),
        after={"campaign": campaign.public_id, "hubs": [row.hub.code for row in rows]},
    )
    return rows
