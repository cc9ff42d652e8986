from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Organisations by the organisation code inside their own code; both databases read the statement alike."""

    dependencies: ClassVar = [("storage", "0012_accounts")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE INDEX subject_code_inner ON subject_code (substr(code, 9, 9)) WHERE scheme = 'uscc'",
            "DROP INDEX subject_code_inner",
        ),
    ]
