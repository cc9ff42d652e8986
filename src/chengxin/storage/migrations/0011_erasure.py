from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_triggers(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    path = Path(__file__).parents[1] / "schema" / f"erasure_{vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0010_recipients")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ErasedItem",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("act", models.BigIntegerField(db_index=True)),
            ],
            options={"db_table": "erased_item"},
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.TextField()),
                ("item", models.TextField()),
                ("law", models.TextField()),
                ("article", models.TextField()),
                ("paper", models.TextField(default="")),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("act", models.BigIntegerField(null=True, unique=True)),
                ("staged", models.JSONField(default=list)),
                ("purged_at", models.DateTimeField(null=True)),
                ("left", models.JSONField(default=list)),
            ],
            options={
                "db_table": "erasure",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("proposed_by")), _negated=True)
                        | models.Q(("act", None)),
                        name="erasure_by_two_people",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("record",),
                        name="erasure_proposed_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(create_triggers, migrations.RunPython.noop),
    ]
