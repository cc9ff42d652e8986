"""Gathering (汇集) on the engine: what the slices of one file do to records that were there, and to the look-ups.

``gathered_key`` (``id, seq``), ``gathered_listing`` (``subject, day, seq``) and ``gathered_change`` (the columns of
``engine.projections.record_changes``) are seen by all connections of the engine, unlike the tables of a slice.
"""

from collections.abc import Iterator

import duckdb
import pyarrow as pa


def make(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables in which look-ups are gathered, seen by all connections of the engine."""
    con.execute("CREATE OR REPLACE TABLE gathered_key (id BLOB, seq BIGINT)")
    con.execute("CREATE OR REPLACE TABLE gathered_listing (subject VARCHAR, day BIGINT, seq BIGINT)")
    con.execute("DROP TABLE IF EXISTS gathered_change")


def list_folded(con: duckdb.DuckDBPyConnection) -> int:
    """Gather what ``folded`` adds: the keys of new records, and all records touched as they are listed now.

    Returns the number of new keys.
    """
    # the day under which a record is listed may be what was corrected
    con.execute("DELETE FROM gathered_listing WHERE seq IN (SELECT seq FROM folded WHERE was_there)")
    con.execute(
        """INSERT INTO gathered_listing
           SELECT subject, coalesce(date_diff('day', DATE '1970-01-01', decided_on), 0), seq FROM folded"""
    )
    con.execute("INSERT INTO gathered_key SELECT id, seq FROM folded WHERE NOT was_there")
    ((new,),) = con.execute("SELECT count(*) FROM folded WHERE NOT was_there").fetchall()
    return int(new)


def change(con: duckdb.DuckDBPyConnection, changed: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Gather records that were there and are ``changed``: the last word counts, versions add up.

    Returns ``record, item, starts, ends`` (days as texts) of those that were gathered before, as they stood, and the rows
    of ``changed`` that were not.
    """
    con.register("changed_rows", changed)
    con.execute("CREATE TABLE IF NOT EXISTS gathered_change AS SELECT * FROM changed_rows LIMIT 0")
    stood = _arrow(
        con,
        """SELECT g.seq AS record, g.item, g.starts::VARCHAR AS starts, g.ends::VARCHAR AS ends
           FROM gathered_change g SEMI JOIN changed_rows USING (seq)""",
    )
    others = _arrow(con, "SELECT * FROM changed_rows ANTI JOIN gathered_change USING (seq)")
    con.execute(
        """CREATE OR REPLACE TEMP TABLE merged AS
           SELECT c.* REPLACE (c.versions + coalesce(g.versions, 0) AS versions)
           FROM changed_rows c LEFT JOIN gathered_change g USING (seq)"""
    )
    con.execute("DELETE FROM gathered_change WHERE seq IN (SELECT seq FROM merged)")
    con.execute("INSERT INTO gathered_change SELECT * FROM merged")
    return stood, others


def changed_since(con: duckdb.DuckDBPyConnection, found: pa.Table) -> pa.Table:
    """Of records ``found`` in the store (``id, seq, marks``): ``id, seq, source, marks, latest`` of those gathered since."""
    con.register("found_rows", found)
    return _arrow(
        con,
        "SELECT f.id, f.seq, g.source, f.marks, g.latest FROM found_rows f JOIN gathered_change g USING (seq) ORDER BY latest",
    )


def take_changes(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The changes that were gathered, by number; they are gone afterwards."""
    changes = _arrow(con, "SELECT * FROM gathered_change ORDER BY seq")
    con.execute("DROP TABLE gathered_change")
    return changes


def numbered(con: duckdb.DuckDBPyConnection, ids: pa.Table) -> pa.Table:
    """``id, seq`` of the gathered records with these ids."""
    con.register("wanted_ids", ids)
    return _arrow(con, "SELECT id, seq FROM gathered_key SEMI JOIN wanted_ids USING (id) ORDER BY seq")


def take_listed(con: duckdb.DuckDBPyConnection, item: str, rows: int) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(table, so many of its rows) of all that was gathered about an item, in the tables' orders; it is gone afterwards."""
    for table, gathered, columns in (
        ("record_key", "gathered_key", "id, seq"),
        ("record_subject", "gathered_listing", f"subject, '{item}' AS item, day, seq"),
    ):
        for batch in con.sql(f"SELECT {columns} FROM {gathered} ORDER BY ALL").to_arrow_reader(rows):
            yield table, batch
        con.execute(f"TRUNCATE {gathered}")


def _arrow(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return con.sql(query).to_arrow_table()
