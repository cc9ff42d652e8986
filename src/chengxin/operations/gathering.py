"""Gathering (汇集): what many slices do to records is written at once, in the order of the tables.

A record's key, its place in the listing of its subject and a correction of it lie anywhere in their tables. Written slice
by slice, every page of those would be read and written again with each slice, and the more so the larger the base is;
gathered, each page is touched once. New records themselves and their versions go to the ends of their tables at once.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.engine import gathering
from chengxin.storage import projections
from chengxin.storage.bulk import Store

GATHERED = 1_000_000
"""Rows gathered before they are written: about 90 MB. Each time, nearly every page of a large base's look-ups is written."""
AT_ONCE = 100_000


class Gathering:
    """What one file, or stretch of the log, does to records of one item that is not written yet.

    Others ask it, not the store, what stands there.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, item: str) -> None:
        self._con = con.cursor()
        self._item = item
        self._store = store
        self._rows = 0
        self._changing = False
        gathering.make(self._con)

    def find(self, ids: pa.Table) -> pa.Table:
        """As ``storage.projections.find_records``, with what was gathered."""
        found = projections.find_records(self._store, ids)
        if self._rows and (here := gathering.numbered(self._con, ids)).num_rows:
            found = pa.concat_tables([found, projections.find_numbered(self._store, here)])
        if self._changing and (since := gathering.changed_since(self._con, found)).num_rows:
            others = found.filter(pc.invert(pc.is_in(found["seq"], since["seq"])))
            found = pa.concat_tables([others, projections.find_contents(self._store, since)])
        return found

    def change(self, changed: pa.Table) -> pa.Table:
        """Correct records that were there; returns their windows before (``record, item, starts, ends``; days as texts)."""
        if not changed.num_rows:
            return projections.WINDOWS.empty_table()
        stood, others = gathering.change(self._con, changed)
        self._rows += changed.num_rows
        self._changing = True
        return pa.concat_tables([stood.cast(projections.WINDOWS), projections.find_stood(self._store, others)])

    def list(self, con: duckdb.DuckDBPyConnection) -> None:
        """Take the keys and places in listings that the slice folded on ``con`` adds."""
        self._rows += gathering.list_folded(con)
        if self._rows >= GATHERED:
            self.write()

    def write(self) -> None:
        """Write what was gathered; to be called once more at the end."""
        if self._changing:
            projections.change_records(self._store, gathering.take_changes(self._con))
        for table, rows in gathering.take_listed(self._con, self._item, AT_ONCE):
            self._store.append(table, rows)
        self._rows, self._changing = 0, False
