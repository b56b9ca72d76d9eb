"""Every request leaves one line without personal data, and no private page in a cache."""

import json
import logging

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tongzhou.web import logs

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def account():
    return get_user_model().objects.create_user("zhang@example.org", "pass word", name="张三")


def lines(caplog):
    return [record.msg for record in caplog.records if record.name == "tongzhou.request"]


def test_a_line_names_the_pattern_and_not_the_address(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/accounts/password/reset/key/abc-secret-token/?phone=13812341234")
    (line,) = lines(caplog)
    assert line["route"].startswith("/accounts/")
    assert line["status"] in (200, 302)
    assert "secret-token" not in str(line)
    assert "13812341234" not in str(line)


def test_an_address_that_is_not_there_is_not_repeated(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/someone@example.org/")
    assert lines(caplog)[0]["route"] == "unknown"


def test_the_page_of_an_account_is_kept_by_nobody(client, account):
    client.force_login(account)
    response = client.get("/desk/")
    assert (
        response["Cache-Control"].startswith("private") or "no-store" in response["Cache-Control"]
    )


def test_a_public_answer_asks_for_no_session(client):
    response = client.get("/healthz")
    assert "Cookie" not in response.get("Vary", "")
    assert "Cache-Control" not in response


def test_static_files_are_whole_answers_with_a_time_to_keep(client):
    response = client.get("/static/css/tongzhou.css")
    assert response.status_code == 200
    assert not response.streaming
    assert "max-age" in response["Cache-Control"]
    again = client.get("/static/css/tongzhou.css", HTTP_IF_MODIFIED_SINCE=response["Last-Modified"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_log_is_one_json_object_a_line(capsys):
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        logs.configure({"level": "INFO", "as_json": True})
        logging.getLogger("tongzhou.x").info("a job is %s", "done")
        logging.getLogger("uvicorn.access").info("GET /c/secret")
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    (line,) = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["level"], line["logger"]) == ("a job is done", "info", "tongzhou.x")


@pytest.mark.parametrize(
    "address", ["/p/%00/", "/trace/places/6201%00/", "/p/?q=a%00b", "/desk/?next=%00"]
)
def test_a_nul_in_an_address_goes_no_further(client, django_assert_num_queries, address):
    """PostgreSQL answers a question with a NUL by an error, which had ended as 500."""
    with django_assert_num_queries(0):
        response = client.get(address, headers={"Accept-Language": "en"})
    assert response.status_code == 400
    assert response.content.decode().startswith("The address has a character")


def test_a_nul_hidden_in_a_cookie_goes_no_further(client):
    client.cookies["sessionid"] = "abcdefgh\x00"
    assert client.get("/desk/").status_code == 400


def test_programs_are_told_of_a_nul_as_a_problem(client):
    response = client.get("/api/v1/places/%00")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 400


def test_a_percent_sign_in_a_search_is_an_ordinary_sign(client):
    assert client.get("/p/?q=%2500").status_code == 200
