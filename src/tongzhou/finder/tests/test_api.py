"""Facilities for programs: public, by division and service, with the honest word for now."""

import pytest

URL = "/api/v1/facilities"


@pytest.fixture
def three(world, now):
    world.facility("open", hours="24/7", sees_fever=True)
    world.facility("closed", hours="Mo-Fr 08:00-12:00")
    world.facility("else", at="620103", sees_fever=True)


def codes(client, **asked):
    answer = client.get(URL, asked)
    assert answer.status_code == 200
    return [row["code"] for row in answer.json()["items"]]


def test_a_division_has_its_own(client, three):
    assert codes(client, division="620102") == ["open", "closed"]
    assert codes(client, division="62") == ["open", "closed", "else"]


def test_a_service_narrows(client, three):
    assert codes(client, service="sees_fever") == ["open", "else"]
    assert client.get(URL, {"service": "gold"}).status_code == 422


def test_each_says_what_may_be_said_now(client, three):
    rows = {row["code"]: row for row in client.get(URL).json()["items"]}
    assert (rows["open"]["now"], rows["closed"]["now"]) == ("open", "closed")
    assert rows["open"]["phones"] == ["0931-1234567"]
    assert rows["open"]["services"] == ["sees_fever", "all_day"]


def test_pages_follow_each_other(client, three):
    first = client.get(URL, {"limit": 2}).json()
    rest = client.get(URL, {"limit": 2, "after": first["next"]}).json()
    assert [row["code"] for row in [*first["items"], *rest["items"]]] == ["open", "closed", "else"]
    assert rest["next"] == ""


def test_one_by_its_code(client, three):
    assert client.get(f"{URL}/open").json()["division"] == "620102001"
    assert client.get(f"{URL}/none").status_code == 404
    assert client.get(URL, {"division": "999999"}).status_code == 404
