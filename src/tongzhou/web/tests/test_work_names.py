"""Long work has a name for people in both languages; code names are for programs."""

import pytest
from django.utils import translation

from tongzhou.kit.jobs import runners, title_of


def ours() -> list[str]:
    """The kinds of work of this installation, without those that tests register."""
    return [r.kind for r in runners() if ".tests" not in r.run.__module__ and "." in r.kind]


def test_every_kind_of_work_has_a_name():
    kinds = ours()
    assert {"plans.compute", "places.import", "delivery.watch", "kit.compact"} <= set(kinds)
    assert [kind for kind in kinds if title_of(kind) == kind] == []


@pytest.mark.parametrize("kind", ["plans.compute", "plans.route", "places.import", "kit.compact"])
def test_the_name_follows_the_language(kind):
    with translation.override("zh-hans"):
        chinese = title_of(kind)
    with translation.override("en"):
        assert title_of(kind) != chinese


def test_work_of_another_version_keeps_its_code_name():
    assert title_of("from-a-newer-version") == "from-a-newer-version"
