from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("places", "0003_merge_doubled_sources")]

    operations = [
        migrations.RemoveConstraint("source", "source_once"),
        migrations.AddConstraint(
            "source", models.UniqueConstraint(fields=["name", "as_of"], name="source_once")
        ),
        migrations.AddConstraint(
            "source",
            models.UniqueConstraint(
                fields=["name"], condition=Q(as_of__isnull=True), name="source_once_undated"
            ),
        ),
    ]
