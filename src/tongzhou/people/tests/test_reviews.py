"""A clinician signs what pages say about health; who has not is counted, and a change shows."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou import clinical
from tongzhou.kit import clock
from tongzhou.kit.rules import SYSTEM
from tongzhou.people import actions, queries
from tongzhou.people.models import Account, Review
from tongzhou.people.queries import clinical_texts, reviews
from tongzhou.people.queries.reviews import State, health_text, review_standings, standings_of
from tongzhou.people.rules import NotAllowedError, NotPossibleError

from .conftest import NOW, by, give, last_event, person

RULE = "r10-92"


@pytest.fixture
def clinician(tree) -> Account:
    account = person("clinician@example.org")
    give(account, "clinician", tree.nation)
    return account


def sign(account: Account, ref: str = RULE, kind: str = "rule", **values: str) -> Review:
    values.setdefault("sha256", health_text(kind, ref).sha256)
    with clock.fixed_at(NOW):
        return actions.sign_review(kind, ref, by=by(account), **values)


def state_of(ref: str = RULE, kind: str = "rule") -> State:
    (standing,) = standings_of([health_text(kind, ref)])
    return standing.state


def browser(account: Account) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    return client


def test_nothing_is_signed_until_a_clinician_did(clinician):
    assert state_of() is State.OPEN
    review = sign(clinician, note="checked against the diary")
    assert state_of() is State.SIGNED
    assert (review.office, review.at, review.note) == ("全国", NOW, "checked against the diary")


def test_a_signature_leaves_one_event_without_a_name(clinician):
    review = sign(clinician)
    event = last_event()
    assert (event.verb, event.subject_id, event.chain) == (
        "review.signed", str(review.pk), "reviews",
    )  # fmt: skip
    assert event.after["sha256"] == health_text("rule", RULE).sha256
    assert clinician.name not in str(event.after)


def test_signing_once_more_changes_nothing(clinician):
    first = sign(clinician)
    count = Review.objects.count()
    assert sign(clinician, note="again") == first
    assert Review.objects.count() == count


def test_two_clinicians_may_sign_the_same_wording(clinician, tree):
    second = person("second@example.org")
    give(second, "clinician", tree.nation)
    assert sign(clinician) != sign(second)


def test_an_administrator_of_everything_is_no_clinician(tree):
    root = person("root@example.org", is_superuser=True)
    assert root.has_perm("reviews.sign")
    with pytest.raises(NotAllowedError, match="role of clinician"):
        sign(root)
    with pytest.raises(NotAllowedError):
        actions.sign_review("rule", RULE, sha256="0" * 64, by=SYSTEM)


def test_a_clinician_of_one_province_does_not_sign_for_all(tree):
    local = person("local@example.org")
    give(local, "clinician", tree.gansu)
    with pytest.raises(NotAllowedError):
        sign(local)


def test_a_wording_that_was_not_read_is_not_signed(clinician):
    with pytest.raises(NotPossibleError, match="changed while you read"):
        sign(clinician, sha256="0" * 64)
    with pytest.raises(NotPossibleError, match="not there"):
        actions.sign_review("rule", "r0", sha256="0" * 64, by=by(clinician))
    assert not Review.objects.exists()


def test_a_change_of_the_text_shows_as_changed_since_signed(clinician):
    review = sign(clinician)
    changed = replace(health_text("rule", RULE), sha256="f" * 64)
    (standing,) = standings_of([changed])
    assert (standing.state, standing.review) == (State.CHANGED, review)


def test_a_reviewer_in_the_data_file_counts_as_a_signature(db):
    text = replace(health_text("rule", RULE), reviewer="县医院")
    assert standings_of([text])[0].state is State.SIGNED


def test_the_digest_covers_everything_but_the_reviewer():
    rule = clinical.load().rules[RULE]
    same = clinical_texts._rule(replace(rule, reviewer="县医院"))
    assert same.sha256 == clinical_texts._rule(rule).sha256
    for change in (
        {"text": {"zh": "另", "en": "other"}}, {"version": 2}, {"source": "other"},
        {"when": clinical.load().rules["r10-94"].when},
    ):  # fmt: skip
        assert clinical_texts._rule(replace(rule, **change)).sha256 != same.sha256, change


def test_every_rule_and_every_product_is_in_exactly_one_text():
    book = clinical.load_catalogue()
    assert [text.ref for text in clinical_texts.rules()] == list(clinical.load().rules)
    shown = [part.zh for text in clinical_texts.catalogue() for part in text.parts()
             if part.what is clinical_texts.PRODUCT]  # fmt: skip
    assert len(shown) == len(book.products)
    checks = [text for text in clinical_texts.catalogue() if text.ref.startswith("checks-")]
    assert sum(len(text.parts()) for text in checks) == len(book.checks)
    assert len({text.ref for text in clinical_texts.catalogue()}) <= 50


def test_a_rule_is_read_with_its_edges_and_its_source():
    parts = health_text("rule", "r10-92").parts()
    edge = next(part for part in parts if part.what is clinical_texts.EDGE)
    assert "92: yes; 93: no" in edge.en
    assert "92：是；93：否" in edge.zh
    assert any(part.en.endswith("[P]") and "NHS" in part.en for part in parts)


def test_a_class_of_products_is_read_with_its_limits_and_each_source_once():
    text = health_text("catalogue", "class-paracetamol")
    parts = text.parts()
    limits = next(part for part in parts if part.zh.startswith("对乙酰氨基酚："))
    assert "2000 mg in 24 hours" in limits.en
    assert "每次 10–15 mg/kg" in limits.zh
    sources = [part for part in parts if part.what is clinical_texts.SOURCE]
    assert any(part.en.startswith("r14:") and "paracetamol" in part.en for part in sources)
    assert len(sources) == len({part.en.split(" (")[0] for part in sources})
    assert text.title["en"].endswith("products)")


def test_a_digest_refuses_what_it_cannot_name():
    with pytest.raises(TypeError, match="object"):
        reviews.digest_of_text(object())


def test_the_counts_fall_with_each_signature(clinician):
    before = queries.unsigned_texts()["rule"]
    assert before == (len(clinical.load().rules), len(clinical.load().rules))
    sign(clinician)
    assert queries.unsigned_texts()["rule"] == (before[0] - 1, before[1])


def test_who_answers_for_all_sees_the_count_on_the_desk(tree, clinician, manager):
    titles = [str(card.title) for card in queries.desk_cards(clinician)]
    assert titles == ["Health texts not yet reviewed by a clinician"]
    assert not [c for c in queries.desk_cards(manager) if "reviews" in c.url]  # of one province


def test_the_list_shows_each_state_and_only_what_waits_when_asked(clinician):
    sign(clinician)
    page = browser(clinician).get(reverse("reviews")).content.decode()
    assert "signed by 全国 on 8 January 2023" in page
    assert page.count("not yet reviewed by a clinician") >= len(clinical.load().rules) - 1
    waiting = browser(clinician).get(reverse("reviews") + "?only=waiting").content.decode()
    assert f"/desk/reviews/rule/{RULE}/" not in waiting


def test_a_clinician_signs_on_the_page_and_comes_to_the_next(clinician):
    client = browser(clinician)
    url = reverse("review", args=["rule", RULE])
    page = client.get(url).content.decode()
    assert "Sign this wording" in page
    assert "立即复测" in page
    answer = client.post(url, {"sha256": health_text("rule", RULE).sha256, "note": "ok"})
    following = review_standings("rule")
    after = following[[one.text.ref for one in following].index(RULE) + 1]
    assert answer.headers["Location"] == reverse("review", args=["rule", after.text.ref])
    assert "You signed this wording." in client.get(url).content.decode()


def test_whoever_may_only_look_is_told_who_signs(tree):
    coordinator = person("coordinator@example.org")
    give(coordinator, "coordinator", tree.gansu)
    client = browser(coordinator)
    url = reverse("review", args=["catalogue", "checks-stop"])
    assert "Sign this wording" not in client.get(url).content.decode()
    refused = client.post(url, {"sha256": health_text("catalogue", "checks-stop").sha256})
    assert refused.status_code == 422
    assert "role of clinician" in refused.content.decode()
    assert client.get(reverse("review", args=["rule", "r0"])).status_code == 404
    assert client.get(reverse("review", args=["poem", "r0"])).status_code == 404


def test_after_the_last_text_the_list_follows(clinician):
    client = browser(clinician)
    for one in review_standings("rule")[:-1]:
        sign(clinician, one.text.ref)
    last = review_standings("rule")[-1].text
    answer = client.post(reverse("review", args=["rule", last.ref]), {"sha256": last.sha256})
    assert answer.headers["Location"] == reverse("reviews")


def test_the_desk_list_asks_the_database_once_a_kind(clinician, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        review_standings()
