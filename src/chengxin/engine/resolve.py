"""Resolving (主体解析) on the engine: rows that somebody asks about, linked as the rows of a submission are."""

from functools import cache

import duckdb
import ibis
import pyarrow as pa

from chengxin.engine.connect import sql
from chengxin.resolution import linking, resolve

ASKED = pa.schema([("row", pa.int64()), ("name", pa.string()), ("code", pa.string())])


class Question:
    """Rows somebody asks about, on their way: prepare, look up what ``wanted_*`` name, then decide."""

    def __init__(self, con: duckdb.DuckDBPyConnection, asked: pa.Table) -> None:
        """``asked``: ``row, name, code``."""
        self.con = con
        con.register("asked", asked.select(ASKED.names).cast(ASKED))
        con.execute(f"CREATE OR REPLACE TEMP TABLE prepared AS {_prepared_sql()}")

    def wanted_codes(self) -> pa.Table:
        """Distinct checked codes of any scheme: ``code``, sorted."""
        return self.con.sql(
            """SELECT DISTINCT code FROM (SELECT code FROM prepared UNION ALL SELECT registration_no FROM prepared
                                          UNION ALL SELECT organisation_code FROM prepared)
               WHERE code IS NOT NULL ORDER BY code"""
        ).to_arrow_table()

    def wanted_names(self) -> pa.Table:
        """Distinct normalised names of rows without a unified code: ``norm``, sorted."""
        return self.con.sql(
            "SELECT DISTINCT norm FROM prepared WHERE code IS NULL AND norm IS NOT NULL ORDER BY norm"
        ).to_arrow_table()

    def decided(self) -> pa.Table:
        """``row, subject, how, problem, permit, fault`` in order of row, from the tables ``link_codes`` and
        ``link_names``; see ``resolution.resolve``."""
        return self.con.sql(f"SELECT * FROM ({_decided_sql()}) ORDER BY row").to_arrow_table()


@cache
def _prepared_sql() -> str:
    return sql(resolve.prepare(ibis.table(resolve.ASKED, name="asked")))


@cache
def _decided_sql() -> str:
    rows = ibis.table({**dict(linking.ROWS.items()), "permit": "boolean", "fault": "string"}, name="prepared")
    codes, names = ibis.table(linking.CODES, name="link_codes"), ibis.table(linking.NAMES, name="link_names")
    return sql(resolve.decide(rows, codes, names))
