"""Candidates (候选主体): what the subject base knows of the codes and names in a slice, brought to the engine."""

from typing import Protocol

import duckdb
import pyarrow as pa

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
    """Fills ``link_codes`` and ``link_names`` for slices of one submission, by look-up or from the whole base.

    ``whole`` allows reading the base once; a submission that changes codes and names as it goes must not.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, *, whole: bool) -> None:
        self._con = con
        self._store = store
        self._whole = whole
        self._loaded = False

    def provide(self, part: Asking) -> None:
        """Make the two tables on the slice's connection."""
        codes, names = part.wanted_codes(), part.wanted_names()
        if self._whole and not self._loaded and codes.num_rows >= MANY_CODES:
            count = int(self._store.value("SELECT count(*) FROM subject_code"))
            if count <= WHOLE_BASE * codes.num_rows:
                self._load()
        if self._loaded:
            self._from_whole(part, codes, names)
        else:
            self._look_up(part, codes, names)

    def add_introduced(self, part: Asking) -> None:
        """Subjects that the slice introduced are known to the slices after it."""
        if self._loaded:
            part.con.execute("INSERT INTO base_code SELECT id, 'uscc', id FROM introduced")
            part.con.execute("INSERT INTO base_name SELECT norm, id, 'current' FROM introduced")

    def _load(self) -> None:
        for table, columns, source in (
            ("base_code", "code, scheme, subject", "subject_code"),
            ("base_name", "norm, subject, kind", "subject_name"),
        ):
            self._con.register("base_rows", self._store.batches(f"SELECT {columns} FROM {source}"))
            self._con.execute(f"CREATE TABLE {table} AS SELECT * FROM base_rows")
            self._con.unregister("base_rows")
        self._loaded = True

    def _from_whole(self, part: Asking, codes: pa.Table, names: pa.Table) -> None:
        part.con.register("wanted_code", codes)
        part.con.register("wanted_name", names)
        part.con.execute(
            "CREATE TEMP TABLE link_subject AS SELECT DISTINCT subject FROM base_code SEMI JOIN wanted_code USING (code)"
        )
        part.con.execute(
            "CREATE TEMP TABLE link_codes AS SELECT * FROM base_code SEMI JOIN link_subject USING (subject)"
        )
        part.con.execute(
            """CREATE TEMP TABLE link_names AS
               SELECT * FROM base_name SEMI JOIN link_subject USING (subject)
               UNION SELECT * FROM base_name SEMI JOIN wanted_name USING (norm)"""
        )

    def _look_up(self, part: Asking, codes: pa.Table, names: pa.Table) -> None:
        self._store.temporary("wanted_code", codes)
        self._store.temporary("wanted_name", names)
        code, name = self._store.temporary_name("wanted_code"), self._store.temporary_name("wanted_name")
        found = self._store.table(
            f"""SELECT DISTINCT a.code, a.scheme, a.subject FROM {code} w JOIN subject_code c ON c.code = w.code
                JOIN subject_code a ON a.subject = c.subject""",
            schema=CODES,
        )
        part.con.register("link_codes", found)
        borne = self._store.table(
            f"""SELECT n.norm, n.subject, n.kind FROM (
                    SELECT DISTINCT c.subject FROM {code} w JOIN subject_code c ON c.code = w.code
                ) s JOIN subject_name n ON n.subject = s.subject
                UNION SELECT n.norm, n.subject, n.kind FROM {name} w JOIN subject_name n ON n.norm = w.norm""",
            schema=NAMES,
        )
        part.con.register("link_names", borne)
