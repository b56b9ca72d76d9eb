"""The description of the API: what programs are generated from."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tongzhou.web.api import api

pytestmark = pytest.mark.tidy


def operations() -> Iterator[dict]:
    for methods in api.get_openapi_schema()["paths"].values():
        yield from methods.values()


def doubled(names) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_each_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for operation in operations()]
    assert len(names) >= 20
    assert doubled(names) == []


def test_a_doubled_name_is_caught():
    assert doubled(["place", "division", "place"]) == ["place"]


def test_a_name_says_what_it_gives_and_not_where_it_is_written():
    for operation in operations():
        name = operation["operationId"]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
        assert not re.search(r"tongzhou|_api|views", name), name
        assert operation["summary"], name


def test_an_address_is_found_by_one_name_only():
    """Two operations of one name would hide one address from `reverse`."""
    named = Counter()
    for pattern in api.urls[0]:
        named[pattern.name] += 1
    assert [name for name, times in named.items() if times > 1] == []


def test_the_description_says_who_gets_the_figures_of_a_village():
    place = api.get_openapi_schema()["components"]["schemas"]["PlaceOut"]
    assert "places.view" in place["description"]
    assert not {"people65", "risk_share"} & set(place["required"])
