from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_triggers(apps, schema_editor):
    path = Path(__file__).parents[1] / "schema" / f"entrance_{schema_editor.connection.vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0008_cases"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.TextField()),
                ("person", models.TextField()),
                ("scope", models.TextField()),
                ("way", models.TextField()),
                ("until", models.DateField()),
                ("asked_at", models.DateTimeField()),
                ("letter", models.TextField(default="")),
                ("media_type", models.TextField(default="")),
                ("scanned", models.TextField(default="")),
                ("granted", models.BooleanField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(default="")),
                ("reason", models.TextField(default="")),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(default="")),
                ("end_reason", models.TextField(default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "authorisation",
                "indexes": [
                    models.Index(fields=["subject", "-asked_at"], name="authorisation_subject"),
                    models.Index(
                        condition=models.Q(("granted__isnull", True)), fields=["asked_at"], name="authorisation_waiting"
                    ),
                ],
            },
        ),
        migrations.RunPython(create_triggers, migrations.RunPython.noop),
    ]
