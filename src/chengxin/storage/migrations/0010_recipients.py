from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from chengxin.storage.schema import run_script


def create_recipient_triggers(apps, schema_editor):
    path = Path(__file__).parents[1] / "schema" / f"recipients_{schema_editor.connection.vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("storage", "0009_entrance"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="NotifiedUpTo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "db_table": "notified_up_to",
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("agency", models.BooleanField(default=False)),
                ("webhook", models.TextField(default="")),
                ("email", models.TextField(default="")),
                ("failures", models.IntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("problem", models.TextField(default="")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "recipient",
            },
        ),
        migrations.CreateModel(
            name="WithdrawalKey",
            fields=[
                ("record", models.BigIntegerField(primary_key=True, serialize=False)),
                ("key", models.BinaryField()),
                ("source", models.TextField()),
            ],
            options={
                "db_table": "withdrawal_key",
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("record", models.TextField()),
                ("body", models.TextField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "certificate",
                "indexes": [models.Index(fields=["record", "-seq"], name="certificate_record")],
            },
        ),
        migrations.CreateModel(
            name="Probe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("digest", models.TextField()),
                ("shown", models.BigIntegerField()),
                ("gone", models.BigIntegerField()),
                ("different", models.BigIntegerField()),
                ("recipient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="storage.recipient")),
            ],
            options={
                "db_table": "probe",
            },
        ),
        migrations.CreateModel(
            name="RecipientKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField(unique=True)),
                ("hint", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="storage.recipient"
                    ),
                ),
            ],
            options={
                "db_table": "recipient_key",
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("record", models.BigIntegerField()),
                ("act", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("channel", models.TextField(default="")),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.TextField(default="")),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="storage.recipient"
                    ),
                ),
            ],
            options={
                "db_table": "notification",
                "indexes": [
                    models.Index(fields=["record"], name="notification_record"),
                    models.Index(
                        condition=models.Q(("acknowledged_at__isnull", True)),
                        fields=["recipient", "seq"],
                        name="notification_open",
                    ),
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)),
                        fields=["recipient", "seq"],
                        name="notification_untold",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("recipient", "seq"), name="notification_once")],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("door", models.TextField()),
                ("purpose", models.TextField(default="")),
                ("consent", models.TextField(default="")),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="storage.recipient"
                    ),
                ),
            ],
            options={
                "db_table": "delivery",
                "indexes": [models.Index(fields=["record", "recipient"], name="delivery_record")],
            },
        ),
        migrations.RunPython(create_recipient_triggers, migrations.RunPython.noop),
    ]
