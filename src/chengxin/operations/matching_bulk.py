"""Matching in bulk (批量匹配): what ``matching.candidates`` says of a name, for a file of them at once.

The subject base is read once and compared on the engine. For processes of their own (the command line, the worker): the
bulk store may not be opened where pages are served.
"""

import duckdb
import pyarrow as pa

from chengxin.engine import matching as engine
from chengxin.operations.matching import CANDIDATES, CODE_SAME, LONGEST, QUERIES
from chengxin.resolution import scoring
from chengxin.storage.bulk import Store
from chengxin.subjects import identifiers, names
from chengxin.subjects.model import Kind

_NAMES = pa.schema(
    [(column, pa.string()) for column in ("subject", "norm", "kind", "text", "code")] + [("sole", pa.bool_())]
)
_CODES = pa.schema([("code", pa.string()), ("subject", pa.string())])


def candidates(con: duckdb.DuckDBPyConnection, store: Store, queries: pa.Table, *, limit: int = 10) -> pa.Table:
    """Up to ``limit`` subjects for each row of ``queries``, as ``operations.matching.candidates`` gives them.

    ``limit`` above ``engine.matching.SCORED`` is that. Rows are answered in their order.
    """
    asked = queries.select(QUERIES.names).cast(QUERIES)
    _load(con, store, asked)
    exact = con.sql(
        "SELECT q.place AS asked, b.place AS found FROM query q JOIN base b ON b.norm = q.norm WHERE q.norm <> ''"
    ).to_arrow_table()
    con.register("exact", exact)
    open_rows = con.sql(
        "SELECT place, norm FROM query ANTI JOIN exact ON asked = place WHERE norm <> ''"
    ).to_arrow_table()
    con.execute("CREATE OR REPLACE TEMP TABLE score (asked INTEGER, found INTEGER, score DOUBLE, reasons VARCHAR)")
    _add_exact(con)
    _add_coded(con)
    _add_near(con, open_rows)
    return _best(con, limit)


def _load(con: duckdb.DuckDBPyConnection, store: Store, asked: pa.Table) -> None:
    """Make ``query`` (rows in comparison form), ``base`` (every name of every subject) and ``coded`` (rows → subjects)."""
    norms = [names.normalise((name or "")[:LONGEST]) for name in asked["name"].to_pylist()]
    codes = [identifiers.normalise_code(code) if code else None for code in asked["code"].to_pylist()]
    given = pa.table({"row": asked["row"], "norm": pa.array(norms, pa.string()), "code": pa.array(codes, pa.string())})
    con.register("given", given)
    con.execute("CREATE OR REPLACE TEMP TABLE query AS SELECT row_number() OVER () - 1 AS place, * FROM given")
    borne = store.table(
        f"""SELECT n.subject, n.norm, n.kind, n.text, s.code, s.kind = '{Kind.SOLE_TRADER.value}' AS sole
            FROM subject_name n JOIN subject s ON s.id = n.subject""",
        schema=_NAMES,
    )
    con.register("borne", borne)
    con.execute("CREATE OR REPLACE TEMP TABLE base AS SELECT row_number() OVER () - 1 AS place, * FROM borne")
    con.register("known_code", store.table("SELECT code, subject FROM subject_code", schema=_CODES))
    con.execute(
        """CREATE OR REPLACE TEMP TABLE coded AS
           SELECT DISTINCT q.place AS asked, c.subject FROM query q JOIN known_code c USING (code)"""
    )
    for view in ("given", "borne", "known_code"):
        con.unregister(view)


def _add_exact(con: duckdb.DuckDBPyConnection) -> None:
    """Bearers of exactly the name asked for: their score is 1 and needs no comparing."""
    con.execute(
        f"""INSERT INTO score SELECT e.asked, e.found, 1,
                '[' || json_object('part', 'name', 'verdict', '{scoring.SAME}', 'asked', b.norm, 'found', b.norm) || ']'
            FROM exact e JOIN base b ON b.place = e.found"""
    )


def _add_coded(con: duckdb.DuckDBPyConnection) -> None:
    """Every name of the subject whose code was given, where the name is another."""
    pairs = con.sql(
        """SELECT c.asked, b.place AS found, q.norm AS one, b.norm AS other FROM coded c JOIN base b USING (subject)
           JOIN query q ON q.place = c.asked WHERE q.norm <> b.norm"""
    ).to_arrow_table()
    scored = engine.scored_pairs(
        list(zip(pairs["one"].to_pylist(), pairs["other"].to_pylist(), strict=True)), frozenset()
    )
    told = pa.table(
        {
            "asked": pairs["asked"].cast(pa.int32()),
            "found": pairs["found"].cast(pa.int32()),
            "score": pa.array([score for score, _ in scored], pa.float64()),
            "reasons": pa.array([reasons for _, reasons in scored], pa.string()),
        }
    )
    con.register("told", told)
    con.execute("INSERT INTO score SELECT * FROM told")
    con.unregister("told")


def _add_near(con: duckdb.DuckDBPyConnection, open_rows: pa.Table) -> None:
    """Names near the rows nobody answers exactly. Sole traders are not looked for by likeness."""
    listed = con.sql("SELECT place, norm FROM base WHERE NOT sole ORDER BY place").to_arrow_table()
    con.register(
        "asked_place", pa.table({"asked": pa.array(range(open_rows.num_rows), pa.int32()), "to": open_rows["place"]})
    )
    con.register(
        "found_place", pa.table({"found": pa.array(range(listed.num_rows), pa.int32()), "to": listed["place"]})
    )
    for told in engine.match(con, open_rows["norm"].to_pylist(), listed["norm"].to_pylist()):
        con.register("told", told)
        con.execute(
            """INSERT INTO score SELECT a.to, f.to, t.score, t.reasons FROM told t
               JOIN asked_place a USING (asked) JOIN found_place f USING (found)"""
        )
        con.unregister("told")


def _best(con: duckdb.DuckDBPyConnection, limit: int) -> pa.Table:
    """The best name of each subject, best subject first; the same code comes before every name."""
    same_code = scoring.as_json([{"part": "code", "verdict": scoring.SAME, "asked": "", "found": ""}])[1:-1]
    found = con.sql(
        f"""WITH weighed AS (
                SELECT s.asked, b.subject, b.code, b.text, b.kind, b.norm, c.subject IS NOT NULL AS by_code, s.reasons,
                    round(CASE WHEN by_code THEN {CODE_SAME} + (1 - {CODE_SAME}) * s.score ELSE s.score END, 4) AS weight
                FROM score s JOIN base b ON b.place = s.found
                LEFT JOIN coded c ON c.asked = s.asked AND c.subject = b.subject),
            one AS (
                SELECT * FROM weighed WHERE weight >= {scoring.WORTH_SHOWING} QUALIFY
                    row_number() OVER (PARTITION BY asked, subject ORDER BY weight DESC, kind = 'current' DESC, norm DESC) = 1),
            placed AS (
                SELECT *, row_number() OVER (PARTITION BY asked ORDER BY weight DESC, subject) AS rank FROM one)
            SELECT q.row, p.rank, p.subject, p.code, p.text AS name, p.kind AS name_kind, p.weight AS score,
                CASE WHEN p.by_code THEN '[{same_code},' || p.reasons[2:] ELSE p.reasons END AS reasons
            FROM placed p JOIN query q ON q.place = p.asked WHERE p.rank <= {limit} ORDER BY q.place, p.rank"""
    )
    return found.to_arrow_table().cast(CANDIDATES)
