"""The databases that tests run on are what they claim to be."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError

from chengxin.storage import bulk
from chengxin.storage.models import LedgerEntry, Source


def test_the_database_is_of_the_kind_the_test_names(database):
    assert connection.vendor == database.vendor
    assert database.home == settings.HOME
    assert os.environ["CHENGXIN_HOME"] == str(database.home)


def test_another_process_sees_what_was_written(database):
    Source.objects.create(code="A", name="测试单位")
    ask = "import django; django.setup(); from chengxin.storage.models import Source; print(Source.objects.get().name)"
    seen = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "测试单位"


def test_an_entry_is_never_edited_or_deleted(database):
    LedgerEntry.objects.create(seq=0, digest=b"\0" * 32)
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        LedgerEntry.objects.filter(seq=0).update(digest=b"\1" * 32)
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        LedgerEntry.objects.filter(seq=0).delete()
    assert bytes(LedgerEntry.objects.get(seq=0).digest) == b"\0" * 32


def test_a_fresh_database_is_empty(empty_database):
    assert connection.vendor == empty_database.vendor
    assert not Source.objects.exists()


def test_only_tables_that_have_grown_are_looked_at_again(empty_database):
    table = Source._meta.db_table
    looked_at = []
    for count in (500, 0, 5000):
        Source.objects.bulk_create(Source(code=f"{count}-{number}", name="测试单位") for number in range(count))
        bulk.analyse((table,))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [table])
                looked_at.append(cursor.rowcount > 0)
    assert looked_at == ([True, False, True] if empty_database.vendor == "postgresql" else [])


def test_what_only_a_late_row_of_an_answer_holds_is_read_all_the_same(database):
    with bulk.reading() as store:
        found = store.table(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
               SELECT i, CASE WHEN i > 2000 THEN '2026-08-14' END AS day FROM n""",
            schema=pa.schema([("i", pa.int64()), ("day", pa.string())]),
        )
    assert found.column("day").null_count == 2000
    assert found.column("day")[-1].as_py() == "2026-08-14"
