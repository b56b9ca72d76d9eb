"""Whom a campaign serves through which hub."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign, Recipient, RecipientArea
from tongzhou.campaigns.queries.steps import is_planned
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place
from tongzhou.places.queries import chain_of

from .campaigns import CampaignRefused, refuse_if_closed


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
def add_recipients(
    campaign: Campaign, recipients: Sequence[NewRecipient], *, by: Actor
) -> list[Recipient]:
    """Say who is served through which hub. Areas may nest: the smallest one around a place decides.

    Raises CampaignRefused if two recipients name the same division, since a clinic counts once, or
    the same hub, or if the campaign is closed.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    refuse_if_closed(campaign)
    taken = set(
        RecipientArea.objects.filter(recipient__campaign=campaign).values_list(
            "division_id", flat=True
        )
    )
    rows = []
    for new in recipients:
        row = _create(campaign, new)
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


def _create(campaign: Campaign, new: NewRecipient) -> Recipient:
    try:
        with transaction.atomic():
            return Recipient.objects.create(
                campaign=campaign,
                organisation=new.organisation,
                name=new.name,
                name_en=new.name_en,
                division=new.division,
                hub=new.hub,
            )
    except IntegrityError as error:
        raise CampaignRefused(
            _("%(hub)s already serves another recipient of this campaign. Choose another hub.")
            % {"hub": new.hub.name}
        ) from error


@transaction.atomic
def remove_recipient(recipient: Recipient, *, by: Actor) -> None:
    """Serve nobody through this hub any more; its places then fall to the next wider area.

    Raises CampaignRefused once a plan was run, since it counts on the recipient, or if the campaign
    is closed.
    """
    campaign = Campaign.objects.select_for_update().get(pk=recipient.campaign_id)
    refuse_if_closed(campaign)
    refuse_removal(campaign)
    row = Recipient.objects.select_related("hub").filter(pk=recipient.pk).first()
    if row is None:
        return
    areas = list(row.areas.order_by("division__first").values_list("division__code", flat=True))
    record(
        "campaign.recipient_removed",
        campaign,
        by=by,
        chain=chain_of(campaign.division),
        before={"hub": row.hub.code, "name": row.name, "areas": areas},
        after={"campaign": campaign.public_id},
    )
    row.delete()


def refuse_removal(campaign: Campaign) -> None:
    """Raises CampaignRefused where something is planned for the recipients."""
    if is_planned(campaign):
        raise CampaignRefused(
            _(
                "A plan was run for this campaign and counts on its recipients; none can be taken"
                " out. Add another one with a smaller area: the smallest area around a place"
                " decides who serves it."
            )
        )
