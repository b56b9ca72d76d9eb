"""Two phones, an office and one parcel, in any order and as often as they like: one effect."""

import json
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from conftest import examples
from tongzhou.delivery.actions.claims import claim_parcel, lose_parcel
from tongzhou.delivery.actions.commands import run_call
from tongzhou.delivery.actions.handed import Handed, receive_parcel
from tongzhou.delivery.models import Parcel
from tongzhou.delivery.queries.progress import faults
from tongzhou.delivery.rules import Refused, receive_token
from tongzhou.delivery.rules.commands import read_call
from tongzhou.kit.models import Event
from tongzhou.supplies.models import Bucket

from .world import DOCTOR, OFFICER, World, make_world

COUNTS = st.sampled_from([None, (2, 0, 0), (1, 0, 0), (0, 2, 0), (3, 0, 0), (1, 0, 1)])


class Devices(RuleBasedStateMachine):
    """What a parcel goes through; `world` is set before it runs."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.savepoint()
        self.parcel = self.world.parcel()
        self.answers: dict[str, str] = {}
        self.bodies: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    @rule(device=st.sampled_from("ab"), number=st.integers(1, 2), counts=COUNTS)
    def a_phone_sends(self, device: str, number: int, counts: tuple[int, int, int] | None) -> None:
        """A new receipt, or a replay of one that was sent before."""
        name = f"{device}-{number}"
        body = self.bodies.setdefault(name, _body(counts))
        answer = self._call(name, body)
        assert self.answers.setdefault(name, answer) == answer

    @rule(number=st.integers(1, 2))
    def somebody_claims(self, number: int) -> None:
        claim_parcel(self.parcel, Handed(f"claim-{number}", "label"), by=DOCTOR)

    @rule(number=st.integers(1, 2))
    def the_office_enters(self, number: int) -> None:
        handed = Handed(f"office-{number}", "office", witness="李四")
        receive_parcel(self.parcel, handed, by=OFFICER)

    @rule(number=st.integers(1, 2))
    def the_office_declares_it_lost(self, number: int) -> None:
        with suppress(Refused):
            lose_parcel(self.parcel, "Gone.", command_id=f"lost-{number}", by=OFFICER)

    @invariant()
    def it_is_received_at_most_once(self) -> None:
        if not hasattr(self, "parcel"):
            return
        confirmed = self.parcel.receipts.filter(confirmed=True).count()
        state = Parcel.objects.get(pk=self.parcel.pk).state
        assert confirmed == (1 if state == "received" else 0)
        assert (
            Event.objects.filter(verb="parcel.received", subject_id=str(self.parcel.pk)).count()
            == confirmed
        )

    @invariant()
    def no_unit_is_made_or_lost(self) -> None:
        if not hasattr(self, "parcel"):
            return
        place = self.parcel.place
        held = [self.world.balance(place, bucket) for bucket in Bucket if bucket >= Bucket.ON_HAND]
        assert sum(held) == 2

    @invariant()
    def the_sums_are_right(self) -> None:
        assert faults(self.world.campaign) == []

    def _call(self, name: str, body: dict[str, Any]) -> str:
        token = receive_token(settings.SECRET_KEY, self.parcel.public_id, 1)
        command = {"id": name, "kind": "receipt.parcel", "token": token, "body": body}
        call = {"device": name[0], "commands": [command]}
        return run_call(read_call(json.dumps(call).encode()), None)[0]


def _body(counts: tuple[int, int, int] | None) -> dict[str, Any]:
    if counts is None:
        return {"arrived": "all", "signed_by": "王"}
    good, damaged, wrong = counts
    kind = "wrong" if wrong else "damaged" if damaged else "more" if good > 2 else "fewer"
    rows = [{"item": "oximeter", "good": good, "damaged": damaged, "wrong": wrong}]
    return {"arrived": kind, "counts": rows, "signed_by": "王"}


@pytest.mark.examples
def test_any_order_and_repetition_has_one_effect(world: World) -> None:
    world.on_the_way()
    machine = type("DevicesHere", (Devices,), {"world": world})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run(
        machine,
        settings=limits(
            max_examples=examples(25), stateful_step_count=8, suppress_health_check=checks
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_eight_phones_at_the_same_moment() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer; its turn-taking is tested with a real file and server")
    parcel = make_world().on_the_way().parcel()
    start = threading.Barrier(8)
    statuses: list[str] = []

    def send(number: int) -> None:
        start.wait()
        handed = Handed(f"c-{number}", "slip", signed_by="王")
        statuses.append(receive_parcel(parcel, handed, by=DOCTOR).status)
        connection.close()
        close_old_connections()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == ["done"] + ["duplicate"] * 7


@pytest.mark.django_db(transaction=True)
def test_the_same_command_from_two_lines_at_once_is_one_answer() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer; its turn-taking is tested with a real file and server")
    parcel = make_world().on_the_way().parcel()
    token = receive_token(settings.SECRET_KEY, parcel.public_id, 1)
    command = {"id": "same", "kind": "receipt.parcel", "token": token, "body": _body(None)}
    raw = json.dumps({"device": "d", "commands": [command]}).encode()
    start = threading.Barrier(6)
    answers: list[str] = []

    def send() -> None:
        start.wait()
        answers.append(run_call(read_call(raw), None)[0])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert parcel.receipts.count() == 1
