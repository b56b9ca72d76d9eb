"""Read the log: check its chains against a published head, a subject's history, the public feed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from . import feed
from .access import WHOLE
from .models import Event, EventChain, Job, OutboxMessage
from .rules import GENESIS, ChainHead, digest_of

MOST_FAULTS = 100
COLUMNS = (
    "chain",
    "seq",
    "at",
    "actor",
    "device",
    "verb",
    "subject_kind",
    "subject_id",
    "before",
    "after",
    "digest",
)


def chain_heads() -> list[ChainHead]:
    """Where every chain stands now, in the order of their names."""
    rows = EventChain.objects.order_by("name").values_list("name", "length", "last_digest")
    return [ChainHead(*row) for row in rows]


def verify_chains(published: Iterable[ChainHead] = ()) -> list[str]:
    """Every fault of the event log by name, [] when sound; at most 100.

    Recomputes each digest and number, compares each chain's last with its head, and, where the
    heads of an earlier day are given, finds a change, deletion, reorder or truncation of anything
    that day had. Reads the log once, in order.
    """
    checks = {head.chain: _ChainCheck(head.chain, head) for head in chain_heads()}
    for head in published:
        check = checks.setdefault(head.chain, _ChainCheck(head.chain, None))
        check.published[head.length] = head.digest
    for chain, events in groupby(_events(), key=lambda row: row[0]):
        check = checks.setdefault(chain, _ChainCheck(chain, None))
        for event in events:
            check.take(event)
    return [fault for check in checks.values() for fault in check.faults()][:MOST_FAULTS]


def _events() -> Iterator[tuple[Any, ...]]:
    rows = Event.objects.order_by("chain", "seq").values_list(*COLUMNS)
    return rows.iterator(chunk_size=5000)


class _ChainCheck:
    """Follows one chain from its first event and keeps the first thing that is wrong with it."""

    def __init__(self, chain: str, head: ChainHead | None) -> None:
        self.chain = chain
        self.head = head
        self.published: dict[int, str] = {}
        self.length = 0
        self.digest = GENESIS
        self.fault = ""

    def take(self, row: tuple[Any, ...]) -> None:
        chain, seq, at, actor, device, verb, kind, subject, before, after, digest = row
        # After the first fault every later digest differs too, which would tell nothing.
        if self.fault:
            return
        if seq != self.length + 1:
            self.fault = f"{chain}: event {self.length + 1} is missing"
            return
        body = {
            "chain": chain,
            "seq": seq,
            "at": at.isoformat(),
            "actor": actor,
            "device": device,
            "verb": verb,
            "subject": [kind, subject],
            "before": before,
            "after": after,
        }
        self.digest = digest_of(self.digest, body)
        self.length = seq
        if digest != self.digest:
            self.fault = f"{chain}: event {seq} is not what was written"
        # Somebody who rewrites a whole chain makes it sound again, but not the heads others hold.
        elif self.published.pop(seq, digest) != digest:
            self.fault = f"{chain}: event {seq} differs from the published head"
        elif self.head and seq == self.head.length and digest != self.head.digest:
            self.fault = f"{chain}: event {seq} differs from the head of its chain"

    def faults(self) -> list[str]:
        if self.fault:
            return [self.fault]
        self.published.pop(0, None)
        if self.published:
            missing = min(self.published)
            return [
                f"{self.chain}: the published head has {missing} events, {self.length} are left"
            ]
        if self.head is None:
            return [f"{self.chain}: the head of this chain is missing"]
        if self.length < self.head.length:
            return [f"{self.chain}: {self.head.length} events were written, {self.length} are left"]
        return []


def history(subject: models.Model) -> QuerySet[Event]:
    """The events of one row, newest first."""
    kind = subject._meta.label_lower
    return Event.objects.filter(subject_kind=kind, subject_id=str(subject.pk)).order_by("-id")


def public_feed(
    chains: Iterable[str], *, before: int | None = None, limit: int = 50
) -> list[feed.FeedItem]:
    """The public part of the named chains, newest first; at most 200 items. `before` is an item's
    id, for the page that follows it."""
    events = Event.objects.filter(chain__in=list(chains), verb__in=feed.verbs())
    if before is not None:
        events = events.filter(pk__lt=before)
    return [feed.item_of(event) for event in events.order_by("-id")[: min(limit, 200)]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much work stands where: for pages of operators and for /metrics."""

    jobs: dict[str, int]
    messages: dict[str, int]


def job_for(account: AbstractBaseUser | AnonymousUser, pk: int, *, change: bool = False) -> Job:
    """A job that this account may look at, or `change` (cancel, try again). Raises Http404.

    It may be the account's own; or, as a job lies in no division, the account holds the job's
    `permission` (in the payload) for the whole installation; audit.view there looks at any.
    """
    job = get_object_or_404(Job, pk=pk)
    names = [str(job.payload.get("permission", ""))] + ([] if change else ["audit.view"])
    if job.by == f"account:{account.pk}" or _holds(account, names):
        return job
    raise Http404


def _holds(account: Any, permissions: Iterable[str]) -> bool:
    return any(name and account.has_perm(name, WHOLE) for name in permissions)


def waiting() -> Waiting:
    """Jobs and outbox messages by state."""
    jobs = Job.objects.values_list("state").annotate(Count("id"))
    messages = OutboxMessage.objects.values_list("state").annotate(Count("id"))
    return Waiting(dict(jobs), dict(messages))
