"""Cross-check (校核) on the engine: every rule of ``subjects.crosscheck`` as one statement over the whole subject base.

Reads, as tables of the engine: ``base_subject`` (id, kind, code, name, status, status_since, provisional, seq),
``base_code`` (code, scheme, subject, state), ``base_name`` (norm, subject, kind, text, stated: current names and those
replaced without a word), ``base_relation`` (subject, means, related, since, until), ``base_batch`` (first_seq, by, day),
``base_row`` (source, code, name, reasons: open rows of registers), ``acted`` (subject, decisions, first_on, last_on),
``assigner`` (source, department, class, division, since, until) and ``status_means`` (status, means).
"""

from collections import Counter
from collections.abc import Mapping

import duckdb
import ibis
import pyarrow as pa

from chengxin.engine.connect import sql
from chengxin.subjects.crosscheck import CHECKS
from chengxin.subjects.identifiers import SOLE_TRADER_DIGITS
from chengxin.subjects.identifiers_bulk import uscc_warning

_LIVING = "coalesce(means, '') <> 'dissolved'"
_SHOWN = "{'id': s.id, 'code': s.code, 'name': s.name, 'status': s.status, 'provisional': s.provisional}"
_WRONG = "djxx[.]dm[.](length|alphabet|department|class|division|check|placeholder)"
"""Rules that a code breaks; one that is not given at all breaks none of them."""
LISTED = 20
"""Subjects that a finding lists; more of them are counted."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """``placed`` (subjects with department, class and division of their code) and ``office`` (who assigns there)."""
    department, kind, division = _place_sql("code")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE placed AS
            SELECT *, {department} AS department, {kind} AS class, {division} AS division
            FROM base_subject LEFT JOIN status_means USING (status)"""
    )
    # offices by kind of code and place, of which there are few: not once more for each of five million subjects
    con.execute(
        """CREATE OR REPLACE TEMP TABLE office AS
           SELECT p.department, p.class, p.division, arg_max(a.source, length(a.division)) AS owner
           FROM (SELECT DISTINCT department, class, division FROM placed) p
           JOIN assigner a ON a.department = p.department AND a.class = p.class AND starts_with(p.division, a.division)
           WHERE a.until IS NULL AND a.since <= current_date GROUP BY ALL"""
    )


def findings(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``rule, key, code, department, owner, detail`` (JSON) of everything found, each rule and key once."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE found
           (rule VARCHAR, key VARCHAR, code VARCHAR, owner VARCHAR, detail VARCHAR)"""
    )
    for rule, statement in _statements().items():
        con.execute(f"INSERT INTO found SELECT '{rule}', key, code, owner, to_json(detail)::VARCHAR FROM ({statement})")
    department, kind, division = _place_sql("f.code")
    return con.sql(
        f"""SELECT f.rule, f.key, f.code, f.department, coalesce(f.owner, o.owner, '') AS owner, f.detail
            FROM (SELECT f.*, {department} AS department, {kind} AS class, {division} AS division FROM found f) f
            LEFT JOIN office o USING (department, class, division) ORDER BY f.rule, f.key"""
    ).to_arrow_table()


def rates(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``department, owner, subjects`` of registered subjects by assigning office ('' where none is recorded)."""
    return con.sql(
        """SELECT p.department, coalesce(o.owner, '') AS owner, count(*) AS subjects
           FROM placed p LEFT JOIN office o USING (department, class, division)
           WHERE NOT provisional GROUP BY ALL ORDER BY ALL"""
    ).to_arrow_table()


def dissolved(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``subject, day``: subjects that ended, and the last day on which they certainly still were.

    Where the register gives no day, it is the day it said so: what was decided later was decided after the end.
    """
    return con.sql(
        """SELECT p.id AS subject, date_diff('day', DATE '1970-01-01', coalesce(p.status_since, b.day))::BIGINT AS day
           FROM (SELECT * FROM placed WHERE means = 'dissolved') p ASOF JOIN base_batch b ON p.seq >= b.first_seq
           ORDER BY subject"""
    ).to_arrow_table()


def _statements() -> Mapping[str, str]:
    inner = ibis.table({"id": "string", "code": "string", "name": "string", "seq": "int64"}, name="placed")
    inner = sql(inner.filter(inner.code.length() == 18).filter(uscc_warning(inner.code).notnull()).select("id"))
    found = {
        "code.shared": f"""
            SELECT k.scheme || '|' || k.code AS key, arg_max(s.code, s.seq) AS code, NULL AS owner,
                   {{'code': k.code, 'scheme': k.scheme, 'count': count(*), 'subjects': {_subjects()}}} AS detail
            FROM (SELECT code, scheme FROM base_code GROUP BY code, scheme HAVING count(DISTINCT subject) > 1) k
            JOIN base_code c USING (code, scheme) JOIN base_subject s ON s.id = c.subject GROUP BY k.scheme, k.code""",
        "code.renamed": """
            SELECT s.id AS key, s.code, NULL AS owner, {'code': s.code, 'name': s.name, 'former': list(n.text ORDER BY n.text)} AS detail
            FROM base_name n JOIN base_subject s ON s.id = n.subject WHERE n.kind = 'former' AND NOT n.stated
            GROUP BY s.id, s.code, s.name""",
        "name.shared": f"""
            WITH bearer AS (
                SELECT n.norm, p.id, CASE WHEN p.kind = 'sole_trader' THEN p.division ELSE '' END AS place
                FROM base_name n JOIN placed p ON p.id = n.subject WHERE n.kind = 'current' AND {_LIVING}),
            shared AS (SELECT norm, place FROM bearer GROUP BY norm, place HAVING count(*) > 1)
            SELECT norm || '|' || place AS key, arg_max(s.code, (NOT s.provisional, s.seq)) AS code, NULL AS owner,
                   {{'name': norm, 'count': count(*), 'places': count(DISTINCT s.division), 'subjects': {_subjects()}}} AS detail
            FROM shared JOIN bearer USING (norm, place) JOIN placed s USING (id) GROUP BY norm, place""",
        "code.inner": f"""
            SELECT s.id AS key, s.code, NULL AS owner, {{'code': s.code, 'name': s.name}} AS detail
            FROM base_subject s SEMI JOIN ({inner}) i USING (id)""",
        "code.range": """
            WITH stated AS (
                SELECT p.*, b.by, b.day FROM (SELECT * FROM placed WHERE NOT provisional AND length(code) = 18) p
                ASOF JOIN base_batch b ON p.seq >= b.first_seq)
            SELECT s.id AS key, s.code, s.by AS owner, {'code': s.code, 'name': s.name, 'source': s.by, 'day': s.day} AS detail
            FROM stated s SEMI JOIN assigner known ON known.source = s.by
            ANTI JOIN assigner a ON a.source = s.by AND a.department = s.department AND a.class = s.class
                AND starts_with(s.division, a.division) AND a.since <= s.day AND (a.until IS NULL OR s.day < a.until)""",
        "code.legacy": f"""
            SELECT p.id AS key, p.code, NULL AS owner, {{'code': p.code, 'name': p.name, 'status': p.status}} AS detail
            FROM placed p ANTI JOIN (SELECT subject FROM base_code WHERE scheme = 'uscc' AND state = 'current') c
                ON c.subject = p.id WHERE NOT p.provisional AND {_LIVING}""",
        "subject.dead": """
            SELECT s.id AS key, s.code, NULL AS owner,
                   {'code': s.code, 'name': s.name, 'status': s.status, 'status_since': s.status_since,
                    'decisions': a.decisions, 'first_on': a.first_on, 'last_on': a.last_on} AS detail
            FROM acted a JOIN base_subject s ON s.id = a.subject""",
        "code.wrong": _rows(_WRONG),
        "code.disputed": _rows("record[.]other-source"),
    }
    return {**found, **_relations()}


def _rows(reason: str) -> str:
    """Open rows of registers that broke this rule (a pattern); the source that sent them is answerable."""
    return f"""
        SELECT source || '|' || coalesce(code, '') AS key, coalesce(any_value(code), '') AS code, source AS owner,
               {{'code': code, 'name': min(name), 'source': source, 'count': count(*),
                 'rows': list({{'submission': submission, 'row': row}} ORDER BY submission, row)[:{LISTED}]}} AS detail
        FROM base_row WHERE regexp_matches(reasons, '"{reason}"') GROUP BY source, code"""


def _relations() -> Mapping[str, str]:
    edges = """
        resolved AS (SELECT r.*, c.subject AS target FROM base_relation r
                     LEFT JOIN (SELECT code, min(subject) AS subject FROM base_code GROUP BY code) c ON c.code = r.related
                     WHERE r.until IS NULL)"""
    return {
        "relation.unknown": f"""
            WITH {edges}
            SELECT s.id || '|' || r.means || '|' || r.related AS key, s.code, NULL AS owner,
                   {{'code': s.code, 'name': s.name, 'means': r.means, 'related': r.related}} AS detail
            FROM resolved r JOIN base_subject s ON s.id = r.subject WHERE r.target IS NULL""",
        "relation.merged": f"""
            WITH {edges}
            SELECT s.id || '|' || r.related AS key, s.code, NULL AS owner,
                   {{'code': s.code, 'name': s.name, 'status': s.status, 'related': r.related, 'since': r.since}} AS detail
            FROM resolved r JOIN placed s ON s.id = r.subject
            WHERE r.means = 'merged-into' AND s.means = 'active' AND (r.since IS NULL OR r.since <= current_date)""",
        # only who is pointed at and points on can lie on a circle; UNION drops what was reached before, so it ends
        "relation.circle": f"""
            WITH RECURSIVE {edges},
            inner_edge AS (SELECT means, subject, target FROM resolved r WHERE target IS NOT NULL
                           AND (means, target) IN (SELECT means, subject FROM resolved)
                           AND (means, subject) IN (SELECT means, target FROM resolved WHERE target IS NOT NULL)),
            reach AS (SELECT means, subject AS origin, target AS node FROM inner_edge
                      UNION SELECT r.means, r.origin, e.target FROM reach r
                      JOIN inner_edge e ON e.means = r.means AND e.subject = r.node),
            ring AS (SELECT a.means, a.origin, least(a.origin, min(a.node)) AS head FROM reach a
                     JOIN reach b ON b.means = a.means AND b.origin = a.node AND b.node = a.origin GROUP BY a.means, a.origin)
            SELECT means || '|' || head AS key, arg_max(s.code, s.seq) AS code, NULL AS owner,
                   {{'means': means, 'count': count(*), 'subjects': {_subjects()}}} AS detail
            FROM ring JOIN base_subject s ON s.id = ring.origin GROUP BY means, head""",
    }


def _subjects() -> str:
    return f"list({_SHOWN} ORDER BY s.id)[:{LISTED}]"


def register(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Copy rows into a table of the engine."""
    con.register("incoming", rows)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")
    con.unregister("incoming")


def counted(found: pa.Table) -> Mapping[str, int]:
    """How many findings each rule has, zero where none."""
    return {**dict.fromkeys(CHECKS, 0), **Counter(found.column("rule").to_pylist())}


def _place_sql(code: str) -> tuple[str, str, str]:
    """SQL for department, class and division that a unified code, or an old registration number, was assigned under."""
    unified = f"length({code}) = 18"
    trader = f"regexp_full_match({code}, '[0-9]{{6}}[{SOLE_TRADER_DIGITS}][0-9]{{8}}')"
    return (
        f"CASE WHEN {unified} THEN {code}[1] ELSE '9' END",
        f"CASE WHEN {unified} THEN {code}[2] WHEN {trader} THEN '2' ELSE '1' END",
        f"CASE WHEN {unified} THEN {code}[3:8] ELSE {code}[1:6] END",
    )
