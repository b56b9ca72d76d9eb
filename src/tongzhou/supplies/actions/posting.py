"""A posting inside an action: what the ledger refuses, the action refuses."""

from django.utils.translation import gettext as _

from ..rules import SupplyRefused
from ..rules.ledger import Command, Result, Status
from .ledger import post


def post_or_refuse(command: Command) -> Result:
    """Post one command; raises SupplyRefused with the ledger's sentence."""
    (result,) = post([command])
    if result.status == Status.CONFLICT:
        raise SupplyRefused(
            _("This form was sent before with other numbers. Open the page again to enter more.")
        )
    if result.status == Status.REFUSED:
        raise SupplyRefused(result.reason)
    return result
