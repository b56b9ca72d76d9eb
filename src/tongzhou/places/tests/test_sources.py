"""A source of figures is there once, with a day or without one, on either database."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction

from tongzhou.places.models import Division, Place, Source

pytestmark = pytest.mark.django_db
DAY = date(2023, 1, 8)


@pytest.mark.parametrize("day", [None, DAY])
def test_the_same_source_twice_is_refused(day: date | None) -> None:
    Source.objects.create(name="名册", as_of=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.create(name="名册", as_of=day)


def test_sources_of_other_days_and_names_are_others() -> None:
    for name, day in (("甲", None), ("甲", DAY), ("甲", date(2023, 1, 9)), ("乙", None)):
        Source.objects.create(name=name, as_of=day)
    assert Source.objects.count() == 4


def test_no_model_asks_for_what_the_database_cannot_keep() -> None:
    """models.W047 and its like: a constraint that is written down and not kept."""
    found = run_checks(databases=["default"])
    assert [str(one) for one in found if one.id.startswith("models.")] == []


def test_doubled_sources_of_an_older_installation_become_one(tree: dict[str, Division]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX source_once_undated")
    kept, other, dated = (
        Source.objects.create(name="名册", as_of=day) for day in (None, None, DAY)
    )
    at = tree["620102001001"]
    place = Place.objects.create(code="p", name="p", kind="clinic", division=at, source=other)
    merged = import_module("tongzhou.places.migrations.0003_merge_doubled_sources")
    merged.merge(apps, None)
    place.refresh_from_db()
    assert place.source == kept
    assert set(Source.objects.all()) == {kept, dated}
