"""The page of long work: what it shows, to whom, with and without a script."""

import ast
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

import tongzhou
from tongzhou.kit import access, handlers
from tongzhou.kit.actions import record
from tongzhou.kit.jobs import deliver_next, enqueue, outbox
from tongzhou.kit.models import Job, OutboxMessage
from tongzhou.kit.rules import SYSTEM, Actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_registries")]


@pytest.fixture
def client(person):
    """The person, signed in, reading English."""
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(person)
    return client


@pytest.fixture
def root():
    account = get_user_model().objects.create_user("r@example.org", name="R", is_superuser=True)
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(account)
    return client


@pytest.fixture
def job(person):
    """A job that the person asked for."""
    return enqueue("plans.publish", "run-7", {}, by=Actor("account", str(person.pk)), total=2978)


def at(job, ending="/"):
    return f"/desk/jobs/{job.pk}{ending}"


def put(job, **values):
    Job.objects.filter(pk=job.pk).update(**values)


def test_a_running_job_shows_stage_and_count_and_asks_again(client, job):
    put(job, state="running", stage="publishing", done=1204, lease_until=job.created_at)
    text = client.get(at(job)).content.decode()
    assert "publishing" in text
    assert "1,204 of 2,978" in text
    assert f'hx-get="{at(job)}"' in text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in text


def test_a_stage_is_told_in_the_readers_language(person, job):
    put(job, state="running", stage="Computing", lease_until=job.created_at)
    reader = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="zh-hans")
    reader.force_login(person)
    for headers in ({}, {"HX-Request": "true"}):
        text = reader.get(at(job), headers=headers).content.decode()
        assert "计算中" in text
        assert "Computing" not in text
    # Programs get the words that do not change.
    assert reader.get(at(job, ".json")).json()["stage"] == "Computing"


def stages_in(text):
    """What a source hands to `report` as a stage: the name of the function around it, or None."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        if "report" in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
            for value in [*node.args[2:], *(k.value for k in node.keywords if k.arg == "stage")]:
                yield getattr(getattr(value, "func", None), "id", None)


@pytest.mark.tidy
def test_every_stage_is_marked_for_translation():
    told = [
        (str(path), marked)
        for path in Path(tongzhou.__path__[0]).rglob("*.py")
        if "tests" not in path.parts
        for marked in stages_in(path.read_text(encoding="utf-8"))
    ]
    assert len(told) >= 8
    assert {marked for _path, marked in told} == {"gettext_noop"}, told
    assert list(stages_in("run.report(1, 2, 'reading')")) == [None]


def test_the_polling_gets_only_the_part_that_changes(client, job):
    response = client.get(at(job), headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<section class="work"')


def test_a_done_job_leads_on_with_and_without_a_script(client, job):
    put(job, state="done", payload={"return_to": "/desk/runs/7/"})
    assert client.get(at(job))["Location"] == "/desk/runs/7/"
    polled = client.get(at(job), headers={"HX-Request": "true"})
    assert polled["HX-Redirect"] == "/desk/runs/7/"


@pytest.mark.parametrize("target", ["https://elsewhere.example", "//elsewhere.example", ""])
def test_it_never_leads_to_another_site(client, job, target):
    put(job, state="done", payload={"return_to": target})
    response = client.get(at(job))
    assert response.status_code == 200
    assert "elsewhere" not in response.content.decode()


def test_a_failed_job_says_why_and_can_be_tried_again(client, job):
    put(job, state="failed", error="Row 3 has no code. Correct the file.")
    text = client.get(at(job)).content.decode()
    assert "Row 3 has no code. Correct the file." in text
    assert "hx-get" not in text
    assert client.post(at(job, "/retry/")).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.error) == ("waiting", "")


def test_a_failed_attempt_tells_of_the_next(client, job):
    put(job, error="OperationalError: away", attempt=1)
    assert "Attempt 1 failed" in client.get(at(job)).content.decode()


def test_a_job_can_be_cancelled_by_a_form(client, job):
    assert client.get(at(job, "/cancel/")).status_code == 405
    assert client.post(at(job, "/cancel/"))["Location"] == at(job)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "Cancelled" in client.get(at(job)).content.decode()


def test_a_running_job_says_that_it_will_stop(client, job):
    put(job, state="running", cancel_asked=True, lease_until=job.created_at)
    text = client.get(at(job)).content.decode()
    assert "It will stop after this step" in text
    assert "Cancel this work" not in text


def test_programs_get_the_same_as_json(client, job):
    assert client.get(at(job, ".json")).json() == {
        "id": job.pk,
        "kind": "plans.publish",
        "state": "waiting",
        "stage": "",
        "done": 0,
        "total": 2978,
        "attempt": 0,
        "error": "",
        "result": None,
    }


@pytest.mark.parametrize("ending", ["/", ".json"])
def test_the_job_of_another_looks_like_none(client, job, ending):
    put(job, by="account:999")
    assert client.get(at(job, ending)).status_code == 404
    assert client.get(f"/desk/jobs/999{ending}").status_code == 404


@pytest.mark.parametrize("ending", ["/cancel/", "/retry/"])
def test_nor_can_it_be_changed(client, job, ending):
    put(job, by="account:999", state="failed")
    assert client.post(at(job, ending)).status_code == 404
    job.refresh_from_db()
    assert job.state == "failed"


def test_whoever_holds_the_permission_of_the_job_may_look(root, job):
    put(job, by="account:999", payload={"permission": "plans.view"})
    assert root.get(at(job)).status_code == 200


def test_a_stranger_is_sent_to_sign_in(job):
    response = Client(HTTP_HOST="localhost").get(at(job))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_the_list_is_for_those_who_may_read_the_log(client, root, job):
    assert client.get("/desk/jobs/").status_code == 403
    text = root.get("/desk/jobs/").content.decode()
    assert "plans.publish" in text
    assert "Waiting" in text


def test_an_empty_list_says_what_will_come(root):
    assert "Imports, plans and publishing appear here" in root.get("/desk/jobs/").content.decode()


def test_a_long_list_has_pages(root, monkeypatch):
    monkeypatch.setattr("tongzhou.kit.views.ROWS", 2)
    for number in range(3):
        enqueue("a", str(number), {}, by=SYSTEM)
    text = root.get("/desk/jobs/").content.decode()
    after = text.split("?after=")[1].split('"')[0]
    assert root.get(f"/desk/jobs/?after={after}").content.decode().count("/desk/jobs/") >= 1
    assert root.get("/desk/jobs/?after=nonsense").status_code == 400


def test_a_dead_letter_is_seen_and_sent_again(root, client, person):
    @handlers.on("x.done", "letters")
    def fails(event):
        raise ValueError("the printer is off")

    with transaction.atomic():
        record("x.done", person, by=SYSTEM, chain="county:1")
    for _ in range(outbox.ATTEMPTS):
        deliver_next(whenever=True)
    message = OutboxMessage.objects.get()
    text = root.get("/desk/jobs/").content.decode()
    assert "ValueError: the printer is off" in text
    again = f"/desk/jobs/messages/{message.pk}/retry/"
    assert client.post(again).status_code == 403
    assert root.post(again).status_code == 302
    message.refresh_from_db()
    assert message.state == "waiting"


def test_every_kind_of_access_is_marked_on_its_view():
    def view(request):
        raise AssertionError

    assert access.access_of(access.public(view)) == "public"
    assert access.access_of(access.by_token(view)) == "token"
    assert access.access_of(access.signed_in(view)) == "signed-in"
    assert access.access_of(access.requires("plans.run")(view)) == "plans.run"
    assert access.access_of(view) is None
