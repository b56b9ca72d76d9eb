"""Pages as files: complete, renewed only where something changed, whole whatever happens."""

import pytest
from django.conf import settings

from tongzhou.delivery.actions.progress import rebuild
from tongzhou.kit import jobs
from tongzhou.kit.models import Job
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.models import Division
from tongzhou.portal import jobs as pages
from tongzhou.portal.actions import set_channel
from tongzhou.portal.queries import public_files

DOCTOR = {"ask_doctor": {"zh": "夜间医生", "phone": "12345"}}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)


@pytest.fixture
def write(world):
    """Run the job once more; gives how many pages it wrote."""
    numbers = iter(range(100))

    def run() -> int:
        job = jobs.enqueue("portal.pages", f"test:{next(numbers)}", {}, by=SYSTEM)
        jobs.drain()
        return Job.objects.get(pk=job.pk).result["written"]

    return run


def page(code: str, language: str = "zh-hans") -> str:
    return (public_files.folder() / language / "p" / code / "index.html").read_text("utf-8")


def test_every_division_down_to_counties_has_a_page_in_each_language(world, write):
    assert write() == len(public_files.divisions_with_files())
    for division in Division.objects.filter(level__in=(1, 2, 3)):
        assert division.name in page(division.code)
        assert "Call 120" in page(division.code, "en")
    assert (public_files.folder() / "zh-hans" / "index.html").exists()


def test_nothing_is_written_twice(write):
    write()
    assert write() == 0


def test_other_numbers_or_signs_renew_every_page(world, write, settings):
    write()
    settings.EMERGENCY_NUMBER = "999"
    assert write() == len(public_files.divisions_with_files())
    assert "Call 999" in page(world.counties[0].code, "en")


def test_a_renamed_place_is_written_and_a_closed_one_taken_away(world, write):
    write()
    renamed, closed = world.counties[:2]
    Division.objects.filter(pk=renamed.pk).update(name="新名县")
    Division.objects.filter(pk=closed.pk).update(valid_to="2023-01-01")
    assert write() == 1
    assert "新名县" in page(renamed.code)
    with pytest.raises(FileNotFoundError):
        page(closed.code)


def test_a_decision_renews_the_place_and_what_lies_below(world, write):
    write()
    county, other = world.counties[:2]
    set_channel(county, DOCTOR, by=SYSTEM)
    jobs.drain()
    assert "夜间医生" in page(county.code)
    assert "夜间医生" not in page(other.code)
    set_channel(Division.objects.get(code="62"), DOCTOR, by=SYSTEM)
    jobs.drain()
    assert "夜间医生" in page(other.code)


def test_new_figures_renew_the_pages_that_show_them(world, write):
    write()
    world.to_depots()
    rebuild(world.campaign, by=SYSTEM)
    assert write() > 0
    assert write() == 0


def test_a_lost_list_makes_all_pages_again(write):
    write()
    (public_files.folder() / public_files.MANIFEST).write_text("{broken")
    assert write() == len(public_files.divisions_with_files())


def test_a_killed_job_leaves_whole_pages_and_goes_on(world, write, monkeypatch):
    rendered, left = pages.rendered, [3]

    def dying(division):
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit
        return rendered(division)

    monkeypatch.setattr(pages, "rendered", dying)
    with pytest.raises(SystemExit):
        write()
    monkeypatch.setattr(pages, "rendered", rendered)
    jobs.enqueue("portal.pages", "after", {}, by=SYSTEM)
    jobs.drain()
    for division in public_files.divisions_with_files():
        file = public_files.folder() / public_files.path_of(division, "zh-hans")
        assert file.read_text("utf-8").rstrip().endswith("</html>")
