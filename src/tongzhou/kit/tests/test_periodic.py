"""What kit does by itself each day."""

import json

import pytest
from django.db import connection, transaction

from tongzhou.kit import actions, heads, periodic
from tongzhou.kit.actions import erase_person, record
from tongzhou.kit.models import PersonKey
from tongzhou.kit.queries import verify_chains
from tongzhou.kit.rules import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(person):
    with transaction.atomic():
        return record("x.done", person, by=SYSTEM, chain="county:1", after={"name": "张三"})


def test_the_head_of_the_day_is_kept_and_can_be_checked(written, noon, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    result = periodic.daily_head(None)
    head = heads.read_head(tmp_path / "heads" / "2023-01-08.json")
    assert result == {"sha256": head.sha256, "chains": 1}
    assert verify_chains(head.chains) == []


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        '{"format": "something else"}',
        '{"format": "tongzhou-head-1", "at": "2023", "sha256": "x", "chains": [["a", "b"]]}',
        '{"format": "tongzhou-head-1", "at": "2023-01-08", "sha256": "x", "chains": 7}',
    ],
)
def test_what_is_no_head_is_refused_in_words(tmp_path, content):
    file = tmp_path / "head.json"
    file.write_text(content)
    with pytest.raises(heads.HeadError, match="is not a head file"):
        heads.read_head(file)


def test_a_head_whose_chains_were_edited_is_refused(written, tmp_path):
    file = tmp_path / "head.json"
    heads.write_head(heads.head_now(), file)
    content = json.loads(file.read_text())
    content["chains"][0][1] = 7
    file.write_text(json.dumps(content))
    with pytest.raises(heads.HeadError, match="was changed"):
        heads.read_head(file)


def test_the_file_is_rewritten_only_after_somebody_was_erased(person, written, monkeypatch):
    done = []
    monkeypatch.setattr(actions, "compact", lambda: done.append("compact"))
    assert periodic.compact(None) == {"erased": 0}
    erase_person(person, by=SYSTEM, chain="county:1")
    assert periodic.compact(None) == {"erased": 1}
    assert done == ["compact"]


def test_erasing_takes_the_row_and_the_key_and_leaves_the_log_sound(person, written):
    published = heads.head_now().chains
    event = erase_person(person, by=SYSTEM, chain="county:1")
    assert event.verb == "person.erased"
    assert not type(person).objects.filter(email="zhang.san@example.org").exists()
    assert not PersonKey.objects.exists()
    assert verify_chains(published) == []


def test_a_row_that_has_to_stay_loses_its_personal_fields(person, written):
    erase_person(person, by=SYSTEM, chain="county:1", keep_row=True)
    person.refresh_from_db()
    assert (person.name, person.phone, person.email) == ("", "", "")
    assert not PersonKey.objects.exists()


def test_erasing_twice_does_nothing_more(person, written):
    pk = person.pk
    erase_person(person, by=SYSTEM, chain="county:1")
    person.pk = pk
    assert erase_person(person, by=SYSTEM, chain="county:1") is None


def test_only_a_person_can_be_erased(written):
    with pytest.raises(ValueError, match="no person"):
        erase_person(written, by=SYSTEM, chain="county:1")


def test_after_erasure_the_same_value_seals_differently(person, written):
    first = written.after["name"]
    PersonKey.objects.all().delete()
    with transaction.atomic():
        again = record("x.done", person, by=SYSTEM, chain="county:1", after={"name": "张三"})
    assert again.after["name"] != first


@pytest.mark.django_db(transaction=True)
def test_compacting_works_on_either_database():
    actions.compact()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kit_event")
        assert cursor.fetchone() == (0,)
