"""Long work and letters: they lie in no division, so they are the asker's own or the whole's."""

from tongzhou.kit import clock
from tongzhou.kit.models import Event, Job, OutboxMessage

from ..oracle import at_the_top
from ..table import Row, listing, page, signed_in
from ..world import Built, Making


def job(making: Making) -> Built:
    """A job somebody else asked for, with what it did in its texts."""
    made = Job.objects.create(
        kind="matrix.work",
        key=making.token,
        payload={"permission": "plans.publish"},
        state=Job.State.FAILED,
        stage=making.token,
        error=making.token,
        by="account:0",
        created_at=clock.now(),
        next_at=clock.now(),
    )
    return Built(
        kwargs={"pk": made.pk},
        marks=(f"/desk/jobs/{made.pk}/",),
        secrets=(making.token, f"/desk/jobs/{made.pk}/"),
    )


def letter(making: Making) -> Built:
    event = Event.objects.create(
        chain=making.token,
        seq=1,
        at=clock.now(),
        actor="system:matrix",
        verb="matrix.tried",
        subject_kind="kit.job",
        subject_id="0",
        digest="0" * 64,
    )
    made = OutboxMessage.objects.create(
        event=event,
        recipient=making.token,
        state=OutboxMessage.State.FAILED,
        next_at=clock.now(),
    )
    return Built(kwargs={"pk": made.pk}, secrets=(making.token,))


ROWS: list[Row] = [
    listing("jobs", "audit.view", job, rule=at_the_top, whole=True),
    signed_in("job", "audit.view", job, rule=at_the_top, marks=False),
    signed_in("job-json", "audit.view", job, rule=at_the_top, marks=False),
    signed_in("job-cancel", "plans.publish", job, rule=at_the_top, gets=False, posts=True),
    signed_in("job-retry", "plans.publish", job, rule=at_the_top, gets=False, posts=True),
    page(
        "message-retry",
        "people.manage",
        letter,
        rule=at_the_top,
        whole=True,
        gets=False,
        posts=True,
    ),
]
