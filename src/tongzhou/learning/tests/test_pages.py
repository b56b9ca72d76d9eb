"""What everybody reads, what the office writes, and what a clinician signs."""

import pytest
from django.test import Client
from django.urls import reverse

from tongzhou.kit.models import Event
from tongzhou.kit.rules import SYSTEM
from tongzhou.learning import actions, queries
from tongzhou.learning.models import Guide, GuideVersion
from tongzhou.people.actions import sign_review
from tongzhou.people.models import Account, RoleGrant
from tongzhou.people.queries import actor, unsigned_texts
from tongzhou.places.models import Division

from .conftest import NOW, text

pytestmark = pytest.mark.django_db
LIGHT_BYTES = 50_000


def account(role: str) -> Account:
    top, _made = Division.objects.get_or_create(
        code="cn", defaults={"name": "中国", "level": 0, "first": 0, "last": 9}
    )
    made = Account(email=f"{role}@example.org", name="王小明", last_login=NOW)
    made.set_unusable_password()
    made.save()
    RoleGrant.objects.create(
        account=made, role=role, division=top, granted_by="system:test", granted_at=NOW
    )
    return made


def browser(who: Account | None = None, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if who:
        client.force_login(who)
    return client


def page(url: str, **more: str) -> str:
    return browser(language=more.get("language", "en")).get(url).content.decode()


TYPED = {
    "title_zh": "睡觉", "title_en": "Sleep", "body_zh": "睡觉。", "body_en": "- Sleep **well**",
    "sources": "P | 通知 | Notice", "as_of": "2023-01-07", "valid_from": "2023-01-08",
}  # fmt: skip


@pytest.fixture
def released() -> int:
    return actions.load_builtin_guides()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_guide_is_light_and_says_its_day_source_and_review(released, language):
    for one in queries.guides_now():
        content = browser(language=language).get(f"/guides/{one.guide.slug}/").content
        shown = content.decode()
        assert len(content) < LIGHT_BYTES
        assert {"en": "Not yet reviewed by a clinician.", "zh-hans": "尚未经医师审核。"}[
            language
        ] in shown
        assert {"en": "[P]", "zh-hans": "[P]"}[language] in shown
        assert {"en": one.title_en, "zh-hans": one.title_zh}[language] in shown
        assert "120" in shown


def test_the_list_has_every_title_and_leads_to_the_pages(released):
    shown = page("/guides/")
    for one in queries.guides_now():
        assert one.title_en in shown
        assert f"/guides/{one.guide.slug}/" in shown


def test_a_search_narrows_the_list_and_says_when_nothing_fits(released):
    shown = page("/guides/?q=对乙酰氨基酚")
    assert "medicine-at-home" in shown
    assert "who-first" not in shown
    assert "No guide holds “surgery”" in page("/guides/?q=surgery")
    assert "<b>" not in page("/guides/?q=<b>")


def test_without_any_guide_the_list_says_so():
    assert "No guide is published here yet." in page("/guides/")


def test_a_guide_that_is_not_published_is_not_there():
    actions.create_guide("rest", "residents", "care", text(), by=SYSTEM)
    assert browser().get("/guides/rest/").status_code == 404
    assert browser().get("/guides/none/").status_code == 404


def test_a_front_may_keep_the_pages_and_a_worker_keeps_them_on_the_phone(released):
    answer = browser().get("/guides/when-to-go/")
    assert "stale-if-error=86400" in answer.headers["Cache-Control"]
    assert "learning/keep" in answer.content.decode()
    worker = browser().get("/guides/sw.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    assert b"addEventListener" in worker.content


def test_a_signature_shows_on_the_page_and_a_change_takes_it_away(released):
    clinician = account("clinician")
    version = queries.guide_now("recovery")
    before = unsigned_texts()["guide"]
    sign_review("guide", "recovery", sha256=version.sha256, by=actor(clinician))
    assert unsigned_texts()["guide"] == (before[0] - 1, before[1])
    assert "Reviewed by a clinician: 中国, 8 January 2023" in page("/guides/recovery/")
    actions.write_guide(version.guide, text(), by=SYSTEM, publish=True)
    assert "Not yet reviewed by a clinician." in page("/guides/recovery/")
    client = browser(clinician)
    assert "changed since signed by 中国" in client.get(reverse("reviews")).content.decode()


def test_the_page_to_sign_has_the_whole_text_of_a_guide(released):
    shown = browser(account("clinician")).get(reverse("review", args=["guide", "who-first"]))
    assert "17.78 万" in shown.content.decode()
    assert "177,800" in shown.content.decode()


def test_a_draft_of_a_guide_that_was_never_published_waits_for_its_signature():
    actions.create_guide("rest", "residents", "care", text(), by=SYSTEM)
    assert unsigned_texts()["guide"] == (1, 1)


def test_a_coordinator_writes_looks_publishes_and_withdraws():
    client = browser(account("coordinator"))
    given = TYPED | {"slug": "sleep", "audience": "residents", "topic": "care"}
    looked = client.post(reverse("guide-new"), given | {"preview": "1"}).content.decode()
    assert "<li>Sleep <strong>well</strong></li>" in looked
    assert "It is not published" in looked
    assert not Guide.objects.exists()
    client.post(reverse("guide-new"), given)
    assert browser().get("/guides/sleep/").status_code == 404
    assert "Not published" in client.get(reverse("guides-desk")).content.decode()
    client.post(reverse("guide-publish", args=["sleep", 1]))
    assert "<strong>well</strong>" in page("/guides/sleep/")
    client.post(reverse("guide-withdraw", args=["sleep", 1]))
    assert browser().get("/guides/sleep/").status_code == 404


def test_a_coordinator_of_one_province_sees_the_list_and_writes_nothing(released):
    who = account("coordinator")
    top = Division.objects.get(code="cn")
    part = Division.objects.create(code="62", name="甘肃省", level=1, parent=top, first=1, last=5)
    RoleGrant.objects.filter(account=who).update(division=part)
    client = browser(who)
    shown = client.get(reverse("guides-desk")).content.decode()
    assert "written at the top of the tree" in shown
    assert 'href="/guides/recovery/"' in shown
    assert reverse("guide-new") not in shown
    for name, args in (("guide-new", []), ("guide-desk", ["recovery"])):
        assert client.get(reverse(name, args=args)).status_code == 403
        assert client.post(reverse(name, args=args), TYPED).status_code == 403


def test_the_next_version_is_written_with_the_last_before_ones_eyes():
    client = browser(account("coordinator"))
    actions.create_guide("rest", "residents", "care", text(), by=SYSTEM, publish=True)
    url = reverse("guide-desk", args=["rest"])
    assert "P | 通知 | Notice" in client.get(url).content.decode()
    assert client.post(url, TYPED | {"note": "shorter"}).status_code == 302
    shown = client.get(url).content.decode()
    assert "2 versions, newest first" in shown
    assert "shorter" in shown
    assert "Publish version 2" in shown
    draft = client.get(reverse("guide-version", args=["rest", 2])).content.decode()
    assert "It is not published" in draft


def test_windows_line_ends_make_no_new_version():
    client = browser(account("coordinator"))
    given = TYPED | {"slug": "sleep", "audience": "residents", "topic": "care"}
    client.post(reverse("guide-new"), given | {"body_en": "a\r\n\r\nb"})
    client.post(reverse("guide-desk", args=["sleep"]), TYPED | {"body_en": "a\n\nb"})
    assert GuideVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [({"sources": "Notice"}, "is no source"), ({"title_en": ""}, "required"),
     ({"as_of": "yesterday"}, "valid date"), ({"slug": "two words"}, "slug")],
)  # fmt: skip
def test_what_cannot_be_kept_is_named_and_what_was_typed_stays(change, says):
    client = browser(account("coordinator"))
    given = TYPED | {"slug": "sleep", "audience": "residents", "topic": "care"} | change
    answer = client.post(reverse("guide-new"), given)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "睡觉。" in answer.content.decode()
    assert not Event.objects.exists()


def test_a_short_name_that_is_taken_is_said_on_the_form():
    client = browser(account("coordinator"))
    given = TYPED | {"slug": "sleep", "audience": "residents", "topic": "care"}
    client.post(reverse("guide-new"), given)
    again = client.post(reverse("guide-new"), given)
    assert "of this short name already" in again.content.decode()


def test_withdrawing_a_draft_says_why_not():
    client = browser(account("coordinator"))
    actions.create_guide("rest", "residents", "care", text(), by=SYSTEM)
    answer = client.post(reverse("guide-withdraw", args=["rest", 1]), follow=True)
    assert "Only a published version is withdrawn." in answer.content.decode()
