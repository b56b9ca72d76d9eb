"""A guide's life: written, published when its day has come, withdrawn, and brought by a release."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM, Actor
from tongzhou.learning import actions, queries
from tongzhou.learning.models import Guide, GuideVersion
from tongzhou.learning.rules import builtin
from tongzhou.learning.rules.guides import GuideRefused

from .conftest import TODAY, text

pytestmark = pytest.mark.django_db
WRITER = Actor("account", "7")


def made(slug: str = "rest", **values: object) -> GuideVersion:
    publish = bool(values.pop("publish", True))
    return actions.create_guide(
        slug, "residents", "care", text(**values), by=WRITER, publish=publish
    )


def verbs() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def test_a_draft_is_read_by_nobody_until_it_is_published():
    draft = made(publish=False)
    assert queries.guide_now("rest") is None
    actions.publish_guide(draft, by=WRITER)
    assert queries.guide_now("rest") == draft
    assert verbs() == ["guide.created", "guide.published"]


def test_a_short_name_is_taken_once():
    made()
    with pytest.raises(GuideRefused, match="already"):
        made()


def test_a_new_version_waits_and_then_takes_the_place_of_the_old():
    first = made()
    second = actions.write_guide(first.guide, text(body="Sleep."), by=WRITER, note="shorter")
    assert (second.number, queries.guide_now("rest")) == (2, first)
    actions.publish_guide(second, by=WRITER)
    assert queries.guide_now("rest") == second


def test_the_same_text_once_more_makes_no_version_and_no_event():
    first = made()
    assert actions.write_guide(first.guide, text(), by=WRITER) == first
    assert actions.publish_guide(first, by=WRITER).pk == first.pk
    assert verbs() == ["guide.created"]


def test_a_version_waits_for_its_day():
    first = made()
    later = text(body="Sleep.", valid_from=TODAY + timedelta(days=1))
    actions.publish_guide(actions.write_guide(first.guide, later, by=WRITER), by=WRITER)
    assert queries.guide_now("rest") == first


def test_what_is_withdrawn_gives_way_to_the_version_before():
    first = made()
    second = actions.write_guide(first.guide, text(body="Sleep."), by=WRITER, publish=True)
    actions.withdraw_guide(second, by=WRITER)
    assert queries.guide_now("rest") == first
    actions.withdraw_guide(first, by=WRITER)
    assert queries.guide_now("rest") is None
    assert queries.guide_titles() == []


def test_a_draft_cannot_be_withdrawn():
    with pytest.raises(GuideRefused, match="Only a published"):
        actions.withdraw_guide(made(publish=False), by=WRITER)


def test_an_event_says_which_wording_and_holds_no_text():
    version = made(body="Rest well and drink.")
    event = Event.objects.get()
    assert event.after["sha256"] == version.sha256
    assert event.chain == "guides"
    assert "drink" not in str(event.after)


def test_the_release_brings_its_guides_once():
    count = len(builtin.builtin_guides())
    assert actions.load_builtin_guides() == count
    assert actions.load_builtin_guides() == 0
    assert len(queries.guides_now()) == count


def test_a_later_release_renews_what_nobody_else_wrote(monkeypatch):
    one = builtin.Builtin("rest", "residents", "care", text())
    monkeypatch.setattr("tongzhou.learning.actions.builtin.builtin_guides", lambda: (one,))
    actions.load_builtin_guides()
    renewed = replace(one, text=text(body="Sleep."))
    monkeypatch.setattr("tongzhou.learning.actions.builtin.builtin_guides", lambda: (renewed,))
    assert actions.load_builtin_guides() == 1
    assert queries.guide_now("rest").body_en == "Sleep."


def test_a_later_release_leaves_the_wording_of_the_staff_with_the_readers(monkeypatch):
    one = builtin.Builtin("rest", "residents", "care", text())
    monkeypatch.setattr("tongzhou.learning.actions.builtin.builtin_guides", lambda: (one,))
    actions.load_builtin_guides(by=SYSTEM)
    guide = Guide.objects.get()
    actions.write_guide(guide, text(body="Ours."), by=WRITER, publish=True)
    renewed = replace(one, text=text(body="Sleep."))
    monkeypatch.setattr("tongzhou.learning.actions.builtin.builtin_guides", lambda: (renewed,))
    actions.load_builtin_guides()
    assert queries.guide_now("rest").body_en == "Ours."
    assert queries.newest_version(guide).state == GuideVersion.State.DRAFT


def test_titles_come_in_the_order_of_topics_by_one_query(django_assert_num_queries):
    made("rest")
    actions.create_guide("go", "residents", "when_to_go", text("Go"), by=WRITER, publish=True)
    with django_assert_num_queries(1):
        assert [one.slug for one in queries.guide_titles()] == ["go", "rest"]
