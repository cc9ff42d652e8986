"""Acts (行为) on the engine: what a slice of acts, or of statements about records with acts, changes in the projections.

Tables read, all with the number of the record's first entry as ``record``: ``acts_before`` and ``acts_new``
(``record, seq, act, day``), ``windows_before`` and ``windows_now`` (``record, item, starts, ends``).
"""

from functools import cache

import duckdb
import ibis
import pyarrow as pa

from chengxin.engine.connect import sql
from chengxin.records import bulk
from chengxin.records.fold import EFFECTS
from chengxin.records.model import Act

ACTS = pa.schema([("record", pa.int64()), ("seq", pa.int64()), ("act", pa.string()), ("day", pa.date32())])
WINDOWS = pa.schema([("record", pa.int64()), ("item", pa.string()), ("starts", pa.date32()), ("ends", pa.date32())])


def entered(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``entered`` (``seq, id, item, act, day, first``) of the acts on records among ``items`` (``seq, content, day``).

    ``first`` is the first of the entries that an erasure names: the one by which the erased record goes.
    """
    known = ", ".join(f"'{act.value}'" for act in EFFECTS if act is not Act.STATE)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE entered AS
            SELECT seq, unhex(said[2]) AS id, said[3] AS item, said[1] AS act, day,
                   list_min(try_cast(string_split(said[4], ' ') AS BIGINT[])) AS first
            FROM (SELECT seq, day, json_extract_string(content, ['$.act', '$.record', '$.kind', '$.entries']) AS said
                  FROM items)
            WHERE said[1] IN ({known}) AND said[2] IS NOT NULL"""
    )


def wanted(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Distinct ids of the records that ``entered`` speaks of: ``id``, sorted."""
    return con.sql("SELECT DISTINCT id FROM entered ORDER BY id").to_arrow_table()


def erased(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``seq, id, item, latest`` of erased records of which nothing else is left: ``found`` (``id …``) lacks them."""
    return con.sql(
        """SELECT first AS seq, id, item, seq AS latest FROM entered ANTI JOIN found USING (id)
           WHERE act = 'erase' AND first IS NOT NULL ORDER BY first"""
    ).to_arrow_table()


def new_acts(con: duckdb.DuckDBPyConnection, records: pa.Table) -> pa.Table:
    """``entered`` by the numbers of its ``records`` (``id, record``)."""
    con.register("acted_on", records)
    found = con.sql("SELECT record, seq, act, day FROM entered JOIN acted_on USING (id) ORDER BY record, seq")
    return found.to_arrow_table().cast(ACTS)


def marks(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``record, marks`` of the records in ``acts_new``, all their acts counted."""
    con.execute(
        """CREATE OR REPLACE TEMP VIEW acts AS
           SELECT * FROM acts_before SEMI JOIN acts_new USING (record) UNION ALL SELECT * FROM acts_new"""
    )
    return con.sql(f"SELECT * FROM ({_marks_sql()}) ORDER BY record").to_arrow_table()


def window_changes(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``item, day, opening, closing``: how days off count now, less how they counted before."""
    parts = []
    for windows, acts, sign in (
        ("windows_before", "SELECT * FROM acts_before", "-"),
        ("windows_now", "SELECT * FROM acts_before UNION ALL SELECT * FROM acts_new", ""),
    ):
        con.execute(f"CREATE OR REPLACE TEMP VIEW acts AS {acts}")
        con.execute(f"CREATE OR REPLACE TEMP VIEW windows AS SELECT record, starts, ends FROM {windows}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE counted_{windows} AS {_counts_sql()}")
        parts.append(
            f"""SELECT item, day, {sign}opening AS opening, {sign}closing AS closing
                FROM counted_{windows} JOIN {windows} USING (record)"""
        )
    return con.sql(
        f"""SELECT item, day, sum(opening)::BIGINT AS opening, sum(closing)::BIGINT AS closing
            FROM ({" UNION ALL ".join(parts)}) GROUP BY ALL HAVING sum(opening) <> 0 OR sum(closing) <> 0 ORDER BY ALL"""
    ).to_arrow_table()


@cache
def _marks_sql() -> str:
    return sql(bulk.marks(ibis.table(bulk.ACTS, name="acts")))


@cache
def _counts_sql() -> str:
    acts, windows = ibis.table(bulk.ACTS, name="acts"), ibis.table(bulk.SPANS, name="windows")
    return sql(bulk.window_counts(windows, bulk.days_off(acts)))
