from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_lanes")]

    operations = [
        migrations.AddField(model_name="run", name="changes", field=models.JSONField(default=list)),
    ]
