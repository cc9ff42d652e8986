from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_published(apps, schema_editor):
    """Run the vendor's file: how far the log is published, and batches in order by the last one alone."""
    path = Path(__file__).parents[1] / "schema" / f"log_{schema_editor.connection.vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0005_judgement")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField()),
                ("root", models.TextField()),
                ("witness", models.TextField()),
                ("line", models.TextField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "log_cosignature",
                "constraints": [
                    models.UniqueConstraint(fields=["size", "root", "witness"], name="log_cosignature_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WitnessContact",
            fields=[
                ("witness", models.TextField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("outcome", models.TextField()),
                ("size", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "log_witness_contact"},
        ),
        migrations.CreateModel(
            name="WatchedLog",
            fields=[
                ("origin", models.TextField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("root", models.TextField()),
                ("note", models.TextField()),
                ("cosigned_at", models.DateTimeField()),
            ],
            options={"db_table": "watched_log"},
        ),
        migrations.CreateModel(
            name="SplitView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.TextField()),
                ("found_at", models.DateTimeField()),
                ("proof", models.JSONField()),
                ("fingerprint", models.TextField(unique=True)),
            ],
            options={"db_table": "split_view"},
        ),
        migrations.RunPython(create_published),
    ]
