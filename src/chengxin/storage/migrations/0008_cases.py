from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_case_triggers(apps, schema_editor):
    path = Path(__file__).parents[1] / "schema" / f"cases_{schema_editor.connection.vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0007_acts")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="CaseNumber",
            fields=[
                ("day", models.TextField(primary_key=True, serialize=False)),
                ("last", models.IntegerField()),
            ],
            options={
                "db_table": "case_number",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("workflow", models.TextField()),
                ("record", models.TextField()),
                ("subject", models.TextField()),
                ("item", models.TextField()),
                ("name", models.TextField()),
                ("document", models.TextField()),
                ("body", models.TextField()),
                ("state", models.TextField()),
                ("stage", models.TextField()),
                ("acting", models.TextField()),
                ("handler", models.TextField(default="")),
                ("due", models.DateField()),
                ("opened_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
                ("outcome", models.TextField(default="")),
                ("events", models.IntegerField()),
                ("escalated", models.BooleanField(default=False)),
                ("late", models.BooleanField(default=False)),
                ("used", models.IntegerField(default=0)),
                ("statement", models.TextField(default="")),
            ],
            options={
                "db_table": "credit_case",
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_on__isnull", True)), fields=["due", "id"], name="case_open"
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", True)),
                        fields=["body", "due", "id"],
                        name="case_open_of_body",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", True)),
                        fields=["acting", "due", "id"],
                        name="case_acting",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", True)),
                        fields=["acting", "stage", "due", "id"],
                        name="case_acting_stage",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", True)),
                        fields=["handler", "due", "id"],
                        name="case_handler",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", False)),
                        fields=["-closed_on", "-id"],
                        name="case_closed",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on__isnull", False)),
                        fields=["body", "-closed_on", "-id"],
                        name="case_closed_of_body",
                    ),
                    models.Index(fields=["record"], name="case_record"),
                    models.Index(fields=["subject", "-opened_on"], name="case_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_on__isnull", True)),
                        fields=("kind", "subject", "record"),
                        name="case_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("step", models.TextField()),
                ("source", models.TextField()),
                ("state", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("role", models.TextField()),
                ("organisation", models.TextField()),
                ("reason", models.TextField(default="")),
                ("ground", models.TextField(default="")),
                ("document", models.TextField(default="")),
                ("letter", models.JSONField(null=True)),
                ("entry", models.BigIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="storage.case",
                    ),
                ),
            ],
            options={
                "db_table": "case_event",
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paper", models.TextField()),
                ("name", models.TextField()),
                ("media_type", models.TextField()),
                ("size", models.BigIntegerField()),
                ("digest", models.TextField()),
                ("scanned", models.TextField()),
                ("at", models.DateTimeField()),
                ("by", models.TextField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="storage.case"
                    ),
                ),
            ],
            options={
                "db_table": "attachment",
                "indexes": [models.Index(fields=["digest"], name="attachment_digest")],
            },
        ),
        migrations.RunPython(create_case_triggers, migrations.RunPython.noop),
    ]
