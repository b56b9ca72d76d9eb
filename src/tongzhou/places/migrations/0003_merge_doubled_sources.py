"""Sources without a day could be there twice on SQLite, which did not keep their constraint."""

from django.db import migrations
from django.db.models import Count, Min


def merge(apps, schema_editor):
    """The oldest row of a name stays, and places of the others point to it."""
    Source = apps.get_model("places", "Source")
    Place = apps.get_model("places", "Place")
    undated = Source.objects.filter(as_of=None)
    doubled = undated.values("name").annotate(kept=Min("pk"), times=Count("pk"))
    for row in doubled.filter(times__gt=1):
        others = undated.filter(name=row["name"]).exclude(pk=row["kept"])
        Place.objects.filter(source__in=others).update(source=row["kept"])
        others.delete()


class Migration(migrations.Migration):
    dependencies = [("places", "0002_search")]

    operations = [migrations.RunPython(merge, migrations.RunPython.noop)]
