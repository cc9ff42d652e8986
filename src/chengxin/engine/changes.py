"""Changes (规范化计数): how many cells of a file each kind of normalisation changed."""

from collections import Counter
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from chengxin.engine.plan import Plan
from chengxin.engine.slices import Slice

GATHERED = 20_000
"""Rows looked at together: planning the question takes a quarter of a second, however few they are."""


class Changes:
    """Counts over the slices of one file."""

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        self._con = con
        self._plan = plan
        self._gathered: list[pa.Table] = []
        self._counts: Counter[str] = Counter()

    def add(self, part: Slice) -> None:
        """Take what was changed in the rows of a slice, those that were refused left out."""
        found = part.see_changed()
        if found >= GATHERED:
            self._count(part.con)
        elif found:
            self._gathered.append(part.changed())
        if sum(rows.num_rows for rows in self._gathered) >= GATHERED:
            self._count_gathered()

    def kinds(self) -> Mapping[str, int]:
        """Kind → cells changed; to be asked once, at the end."""
        self._count_gathered()
        return self._counts

    def _count_gathered(self) -> None:
        if self._gathered:
            self._con.register("normalised", pa.concat_tables(self._gathered))
            self._count(self._con)
            self._gathered.clear()

    def _count(self, con: duckdb.DuckDBPyConnection) -> None:
        found = con.sql(self._plan.statements.kinds_sql).to_arrow_table().to_pylist()
        self._counts.update({kind: int(cells or 0) for kind, cells in found[0].items()})
