"""The public sees the verbs and fields that were named, and nothing else."""

import pytest
from django.db import transaction

from tongzhou.kit import feed
from tongzhou.kit.actions import record
from tongzhou.kit.queries import public_feed
from tongzhou.kit.rules import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_registries")]


@pytest.fixture
def write(person):
    def write(verb, chain="county:1", **after):
        with transaction.atomic():
            return record(verb, person, by=Actor("account", "1", "d"), chain=chain, after=after)

    return write


def test_only_named_verbs_and_fields_leave_the_house(write):
    feed.show("plan.published", "units", "run")
    write("plan.published", units=2, note="for the file", name="张三")
    write("account.made", name="张三")
    (item,) = public_feed(["county:1"])
    assert (item.verb, item.values) == ("plan.published", {"units": 2})
    assert not hasattr(item, "actor")
    assert not hasattr(item, "device")


def test_nothing_is_public_unless_somebody_said_so(write):
    event = write("plan.published", units=2)
    assert public_feed(["county:1"]) == []
    with pytest.raises(KeyError):
        feed.item_of(event)


def test_a_feed_is_that_of_the_named_chains_newest_first(write):
    feed.show("x.done", "n")
    for number, chain in enumerate(["county:1", "county:2", "county:1"]):
        write("x.done", chain, n=number)
    assert [item.values["n"] for item in public_feed(["county:1"])] == [2, 0]
    assert [item.values["n"] for item in public_feed(["county:1", "county:2"])] == [2, 1, 0]


def test_a_feed_is_read_page_by_page(write):
    feed.show("x.done", "n")
    for number in range(5):
        write("x.done", n=number)
    first = public_feed(["county:1"], limit=2)
    second = public_feed(["county:1"], limit=2, before=first[-1].id)
    assert [item.values["n"] for item in [*first, *second]] == [4, 3, 2, 1]
