"""What a guide must have, how sources are typed, and that the release's guides say the rules."""

from dataclasses import replace

import pytest

from tongzhou import clinical
from tongzhou.learning.models import Guide
from tongzhou.learning.rules import builtin
from tongzhou.learning.rules.guides import GuideRefused, Source, lines_of, means, sources_of

from .conftest import text

LANGUAGES = ("zh", "en")
# What an adult, a child or a pregnant woman at home is sent to hospital for.
TO_GO = ("r6", "r7", "r8")


def guide(slug: str) -> builtin.Builtin:
    return next(one for one in builtin.builtin_guides() if one.slug == slug)


def test_a_complete_guide_is_taken():
    text().check()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": {"zh": "", "en": "Rest"}}, "both languages"),
        ({"body": {"zh": "休息", "en": " "}}, "both languages"),
        ({"title": {"zh": "长" * 81, "en": "Long"}}, "at most 80"),
        ({"body": {"zh": "长" * 20_001, "en": "Long"}}, "at most 20000"),
        ({"sources": ()}, "sources"),
        ({"sources": (Source("a", "b", "X"),)}, "kind"),
        ({"sources": (Source("", "b", "P"),)}, "both languages"),
    ],
)
def test_an_incomplete_guide_is_refused(change, says):
    with pytest.raises(GuideRefused, match=says):
        replace(text(), **change).check()


def test_sources_are_typed_one_a_line():
    typed = "P | 通知 | Notice\n\nD | 我们 | Ours"
    assert sources_of(typed) == (Source("通知", "Notice", "P"), Source("我们", "Ours", "D"))
    assert lines_of(sources_of(typed)) == typed.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "line", ["Notice", "Q | 通知 | Notice", "P | 通知", "P | a | b" + "c" * 300]
)
def test_a_line_that_is_no_source_is_refused(line):
    with pytest.raises(GuideRefused, match="is no source"):
        sources_of(line)


def test_a_search_finds_every_word_in_either_language():
    one = text("Care at home", "Drink **water**.")
    for asked in ("care", "WATER home", "喝水", "drink 休息"):
        assert means(one, asked), asked
    for asked in ("hospital", "water hospital", "**"):
        assert not means(one, asked), asked


def test_the_release_has_the_guides_that_were_asked_for():
    found = {one.slug: (one.audience, one.topic) for one in builtin.builtin_guides()}
    assert found == {
        "care-at-home": ("residents", "care"),
        "measure-oxygen": ("residents", "care"),
        "medicine-at-home": ("residents", "medicine"),
        "protect-returnees": ("returnees", "protection"),
        "recovery": ("residents", "recovery"),
        "when-to-go": ("residents", "when_to_go"),
        "who-first": ("doctors", "care"),
    }
    for audience, topic in found.values():
        assert audience in Guide.Audience.values
        assert topic in Guide.Topic.values


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_to_go_says_every_rule_about_it_word_for_word(language):
    body = guide("when-to-go").text.body[language]
    rules = [r for r in clinical.load().rules.values() if r.id.split("-")[0] in TO_GO]
    assert len(rules) >= 15
    for rule in rules:
        assert rule.text[language] in body, rule.id
        assert rule.action[language] in body, rule.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_medicine_guide_has_the_limits_of_the_catalogue(language):
    body = guide("medicine-at-home").text.body[language]
    one = clinical.load_catalogue().ingredients["paracetamol"]
    low, high = one.child_dose_mg_kg
    for value in (one.day_mg / 1000, low, high, one.child_day_mg_kg):
        assert f"{value:g}" in body
    assert {"zh": "不要同时吃两种含对乙酰氨基酚的药", "en": "Never take two medicines that both"}[
        language
    ] in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_measuring_says_each_step_of_the_diary(language):
    body = guide("measure-oxygen").text.body[language]
    steps = {
        "zh": ("休息 5 分钟", "暖和", "指甲油", "1 分钟", "5 秒", "3 次", "14 天", "95%"),
        "en": ("5 minutes", "warm hand", "varnish", "1 minute", "5 seconds", "3 times", "14 days",
               "95 %"),
    }  # fmt: skip
    for step in steps[language]:
        assert step in body
    for rule in ("r10-94", "r10-92"):
        assert clinical.load().rules[rule].text[language] in body


@pytest.mark.parametrize("one", builtin.builtin_guides(), ids=lambda one: one.slug)
def test_every_guide_of_the_release_names_its_sources_and_leaves_no_mark(one):
    assert one.text.sources
    for language in LANGUAGES:
        body = one.text.body[language]
        assert "@rule" not in body
        assert "{" not in body
    assert one.text.body["zh"].count("\n## ") == one.text.body["en"].count("\n## ")


def test_a_rule_that_is_not_there_is_caught():
    row = {
        "audience": "residents", "topic": "care", "as_of": text().as_of,
        "valid_from": text().as_of, "title": {"zh": "题", "en": "T"},
        "body": {"zh": "@rule r99", "en": "@rule r99"},
    }  # fmt: skip
    with pytest.raises((LookupError, KeyError)):
        builtin._read("x", row)
    row["body"] = {"zh": "@rule r6-fever", "en": "@rule r6-gut"}
    with pytest.raises(LookupError, match="different rules"):
        builtin._read("x", row)
