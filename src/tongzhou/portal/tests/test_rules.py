"""What a page's content may be, where a part comes from, and which card a search means."""

import pytest

from tongzhou.portal import rules
from tongzhou.portal.rules import CARDS, ContentRefused, Service, cards_meant, checked, resolved

DOCTOR = {"zh": "夜间医生", "en": "Doctor at night", "phone": "0931-12345", "says_zh": "全天"}


class TestContent:
    """Only what a page can show is kept."""

    def test_what_is_empty_is_not_kept(self):
        assert checked({"ask_doctor": {**DOCTOR, "url": " "}}) == {"ask_doctor": DOCTOR}

    def test_a_card_may_be_left_out_on_purpose(self):
        assert checked({"ask_doctor": None}) == {"ask_doctor": None}

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"zh": ""}, "Chinese name"),
            ({"phone": ""}, "neither a telephone"),
            ({"phone": "call me"}, "must be digits"),
            ({"phone": "1" * 40}, "must be digits"),
            ({"url": "javascript:alert(1)"}, "https://"),
            ({"url": "https://a b"}, "https://"),
            ({"url": "https://u@evil.example"}, "https://"),
            ({"url": "https://a.example/" + "x" * 300}, "https://"),
            ({"zh": "热线\u202e"}, "cannot be seen"),
            ({"says_en": "day\u200band night"}, "cannot be seen"),
            ({"url": "https://good.org\u00ad.example"}, "cannot be seen"),
            ({"zh": "长" * 61}, "too long"),
            ({"says_zh": "长" * 201}, "too long"),
        ],
    )
    def test_a_service_that_nobody_could_use_is_refused(self, change, word):
        with pytest.raises(ContentRefused, match=word):
            checked({"hotlines": [{**DOCTOR, **change}]})

    def test_eight_entries_are_taken_and_nine_refused(self):
        assert len(checked({"hotlines": [DOCTOR] * 8})["hotlines"]) == 8
        with pytest.raises(ContentRefused, match="at most 8"):
            checked({"hotlines": [DOCTOR] * 9})

    @pytest.mark.parametrize("order", [["guides", "guides"], ["red_flags"], ["guides", "news"]])
    def test_an_order_names_known_cards_once(self, order):
        with pytest.raises(ContentRefused, match="once"):
            checked({"order": order})

    def test_an_unknown_part_is_refused(self):
        with pytest.raises(ContentRefused, match="no part news"):
            checked({"news": []})


class TestResolved:
    """Each part comes from the nearest division that decided it."""

    def test_nobody_decided_anything(self):
        content = resolved([])
        assert content.order == CARDS
        assert content.ask_doctor is None
        assert content.taken_from == {}

    def test_a_county_takes_what_it_does_not_say_from_above(self):
        content = resolved(
            [
                ("620102", {"hotlines": []}),
                ("62", {"hotlines": [DOCTOR], "ask_doctor": DOCTOR, "order": ["guides"]}),
            ]
        )
        assert content.hotlines == ()
        assert content.ask_doctor == Service(**DOCTOR)
        assert content.order == ("guides",)
        assert content.taken_from == {"hotlines": "620102", "ask_doctor": "62", "order": "62"}

    def test_a_county_can_leave_out_what_its_province_has(self):
        content = resolved([("620102", {"ask_doctor": None}), ("62", {"ask_doctor": DOCTOR})])
        assert content.ask_doctor is None


class TestService:
    """Names in the reader's language; a telephone that can be dialled."""

    def test_english_falls_back_to_chinese(self):
        assert Service("夜间医生", phone="120").name("en") == "夜间医生"
        assert Service(**DOCTOR).name("en") == "Doctor at night"
        assert Service(**DOCTOR).name("zh-hans") == "夜间医生"

    def test_a_number_is_dialled_without_its_hyphen(self):
        assert Service("热线", phone="+86 931-123 45").dialled == "+8693112345"


class TestMeant:
    """Some look for a card, not for a place."""

    @pytest.mark.parametrize(
        ("text", "card"),
        [
            ("问医生", "ask_doctor"),
            ("Fever Clinic", "fever_clinics"),
            ("追溯码", "medicines"),
            ("热线", "hotlines"),
            ("oximeter", "supplies"),
        ],
    )
    def test_words_lead_to_their_card(self, text, card):
        assert card in cards_meant(text)

    @pytest.mark.parametrize("text", ["", "医", "兰州", "x"])
    def test_a_place_is_no_card(self, text):
        assert cards_meant(text) == []

    def test_every_card_with_words_is_a_card(self):
        assert set(rules.ALIASES) <= set(CARDS) == set(rules.TITLES)
