"""Rebuild (重建): every projection made again from items and entries, and compared with what was there."""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings

from chengxin.engine.connect import connect
from chengxin.engine.refold import prepare, refold_sql
from chengxin.operations import projecting
from chengxin.operations.batch import SLICE_ROWS
from chengxin.operations.rulebook import catalogue
from chengxin.storage import bulk, search
from chengxin.storage.bulk import Store

TABLES = (
    "record",
    "record_key",
    "record_subject",
    "record_version",
    "window_count",
    "subject",
    "subject_code",
    "subject_name",
)
ITEMS = pa.schema([("seq", pa.int64()), ("content", pa.string())])
KEYS = pa.schema([("id", pa.binary()), ("seq", pa.int64())])
IDS = pa.schema([("id", pa.string())])


def rebuild(progress: Callable[[int, int], None] | None = None) -> Mapping[str, object]:
    """Empty every projection, fold the ledger again, and say of each table whether it came out the same.

    ``{entries, equal, tables: {name: {rows, equal}}}``. The rebuilt tables stay: where they differ, the ledger is
    right (or the catalogue has changed since: windows follow the catalogue in force).
    """
    with connect(Path(settings.HOME)) as con, bulk.transaction() as store:
        before = {table: _fingerprint(con, store, table) for table in TABLES}
        for table in TABLES:
            store.execute(f"DELETE FROM {table}")
        search.clear(store)
        total = int(store.value("SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch"))
        done = 0
        for item, source, first, size in _batches(store):
            for start in range(first, first + size, SLICE_ROWS):
                done += _fold(con, store, item, source, start, min(start + SLICE_ROWS, first + size))
                if progress:
                    progress(done, total)
        after = {table: _fingerprint(con, store, table) for table in TABLES}
    tables = {table: {"rows": after[table][0], "equal": before[table] == after[table]} for table in TABLES}
    return {"entries": done, "equal": all(table["equal"] for table in tables.values()), "tables": tables}


def _batches(store: Store) -> list[tuple[str, str, int, int]]:
    found = store.table(
        """SELECT s.item, b.by AS source, b.first_seq, b.size FROM ledger_batch b
           JOIN submission s ON s.id = b.id ORDER BY b.first_seq"""
    )
    return [tuple(row.values()) for row in found.to_pylist()]


def _fold(con: duckdb.DuckDBPyConnection, store: Store, item: str, source: str, start: int, end: int) -> int:
    about = catalogue().items[item]
    items = store.table(
        "SELECT seq, content FROM ledger_item WHERE seq >= ? AND seq < ? ORDER BY seq", (start, end), schema=ITEMS
    )
    con.register("items", items.append_column("source", pa.array([source] * len(items), pa.string())))
    subjects = con.sql("SELECT DISTINCT json_extract_string(content, '$.subject') AS id FROM items ORDER BY id")
    store.temporary("wanted_subject", subjects.to_arrow_table())
    con.register(
        "base",
        store.table(
            f"SELECT s.id FROM {store.temporary_name('wanted_subject')} w JOIN subject s ON s.id = w.id", schema=IDS
        ),
    )
    count = prepare(con, refold_sql(about, catalogue()))
    store.temporary("wanted", con.sql("SELECT DISTINCT id FROM stated ORDER BY id").to_arrow_table())
    con.register(
        "stored",
        store.table(
            f"SELECT k.id, k.seq FROM {store.temporary_name('wanted')} w JOIN record_key k ON k.id = w.id", schema=KEYS
        ),
    )
    projecting.project(con, store, about, "source")
    return count


def _fingerprint(con: duckdb.DuckDBPyConnection, store: Store, table: str) -> tuple[int, int]:
    """Number of rows and a hash over all of them that does not depend on their order; keys make rows unique."""
    con.register("fingerprinted", store.batches(f"SELECT * FROM {table}"))
    ((count, mixed),) = con.execute("SELECT count(*), bit_xor(hash(t)) FROM fingerprinted t").fetchall()
    con.unregister("fingerprinted")
    return count, mixed or 0
