"""What answers "the nearest to this point": an R*Tree on SQLite, GiST indexes on PostgreSQL.

Each service has a layer of its own, so that the nearest of a rare kind is found as fast as the
nearest of any. On SQLite the layers are one tree with the layer as a third direction, kept by
triggers. A layer is one unit thick, for a tree of flat boxes could not tell near from far (all of
them have a volume of nothing). A later migration that rebuilds finder_facility there has to put the
triggers up again: a test finds a missing one.
"""

from django.db import migrations

LAYERS = ("1", "sees_fever", "sees_children", "has_oxygen", "has_emergency", "all_day")
WATCHED = ("id, lat, lon, x, y, z, state, sees_fever, sees_children, has_oxygen, has_emergency,"
           " all_day")
TREE = """
CREATE VIRTUAL TABLE finder_near USING rtree(
    id, lat0, lat1, lon0, lon1, layer0, layer1, +facility_id, +x, +y, +z, +marks)
"""
MARKS = " + ".join(f"{2**n} * NEW.{name}" for n, name in enumerate(LAYERS[1:]))
CHOSEN = " UNION ALL ".join(
    f"SELECT {n} AS n, {name if name == '1' else 'NEW.' + name} AS held"
    for n, name in enumerate(LAYERS)
)
ADD = f"""
INSERT INTO finder_near
    SELECT NEW.id * 8 + n, NEW.lat, NEW.lat, NEW.lon, NEW.lon, n * 1000, n * 1000 + 1,
        NEW.id, NEW.x, NEW.y, NEW.z, {MARKS}
    FROM ({CHOSEN}) WHERE held AND NEW.lat IS NOT NULL AND NEW.state = 'active';
"""
TAKE = """
DELETE FROM finder_near WHERE id IN (OLD.id * 8, OLD.id * 8 + 1, OLD.id * 8 + 2, OLD.id * 8 + 3,
    OLD.id * 8 + 4, OLD.id * 8 + 5);
"""
TRIGGERS = {
    "finder_near_insert": f"AFTER INSERT ON finder_facility BEGIN {ADD} END",
    "finder_near_update": f"AFTER UPDATE OF {WATCHED} ON finder_facility BEGIN {TAKE} {ADD} END",
    "finder_near_delete": f"AFTER DELETE ON finder_facility BEGIN {TAKE} END",
}


def put_up(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(TREE, params=None)
        for name, body in TRIGGERS.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    for number, held in enumerate(LAYERS):
        condition = "state = 'active' AND lat IS NOT NULL" + (f" AND {held}" if number else "")
        schema_editor.execute(
            f"CREATE INDEX finder_near_{number} ON finder_facility"
            f" USING gist (point(lon, lat)) WHERE {condition}",
            params=None,
        )


def take_down(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER {name}")
        schema_editor.execute("DROP TABLE finder_near")
        return
    for number in range(len(LAYERS)):
        schema_editor.execute(f"DROP INDEX finder_near_{number}")


class Migration(migrations.Migration):
    dependencies = [("finder", "0001_initial")]

    operations = [migrations.RunPython(put_up, take_down)]
