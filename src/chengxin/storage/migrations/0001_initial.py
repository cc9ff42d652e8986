from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_bulk_tables(apps, schema_editor):
    """Run the vendor's schema file: tables filled in bulk want keys and triggers Django cannot express."""
    sql = (Path(__file__).parents[1] / "schema" / f"{schema_editor.connection.vendor}.sql").read_text()
    run_script(schema_editor.connection, sql)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerBatch",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("first_seq", models.BigIntegerField(unique=True)),
                ("size", models.BigIntegerField()),
                ("at", models.TextField()),
                ("by", models.TextField()),
                ("catalogue", models.TextField()),
                ("root", models.TextField()),
                ("checkpoint", models.TextField()),
            ],
            options={
                "db_table": "ledger_batch",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_entry",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LedgerItem",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("nonce", models.BinaryField()),
                ("content", models.TextField()),
            ],
            options={
                "db_table": "ledger_item",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LedgerTile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.IntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_tile",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("id", models.BinaryField()),
                ("item", models.TextField()),
                ("subject", models.TextField()),
                ("source", models.TextField()),
                ("authority", models.TextField()),
                ("decided_on", models.DateField(null=True)),
                ("severity", models.TextField()),
                ("severity_by", models.TextField()),
                ("starts", models.DateField(null=True)),
                ("repairable", models.DateField(null=True)),
                ("ends", models.DateField(null=True)),
                ("regime", models.TextField()),
                ("withheld", models.TextField()),
                ("latest", models.BigIntegerField()),
                ("versions", models.IntegerField()),
            ],
            options={
                "db_table": "record",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RecordKey",
            fields=[
                ("id", models.BinaryField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "record_key",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RecordSubject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "item", "day", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.TextField()),
                ("item", models.TextField()),
                ("day", models.IntegerField()),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "record_subject",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RecordVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "record_version",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("code", models.TextField()),
                ("name", models.TextField()),
                ("status", models.TextField()),
                ("region", models.TextField()),
                ("provisional", models.BooleanField()),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "subject",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SubjectCode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "code", "scheme", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.TextField()),
                ("scheme", models.TextField()),
                ("subject", models.TextField()),
                ("state", models.TextField()),
            ],
            options={
                "db_table": "subject_code",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SubjectName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "norm", "subject", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("norm", models.TextField()),
                ("subject", models.TextField()),
                ("kind", models.TextField()),
                ("text", models.TextField()),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
            ],
            options={
                "db_table": "subject_name",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SubmissionRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "submission", "row", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("submission", models.TextField()),
                ("row", models.BigIntegerField()),
                ("outcome", models.TextField()),
                ("reasons", models.TextField()),
                ("cells", models.TextField(null=True)),
            ],
            options={
                "db_table": "submission_row",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="WindowCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "item", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("item", models.TextField()),
                ("day", models.DateField()),
                ("opening", models.BigIntegerField()),
                ("closing", models.BigIntegerField()),
            ],
            options={
                "db_table": "window_count",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("may_introduce", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "source",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.TextField(default="clerk")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="membership",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="storage.source")),
            ],
            options={
                "db_table": "membership",
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("state", models.TextField(default="received")),
                ("item", models.TextField()),
                ("by", models.TextField(default="")),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField(default="")),
                ("file_size", models.BigIntegerField(default=0)),
                ("mapping", models.TextField(default="")),
                ("sheet", models.TextField(default="")),
                ("introduce", models.BooleanField(default=False)),
                ("upload", models.TextField(default="")),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("accepted", models.BigIntegerField(default=0)),
                ("unchanged", models.BigIntegerField(default=0)),
                ("corrected", models.BigIntegerField(default=0)),
                ("quarantined", models.BigIntegerField(default=0)),
                ("unlinked", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("warnings", models.BigIntegerField(default=0)),
                ("reasons", models.JSONField(default=dict)),
                ("normalised", models.JSONField(default=dict)),
                ("reading", models.JSONField(default=dict)),
                ("quality", models.JSONField(default=dict)),
                ("problem", models.JSONField(null=True)),
                ("catalogue", models.TextField(default="")),
                ("batch", models.TextField(default="")),
                ("tree_size", models.BigIntegerField(null=True)),
                ("root", models.TextField(default="")),
                (
                    "parent",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="storage.submission"),
                ),
                ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="storage.source")),
            ],
            options={
                "db_table": "submission",
            },
        ),
        migrations.CreateModel(
            name="Mend",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.BigIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("by", models.TextField()),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("outcome", models.TextField()),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mended_from", to="storage.submission"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mends", to="storage.submission"
                    ),
                ),
            ],
            options={
                "db_table": "mend",
            },
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["source", "-received_at"], name="submission_by_source"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["state", "received_at"], name="submission_queue"),
        ),
        migrations.AddIndex(
            model_name="mend",
            index=models.Index(fields=["submission", "row"], name="mend_row"),
        ),
        migrations.RunPython(create_bulk_tables, migrations.RunPython.noop),
    ]
