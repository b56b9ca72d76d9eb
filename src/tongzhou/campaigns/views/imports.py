"""The way from a campaign to the pages of an import, with the campaign and the area filled in."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongzhou.campaigns.models import Campaign
from tongzhou.kit.access import requires
from tongzhou.people.queries import scope
from tongzhou.places.models import Division

from .finding import campaign_or_404, campaign_within_or_404

KINDS = {"needs": campaign_or_404, "promises": campaign_within_or_404}
PERMISSIONS = {"needs": "needs.import", "promises": "promises.edit"}


@require_GET
@requires("needs.import")
def upload(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """Go to the upload of needs or promises for this campaign. Promises belong to the whole
    campaign; needs are stated for the reader's own area."""
    if kind not in KINDS:
        raise Http404
    permission = PERMISSIONS[kind]
    found = KINDS[kind](request, public_id, permission)
    area = _area(request, found, permission)
    query = urlencode({"context": found.public_id, "division": area.code if area else ""})
    return redirect(f"{reverse(f'import-{kind}')}?{query}")


def _area(request: HttpRequest, campaign: Campaign, permission: str) -> Division | None:
    """The campaign's division where the reader holds it, else the first of their own inside it."""
    held = scope(request.user, permission)
    if held.contains(campaign.division):
        return campaign.division
    own = Division.objects.filter(first__in=[first for first, _last in held.intervals])
    inside = own.filter(first__range=(campaign.division.first, campaign.division.last))
    return inside.order_by("first", "level").first()
