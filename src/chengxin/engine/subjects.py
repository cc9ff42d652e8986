"""Subject base (主体库) on the engine: what a slice of entries changes in subjects, their codes and names.

Reads ``stated`` and ``contents`` (see ``engine.slices``) and, for registrations, ``known_subjects``, ``known_codes``, ``known_names``:
the rows the base holds for the subjects that are touched.
"""

from dataclasses import dataclass

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
            """SELECT id, kind, id AS code, name, '' AS status, '' AS region, true AS provisional, seq
               FROM introduced ORDER BY id""",
        ),
        codes=_arrow(
            con, "SELECT id AS code, 'uscc' AS scheme, id AS subject, 'current' AS state FROM introduced ORDER BY id"
        ),
        names=_arrow(
            con,
            """SELECT norm, id AS subject, 'current' AS kind, name AS text, NULL::DATE AS since, NULL::DATE AS until
               FROM introduced ORDER BY norm, subject""",
        ),
        findable=_arrow(con, "SELECT id AS subject, name AS text, kind FROM introduced ORDER BY id"),
    )


def registered(con: duckdb.DuckDBPyConnection, item: Item) -> SubjectChanges:
    """Subjects as their registration items say: the last statement counts, earlier names become former ones.

    A name that only a provisional subject bore was a source's claim, not a former name: the register replaces it.
    """
    fields = (
        "name",
        "code",
        "registration_no",
        "organisation_code",
        "former_names",
        "english_name",
        "status",
        "region",
    )
    paths = ", ".join(f"'$.fields.{item.roles[role]}'" for role in fields if role in item.roles)
    present = [role for role in fields if role in item.roles]
    columns = ", ".join(
        f"found[{present.index(role) + 1}] AS {role}" if role in present else f"NULL::VARCHAR AS {role}"
        for role in fields
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE registrations AS
            SELECT subject, seq, {columns}, seq = max(seq) OVER (PARTITION BY subject) AS is_last
            FROM (SELECT subject, seq, json_extract_string(content, [{paths}]) AS found
                  FROM stated JOIN contents USING (seq))"""
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE raw_names AS
           SELECT subject, CASE WHEN is_last THEN 'current' ELSE 'former' END AS kind, name AS text FROM registrations
           UNION ALL SELECT subject, 'former', trim(unnest(string_split(former_names, ';'))) FROM registrations
                     WHERE former_names IS NOT NULL
           UNION ALL SELECT subject, 'english', english_name FROM registrations
                     WHERE is_last AND english_name IS NOT NULL
           UNION ALL SELECT n.subject, CASE n.kind WHEN 'current' THEN 'former' ELSE n.kind END, n.text
                     FROM known_names n JOIN known_subjects s ON s.id = n.subject
                     WHERE NOT s.provisional"""
    )
    raw = ibis.table({"subject": "string", "kind": "string", "text": "string"}, name="raw_names")
    normed = sql(raw.filter(raw.text != "").mutate(norm=normalise_bulk(raw.text)))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE names AS
            WITH normed AS ({normed}), current_norm AS (SELECT subject, norm FROM normed WHERE kind = 'current')
            SELECT norm, subject, kind, min(text) AS text, NULL::DATE AS since, NULL::DATE AS until FROM normed n
            WHERE norm <> '' AND (kind <> 'former' OR NOT EXISTS (
                SELECT 1 FROM current_norm c WHERE c.subject = n.subject AND c.norm = n.norm))
            GROUP BY norm, subject, kind"""
    )
    return SubjectChanges(
        subjects=_arrow(
            con,
            f"""SELECT id, {kind_sql("code")} AS kind, code, name, status, region, false AS provisional, seq
                FROM (SELECT r.subject AS id, coalesce(r.code, k.code, r.subject) AS code, r.name, r.seq,
                             coalesce(r.status, '') AS status, coalesce(r.region, '') AS region
                      FROM registrations r
                      LEFT JOIN known_codes k ON k.subject = r.subject AND k.scheme = 'uscc' AND k.state = 'current'
                      WHERE r.is_last)
                ORDER BY id""",
        ),
        codes=_arrow(
            con,
            """SELECT DISTINCT code, scheme, subject, state FROM (
                   SELECT code, 'uscc' AS scheme, subject, 'current' AS state FROM registrations
                   UNION ALL SELECT registration_no, 'registration', subject, 'legacy' FROM registrations
                   UNION ALL SELECT organisation_code, 'organisation', subject, 'legacy' FROM registrations
                   UNION ALL SELECT code, scheme, subject, state FROM known_codes
               ) WHERE code IS NOT NULL ORDER BY code, scheme, subject""",
        ),
        names=_arrow(con, "SELECT norm, subject, kind, text, since, until FROM names ORDER BY norm, subject, kind"),
        findable=_arrow(
            con,
            f"""SELECT n.subject, n.text, {kind_sql("r.code")} AS kind
                FROM names n JOIN (SELECT subject, coalesce(code, subject) AS code FROM registrations WHERE is_last) r
                USING (subject) ANTI JOIN known_names k ON k.subject = n.subject AND k.norm = n.norm
                WHERE n.kind <> 'english' ORDER BY n.subject""",
        ),
    )


def _arrow(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return con.sql(query).to_arrow_table()
