from pathlib import Path

from django.db import migrations, models

from chengxin.storage.schema import run_script

_DROP = {"sqlite": "DROP TABLE name_term; DROP TABLE name_doc;", "postgresql": "DROP TABLE name_doc;"}


def create_search_tables(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    path = Path(__file__).parents[1] / "schema" / f"search_{vendor}.sql"
    run_script(schema_editor.connection, path.read_text(encoding="utf-8"))


def drop_search_tables(apps, schema_editor):
    for statement in _DROP[schema_editor.connection.vendor].split(";")[:-1]:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="NameDoc",
            fields=[
                ("doc", models.BigIntegerField(primary_key=True, serialize=False)),
                ("subject", models.TextField()),
                ("norm", models.TextField()),
            ],
            options={"db_table": "name_doc", "managed": False},
        ),
        migrations.RunPython(create_search_tables, drop_search_tables),
    ]
