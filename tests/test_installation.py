"""An installation as its operator meets it: init, doctor, verify, backup, restore, erasure."""

import json
import sqlite3
from contextlib import closing

import pytest

pytestmark = [pytest.mark.tidy, pytest.mark.installation]

CANARY = "canary-zhang-san"
WRITE = f"""
from django.db import transaction
from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account
person = Account.objects.create_user("{CANARY}@example.org", name="{CANARY}", phone="{CANARY}")
for n in range(30):
    with transaction.atomic():
        person.name = "{CANARY}" + str(n)
        person.save()
        record("account.changed", person, by=SYSTEM, chain="county:620102",
               before={{"name": "{CANARY}"}}, after=values_of(person, "name", "email", "phone"))
"""
ERASE = f"""
from tongzhou.kit.actions import compact, erase_person
from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Account
person = Account.objects.get(email="{CANARY}@example.org")
erase_person(person, by=SYSTEM, chain="county:620102")
compact()
"""


def test_a_person_is_erased_and_the_log_still_agrees_with_the_head_of_before(installation):
    house = installation()
    head = house.folder / "head.json"
    assert house.script(WRITE).returncode == 0
    assert CANARY in bytes_of(house)
    before = house.tongzhou("verify", "--write-head", str(head))
    assert before.returncode == 0, before.stderr

    erased = house.script(ERASE)
    assert erased.returncode == 0, erased.stderr

    assert CANARY not in bytes_of(house)
    after = house.tongzhou("verify", "--head", str(head))
    assert after.returncode == 0, after.stderr
    assert "Sound" in after.stdout


def bytes_of(house):
    """The database file and its journals, as text."""
    parts = house.database.parent.glob(f"{house.database.name}*")
    return "".join(part.read_bytes().decode("latin-1") for part in parts)


def test_a_forged_log_is_found_from_the_head_of_before(installation):
    house = installation()
    head = house.folder / "head.json"
    house.script(WRITE)
    house.tongzhou("verify", "--write-head", str(head))
    edit(
        house.database,
        "DELETE FROM kit_event WHERE chain = 'county:620102' AND seq > 20",
        "UPDATE kit_eventchain SET length = 20, last_digest = (SELECT digest FROM kit_event"
        " WHERE chain = 'county:620102' AND seq = 20) WHERE name = 'county:620102'",
    )
    assert house.tongzhou("verify").returncode == 0
    done = house.tongzhou("verify", "--head", str(head))
    assert done.returncode == 1
    assert "county:620102: the published head has 30 events, 20 are left" in done.stderr


def edit(file, *statements):
    """What somebody with the file in their hands can do: lift the guards and put them back."""
    with closing(sqlite3.connect(file)) as direct:
        guards = direct.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kit_%'"
        ).fetchall()
        for name, _ in guards:
            direct.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            direct.execute(statement)
        for _, sql in guards:
            direct.execute(sql)
        direct.commit()


def test_a_backup_is_whole_and_restores_what_it_had(installation):
    house = installation()
    copy = house.folder / "copy.sqlite3"
    house.script(WRITE)
    assert house.tongzhou("backup", str(copy)).returncode == 0
    again = house.tongzhou("backup", str(copy))
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    house.script("from tongzhou.people.models import Account; Account.objects.all().delete()")

    done = house.tongzhou("restore", str(copy))

    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(house.database)) as direct:
        assert direct.execute("SELECT count(*) FROM people_account").fetchone() == (1,)
    assert (house.folder / "house.sqlite3.before-restore").is_file()
    assert house.tongzhou("verify").returncode == 0


def test_a_faulty_backup_replaces_nothing(installation):
    house = installation()
    copy = house.folder / "copy.sqlite3"
    house.script(WRITE)
    house.tongzhou("backup", str(copy))
    edit(copy, "UPDATE kit_event SET verb = 'x' WHERE seq = 3")
    was = house.database.read_bytes()
    done = house.tongzhou("restore", str(copy))
    assert done.returncode == 1
    assert "event 3 is not what was written" in done.stderr
    assert house.database.read_bytes() == was
    (house.folder / "noise").write_bytes(b"not a database" * 1000)
    assert house.tongzhou("restore", str(house.folder / "noise")).returncode == 1
    assert house.database.read_bytes() == was


def test_a_database_in_use_is_not_replaced(installation):
    house = installation()
    copy = house.folder / "copy.sqlite3"
    house.tongzhou("backup", str(copy))
    with closing(sqlite3.connect(house.database)) as server:
        server.execute("SELECT count(*) FROM kit_event").fetchall()
        done = house.tongzhou("restore", str(copy))
    assert done.returncode == 2
    assert "in use" in done.stderr


def test_the_doctor_finds_a_fresh_installation_well(installation):
    done = installation().tongzhou("doctor", "--json")
    found = {row["check"]: row["state"] for row in json.loads(done.stdout)}
    assert [name for name, state in found.items() if state == "fault"] == []
    assert done.returncode == 0


def test_the_doctor_fails_without_https_off_this_machine(installation):
    done = installation(TONGZHOU_HOSTS="relief.example.org").tongzhou("doctor")
    assert done.returncode == 1
    assert "▲ https: relief.example.org is served without a certificate" in done.stdout


def test_init_makes_the_tables_and_the_first_administrator_once(installation):
    house = installation()
    house.database.unlink()
    first = house.tongzhou("init", "--skip-divisions")
    assert "admin@example.org is the administrator" in first.stdout, first.stderr
    again = house.tongzhou("init", "--skip-divisions")
    assert "There is an administrator already" in again.stdout


def test_an_unsafe_setting_ends_every_command_with_2(installation):
    done = installation(TONGZHOU_SECRET_KEY="short").tongzhou("verify")
    assert done.returncode == 2
    assert "at least 50" in done.stderr
