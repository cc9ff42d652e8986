"""Rebuild (重建): every projection made again from items and entries, and compared with what was there."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings

from chengxin.engine.connect import connect
from chengxin.engine.refold import prepare, refold_sql
from chengxin.kernel.periods import today
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
    "record_act",
    "window_count",
    "subject",
    "subject_code",
    "subject_name",
    "subject_relation",
)
ITEMS = pa.schema([("seq", pa.int64()), ("content", pa.string())])
KEYS = pa.schema([("id", pa.binary()), ("seq", pa.int64()), ("marks", pa.int64())])
IDS = pa.schema([("id", pa.string())])
BATCHES = pa.schema(
    [("first_seq", pa.int64()), ("size", pa.int64()), *((name, pa.string()) for name in ("source", "at", "item"))]
)
ACTS = ""
"""Stands for the item where a stretch of the log holds acts."""


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
        for item, first, end in _stretches(con, store):
            for start in range(first, end, SLICE_ROWS):
                done += _fold(con, store, item, start, min(start + SLICE_ROWS, end))
                if progress:
                    progress(done, total)
        after = {table: _fingerprint(con, store, table) for table in TABLES}
    tables = {table: {"rows": after[table][0], "equal": before[table] == after[table]} for table in TABLES}
    return {"entries": done, "equal": all(table["equal"] for table in tables.values()), "tables": tables}


def _stretches(con: duckdb.DuckDBPyConnection, store: Store) -> list[tuple[str, int, int]]:
    """(item or ``ACTS``, first entry, entry after the last) of batches of one kind that follow each other.

    Acts mostly come one by one: folded batch by batch they would take hours. Leaves ``batches`` in the engine.
    """
    batches = store.table(
        """SELECT b.first_seq, b.size, b.by AS source, b.at, coalesce(s.item, '') AS item
           FROM ledger_batch b LEFT JOIN submission s ON s.id = b.id ORDER BY b.first_seq""",
        schema=BATCHES,
    )
    days = [today(datetime.fromisoformat(moment)) for moment in batches.column("at").to_pylist()]
    con.register("batches", batches.append_column("day", pa.array(days, pa.date32())))
    stretches: list[tuple[str, int, int]] = []
    items = catalogue().items
    for first, size, sent in con.execute("SELECT first_seq, size, item FROM batches ORDER BY first_seq").fetchall():
        item = ACTS if sent == ACTS or items[sent].acts_on else sent
        if stretches and stretches[-1][0] == item:
            stretches[-1] = (item, stretches[-1][1], first + size)
        else:
            stretches.append((item, first, first + size))
    return stretches


def _fold(con: duckdb.DuckDBPyConnection, store: Store, item: str, start: int, end: int) -> int:
    con.register(
        "slice",
        store.table(
            "SELECT seq, content FROM ledger_item WHERE seq >= ? AND seq < ? ORDER BY seq", (start, end), schema=ITEMS
        ),
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE items AS
            SELECT seq, content, source, day FROM slice ASOF JOIN batches ON seq >= first_seq"""
    )
    if item == ACTS:
        projecting.project_acts(con, store)
        return end - start
    about = catalogue().items[item]
    subjects = con.sql("SELECT DISTINCT json_extract_string(content, '$.subject') AS id FROM items ORDER BY id")
    store.temporary("wanted_subject", subjects.to_arrow_table())
    con.register(
        "base",
        store.table(
            f"SELECT s.id FROM {store.temporary_name('wanted_subject')} w JOIN subject s ON s.id = w.id", schema=IDS
        ),
    )
    prepare(con, refold_sql(about, catalogue()))
    store.temporary("wanted", con.sql("SELECT DISTINCT id FROM stated ORDER BY id").to_arrow_table())
    con.register(
        "stored",
        store.table(
            f"""SELECT k.id, k.seq, r.marks FROM {store.temporary_name("wanted")} w
                JOIN record_key k ON k.id = w.id JOIN record r ON r.seq = k.seq""",
            schema=KEYS,
        ),
    )
    projecting.project(con, store, about, "source", "SELECT seq, day FROM items")
    return end - start


def _fingerprint(con: duckdb.DuckDBPyConnection, store: Store, table: str) -> tuple[int, int]:
    """Number of rows and a hash over all of them that does not depend on their order; keys make rows unique."""
    con.register("fingerprinted", store.batches(f"SELECT * FROM {table}"))
    ((count, mixed),) = con.execute("SELECT count(*), bit_xor(hash(t)) FROM fingerprinted t").fetchall()
    con.unregister("fingerprinted")
    return count, mixed or 0
