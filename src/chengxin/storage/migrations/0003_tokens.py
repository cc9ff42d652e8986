from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0002_search")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField(unique=True)),
                ("hint", models.TextField()),
                ("label", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.TextField(default="")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to="storage.source"
                    ),
                ),
            ],
            options={
                "db_table": "api_token",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at__isnull", True),
                            ("revoked_by", ""),
                        )
                        | models.Q(("revoked_at__isnull", False), models.Q(("revoked_by", ""), _negated=True)),
                        name="api_token_revoked_by_someone",
                    )
                ],
            },
        ),
    ]
