from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0011_erasure"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="person",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claim", models.TextField(default="")),
                ("opened_by", models.TextField(default="")),
            ],
            options={
                "db_table": "account_person",
                "indexes": [
                    models.Index(
                        condition=models.Q(("claim", ""), _negated=True), fields=["claim"], name="account_claim"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case", models.TextField()),
                ("number", models.IntegerField()),
                ("to", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("retry_at", models.DateTimeField(null=True)),
                ("problem", models.TextField(default="")),
            ],
            options={
                "db_table": "reminder",
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True), models.Q(("to", ""), _negated=True)),
                        fields=["made_at"],
                        name="reminder_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number", "to"), name="reminder_once"),
                ],
            },
        ),
    ]
