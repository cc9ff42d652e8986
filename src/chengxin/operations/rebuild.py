"""Rebuild (重建): every projection made again from items and entries, and compared with what was there."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa
from django.apps import apps
from django.conf import settings

from chengxin.engine.connect import connect
from chengxin.engine.refold import prepare, refold_sql
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import projecting
from chengxin.operations.batch import SLICE_ROWS
from chengxin.operations.gathering import Gathering
from chengxin.operations.rulebook import catalogue
from chengxin.storage import bulk, search
from chengxin.storage.bulk import Store

TABLES = {
    "record": ("seq",),
    "record_key": ("id",),
    "record_subject": ("seq",),
    "record_version": ("record", "seq"),
    "record_act": ("record", "seq"),
    "window_count": ("item", "day"),
    "subject": ("id",),
    "subject_code": ("subject", "scheme", "code"),
    "subject_name": ("subject", "kind"),
    "subject_relation": ("subject", "kind"),
}
"""Every projection, with the columns by which a row of it is named."""
NAMED = 20
"""Rows named of a table that differs."""
ITEMS = pa.schema([("seq", pa.int64()), ("content", pa.string())])
KEYS = pa.schema([("id", pa.binary()), ("seq", pa.int64()), ("marks", pa.int64())])
IDS = pa.schema([("id", pa.string())])
BATCHES = pa.schema(
    [("first_seq", pa.int64()), ("size", pa.int64()), *((name, pa.string()) for name in ("source", "at", "item"))]
)
ACTS = ""
"""Stands for the item where a stretch of the log holds acts."""


def rebuild(progress: Callable[[int, int], None] | None = None, *, new_catalogue: bool = False) -> Mapping[str, object]:
    """Empty every projection, fold the ledger again, and say of each table whether it came out the same.

    ``{entries, equal, tables: {name: {rows, equal, different, where}}}``; ``different`` counts the rows that were not as
    the ledger makes them, ``where`` names the first of them. The rebuilt tables stay: where they differ, the ledger is
    right (or the catalogue has changed since: windows follow the catalogue in force). Raises Refusal
    ``rebuild.catalogue`` where the catalogue is not that of the last batch and ``new_catalogue`` does not say so.
    """
    with connect(Path(settings.HOME)) as con, bulk.transaction() as store:
        if not new_catalogue:
            _require_same_catalogue(store)
        for table in TABLES:
            _keep_hashes(con, store, table, "before")
            store.execute(f"DELETE FROM {table}")
        search.clear(store)
        total = int(store.value("SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch"))
        done = 0
        for item, first, end in _stretches(con, store):
            for start in range(first, end, SLICE_ROWS):
                done += _fold(con, store, item, start, min(start + SLICE_ROWS, end))
                if progress:
                    progress(done, total)
        tables = {table: _compared(con, store, table) for table in TABLES}
    return {"entries": done, "equal": all(table["equal"] for table in tables.values()), "tables": tables}


def _require_same_catalogue(store: Store) -> None:
    """Without its overlay an installation would lose the terms of its items, and nearly all of it would be unpublished."""
    last = store.value("SELECT catalogue FROM ledger_batch ORDER BY first_seq DESC LIMIT 1")
    now = catalogue().digest
    if last is None or last == now:
        return
    overlays = os.pathsep.join(map(str, settings.CATALOGUE_OVERLAYS))
    raise Refusal(
        "rebuild.catalogue",
        Text(
            f"当前目录与最后一个批次所用的目录不同，未作任何更改：当前 {now}，最后批次 {last}",
            f"the catalogue is not the one of the last batch; nothing was changed: now {now}, last batch {last}",
        ),
        where=Text(f"CHENGXIN_OVERLAYS = {overlays or '（空）'}", f"CHENGXIN_OVERLAYS = {overlays or '(empty)'}"),
        basis="docs/explanation/publication.md",
        remedy=Text(
            "请核对是否漏设补充目录（CHENGXIN_OVERLAYS）；目录确已更改、要按新目录重算公示期限的，加上 --new-catalogue",
            "look whether CHENGXIN_OVERLAYS is missing; where the catalogue was changed on purpose, --new-catalogue "
            "computes every window under the new one",
        ),
    )


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
            f"""SELECT s.id FROM {store.temporary_name("wanted_subject")} w
                {store.from_left} subject s ON s.id = w.id""",
            schema=IDS,
        ),
    )
    prepare(con, _refold_sql(item, catalogue().digest))
    store.temporary("wanted", con.sql("SELECT DISTINCT id FROM stated ORDER BY id").to_arrow_table())
    con.register(
        "stored",
        store.table(
            f"""SELECT k.id, k.seq, r.marks FROM {store.temporary_name("wanted")} w
                {store.from_left} record_key k ON k.id = w.id {store.from_left} record r ON r.seq = k.seq""",
            schema=KEYS,
        ),
    )
    gathering = Gathering(con, store, item)
    projecting.project(con, store, gathering, about, "source", "SELECT seq, day FROM items")
    gathering.write()
    return end - start


@lru_cache(maxsize=64)
def _refold_sql(item: str, digest: str) -> str:
    """Kept under the catalogue's digest: compiling it takes longer than folding a small stretch with it."""
    return refold_sql(catalogue().items[item], catalogue())


def _keep_hashes(con: duckdb.DuckDBPyConnection, store: Store, table: str, when: str) -> None:
    """Keep of each row of a table what names it and a hash over all of it; no two rows of a table are alike."""
    named = ", ".join("lower(hex(id))" if (table, key) == ("record_key", "id") else key for key in TABLES[table])
    con.register("kept", store.batches(f"SELECT {_columns(table)} FROM {table}"))
    con.execute(
        f"CREATE TEMP TABLE {table}_{when} AS SELECT concat_ws(' ', {named}) AS name, hash(t) AS row FROM kept t"
    )
    con.unregister("kept")


def _columns(table: str) -> str:
    """All columns of a projection, a day that is missing as an empty text: see ``Store.batches``."""
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    return ", ".join(
        f"coalesce(CAST({field.column} AS text), '') AS {field.column}" if field.null else str(field.column)
        for field in model._meta.concrete_fields
    )


def _compared(con: duckdb.DuckDBPyConnection, store: Store, table: str) -> Mapping[str, object]:
    """What became of one table. A row that was changed counts once, although its hash is missing and another too many."""
    _keep_hashes(con, store, table, "after")
    different = f"""SELECT DISTINCT coalesce(b.name, a.name) AS name FROM {table}_before b
                    FULL JOIN {table}_after a USING (row) WHERE a.row IS NULL OR b.row IS NULL"""
    ((rows,),) = con.execute(f"SELECT count(*) FROM {table}_after").fetchall()
    ((count,),) = con.execute(f"SELECT count(*) FROM ({different})").fetchall()
    where = [name for (name,) in con.execute(f"{different} ORDER BY name LIMIT {NAMED}").fetchall()]
    return {"rows": rows, "equal": not count, "different": count, "where": where}
