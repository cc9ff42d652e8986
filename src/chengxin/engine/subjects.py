"""Subject base (主体库) on the engine: what a slice of entries changes in subjects, their codes and names.

Reads ``stated`` and ``contents`` (see ``engine.slices``) and, for registrations, ``known_subjects``, ``known_codes``,
``known_names``: the rows the base holds for the subjects that are touched, days as text. Days are the register's own
words: where it gives none, none is made up.
"""

from dataclasses import dataclass
from functools import cache

import duckdb
import ibis
import pyarrow as pa

from chengxin.catalogue.model import Item
from chengxin.engine.connect import sql
from chengxin.subjects.identifiers import SOLE_TRADER_DIGITS
from chengxin.subjects.model import KIND_OF_CODE, Kind
from chengxin.subjects.names import normalise_bulk


@dataclass(frozen=True)
class SubjectChanges:
    """Whole new rows for ``subject``, ``subject_code`` and ``subject_name``; rows of the same subjects are replaced."""

    subjects: pa.Table
    codes: pa.Table
    names: pa.Table
    findable: pa.Table
    """``subject, text, kind`` (kind of subject) of names the subject did not bear before, for the search."""


def kind_sql(code: str) -> str:
    """SQL for the kind of subject that a code implies; see ``subjects.model.kind_of_code``."""
    cases = " ".join(f"WHEN '{prefix}' THEN '{kind}'" for prefix, kind in KIND_OF_CODE.items())
    return f"""CASE WHEN length({code}) = 18 THEN CASE left({code}, 2) {cases} ELSE '{Kind.OTHER}' END
                    WHEN regexp_full_match({code}, '[0-9]{{6}}[{SOLE_TRADER_DIGITS}][0-9]{{8}}') THEN '{Kind.SOLE_TRADER}'
                    ELSE '{Kind.OTHER}' END"""


_SUBJECT = "id, kind, code, name, status, status_since, region, provisional, seq"
_CODE = "code, scheme, subject, state, since, until"
_NAME = "norm, subject, kind, text, since, until, stated"
_NO_DAYS = "NULL::DATE AS since, NULL::DATE AS until"

ROLES = (
    *("name", "name_since", "former_names", "other_names", "english_name"),
    *("code", "code_since", "former_code", "registration_no", "organisation_code"),
    *("status", "status_since", "region"),
)
"""What a registration says, by role of its item's fields."""


def introduced(con: duckdb.DuckDBPyConnection) -> SubjectChanges:
    """Provisional subjects (暂存主体): introduced by a record from a trusted source, until the register confirms them."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE introduced AS
            SELECT subject AS id, {kind_sql("subject")} AS kind, name, norm, seq
            FROM stated WHERE how = 'introduced' QUALIFY row_number() OVER (PARTITION BY subject ORDER BY seq) = 1"""
    )
    return SubjectChanges(
        subjects=_arrow(
            con,
            """SELECT id, kind, id AS code, name, '' AS status, NULL::DATE AS status_since, '' AS region,
                      true AS provisional, seq FROM introduced ORDER BY id""",
        ),
        codes=_arrow(
            con,
            f"""SELECT id AS code, 'uscc' AS scheme, id AS subject, 'current' AS state, {_NO_DAYS}
                FROM introduced ORDER BY id""",
        ),
        names=_arrow(
            con,
            f"""SELECT norm, id AS subject, 'current' AS kind, name AS text, {_NO_DAYS}, true AS stated
                FROM introduced ORDER BY norm, subject""",
        ),
        findable=_arrow(con, "SELECT id AS subject, name AS text, kind FROM introduced ORDER BY id"),
    )


def brought(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """``code, subject, kind``: unified codes that records of a trusted source bring to subjects without one (换码)."""
    return _arrow(
        con,
        f"""SELECT DISTINCT code, subject, {kind_sql("code")} AS kind FROM stated WHERE how = 'coded' ORDER BY code""",
    )


def registered(con: duckdb.DuckDBPyConnection, item: Item) -> SubjectChanges:
    """Subjects as their registration items say: the last statement counts, earlier names and codes become former ones.

    A name that only a provisional subject bore was a source's claim, not a former name: the register replaces it.
    """
    _make_registrations(con, item)
    _make_names(con)
    _make_codes(con)
    return SubjectChanges(
        subjects=_arrow(
            con,
            f"""SELECT {_SUBJECT.replace("kind", f"{kind_sql('code')} AS kind")}
                FROM (SELECT r.subject AS id, coalesce(c.code, r.subject) AS code, r.name, r.seq,
                             coalesce(r.status, '') AS status, r.status_since, coalesce(r.region, '') AS region,
                             false AS provisional
                      FROM registrations r
                      LEFT JOIN codes c ON c.subject = r.subject AND c.scheme = 'uscc' AND c.state = 'current'
                      WHERE r.is_last)
                ORDER BY id""",
        ),
        codes=_arrow(con, f"SELECT {_CODE} FROM codes ORDER BY code, scheme, subject"),
        names=_arrow(con, f"SELECT {_NAME} FROM names ORDER BY norm, subject, kind"),
        findable=_arrow(
            con,
            f"""SELECT n.subject, n.text, {kind_sql("r.code")} AS kind
                FROM names n JOIN (SELECT subject, coalesce(code, subject) AS code FROM registrations WHERE is_last) r
                USING (subject) ANTI JOIN known_names k ON k.subject = n.subject AND k.norm = n.norm
                WHERE n.kind <> 'english' ORDER BY n.subject""",
        ),
    )


def related(con: duckdb.DuckDBPyConnection, item: Item) -> pa.Table:
    """Whole new rows for ``subject_relation``: the last statement about a relation counts."""
    relation, code, name = (f"$.fields.{item.roles[role]}" for role in ("relation", "related_code", "related_name"))
    since, until = (f"$.fields.{item.roles[role]}" for role in ("valid_from", "valid_until"))
    return _arrow(
        con,
        f"""SELECT subject, found[1] AS kind, found[2] AS related, coalesce(found[3], '') AS name,
                   try_cast(found[4] AS DATE) AS since, try_cast(found[5] AS DATE) AS until, seq
            FROM (SELECT subject, seq, json_extract_string(
                      content, ['{relation}', '{code}', '{name}', '{since}', '{until}']) AS found
                  FROM stated JOIN contents USING (seq))
            QUALIFY row_number() OVER (PARTITION BY subject, kind, related ORDER BY seq DESC) = 1
            ORDER BY subject, kind, related""",
    )


def _make_registrations(con: duckdb.DuckDBPyConnection, item: Item) -> None:
    """``registrations``: what each statement says, by role; ``is_last`` marks the one that counts."""
    present = [role for role in ROLES if role in item.roles]
    paths = ", ".join(f"'$.fields.{item.roles[role]}'" for role in present)

    def column(role: str) -> str:
        found = f"found[{present.index(role) + 1}]" if role in present else "NULL::VARCHAR"
        return f"try_cast({found} AS DATE) AS {role}" if role.endswith("_since") else f"{found} AS {role}"

    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE registrations AS
            SELECT subject, seq, {", ".join(map(column, ROLES))}, seq = max(seq) OVER (PARTITION BY subject) AS is_last
            FROM (SELECT subject, seq, json_extract_string(content, [{paths}]) AS found
                  FROM stated JOIN contents USING (seq))"""
    )


def _make_names(con: duckdb.DuckDBPyConnection) -> None:
    """``names``: each name runs until the day the next one was taken, where the register says that day.

    ``place`` is the order in which names were current; it is null for names that are only listed.
    """
    con.execute(
        """CREATE OR REPLACE TEMP TABLE raw_names AS
           SELECT subject, 'current' AS kind, name AS text, name_since AS since, NULL::DATE AS until, true AS stated,
                  seq AS place FROM registrations
           UNION ALL SELECT subject, 'former', trim(unnest(string_split(former_names, ';'))), NULL, NULL, true, NULL
                     FROM registrations WHERE former_names IS NOT NULL
           UNION ALL SELECT subject, 'branch', trim(unnest(string_split(other_names, ';'))), NULL, NULL, true, NULL
                     FROM registrations WHERE is_last AND other_names IS NOT NULL
           UNION ALL SELECT subject, 'english', english_name, NULL, NULL, true, NULL FROM registrations
                     WHERE is_last AND english_name IS NOT NULL
           UNION ALL SELECT n.subject, n.kind, n.text, n.since::DATE, n.until::DATE, n.stated,
                            CASE WHEN n.kind = 'current' THEN -1 END
                     FROM known_names n JOIN known_subjects s ON s.id = n.subject WHERE NOT s.provisional"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE names AS
            WITH normed AS ({_normed_sql()}),
            runs AS (SELECT subject, norm, arg_max(text, place) AS text, arg_max(since, place) AS since,
                            max(place) AS last_place FROM normed WHERE place IS NOT NULL GROUP BY subject, norm),
            followed AS (SELECT *, lead(since) OVER following AS until, lead(norm) OVER following AS after FROM runs
                         WINDOW following AS (PARTITION BY subject ORDER BY last_place)),
            borne AS (
                SELECT norm, subject, CASE WHEN after IS NULL THEN 'current' ELSE 'former' END AS kind, text, since,
                       until, after IS NULL OR until IS NOT NULL AS stated FROM followed
                UNION ALL SELECT norm, subject, kind, text, since, until, stated FROM normed WHERE place IS NULL)
            SELECT norm, subject, kind, min(text) AS text, max(since) AS since, max(until) AS until,
                   bool_or(stated) AS stated
            FROM borne b WHERE norm <> '' AND (kind <> 'former' OR NOT EXISTS (
                SELECT 1 FROM followed c WHERE c.subject = b.subject AND c.norm = b.norm AND c.after IS NULL))
            GROUP BY norm, subject, kind"""
    )


@cache
def _normed_sql() -> str:
    """``raw_names`` that are not empty, with their comparison form."""
    columns = {"subject": "string", "kind": "string", "text": "string", "since": "date", "until": "date"}
    raw = ibis.table(columns | {"stated": "boolean", "place": "int64"}, name="raw_names")
    return sql(raw.filter(raw.text != "").mutate(norm=normalise_bulk(raw.text)))


def _make_codes(con: duckdb.DuckDBPyConnection) -> None:
    """``codes``: the code stated last is current, those before it and those it was exchanged for are former.

    In whatever order a file lists them: a code that was given up is not current again until it is itself taken in exchange.
    """
    con.execute(
        """CREATE OR REPLACE TEMP TABLE codes AS
           WITH said AS (
               SELECT subject, code, code_since AS since, seq AS place FROM registrations WHERE code IS NOT NULL
               UNION ALL SELECT subject, code, since::DATE, -1 FROM known_codes WHERE scheme = 'uscc' AND state = 'current'),
           runs AS (SELECT subject, code, arg_max(since, place) AS since, max(place) AS last_place FROM said
                    GROUP BY subject, code),
           given_up AS (SELECT DISTINCT o.subject, o.code FROM registrations n JOIN registrations o
                        ON o.subject = n.subject AND o.code = n.former_code AND o.code <> n.code
                        ANTI JOIN registrations b ON b.subject = n.subject AND b.code = n.former_code
                                                 AND b.former_code = n.code AND b.seq > n.seq),
           followed AS (SELECT *, lead(since) OVER following AS until, lead(code) OVER following AS after
                        FROM (SELECT r.*, g.code IS NULL AS is_held FROM runs r LEFT JOIN given_up g USING (subject, code))
                        WINDOW following AS (PARTITION BY subject ORDER BY is_held, last_place)),
           held AS (
               SELECT code, 'uscc' AS scheme, subject, CASE WHEN after IS NULL THEN 'current' ELSE 'former' END AS state,
                      since, until FROM followed
               UNION ALL SELECT former_code, 'uscc', subject, 'former', NULL, code_since FROM registrations
               UNION ALL SELECT registration_no, 'registration', subject, 'legacy', NULL, NULL FROM registrations
               UNION ALL SELECT organisation_code, 'organisation', subject, 'legacy', NULL, NULL FROM registrations
               UNION ALL SELECT code, scheme, subject, state, since::DATE, until::DATE FROM known_codes
                         WHERE scheme <> 'uscc' OR state <> 'current')
           SELECT code, scheme, subject, min(state) AS state, max(since) AS since,
                  CASE WHEN min(state) <> 'current' THEN max(until) END AS until
           FROM held WHERE code IS NOT NULL GROUP BY code, scheme, subject"""
    )


def _arrow(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return con.sql(query).to_arrow_table()
