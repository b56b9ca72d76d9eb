"""A migration step that lets the database itself refuse to change or delete rows of a table."""

from functools import partial

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

REFUSAL = "Rows of {table} are appended, never changed: correct them by a new row."
SQLITE = {
    "{table}_no_update": "BEFORE UPDATE ON {table} {when}",
    "{table}_no_delete": "BEFORE DELETE ON {table}",
}
POSTGRES = {
    "{table}_no_update": "BEFORE UPDATE ON {table} FOR EACH ROW {when}",
    "{table}_no_delete": "BEFORE DELETE ON {table} FOR EACH ROW",
    "{table}_no_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}
FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$
"""


class AppendOnly(RunPython):
    """Refuse UPDATE, DELETE and (on PostgreSQL) TRUNCATE of a table, by triggers.

    `unless` is an SQL condition over OLD and NEW under which an update may pass, for a row that
    counts up. SQLite drops triggers when a later migration rebuilds the table: repeat the step
    after such a migration (the tests of the guarded tables find a forgotten one).
    """

    def __init__(self, table: str, *, unless: str = "") -> None:
        super().__init__(partial(_put_up, table, unless), partial(_take_down, table))


def guards(vendor: str, table: str, unless: str = "") -> list[str]:
    """The statements that put the triggers up."""
    refusal = REFUSAL.format(table=table)
    when = f"WHEN (NOT ({unless}))" if unless else ""
    if vendor == "postgresql":
        body = "EXECUTE FUNCTION {table}_append_only()"
        triggers, statements = POSTGRES, [FUNCTION]
    else:
        body = "BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        triggers, statements = SQLITE, []
    statements += [f"CREATE TRIGGER {name} {event} {body}" for name, event in triggers.items()]
    return [text.format(table=table, refusal=refusal, when=when) for text in statements]


def _put_up(table: str, unless: str, apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in guards(schema_editor.connection.vendor, table, unless):
        schema_editor.execute(statement, params=None)


def _take_down(table: str, apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for name in POSTGRES if postgres else SQLITE:
        place = f" ON {table}" if postgres else ""
        schema_editor.execute(f"DROP TRIGGER {name.format(table=table)}{place}")
