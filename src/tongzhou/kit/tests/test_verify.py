"""Any change, deletion, reorder or truncation is found; an old published head finds the rest."""

import pytest
from django.db import connection, transaction

from tongzhou.kit.actions import body_of, record
from tongzhou.kit.models import Event, EventChain
from tongzhou.kit.queries import chain_heads, verify_chains
from tongzhou.kit.rules import GENESIS, SYSTEM, digest_of

from .unguarded import unguarded

COUNTY, OTHER = "county:620102", "county:620103"


@pytest.fixture
def log(person):
    """Two chains of three events."""
    for chain in (COUNTY, OTHER):
        for number in range(3):
            with transaction.atomic():
                record("x.done", person, by=SYSTEM, chain=chain, after={"number": number})


def edit(*statements):
    with unguarded(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_log_that_nobody_touched_is_sound(log):
    assert verify_chains() == []
    assert verify_chains(chain_heads()) == []


def test_an_empty_log_is_sound(db):
    assert verify_chains() == []


CHANGES = {
    "a value": "UPDATE kit_event SET after = '{\"number\": 9}' WHERE chain = '%s' AND seq = 2",
    "an actor": "UPDATE kit_event SET actor = 'account:9' WHERE chain = '%s' AND seq = 2",
    "a time": "UPDATE kit_event SET at = '2020-01-01 00:00:00' WHERE chain = '%s' AND seq = 2",
    "a device": "UPDATE kit_event SET device = 'x' WHERE chain = '%s' AND seq = 2",
    "a subject": "UPDATE kit_event SET subject_id = '0' WHERE chain = '%s' AND seq = 2",
    "a verb": "UPDATE kit_event SET verb = 'x.undone' WHERE chain = '%s' AND seq = 2",
    "a digest": "UPDATE kit_event SET digest = 'ff' WHERE chain = '%s' AND seq = 2",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_event_is_found_by_its_number(log, change):
    edit(change % COUNTY)
    assert verify_chains() == [f"{COUNTY}: event 2 is not what was written"]


def test_a_deleted_event_is_found(log):
    edit(f"DELETE FROM kit_event WHERE chain = '{COUNTY}' AND seq = 2")
    assert verify_chains() == [f"{COUNTY}: event 2 is missing"]


def test_a_log_cut_at_its_end_is_found(log):
    edit(f"DELETE FROM kit_event WHERE chain = '{COUNTY}' AND seq = 3")
    assert verify_chains() == [f"{COUNTY}: 3 events were written, 2 are left"]


def test_events_in_another_order_are_found(log):
    swap = "UPDATE kit_event SET seq = %d WHERE chain = '%s' AND seq = %d"
    edit(swap % (9, COUNTY, 1), swap % (1, COUNTY, 2), swap % (2, COUNTY, 9))
    assert verify_chains() == [f"{COUNTY}: event 1 is not what was written"]


def test_a_chain_without_its_head_is_found(log):
    edit(f"DELETE FROM kit_eventchain WHERE name = '{OTHER}'")
    assert verify_chains() == [f"{OTHER}: the head of this chain is missing"]


def test_faults_of_several_chains_are_all_named(log):
    edit("DELETE FROM kit_event WHERE seq = 3")
    assert len(verify_chains()) == 2


def forge(chain, upto):
    """What a careful forger does: change an event and recompute everything that follows."""
    digest = GENESIS
    with unguarded(connection):
        for event in Event.objects.filter(chain=chain, seq__lte=upto).order_by("seq"):
            event.after = {"number": 77}
            event.digest = digest = digest_of(digest, body_of(event))
            event.save()
        Event.objects.filter(chain=chain, seq__gt=upto).delete()
        EventChain.objects.filter(pk=chain).update(length=upto, last_digest=digest)


def test_a_careful_forgery_is_found_only_from_a_published_head(log):
    published = chain_heads()
    forge(COUNTY, 3)
    assert verify_chains() == []
    assert verify_chains(published) == [f"{COUNTY}: event 3 differs from the published head"]


def test_a_careful_truncation_is_found_from_a_published_head(log):
    published = chain_heads()
    forge(COUNTY, 2)
    assert verify_chains(published) == [f"{COUNTY}: the published head has 3 events, 2 are left"]


def test_a_chain_that_vanished_is_found_from_a_published_head(log):
    published = chain_heads()
    edit(
        f"DELETE FROM kit_event WHERE chain = '{OTHER}'",
        f"DELETE FROM kit_eventchain WHERE name = '{OTHER}'",
    )
    assert verify_chains() == []
    assert verify_chains(published) == [f"{OTHER}: the published head has 3 events, 0 are left"]


def test_what_was_added_since_does_not_disturb_an_old_head(log, person):
    published = chain_heads()
    with transaction.atomic():
        record("x.done", person, by=SYSTEM, chain=COUNTY)
    assert verify_chains(published) == []
