"""The second start of the demonstration, on what an earlier version has played."""

import pytest

from tongzhou.people.models import Account
from tongzhou.places.models import Division
from tongzhou.web import demo, health, starting
from tongzhou.web.demo import people, story


@pytest.fixture
def no_news(monkeypatch):
    """Neither guides nor people are new."""
    monkeypatch.setattr(starting, "load_guides", lambda: 0)
    monkeypatch.setattr(people, "ask_in_newcomers", lambda: None)


def test_tables_of_an_earlier_version_are_changed_before_they_are_served(
    monkeypatch, capsys, no_news
):
    left = [["plans.0005"]]
    monkeypatch.setattr(health, "unapplied", lambda: left[0])
    monkeypatch.setattr(starting, "migrate", lambda: left.__setitem__(0, []))
    demo._bring_up_to_date()
    assert left == [[]]
    assert "earlier version" in capsys.readouterr().out


def test_tables_of_this_version_are_left_alone(monkeypatch, capsys, no_news):
    monkeypatch.setattr(health, "unapplied", list)
    monkeypatch.setattr(starting, "migrate", lambda: 1 / 0)
    demo._bring_up_to_date()
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_a_role_that_came_later_gets_its_account_once(monkeypatch):
    monkeypatch.setattr(story, "PEOPLE", [one for one in story.PEOPLE if one.role == "clinician"])
    Division.objects.create(code="cn", name="中国", level=0, first=0, last=9)
    people.ask_in_newcomers()
    people.ask_in_newcomers()
    account = Account.objects.get()
    assert account.has_perm("reviews.sign")
