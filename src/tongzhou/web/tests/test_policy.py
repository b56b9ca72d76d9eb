"""What a page may load is said with every answer, and a foreign block of style is not allowed."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.views.decorators.clickjacking import xframe_options_exempt

from tongzhou.web import policy

ASKED = RequestFactory().get("/")


def answer(response) -> str:
    return policy.content_policy(lambda request: response)(ASKED)[policy.HEADER]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing/", "/api/v1/openapi.json"])
def test_every_page_has_a_policy(path):
    response = Client(HTTP_HOST="localhost").get(path)
    said = response[policy.HEADER].split("; ")
    assert "default-src 'self'" in said
    assert "frame-ancestors 'none'" in said
    assert not any("script" in part or "unsafe-eval" in part for part in said)
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_a_light_page_names_its_own_style():
    page = Client(HTTP_HOST="localhost").get("/")
    (block, *more) = policy.STYLE.findall(page.content)
    for one in (block, *more):
        assert f"'{policy.digest(one)}'" in page[policy.HEADER]


def test_a_block_of_style_that_is_not_ours_is_not_allowed():
    assert "sha256" not in answer(HttpResponse("<style>body{display:none}</style>"))
    ours = next(policy.blocks(policy.SOURCE))
    assert policy.digest(ours) in answer(HttpResponse(b"<style>" + ours + b"</style>"))


def test_a_view_decides_whether_it_may_be_framed():
    assert "frame-ancestors" in answer(HttpResponse())
    framed = xframe_options_exempt(lambda request: HttpResponse())
    assert "frame-ancestors" not in answer(framed(ASKED))


def test_a_view_may_say_less_but_streams_are_not_read():
    own = HttpResponse(headers={policy.HEADER: "default-src 'none'"})
    assert answer(own) == "default-src 'none'"
    assert "default-src 'self'" in answer(StreamingHttpResponse([b"<style>x</style>"]))


def test_a_block_made_anew_for_each_page_is_refused(tmp_path):
    folder = tmp_path / "app" / "templates" / "app"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("<style>i{width:{{ n }}px}</style>")
    with pytest.raises(ValueError, match=r"page\.html"):
        list(policy.blocks(tmp_path))
    (folder.parent / "x.css").write_text("b{}")
    (folder / "page.html").write_text('<style>{% include "x.css" %}</style>')
    assert list(policy.blocks(tmp_path)) == [b"b{}"]
