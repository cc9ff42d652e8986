"""Projections (投影) on the engine: what the entries of a slice change in the tables that pages read.

The one definition of "current": the last statement about a record is its content, the first gives it its number, the
others are its corrections. Submitting and rebuilding both come through here, so a rebuilt table is the same table.

Reads ``stated`` (see ``engine.slices``) and ``stored`` (``id, seq, marks``: records that were there before).
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from chengxin.records.fold import Mark
from chengxin.records.model import Act

_RECORD = "severity, severity_by, starts, repairable, ends, regime, withheld"


@dataclass(frozen=True)
class RecordChanges:
    """``new``: rows for ``record``. ``changed``: the same columns for records that were there before, ``versions``
    holding how many were added. ``corrections``: ``record, seq``."""

    new: pa.Table
    changed: pa.Table
    corrections: pa.Table


def record_changes(con: duckdb.DuckDBPyConnection, item: str, source_column: str) -> RecordChanges:
    """What the statements in ``stated`` do to the records of one item.

    ``source_column`` is SQL for the code of the organisation that stated a row.
    """
    # Windows are dear and most records are stated once: only the others are looked at in order.
    con.execute(
        """CREATE OR REPLACE TEMP TABLE restated AS
           SELECT id FROM stated GROUP BY id HAVING count(*) > 1 UNION SELECT id FROM stored"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE folded AS
            SELECT seq, id, '{item}' AS item, subject, {source_column} AS source, authority, decided_on, {_RECORD},
                   seq AS latest, 1::BIGINT AS versions, false AS was_there
            FROM stated ANTI JOIN restated USING (id)
            UNION ALL
            SELECT coalesce(b.seq, s.first), s.id, '{item}', s.subject, s.source, s.authority, s.decided_on, {_RECORD},
                   s.seq, s.statements, b.seq IS NOT NULL
            FROM (SELECT *, {source_column} AS source, min(seq) OVER same AS first, count(*) OVER same AS statements,
                         row_number() OVER (PARTITION BY id ORDER BY seq DESC) AS place
                  FROM stated SEMI JOIN restated USING (id) WINDOW same AS (PARTITION BY id)) s
            LEFT JOIN stored b USING (id) WHERE place = 1"""
    )
    columns = f"seq, id, item, subject, source, authority, decided_on, {_RECORD}, latest, versions"
    return RecordChanges(
        new=_arrow(con, f"SELECT {columns} FROM folded WHERE NOT was_there ORDER BY seq"),
        changed=_arrow(con, f"SELECT {columns} FROM folded WHERE was_there ORDER BY seq"),
        corrections=_arrow(
            con,
            """SELECT f.seq AS record, s.seq FROM stated s SEMI JOIN restated USING (id) JOIN folded f USING (id)
               WHERE s.seq <> f.seq ORDER BY record, s.seq""",
        ),
    )


def window_changes(con: duckdb.DuckDBPyConnection, item: str, before: pa.Table) -> pa.Table:
    """``item, day, opening, closing`` to be added: windows as they are now less those ``before`` (starts, ends)."""
    con.register("windows_before", before)
    return _arrow(
        con,
        f"""SELECT '{item}' AS item, day, sum(opening)::BIGINT AS opening, sum(closing)::BIGINT AS closing FROM (
                SELECT starts AS day, 1 AS opening, 0 AS closing FROM folded WHERE starts IS NOT NULL
                UNION ALL SELECT ends, 0, 1 FROM folded WHERE starts IS NOT NULL AND ends IS NOT NULL
                UNION ALL SELECT CAST(starts AS DATE), -1, 0 FROM windows_before WHERE starts IS NOT NULL
                UNION ALL SELECT CAST(ends AS DATE), 0, -1 FROM windows_before WHERE starts IS NOT NULL AND ends IS NOT NULL
            ) GROUP BY day HAVING sum(opening) <> 0 OR sum(closing) <> 0 ORDER BY day""",
    )


def longer(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``seq`` of statements after which a published record ends later than it did; after ``window_changes``."""
    never = "DATE '9999-12-31'"
    return _arrow(
        con,
        f"""SELECT f.latest AS seq FROM folded f JOIN windows_before b ON b.record = f.seq
            WHERE f.starts IS NOT NULL AND b.starts IS NOT NULL
            AND coalesce(f.ends, {never}) > coalesce(CAST(b.ends AS DATE), {never}) ORDER BY seq""",
    )


def brought_back(con: duckdb.DuckDBPyConnection, ending: int) -> pa.Table:
    """``record, seq, act``: statements that bring a record back which bore one of the marks ``ending``, the first of each.

    One that brings a withdrawn record back is a reinstatement; the others are statements and no more.
    """
    return _arrow(
        con,
        f"""SELECT b.seq AS record, min(s.seq) AS seq,
                   CASE WHEN b.marks & {int(Mark.WITHDRAWN)} <> 0 THEN '{Act.REINSTATE}' ELSE '{Act.STATE}' END AS act
            FROM stated s JOIN stored b USING (id)
            WHERE b.marks & {ending} <> 0 GROUP BY ALL ORDER BY ALL""",
    )


def _arrow(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return con.sql(query).to_arrow_table()
