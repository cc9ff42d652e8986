"""Candidates (候选主体): what the subject base knows of the codes and names in a slice, brought to the engine."""

from typing import Protocol

import duckdb
import pyarrow as pa

from chengxin.engine.slices import Slice
from chengxin.operations import plans
from chengxin.storage.bulk import Store

CODES = pa.schema([("code", pa.string()), ("scheme", pa.string()), ("subject", pa.string())])
NAMES = pa.schema([("norm", pa.string()), ("subject", pa.string()), ("kind", pa.string())])

MANY_CODES = 50_000
WHOLE_BASE = 20
"""A base of up to so many times the slice's codes is read whole: a scan costs a twentieth of as many look-ups."""


class Asking(Protocol):
    """Rows in the engine that ask for codes and names: a slice of a file, or questions (``engine.resolve``)."""

    @property
    def con(self) -> duckdb.DuckDBPyConnection: ...

    def wanted_codes(self) -> pa.Table: ...

    def wanted_names(self) -> pa.Table: ...


class Candidates:
    """Fills ``link_codes`` and ``link_names`` for slices of one submission.

    ``whole`` allows reading the base once, so that what is clear at the first look needs no look-up; a submission that
    changes codes and names as it goes must not.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, *, whole: bool) -> None:
        self._con = con
        self._store = store
        self._whole = whole
        self._loaded = False

    def expect(self, coded: int) -> None:
        """Read the base, where so many rows with a code are enough to do it for."""
        if self._whole and not self._loaded and coded >= MANY_CODES:
            if int(self._store.value("SELECT count(*) FROM subject_code")) <= WHOLE_BASE * coded:
                self._load()
            else:
                self._whole = False

    def see(self, part: Slice) -> None:
        """Link the rows that are clear at the first look, where there are enough of them to read the base for it."""
        if not self._loaded:
            self.expect(part.coded())
        if self._loaded:
            part.see("base_plain")

    def provide(self, part: Asking) -> None:
        """Make the two tables on the slice's connection, by look-up."""
        self._store.temporary("wanted_code", part.wanted_codes())
        self._store.temporary("wanted_name", part.wanted_names())
        code, name = self._store.temporary_name("wanted_code"), self._store.temporary_name("wanted_name")
        join = self._store.from_left
        found = self._store.table(
            f"""SELECT DISTINCT a.code, a.scheme, a.subject FROM {code} w {join} subject_code c ON c.code = w.code
                {join} subject_code a ON a.subject = c.subject""",
            schema=CODES,
        )
        part.con.register("link_codes", found)
        borne = self._store.table(
            f"""SELECT n.norm, n.subject, n.kind FROM (
                    SELECT DISTINCT c.subject FROM {code} w {join} subject_code c ON c.code = w.code
                ) s {join} subject_name n ON n.subject = s.subject
                UNION SELECT n.norm, n.subject, n.kind FROM {name} w {join} subject_name n ON n.norm = w.norm""",
            schema=NAMES,
        )
        part.con.register("link_names", borne)

    def add_introduced(self, part: Slice) -> None:
        """Subjects that the slice introduced are known to the slices after it."""
        if self._loaded:
            part.con.execute("INSERT INTO base_plain SELECT id, norm, id FROM introduced")

    def _load(self) -> None:
        for table, columns in (("subject_code", "code, scheme, subject"), ("subject_name", "norm, subject, kind")):
            self._con.register("base_rows", self._store.batches(f"SELECT {columns} FROM {table}"))
            self._con.execute(f"CREATE TEMP TABLE base_{table} AS SELECT * FROM base_rows")
            self._con.unregister("base_rows")
        self._con.execute(f"CREATE TABLE base_plain AS {plans.plain_sql()}")
        self._con.execute("DROP TABLE base_subject_code")
        self._con.execute("DROP TABLE base_subject_name")
        self._loaded = True
