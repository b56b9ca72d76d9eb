"""A wheel holds everything that an installation reads, and nothing that only tests need."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[4]
pytestmark = [pytest.mark.slow, pytest.mark.installation]
TAKEN = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> list[str]:
    """The names in a wheel that is built from a checkout without compiled catalogues."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in TAKEN:
        shutil.copy(ROOT / name, folder)
    left = shutil.ignore_patterns("*.mo", "__pycache__")
    for name in ("src", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=left)
    command = ["-m", "build", "--no-isolation", "--wheel", "--outdir", "made", "."]
    built = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert built.returncode == 0, built.stderr + built.stdout
    (made,) = (folder / "made").glob("*.whl")
    with ZipFile(made) as file:
        return file.namelist()


def test_every_catalogue_is_there_compiled(wheel):
    catalogues = [name for name in wheel if name.endswith(".po")]
    assert len(catalogues) >= 9
    assert [name for name in catalogues if f"{name[:-3]}.mo" not in wheel] == []


@pytest.mark.parametrize(
    "name",
    [
        "tongzhou/places/data/divisions.parquet",
        "tongzhou/web/templates/resident.css",
        "tongzhou/web/static/css/tongzhou.css",
        "tongzhou/web/static/vendor/htmx.min.js",
        "tongzhou/delivery/static/delivery/sw.js",
        "tongzhou/delivery/typst/waybill.typ",
        "tongzhou/fonts/NotoSansSC-Regular.ttf",
        "tongzhou/planning/policy/v1.json",
    ],
)
def test_what_is_read_at_run_time_is_there(wheel, name):
    assert name in wheel


def test_no_file_of_the_checkout_is_missing(wheel):
    """Whatever lies beside the code is read by it, so it has to come along."""
    beside = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "tongzhou").rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".mo") and "draft" not in path.suffix
    }
    assert sorted(beside - set(wheel)) == []
