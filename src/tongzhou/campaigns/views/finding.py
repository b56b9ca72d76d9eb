"""The campaign that an address names, if it is in the scope of whoever asks."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.campaigns.models import Campaign
from tongzhou.campaigns.queries import campaigns_seen
from tongzhou.people.queries import scope


def campaign_or_404(request: HttpRequest, public_id: str, permission: str) -> Campaign:
    """Seen where it touches the scope; changed only where its own division is inside."""
    seen = campaigns_seen(scope(request.user, permission))
    return get_object_or_404(seen, public_id=public_id)


def campaign_within_or_404(request: HttpRequest, public_id: str, permission: str) -> Campaign:
    """For changes of the campaign itself: its whole division has to be in the scope."""
    within = scope(request.user, permission).q("division")
    return get_object_or_404(Campaign.objects.filter(within), public_id=public_id)


def crumbs(campaign: Campaign, *more: str) -> list[tuple[str, str]]:
    return [
        (_("Campaigns"), reverse("campaigns")),
        (campaign.name, reverse("campaign", args=[campaign.public_id])),
        *((word, "") for word in more),
    ]
