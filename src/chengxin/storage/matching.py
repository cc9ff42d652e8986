"""Look-ups for matching (匹配查询): what the subject base holds of many codes, names and pieces of names at once.

Everything goes through Django's connection, so that a page may ask too. One statement answers many rows: the numbers of
the rows travel with the question.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar, cast

from django.db import connection

from chengxin.storage.rarity import expression, rarity
from chengxin.subjects import terms
from chengxin.subjects.model import Kind

T = TypeVar("T")
_AT_ONCE = 400
"""Rows in one statement; SQLite takes no more than 32,766 parameters."""
Asked = tuple[int, str]
Named = tuple[int, str, str]
"""Row, subject, and a name of it in comparison form."""


@dataclass(frozen=True, slots=True)
class Borne:
    """A subject, and what it has or had to do with a name."""

    subject: str
    code: str
    name: str
    name_kind: str


def by_codes(asked: Sequence[Asked]) -> list[tuple[int, str]]:
    """Row and subject for every subject with the row's code, current, former or legacy."""
    return _joined("SELECT q.row, c.subject FROM q {join} subject_code c ON c.code = q.value", asked)


def by_names(asked: Sequence[Asked]) -> list[Named]:
    """Row, subject and name for every subject that bears or bore exactly the row's name, in its comparison form."""
    return _joined("SELECT q.row, n.subject, n.norm FROM q {join} subject_name n ON n.norm = q.value", asked)


def names_of(subjects: Sequence[Asked]) -> list[Named]:
    """Row, subject and each name of it, for rows that ask with a subject's id."""
    return _joined("SELECT q.row, n.subject, n.norm FROM q {join} subject_name n ON n.subject = q.value", subjects)


def by_pieces(
    asked: Sequence[tuple[int, Sequence[terms.Terms]]], limit: int, read: dict[int, tuple[str, str]]
) -> list[Named]:
    """Row, subject and name of up to ``limit`` names a row that hold all terms of one of its alternatives.

    ``read`` keeps what was read (subject and name by number), so that asking again for what is near reads it once.
    As ``search.holding`` for many rows: alternatives of nothing but common terms are passed over, sole traders are not
    in the index, and a name may have been given up since.
    """
    known = rarity()
    wanted = []
    for row, alternatives in asked:
        kept = known.affordable(one for one in alternatives if one and not known.is_common(one))
        if kept:
            wanted.append((row, kept))
    if connection.vendor == "sqlite":
        return _held_in_sqlite(wanted, limit, read)
    return _held_in_postgresql(wanted, limit)


def borne(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Borne]:
    """What is to be shown of these (subject, name) pairs, without names given up and without sole traders' pieces."""
    found: dict[tuple[str, str], Borne] = {}
    for part in _parts(list(dict.fromkeys(pairs))):
        places = ", ".join(["(%s, %s)"] * len(part))
        rows = _rows(
            f"""WITH q (subject, norm) AS (VALUES {places})
                SELECT n.subject, n.norm, s.code, n.text, n.kind FROM q
                {_join()} subject_name n ON n.norm = q.norm AND n.subject = q.subject
                {_join()} subject s ON s.id = n.subject""",
            [value for pair in part for value in pair],
        )
        # of a name borne twice (former and branch, say) the present bearing counts
        for subject, norm, code, name, kind in sorted(rows, key=lambda row: (row[4] == "current", row[4])):
            found[subject, norm] = Borne(subject, code, name, kind)
    return found


def sole_traders(subjects: Sequence[str]) -> set[str]:
    """Which of these subjects are sole traders (个体工商户)."""
    asked = list(enumerate(dict.fromkeys(subjects)))
    query = f"SELECT q.row, s.id FROM q {{join}} subject s ON s.id = q.value WHERE s.kind = '{Kind.SOLE_TRADER.value}'"
    return {subject for _, subject in _joined(query, asked)}


def _held_in_sqlite(
    wanted: Sequence[tuple[int, Sequence[terms.Terms]]], limit: int, read: dict[int, tuple[str, str]]
) -> list[Named]:
    found: list[Named] = []
    for part in _parts(wanted):
        places = ", ".join(["(%s, %s)"] * len(part))
        matches = [(row, expression(kept)) for row, kept in part]
        rows = _rows(
            f"""WITH q (row, pieces) AS (VALUES {places})
                SELECT q.row, (SELECT json_group_array(doc) FROM (
                    SELECT rowid AS doc FROM name_term WHERE name_term MATCH q.pieces LIMIT {limit})) FROM q""",
            [value for match in matches for value in match],
        )
        docs = [(row, doc) for row, listed in rows for doc in json.loads(listed)]
        read.update(_documents(sorted({doc for _, doc in docs if doc not in read})))
        found += [(row, *read[doc]) for row, doc in docs]
    return found


def _documents(docs: Sequence[int]) -> Iterator[tuple[int, tuple[str, str]]]:
    for part in _parts(docs, 20_000):
        listed = ",".join(map(str, part))
        yield from (
            (doc, (s, norm))
            for doc, s, norm in _rows(f"SELECT doc, subject, norm FROM name_doc WHERE doc IN ({listed})", [])
        )


def _held_in_postgresql(wanted: Sequence[tuple[int, Sequence[terms.Terms]]], limit: int) -> list[Named]:
    found: list[Named] = []
    for part in _parts(wanted):
        alternatives = [(row, list(one)) for row, kept in part for one in kept]
        places = ", ".join(["(%s, %s::text[])"] * len(alternatives))
        found += _rows(
            f"""WITH q (row, pieces) AS (VALUES {places})
                SELECT q.row, d.subject, d.norm FROM q CROSS JOIN LATERAL (
                    SELECT subject, norm FROM name_doc WHERE terms @> q.pieces LIMIT {limit}) d""",
            [value for one in alternatives for value in one],
        )
    return found


def _joined(query: str, asked: Sequence[Asked]) -> list[Any]:
    """Answer a query over ``q (row, value)``; the rows are joined in, so that each is an index look-up."""
    found: list[Any] = []
    for part in _parts(asked):
        places = ", ".join(["(%s, %s)"] * len(part))
        sql = f"WITH q (row, value) AS (VALUES {places}) " + query.format(join=_join())
        found += _rows(sql, [value for pair in part for value in pair])
    return found


def _join() -> str:
    # SQLite has no statistics and might read the whole table: CROSS JOIN keeps the order
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def _rows(sql: str, parameters: Sequence[object]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, cast(Any, parameters))
        return list(cursor.fetchall())


def _parts(values: Sequence[T], size: int = _AT_ONCE) -> Iterator[list[T]]:
    left = iter(values)
    while part := list(islice(left, size)):
        yield part
