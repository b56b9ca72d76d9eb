"""A clinician signs a text about health."""

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor

from .. import queries
from ..models import Account, Review
from ..queries.reviews import HealthText, health_text
from ..rules import Clinician, NotAllowedError, NotPossibleError

CHAIN = "reviews"


@transaction.atomic
def sign_review(kind: str, ref: str, *, sha256: str, by: Actor, note: str = "") -> Review:
    """Sign a text as it was read (`sha256`), event "review.signed"; once more changes nothing.

    Raises NotAllowedError for whoever is no clinician for the whole installation (administrators
    too: holding a permission makes nobody a clinician), NotPossibleError where the text is not
    there or reads otherwise by now.
    """
    account = Account.objects.filter(pk=by.ref).first() if by.kind == "account" else None
    if account is None or not queries.is_clinician(account):
        raise NotAllowedError(
            _(
                "Only somebody with the role of clinician at the top of the tree signs."
                " An administrator can give it."
            )
        )
    text = health_text(kind, ref)
    if text is None:
        raise NotPossibleError(_("This text is not there any more. Go back to the list."))
    if text.sha256 != sha256:
        raise NotPossibleError(
            _("The text was changed while you read it. Read it again, then sign.")
        )
    named = {"kind": kind, "ref": ref, "version": text.version, "sha256": sha256}
    if before := Review.objects.filter(**named, account=account).first():
        return before
    return _signed(text, account, note, by)


def _signed(text: HealthText, account: Account, note: str, by: Actor) -> Review:
    told = {
        "kind": text.kind,
        "ref": text.ref,
        "version": text.version,
        "sha256": text.sha256,
        "office": _office_of(account),
    }
    review = Review.objects.create(**told, account=account, note=note, at=clock.now())
    record("review.signed", review, by=by, chain=CHAIN, after=told)
    return review


def _office_of(account: Account) -> str:
    """Where the signer works: their organisation, else the place their role is held at."""
    if account.organisation:
        return account.organisation.name
    grants = account.grants.filter(role=Clinician.name, ended_at=None).select_related("division")
    return str(grants.order_by("granted_at", "pk")[0].division.name)
