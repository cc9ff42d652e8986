from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0013_inner_code")]

    operations: ClassVar = [
        migrations.AddField("submission", "attempts", models.BigIntegerField(default=0)),
    ]
