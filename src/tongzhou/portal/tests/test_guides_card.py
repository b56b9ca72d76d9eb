"""The card of guides on a place's page: the titles that are read today, or no card."""

import pytest

from tongzhou.kit.rules import SYSTEM
from tongzhou.learning.actions import load_builtin_guides, withdraw_guide
from tongzhou.learning.queries import guide_titles, guides_now
from tongzhou.places.models import Division
from tongzhou.portal.queries.public_files import stamps
from tongzhou.portal.rules import Content
from tongzhou.portal.views.cards import cards_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Division:
    return Division.objects.create(code="620102", name="甲县", level=3, first=10, last=19)


def guides_card(county: Division):
    return [card for card in cards_of(county, [], Content()) if card.name == "guides"]


def test_without_a_guide_there_is_no_card(county):
    assert guides_card(county) == []


def test_the_card_leads_to_every_guide_that_is_read_today(client, county):
    load_builtin_guides()
    (card,) = guides_card(county)
    assert card.guides == guide_titles()
    page = client.get(f"/p/{county.code}/", headers={"accept-language": "en"}).content.decode()
    for one in card.guides:
        assert f'<a href="/guides/{one.slug}/">{one.title}</a>' in page
    assert "When to go to hospital" in page


def test_a_kept_file_is_written_again_once_the_guides_are_others(county):
    ((_division, before),) = stamps([county])
    load_builtin_guides()
    ((_division, after),) = stamps([county])
    assert before != after
    assert list(stamps([county])) == [(county, after)]


def test_what_is_withdrawn_leaves_the_card(county):
    load_builtin_guides()
    for version in guides_now():
        withdraw_guide(version, by=SYSTEM)
    assert guides_card(county) == []
