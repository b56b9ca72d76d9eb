"""The floors and rooms of the house: kept today, and each contract breaks when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.import_contracts import FrontDoors, OnlyFrom

from .tidy import sources

pytestmark = pytest.mark.tidy

# One line planted in a file of a copy, and the contract that has to break by it.
PLANTED = {
    "An app imports only from floors below it": (
        "people/models.py",
        "from tongzhou.supplies import models as _planted",
    ),
    "Inside an app": ("places/models.py", "from tongzhou.places import actions as _planted"),
    "From another app only": (
        "supplies/models/funds.py",
        "from tongzhou.people import rules as _p",
    ),
    "The libraries on floor 0 know no Django": (
        "interchange/codes.py",
        "import django.db as _planted",
    ),
    "Only plans and web import planning": (
        "delivery/models/board.py",
        "from tongzhou import planning as _planted",
    ),
    "check shares no code with the solver": (
        "planning/checking/__init__.py",
        "from tongzhou.planning import solver as _planted",
    ),
}


def lint_imports(folder):
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": f"{folder}/src"}
    )


def test_every_contract_is_kept():
    done = lint_imports(sources.ROOT)
    assert done.returncode == 0, done.stdout


def test_every_contract_breaks_when_it_is_broken(tmp_path):
    ignore = shutil.ignore_patterns("*.parquet", "*.ttf", "static", "locale", "tests", "templates")
    shutil.copytree(sources.SOURCE, tmp_path / "src" / "tongzhou", ignore=ignore)
    shutil.copytree(sources.ROOT / "scripts", tmp_path / "scripts", ignore=ignore)
    shutil.copy(sources.ROOT / ".importlinter", tmp_path)
    for file, line in PLANTED.values():
        with (tmp_path / "src" / "tongzhou" / file).open("a") as source:
            source.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    told = " ".join(done.stdout.split("Broken contracts")[0].split())
    kept = [name for name in PLANTED if f"{name} KEPT" in told]
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{len(PLANTED)} broken" in told, done.stdout
    assert kept == []


def a_contract(kind, **options):
    return kind(name="x", session_options={}, contract_options=options)


@pytest.mark.parametrize(
    ("importer", "imported", "may"),
    [
        ("tongzhou.plans.actions", "tongzhou.places.queries", True),
        ("tongzhou.plans.actions", "tongzhou.places.queries.tree", True),
        ("tongzhou.plans.actions", "tongzhou.places.views", False),
        ("tongzhou.plans.actions", "tongzhou.people.rules", False),
        ("tongzhou.plans.actions", "tongzhou.places.rules", True),
        ("tongzhou.plans.views", "tongzhou.plans.forms", True),
        ("tongzhou.plans.views", "tongzhou.kit.access", True),
        ("tongzhou.web.api", "tongzhou.plans.api", True),
        ("tongzhou.plans.views", "tongzhou.places.api", False),
        ("tongzhou.plans.actions", "tongzhou.plans.tests.world", False),
        ("tongzhou.plans.tests.test_x", "tongzhou.places.tests.tree", True),
    ],
)
def test_an_app_is_entered_by_its_front_door(importer, imported, may):
    doors = a_contract(
        FrontDoors,
        apps=["places", "people", "plans"],
        rooms=["queries", "actions", "models"],
        also=["tongzhou.places.rules"],
        mounts="tongzhou.web",
        mounted_rooms=["api", "urls"],
    )
    assert doors.may_import(importer, imported) is may


@pytest.mark.parametrize(
    ("importer", "imported", "breach"),
    [
        ("lib.check", "lib.problem", False),
        ("lib.check", "lib.solver", True),
        ("lib.check.order", "lib.check.caps", False),
        ("lib.check", "numpy", False),
        ("lib.solver", "lib.check", True),
        ("lib", "lib.check", False),
        ("elsewhere", "lib.check", False),
    ],
)
def test_a_module_apart_takes_only_what_is_named(importer, imported, breach):
    apart = a_contract(OnlyFrom, module="lib.check", package="lib", may_import=["lib.problem"])
    assert apart.is_breach(importer, imported) is breach
