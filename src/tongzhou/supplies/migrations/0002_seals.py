"""The database itself keeps the ledger: a move is sealed only when it balances, and then for ever."""

from typing import Any

from django.db import migrations

from tongzhou.kit.append_only import AppendOnly

# What a move may still do: be sealed, once, with nothing else of it changed.
SEALING = (
    "NOT OLD.sealed AND NEW.sealed AND NEW.id = OLD.id AND NEW.kind = OLD.kind"
    " AND NEW.command_id = OLD.command_id AND NEW.body_hash = OLD.body_hash"
    " AND NEW.occurred_at = OLD.occurred_at AND NEW.recorded_at = OLD.recorded_at"
    ' AND NEW."by" = OLD."by" AND COALESCE(NEW.reverses_id, 0) = COALESCE(OLD.reverses_id, 0)'
)
LINES = "e.id >= NEW.id * 16384 AND e.id < (NEW.id + 1) * 16384"
UNEVEN = (
    f"EXISTS (SELECT 1 FROM supplies_entry e WHERE {LINES}"
    " GROUP BY e.item_id, e.lot_id, e.fund_id HAVING SUM(e.units) <> 0)"
)
EMPTY = f"NOT EXISTS (SELECT 1 FROM supplies_entry e WHERE {LINES})"

LATE = "A sealed move takes no more entries: post another move."
BORN_SEALED = "A move is written first and sealed when its entries are in."
UNBALANCED = "The entries of a move must sum to zero for each item, lot and fund."

SQLITE = [
    f"CREATE TRIGGER supplies_entry_late BEFORE INSERT ON supplies_entry"
    f" WHEN (SELECT sealed FROM supplies_move WHERE id = NEW.move_id) IS NOT 0"
    f" BEGIN SELECT RAISE(ABORT, '{LATE}'); END",
    f"CREATE TRIGGER supplies_move_born_sealed BEFORE INSERT ON supplies_move WHEN NEW.sealed"
    f" BEGIN SELECT RAISE(ABORT, '{BORN_SEALED}'); END",
    f"CREATE TRIGGER supplies_move_balance BEFORE UPDATE OF sealed ON supplies_move"
    f" WHEN NEW.sealed AND ({UNEVEN} OR {EMPTY})"
    f" BEGIN SELECT RAISE(ABORT, '{UNBALANCED}'); END",
]
# One look at all new rows of a statement: a look for each of 600,000 rows would cost seconds.
POSTGRES = [
    f"""CREATE FUNCTION supplies_entry_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM fresh JOIN supplies_move m ON m.id = fresh.move_id WHERE m.sealed) THEN
        RAISE EXCEPTION '{LATE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF; RETURN NULL; END $$""",
    "CREATE TRIGGER supplies_entry_late AFTER INSERT ON supplies_entry"
    " REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION supplies_entry_late()",
    f"""CREATE FUNCTION supplies_move_born_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{BORN_SEALED}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    "CREATE TRIGGER supplies_move_born_sealed BEFORE INSERT ON supplies_move"
    " FOR EACH ROW WHEN (NEW.sealed) EXECUTE FUNCTION supplies_move_born_sealed()",
    f"""CREATE FUNCTION supplies_move_balance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF {UNEVEN} OR {EMPTY} THEN
        RAISE EXCEPTION '{UNBALANCED}' USING ERRCODE = 'integrity_constraint_violation';
    END IF; RETURN NEW; END $$""",
    "CREATE TRIGGER supplies_move_balance BEFORE UPDATE OF sealed ON supplies_move"
    " FOR EACH ROW WHEN (NEW.sealed) EXECUTE FUNCTION supplies_move_balance()",
]


def put_up(apps: Any, schema_editor: Any) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if postgres else SQLITE:
        schema_editor.execute(statement, params=None)


def take_down(apps: Any, schema_editor: Any) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for table, name in (
        ("supplies_entry", "supplies_entry_late"),
        ("supplies_move", "supplies_move_born_sealed"),
        ("supplies_move", "supplies_move_balance"),
    ):
        schema_editor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else ""))
        if postgres:
            schema_editor.execute(f"DROP FUNCTION {name}")


class Migration(migrations.Migration):
    dependencies = [("supplies", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunPython(put_up, take_down),
        AppendOnly("supplies_entry"),
        AppendOnly("supplies_move", unless=SEALING),
    ]
