"""The log cannot be changed even by a program that tries; jobs say when they are next due."""

from django.db import migrations, models
from django.utils import timezone

from tongzhou.kit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]

    operations = [
        migrations.RemoveField("outboxmessage", "lease_until"),
        migrations.AddField(
            "job", "next_at", models.DateTimeField(default=timezone.now), preserve_default=False
        ),
        migrations.AddConstraint(
            "job",
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False),
                name="running_job_has_lease",
            ),
        ),
        AppendOnly("kit_event"),
        AppendOnly("kit_eventchain", unless="NEW.name = OLD.name AND NEW.length >= OLD.length"),
    ]
