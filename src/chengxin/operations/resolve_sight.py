"""Rows clear at sight (一望即明): code and name exactly as the subject base has them now, which most rows of a good file are.

What is equal letter for letter is equal in comparison form too, so ``resolution.resolve`` would say ``code-and-name`` of it;
it only takes thirty times as long. Everything else is left to it.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.operations.candidates import WHOLE_BASE
from chengxin.storage.bulk import Store

AT_ONCE = 1_000_000
"""Rows looked at together: the base is gone through once for each such portion."""
MANY_ROWS = 50_000
"""Of fewer rows the subjects are looked up; see ``candidates.WHOLE_BASE``."""

_PRESENT = pa.schema([("id", pa.string()), ("code", pa.string()), ("name", pa.string())])
_CODE = pa.schema([("code", pa.string())])
_SEVERAL = "GROUP BY c.code HAVING min(c.subject) <> max(c.subject)"


class Sight:
    """Fills ``clear (place, name, code, subject)`` on the engine with the rows that are clear at sight."""

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store) -> None:
        self._con = con
        self._store = store
        self._whole = False
        con.execute("CREATE TABLE clear (place BIGINT, name VARCHAR, code VARCHAR, subject VARCHAR)")

    def take(self, asked: pa.Table) -> pa.Table:
        """Move clear rows of ``asked`` (``place, name, code``) into ``clear``; returns the others in their order."""
        if asked.num_rows in (asked["code"].null_count, asked["name"].null_count):
            return asked
        self._provide(asked["code"])
        self._con.register("asked_now", asked)
        # A code checked when it came into the base needs no second check, and a name that begins with a Chinese
        # character has a comparison form. A code of two subjects is an error of the base: it links nothing.
        self._con.execute(
            """CREATE OR REPLACE TEMP TABLE seen AS
               SELECT a.place, a.name, a.code, p.id AS subject FROM asked_now a
               LEFT JOIN (SELECT * FROM present ANTI JOIN shared_code USING (code)
                          WHERE length(code) = 18 AND name BETWEEN '一' AND '鿿') p ON p.code = a.code AND p.name = a.name"""
        )
        self._con.execute("INSERT INTO clear SELECT * FROM seen WHERE subject IS NOT NULL")
        return self._con.sql("SELECT place, name, code FROM seen WHERE subject IS NULL ORDER BY place").to_arrow_table()

    def _provide(self, codes: pa.ChunkedArray) -> None:
        """Make ``present (id, code, name)``, of the whole base or of the subjects with these codes, and ``shared_code``."""
        if self._whole:
            return
        rows = len(codes)
        self._whole = rows >= MANY_ROWS and self._store.value("SELECT count(*) FROM subject") <= WHOLE_BASE * rows
        if self._whole:
            present = self._store.batches("SELECT id, code, name FROM subject")
            self._make("present", present)
            wanted = "subject_code c"
        else:
            self._store.temporary("seen_code", pa.table({"code": pc.unique(codes.drop_null())}))
            join = self._store.from_left
            wanted = f"{self._store.temporary_name('seen_code')} w {join} subject_code c ON c.code = w.code"
            self._make(
                "present",
                self._store.table(
                    f"SELECT s.id, s.code, s.name FROM {wanted} {join} subject s ON s.id = c.subject WHERE s.code = c.code",
                    schema=_PRESENT,
                ),
            )
        shared = self._store.table(f"SELECT c.code FROM {wanted} WHERE c.scheme = 'uscc' {_SEVERAL}", schema=_CODE)
        self._make("shared_code", shared)

    def _make(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        self._con.register("rows_of_base", rows)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM rows_of_base")
        self._con.unregister("rows_of_base")
