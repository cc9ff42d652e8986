from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from chengxin.storage.schema import run_script


def protect(apps, schema_editor):
    path = Path(__file__).parents[1] / "schema" / f"judgement_{schema_editor.connection.vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0004_registry")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.BigIntegerField()),
                ("subject", models.TextField()),
                ("verdict", models.TextField()),
                ("reason", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("name", models.TextField(default="")),
                ("code", models.TextField(default="")),
                ("norm", models.TextField(default="")),
                ("score", models.FloatField(null=True)),
                (
                    "revokes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revoked_by",
                        to="storage.judgement",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="judgements", to="storage.submission"
                    ),
                ),
            ],
            options={"db_table": "judgement"},
        ),
        migrations.CreateModel(
            name="JudgementEffect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("effect", models.TextField()),
                ("outcome", models.TextField(default="")),
                ("record", models.TextField(default="")),
                ("seq", models.BigIntegerField(null=True)),
                (
                    "into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.submission",
                    ),
                ),
                (
                    "judgement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="effects", to="storage.judgement"
                    ),
                ),
            ],
            options={"db_table": "judgement_effect"},
        ),
        migrations.AddIndex(
            model_name="judgement", index=models.Index(fields=["submission", "row"], name="judgement_row")
        ),
        migrations.AddIndex(model_name="judgement", index=models.Index(fields=["norm"], name="judgement_norm")),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                name="judgement_revokes_something",
                condition=models.Q(verdict="revoked", revokes__isnull=False)
                | (~models.Q(verdict="revoked") & models.Q(revokes__isnull=True)),
            ),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
