from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from chengxin.storage.schema import run_script

_DROP = ("ALTER TABLE record DROP COLUMN marks", "DROP TABLE record_act", "DROP TABLE receipt_number")


def create_act_tables(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    path = Path(__file__).parents[1] / "schema" / f"acts_{vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


def drop_act_tables(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in _DROP:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("storage", "0006_log")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField("Record", "marks", models.BigIntegerField(default=0)),
                migrations.CreateModel(
                    name="RecordAct",
                    fields=[
                        ("pk", models.CompositePrimaryKey("record", "seq", primary_key=True, serialize=False)),
                        ("record", models.BigIntegerField()),
                        ("seq", models.BigIntegerField()),
                        ("act", models.TextField()),
                        ("day", models.DateField()),
                    ],
                    options={"db_table": "record_act", "managed": False},
                ),
                migrations.CreateModel(
                    name="ReceiptNumber",
                    fields=[("id", models.TextField(primary_key=True, serialize=False))],
                    options={"db_table": "receipt_number", "managed": False},
                ),
            ]
        ),
        migrations.RunPython(create_act_tables, drop_act_tables),
    ]
