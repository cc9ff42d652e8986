"""Checking (逐片核查): what a plan says of rows, slice after slice, with statements that are planned once.

The engine takes as long to plan the hundred rules of an item as to look at twenty thousand rows. So the statements are
prepared, and read rows that are laid before them.
"""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from chengxin.engine.plan import Plan


class Checker:
    """Checks the slices of one file, one at a time."""

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        self._con = con.cursor()
        self._plan = plan
        self._laid: dict[str, _Laid] = {}

    def look(self, rows: pa.Table) -> pa.Table:
        """What is ``checked`` of raw rows (``row``, ``c0`` …) as far as they are ``sound``."""
        return self._answer(self._plan.look_sql, "slice", rows)

    def mend(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Raw rows ``mended``, and what is ``checked`` of them."""
        mended = self._answer(lambda: self._plan.normalised_sql("SELECT * FROM others"), "others", rows)
        return mended, self._answer(lambda: self._plan.judged_sql("SELECT * FROM mended"), "mended", mended)

    def close(self) -> None:
        """Let go of the statements."""
        self._con.close()

    def _answer(self, query: Callable[[], str], table: str, rows: pa.Table) -> pa.Table:
        """The answer to a query of ``table``, which is always asked the same of it; its columns keep their types."""
        if table not in self._laid:
            self._laid[table] = _Laid(rows)
            self._con.register(table, self._laid[table])
            self._con.execute(f"PREPARE ask_{table} AS {query()}")
        laid = self._laid[table]
        laid.rows = rows
        try:
            return self._con.sql(f"EXECUTE ask_{table}").to_arrow_table()
        finally:
            laid.rows = rows.schema.empty_table()


class _Laid:
    """Where rows lie that a prepared statement reads: other rows each time, of the same columns."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)
