"""What visitors report: kept as it is said, and counted only by the rules of the crowd."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.places.queries import chain_of

from ..models import Facility, Report
from .facts import FacilityRefused

WITHIN = timedelta(hours=1)
MOST_ABOUT_ONE = 2
MOST_OF_ONE = 6
LONGEST_WAIT_MINUTES = 600


@transaction.atomic
def report_visit(
    facility: Facility, witness: str, *, claim: str = "", wait_minutes: int | None = None, by: Actor
) -> Report:
    """Keep what a visitor saw, event "facility.reported" without the witness.

    Raises FacilityRefused where nothing is said, where the wait is none, and where the witness has
    said too much in an hour (2 about one facility, 6 in all).
    """
    if not claim and wait_minutes is None:
        raise FacilityRefused(_("Say whether it is open, or how long the wait is."))
    if wait_minutes is not None and not 0 <= wait_minutes <= LONGEST_WAIT_MINUTES:
        raise FacilityRefused(_("A wait is 0 to 600 minutes. Correct it."))
    if facility.state != Facility.State.ACTIVE:
        raise FacilityRefused(_("This facility is not in service."))
    lately = Report.objects.filter(witness=witness, at__gt=clock.now() - WITHIN)
    about = lately.filter(facility=facility).count()
    if about >= MOST_ABOUT_ONE or lately.count() >= MOST_OF_ONE:
        raise FacilityRefused(_("Thank you, we have your reports. Come back in an hour."))
    row = Report.objects.create(
        facility=facility,
        at=clock.now(),
        witness=witness,
        claim=claim,
        wait_minutes=wait_minutes,
    )
    record(
        "facility.reported",
        row,
        by=by,
        chain=chain_of(facility.division),
        after={"code": facility.code, "claim": claim, "wait_minutes": wait_minutes},
    )
    return row
