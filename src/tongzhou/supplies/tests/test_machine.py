"""Any order of commands, replays and reversals: units are conserved and nothing is negative."""

from collections import Counter
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from conftest import examples
from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies.actions import Command, Status, post, reverse
from tongzhou.supplies.models import Balance, Bucket, Entry, Move
from tongzhou.supplies.queries import fund_units, verify_ledger

from .stock import World, make_world

OUTSIDE = (Bucket.PRODUCER, Bucket.DONOR)
# What the ledger says is compared with a plain model: a counter by account.
places = st.integers(0, 2)
buckets = st.sampled_from(list(Bucket))
units = st.integers(1, 40)


class LedgerMachine(RuleBasedStateMachine):
    """Drives `post` and `reverse` and keeps its own books beside them."""

    sent = Bundle("sent")
    moves = Bundle("moves")

    @initialize()
    def start(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.world: World = make_world(clinics=3)
        self.books: Counter[int] = Counter()
        self.answers: dict[str, tuple[Command, Status, int | None]] = {}
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @rule(target=sent, count=units)
    def produce(self, count: int) -> Any:
        return self._send([(0, Bucket.PRODUCER, -count), (0, Bucket.ON_HAND, count)])

    @rule(target=sent, a=places, x=buckets, b=places, y=buckets, count=units)
    def move(self, a: int, x: int, b: int, y: int, count: int) -> Any:
        return self._send([(a, x, -count), (b, y, count)])

    @rule(target=sent, x=buckets, share=st.lists(st.integers(1, 9), min_size=1, max_size=3))
    def spread(self, x: int, share: list[int]) -> Any:
        legs = [(place, x, count) for place, count in enumerate(share)]
        return self._send([(0, Bucket.ON_HAND, -sum(share)), *legs])

    @rule(data=st.data())
    def several_at_once(self, data: st.DataObject) -> None:
        drawn = data.draw(st.lists(st.tuples(places, buckets, places, buckets, units), max_size=4))
        commands = [self._command([(a, x, -n), (b, y, n)]) for a, x, b, y, n in drawn]
        expected = [self._expect(command) for command in commands]
        for command, result, status in zip(commands, post(commands), expected, strict=True):
            assert result.status == status
            self.answers[command.command_id] = (command, result.status, result.move_id)

    @rule(command=sent)
    def send_again(self, command: Command) -> None:
        _, first, move = self.answers[command.command_id]
        again = post([command])[0]
        assert again.status == (Status.DUPLICATE if first == Status.DONE else first)
        assert again.move_id == move

    @rule(command=sent)
    def send_something_else_under_the_same_id(self, command: Command) -> None:
        legs = self.world.leg(self.world.dock, 0, -77), self.world.leg(self.world.dock, 2, 77)
        other = self.world.command(*legs, id=command.command_id, kind="other")
        assert post([other])[0].status == Status.CONFLICT

    @rule(target=moves, command=consumes(sent))
    def pick(self, command: Command) -> Any:
        _, status, move = self.answers[command.command_id]
        return move if status == Status.DONE and move is not None else multiple()

    @rule(move=consumes(moves))
    def undo(self, move: int) -> None:
        rows = Entry.objects.filter(move=move).values_list("account", "units")
        mirror = [(account // 8, account % 8, -count) for account, count in rows]
        fits = self._fits([(account // 8, account % 8, -count) for account, count in rows])
        self.number += 1
        result = reverse(Move.objects.get(pk=move), by=SYSTEM, command_id=f"undo-{self.number}")
        assert (result.status == Status.DONE) == fits
        if fits:
            self._book(mirror)

    @invariant()
    def balances_are_what_the_books_say(self) -> None:
        if not hasattr(self, "world"):
            return
        kept = dict(Balance.objects.exclude(units=0).values_list("account", "units"))
        assert kept == {account: count for account, count in self.books.items() if count}
        assert all(count >= 0 for account, count in kept.items() if account % 8 not in OUTSIDE)

    @invariant()
    def what_was_given_is_somewhere(self) -> None:
        if not hasattr(self, "world"):
            return
        held = fund_units(self.world.fund)
        assert sum(held.values()) == 0
        assert not [f for f in verify_ledger() if f.name != "bought_differs"]

    def _places(self) -> list[int]:
        return [self.world.dock.pk, self.world.hub.pk, self.world.clinics[0].pk]

    def _command(self, legs: list[tuple[int, int, int]]) -> Command:
        self.number += 1
        rows = [self.world.dock, self.world.hub, self.world.clinics[0]]
        made = [self.world.leg(rows[place], bucket, count) for place, bucket, count in legs]
        return self.world.command(*made, id=f"c{self.number}")

    def _send(self, legs: list[tuple[int, int, int]]) -> Any:
        command = self._command(legs)
        expected = self._expect(command)
        result = post([command])[0]
        assert result.status == expected, result
        self.answers[command.command_id] = (command, result.status, result.move_id)
        empty = "moves nothing" in result.reason
        return multiple() if empty else command

    def _expect(self, command: Command) -> Status:
        """What a plain model says; on `done` it keeps the change."""
        legs = [(leg.place_id, leg.bucket, leg.units) for leg in command.legs]
        if not self._change(legs) or not self._fits(legs):
            return Status.REFUSED
        self._book(legs)
        return Status.DONE

    def _change(self, legs: list[tuple[int, int, int]]) -> Counter[int]:
        change: Counter[int] = Counter()
        for place, bucket, count in legs:
            change[place * 8 + bucket] += count
        return Counter({account: count for account, count in change.items() if count})

    def _fits(self, legs: list[tuple[int, int, int]]) -> bool:
        return all(
            self.books[account] + count >= 0 or account % 8 in OUTSIDE
            for account, count in self._change(legs).items()
        )

    def _book(self, legs: list[tuple[int, int, int]]) -> None:
        self.books.update(self._change(legs))


class TestLedgerMachine(TestCase, LedgerMachine.TestCase):
    settings = settings(
        max_examples=examples(25),
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
