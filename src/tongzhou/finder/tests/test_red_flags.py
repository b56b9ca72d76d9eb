"""The danger signs come from the health rules and are as urgent as the card says."""

from django.utils import translation

from tongzhou import clinical
from tongzhou.finder.queries.red_flags import NOW, SOON, for_everybody, red_flags


def test_every_sign_of_the_first_card_calls_for_the_number() -> None:
    rules = clinical.load().rules
    for _title, ids in NOW:
        assert {rules[one].urgency for one in ids} == {clinical.Urgency.EMERGENCY}
        assert len(ids) <= 5


def test_the_lesser_signs_are_for_today_or_this_hour() -> None:
    rules = clinical.load().rules
    urgencies = {rules[one].urgency for one in SOON}
    assert urgencies <= {clinical.Urgency.HOUR, clinical.Urgency.TODAY}


def test_they_are_read_in_the_language_of_the_reader() -> None:
    with translation.override("en"):
        assert "blue lips" in red_flags().now[0].signs[0]
    with translation.override("zh-hans"):
        assert "口唇发紫" in red_flags().now[0].signs[0]


def test_what_everybody_sees_needs_no_request(settings) -> None:
    settings.EMERGENCY_NUMBER = "999"
    assert for_everybody()["emergency_number"] == "999"
