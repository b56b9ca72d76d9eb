"""What follows from an event of this app: the letter of an invitation."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from tongzhou.kit import handlers
from tongzhou.kit.models import Event

from . import queries
from .models import Account


@handlers.on("account.invited", "people.invitation_letter")
def send_invitation(event: Event) -> None:
    """Write to the invited person in their language. Nothing goes to somebody who has signed in
    already or whose account was closed or erased in the meantime."""
    account = Account.objects.filter(pk=event.subject_id, is_active=True).first()
    if account is None or account.last_login is not None or queries.is_erased(account):
        return
    with translation.override(account.language):
        values = {"name": account.name, "link": queries.password_link(account)}
        subject = render_to_string("people/letters/invitation_subject.txt", values).strip()
        body = render_to_string("people/letters/invitation.txt", values)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [account.email])
