"""What the people app itself puts on the desk."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..models import Account
from .desk import Card, on_desk
from .lists import invitations_unused
from .reviews import unsigned_texts
from .roles import holds_whole, scope


@on_desk("people.invitations")
def unused_invitations(account: Account) -> Iterator[Card]:
    """Invited people who have never signed in: the letter may not have arrived."""
    manages = scope(account, "people.manage")
    if not manages.intervals:
        return
    waiting = invitations_unused(manages).aggregate(n=Count("pk"), oldest=Min("joined_at"))
    url = reverse("people") + "?state=invited"
    yield Card(_("Invitations not used yet"), waiting["n"], url, oldest=waiting["oldest"])


@on_desk("people.reviews")
def texts_to_review(account: Account) -> Iterator[Card]:
    """What pages say about health and no clinician has signed; told to those who answer for all."""
    if holds_whole(account, "reviews.view"):
        count = sum(unsigned for unsigned, _total in unsigned_texts().values())
        url = reverse("reviews") + "?only=waiting"
        yield Card(_("Health texts not yet reviewed by a clinician"), count, url)
