from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from chengxin.storage.schema import run_script

_DROP = (
    *("ALTER TABLE subject DROP COLUMN status_since", "ALTER TABLE subject_code DROP COLUMN since"),
    *("ALTER TABLE subject_code DROP COLUMN until", "ALTER TABLE subject_name DROP COLUMN stated"),
    *("DROP TABLE subject_relation", "DROP TABLE finding_event", "DROP TABLE finding"),
)


def create_registry_tables(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    path = Path(__file__).parents[1] / "schema" / f"registry_{vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


def drop_registry_tables(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in _DROP:
            cursor.execute(statement)
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION finding_refuse()")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0003_tokens")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField("Subject", "status_since", models.DateField(null=True)),
                migrations.AddField("SubjectCode", "since", models.DateField(null=True)),
                migrations.AddField("SubjectCode", "until", models.DateField(null=True)),
                migrations.AddField("SubjectName", "stated", models.BooleanField(default=True)),
                migrations.CreateModel(
                    name="SubjectRelation",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "subject",
                                "kind",
                                "related",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("subject", models.TextField()),
                        ("kind", models.TextField()),
                        ("related", models.TextField()),
                        ("name", models.TextField()),
                        ("since", models.DateField(null=True)),
                        ("until", models.DateField(null=True)),
                        ("seq", models.BigIntegerField()),
                    ],
                    options={"db_table": "subject_relation", "managed": False},
                ),
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("rule", models.TextField()),
                        ("key", models.TextField()),
                        ("code", models.TextField()),
                        ("department", models.TextField()),
                        ("owner", models.TextField()),
                        ("state", models.TextField()),
                        ("detail", models.TextField()),
                        ("first_at", models.TextField()),
                        ("last_at", models.TextField()),
                    ],
                    options={"db_table": "finding", "managed": False},
                ),
                migrations.CreateModel(
                    name="FindingEvent",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "finding", "number", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("finding", models.BigIntegerField()),
                        ("number", models.BigIntegerField()),
                        ("at", models.TextField()),
                        ("by", models.TextField()),
                        ("act", models.TextField()),
                        ("note", models.TextField()),
                    ],
                    options={"db_table": "finding_event", "managed": False},
                ),
            ]
        ),
        migrations.CreateModel(
            name="Crosscheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.TextField(default="asked")),
                ("by", models.TextField(default="")),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("subjects", models.BigIntegerField(default=0)),
                ("findings", models.JSONField(default=dict)),
                ("rates", models.JSONField(default=list)),
                ("problem", models.TextField(default="")),
            ],
            options={
                "db_table": "crosscheck",
                "indexes": [models.Index(fields=["state", "-id"], name="crosscheck_queue")],
            },
        ),
        migrations.CreateModel(
            name="Assigner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("department", models.TextField()),
                ("classes", models.TextField()),
                ("division", models.TextField(default="")),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assigns", to="storage.source"
                    ),
                ),
            ],
            options={
                "db_table": "assigner",
                "indexes": [models.Index(fields=["department", "division"], name="assigner_by_code")],
            },
        ),
        migrations.RunPython(create_registry_tables, drop_registry_tables),
    ]
