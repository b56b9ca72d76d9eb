"""Whether a write that was acknowledged survives a power cut: asked of the database itself."""

from django.db import connection
from django.db.backends.utils import CursorWrapper

SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
FULL = 2
SQLITE = ("synchronous", "journal_mode", "foreign_keys")
POSTGRES = ("fsync", "synchronous_commit", "full_page_writes")


def faults() -> list[str]:
    """Unsafe settings of the database in use, each with what to change; [] when safe."""
    values = settings_in_use()
    return sqlite_faults(values) if connection.vendor == "sqlite" else postgres_faults(values)


def settings_in_use() -> dict[str, str]:
    """What the database itself says of how it writes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return {name: _ask(cursor, f"PRAGMA {name}") for name in SQLITE}
        return {name: _ask(cursor, f"SHOW {name}") for name in POSTGRES}


def sqlite_faults(values: dict[str, str]) -> list[str]:
    found = []
    synchronous = int(values["synchronous"])
    if synchronous < FULL:
        found.append(
            f"SQLite runs with synchronous={SYNCHRONOUS.get(synchronous, synchronous)}: a power cut"
            " loses writes that were acknowledged. Set synchronous=FULL."
        )
    if values["journal_mode"] == "off":
        found.append(f"SQLite runs with journal_mode={values['journal_mode']}. Set it to WAL.")
    if values["foreign_keys"] != "1":
        found.append("SQLite does not check foreign keys. Set foreign_keys=ON.")
    return found


def postgres_faults(values: dict[str, str]) -> list[str]:
    return [
        f"PostgreSQL runs with {name} = {values[name]}: a crash or power cut loses writes that were"
        f" acknowledged, or corrupts the database. Set {name} = on."
        for name in POSTGRES
        if values[name] == "off"
    ]


def _ask(cursor: CursorWrapper, question: str) -> str:
    cursor.execute(question)
    return str(cursor.fetchone()[0])
