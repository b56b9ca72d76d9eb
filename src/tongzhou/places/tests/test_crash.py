"""An import that is killed in the middle leaves nothing, and the next run writes it whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

START = "import django; django.setup()\n"
MAKE = (
    START
    + """
from django.core.management import call_command
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import import_divisions, read_division_table
call_command("migrate", verbosity=0)
rows = "\\n".join(f"v{n},村{n},t,5" for n in range(2_000))
text = f"code,name,parent,level\\nn,国,,0\\np,省,n,1\\nc,市,p,2\\nd,县,c,3\\nt,镇,d,4\\n{rows}"
import_divisions(read_division_table(text.encode()), by=SYSTEM)
"""
)
TAKE = (
    START
    + """
from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import import_places, read_places
text = "division,number,name\\n" + "\\n".join(
    f"v{n},{k},第{n}卫生室{k}" for n in range(2_000) for k in range(1, 101))
table = read_places(text.encode())
print("ready", flush=True)
import_places(table, by=SYSTEM, progress=lambda stage: print(stage, flush=True))
print("done", flush=True)
"""
)
LOOK = START + (
    "from tongzhou.places.models import Place; from tongzhou.kit.models import Event;"
    "print(Place.objects.count(), Event.objects.filter(verb='places.imported').count())"
)
CLINICS = 200_000


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'places.sqlite3'}",
        "TONGZHOU_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tongzhou.web.settings",
    }


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout.strip().rpartition("\n")[2]


@pytest.mark.parametrize("stage", ["checking", "comparing", "looking for faults", "writing"])
def test_a_killed_import_leaves_nothing_and_the_next_one_is_whole(
    tmp_path: Path, stage: str
) -> None:
    python(MAKE, tmp_path)
    running = subprocess.Popen(
        [sys.executable, "-c", TAKE], env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.strip() == stage:
            time.sleep(0.3)
            running.send_signal(signal.SIGKILL)
            break
    assert running.wait(60) == -signal.SIGKILL
    running.stdout.close()
    assert python(LOOK, tmp_path) == "0 0"
    python(TAKE, tmp_path)
    assert python(LOOK, tmp_path) == f"{CLINICS} 1"
