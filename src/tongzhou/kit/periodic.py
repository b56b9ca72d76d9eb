"""What kit does by the clock."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from . import actions, clock, heads
from .jobs import Running, runner
from .models import Event
from .rules import Json

log = structlog.get_logger(__name__)


@runner("kit.daily_head", title=_("Sealing the log of the day"), every=timedelta(days=1))
def daily_head(job: Running) -> Json:
    """Keep the head of each day in the data folder, and its figure in the log of the server."""
    folder = settings.DATA_DIR / "heads"
    folder.mkdir(parents=True, exist_ok=True)
    head = heads.head_now()
    heads.write_head(head, folder / f"{clock.today().isoformat()}.json")
    log.info("daily head", sha256=head.sha256, chains=len(head.chains))
    return {"sha256": head.sha256, "chains": len(head.chains)}


@runner("kit.compact", title=_("Clearing erased data from the file"), every=timedelta(days=1))
def compact(job: Running) -> Json:
    """In the night after somebody was erased, let their old bytes leave the file too."""
    # Two days back, since a job that comes once a day may come late.
    erased = Event.objects.filter(verb="person.erased", at__gte=clock.now() - timedelta(days=2))
    count = erased.count()
    if count:
        actions.compact()
    return {"erased": count}
