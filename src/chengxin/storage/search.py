"""Search index (检索索引): which names hold which terms, filled in bulk and asked in plain SQL.

Filling cuts whole columns of names at once on arrays of code points; ``subjects.terms.terms`` says the same of one
name. Sole traders (个体工商户) never enter the index: they are found by code or full name only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from chengxin.storage.bulk import Store
from chengxin.storage.rarity import expression, rarity
from chengxin.subjects import names, terms
from chengxin.subjects.model import Kind

_SLICE = 50_000
"""Names cut at once: some 100 MB of scratch memory."""
_BREAK, _BLANK, _NONE = ord("\n"), ord(" "), ord(terms.NO_INITIAL)
_PLANE = 0x10000
Named = tuple[str, str]
"""Subject id and a name of it, in comparison form."""
Codes = np.ndarray[tuple[int], np.dtype[np.uint32]]


@dataclass(frozen=True)
class Found:
    """A name in the index that is still borne by its subject, with what a list of results shows of the subject."""

    subject: str
    code: str
    name: str
    status: str
    region: str
    kind: str
    provisional: bool
    norm: str
    matched: str
    name_kind: str


def add(store: Store, found: pa.Table) -> None:
    """Add names (``subject, text, kind`` of subject) to the index, inside the store's transaction."""
    first = store.value("SELECT coalesce(max(doc), 0) + 1 AS doc FROM name_doc")
    for name, rows in documents(found, first_doc=int(first), vendor=store.vendor).items():
        store.append(name, rows)
    if store.vendor == "postgresql":
        # new rows wait in a list that every question would read through
        store.value("SELECT gin_clean_pending_list('name_doc_terms')")


def clear(store: Store) -> None:
    """Empty the index, before a rebuild."""
    store.execute("DELETE FROM name_doc")
    if store.vendor == "sqlite":
        store.execute("INSERT INTO name_term (name_term) VALUES ('delete-all')")


def documents(found: pa.Table, *, first_doc: int, vendor: str) -> dict[str, pa.Table]:
    """The rows of the index for these names (``subject, text, kind``), by table; documents count from ``first_doc``."""
    kept = found.filter(pc.not_equal(found["kind"], Kind.SOLE_TRADER.value))
    norms: list[pa.Array] = []
    cut: list[pa.Array] = []
    for start in range(0, kept.num_rows, _SLICE):
        norm, term = _cut(kept["text"].slice(start, _SLICE).to_pylist())
        norms.append(norm)
        cut.append(term)
    docs = pa.array(np.arange(first_doc, first_doc + kept.num_rows, dtype=np.int64))
    columns = {"doc": docs, "subject": kept["subject"], "norm": pa.chunked_array(norms, pa.string())}
    joined = pa.chunked_array(cut, pa.string())
    if vendor == "postgresql":
        return {"name_doc": pa.table({**columns, "terms": pc.split_pattern(joined, " ")})}
    return {"name_doc": pa.table(columns), "name_term": pa.table({"rowid": docs, "terms": joined})}


def _cut(texts: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """Comparison forms of the names, and their terms separated by blanks."""
    codes = np.frombuffer(
        "".join(f"{text.replace(chr(_BREAK), '')}\n" for text in texts).encode("utf-32-le"), np.uint32
    )
    tables = _tables()
    low = np.minimum(codes, _PLANE)
    normal = np.where(low < _PLANE, tables.normal[low], codes)[~tables.gone[low]]
    plain = normal[_is_searched(normal, tables)]
    return _lines(normal), _lines(_term_codes(plain, tables))


def _term_codes(plain: Codes, tables: "_Tables") -> Codes:
    """One row of sixteen places per character: the terms that begin at it, unused places masked out."""
    lower = tables.lower[np.minimum(plain, 0x7F)]
    plain = np.where(plain < 0x80, lower, plain)
    low = np.minimum(plain, _PLANE)
    second = np.append(plain[1:], np.uint32(_BREAK))
    pairs = plain.astype(np.uint64) << np.uint64(32) | second
    letters = tables.initial[low]
    at = np.minimum(np.searchsorted(tables.words, pairs), len(tables.words) - 1)
    words = np.flatnonzero(tables.words[at] == pairs)
    letters[words] = tables.word_initials[at[words], 0]
    letters[words + 1] = tables.word_initials[at[words], 1]
    letter2 = np.append(letters[1:], np.uint32(_BREAK))
    letter3 = np.append(letter2[1:], np.uint32(_BREAK))

    breaks = plain == _BREAK
    two = ~breaks & (second != _BREAK)
    begins = np.append(True, breaks[:-1]) & two
    gram = two & ~np.isin(pairs, tables.common)
    spoken = (letters != _NONE) & (letter2 != _NONE) & (letters != _BREAK) & (letter2 != _BREAK)
    triples = letters.astype(np.uint64) << np.uint64(32) | letter2 << np.uint64(16) | letter3
    triple = spoken & (letter3 != _NONE) & (letter3 != _BREAK) & ~np.isin(triples, tables.common_initials)

    mark, blank = np.full_like(plain, ord(terms.START)), np.full_like(plain, _BLANK)
    beginning = [mark, plain, second, blank, mark, letters, letter2, blank]
    inside = [plain, second, blank, letters, letter2, letter3, blank, plain]
    rows = np.column_stack([*beginning, *inside])
    used = np.column_stack([begins] * 4 + [begins & spoken] * 4 + [gram] * 3 + [triple] * 4 + [breaks])
    kept: Codes = rows[used]
    return kept


def _is_searched(codes: Codes, tables: "_Tables") -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    kept = tables.searched[np.minimum(codes, _PLANE)]
    for code in np.unique(codes[codes >= _PLANE]):
        if not names.is_letter(chr(code)):
            kept &= codes != code
    return kept


def _lines(codes: Codes) -> pa.Array:
    lines = codes.astype("<u4").tobytes().decode("utf-32-le").split("\n")[:-1]
    return pc.ascii_rtrim_whitespace(pa.array(lines, pa.string()))


@dataclass(frozen=True)
class _Tables:
    """What the scalar tables say, by code point; index 65536 stands for every code point above the first plane."""

    normal: Codes
    gone: np.ndarray[tuple[int], np.dtype[np.bool_]]
    searched: np.ndarray[tuple[int], np.dtype[np.bool_]]
    lower: Codes
    initial: Codes
    words: np.ndarray[tuple[int], np.dtype[np.uint64]]
    word_initials: np.ndarray[tuple[int, int], np.dtype[np.uint32]]
    common: np.ndarray[tuple[int], np.dtype[np.uint64]]
    common_initials: np.ndarray[tuple[int], np.dtype[np.uint64]]


@cache
def _tables() -> _Tables:
    plane = np.arange(_PLANE + 1, dtype=np.uint32)
    normal, initial = plane.copy(), np.full_like(plane, _NONE)
    gone = np.zeros(_PLANE + 1, np.bool_)
    for code, plain in names.TABLE.items():
        if plain is None:
            gone[code] = code != _BREAK
        else:
            normal[code] = ord(plain)
    for char, letter in names.initial_of().items():
        initial[ord(char)] = ord(letter)
    initial[_BREAK] = _BREAK
    searched = [names.is_letter(chr(code)) for code in range(_PLANE)]
    words = sorted((_pair(word), word) for word in names.initial_words())
    spoken = [[ord(letter) for letter in names.initial_words()[word]] for _, word in words]
    return _Tables(
        normal=normal,
        gone=gone,
        searched=np.array([*searched, True]) | (plane == _BREAK),
        lower=np.array([ord(chr(code).lower()) for code in range(0x80)], np.uint32),
        initial=initial,
        words=np.array([key for key, _ in words], np.uint64),
        word_initials=np.array(spoken, np.uint32),
        common=np.array([_pair(gram) for gram in terms.COMMON_GRAMS], np.uint64),
        common_initials=np.array(
            [ord(triple[0]) << 32 | ord(triple[1]) << 16 | ord(triple[2]) for triple in terms.COMMON_INITIALS],
            np.uint64,
        ),
    )


def _pair(two: str) -> int:
    return ord(two[0]) << 32 | ord(two[1])


_SUBJECT = "s.id, s.code, s.name, s.status, s.region, s.kind, s.provisional"


def by_code(code: str, limit: int) -> list[Found]:
    """Subjects with this code, current, former or legacy; ``matched`` is the code."""
    return _coded("c.code = %s", code, limit)


def by_inner_code(code: str, limit: int) -> list[Found]:
    """Subjects whose 统一社会信用代码 holds this 组织机构代码 (characters 9 to 17); ``matched`` is the organisation code."""
    return _coded("c.scheme = 'uscc' AND substr(c.code, 9, 9) = %s", code, limit)


def _coded(which: str, code: str, limit: int) -> list[Found]:
    return _ask(
        f"""SELECT DISTINCT {_SUBJECT}, '' AS norm, CAST(%s AS text) AS matched, 'code' AS name_kind
            FROM subject_code c JOIN subject s ON s.id = c.subject WHERE {which} LIMIT %s""",
        [code, code, limit],
    )


def by_name(norm: str, limit: int) -> list[Found]:
    """Subjects that bear or bore exactly this name, in its comparison form."""
    return _ask(
        f"""SELECT {_SUBJECT}, n.norm, n.text, n.kind
            FROM subject_name n JOIN subject s ON s.id = n.subject WHERE n.norm = %s LIMIT %s""",
        [norm, limit],
    )


def holding(alternatives: Sequence[terms.Terms], limit: int, *, telling: bool = False) -> list[Named]:
    """Names that hold all terms of at least one alternative: the first ``limit`` of the index, in no useful order.

    ``telling`` passes over alternatives of nothing but common terms and takes the names of rare ones first. Some names
    may have been given up since: ``borne`` keeps those that still stand.
    """
    known = rarity()
    wanted = known.affordable(one for one in alternatives if one and not (telling and known.is_common(one)))
    rare, others = known.rarest(wanted, limit) if telling else (wanted, [])
    found = _holding(rare, limit)
    # what very many names hold comes last: it would fill the list before the name that was meant is read
    return found if len(found) >= limit else list(dict.fromkeys([*found, *_holding(others, limit)]))


def _holding(wanted: Sequence[terms.Terms], limit: int) -> list[Named]:
    if not wanted:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                """SELECT d.subject, d.norm FROM name_term CROSS JOIN name_doc d ON d.doc = name_term.rowid
                   WHERE name_term MATCH %s LIMIT %s""",
                [expression(wanted), limit],
            )
        else:
            tests = " OR ".join(["terms @> %s::text[]"] * len(wanted))
            cursor.execute(
                f"SELECT subject, norm FROM name_doc WHERE {tests} LIMIT %s", [*(list(one) for one in wanted), limit]
            )
        return list(dict.fromkeys(cursor.fetchall()))


def borne(held: Sequence[Named]) -> list[Found]:
    """What is to be shown of these names, in their order, without names given up and without sole traders."""
    if not held:
        return []
    places = ", ".join(["(%s, %s)"] * len(held))
    # CROSS JOIN keeps this order on SQLite, which has no statistics and might read the whole table instead
    join = "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"
    found = _ask(
        f"""WITH held (subject, norm) AS (VALUES {places})
            SELECT {_SUBJECT}, n.norm, n.text, n.kind FROM held
            {join} subject_name n ON n.norm = held.norm AND n.subject = held.subject
            {join} subject s ON s.id = n.subject WHERE s.kind <> '{Kind.SOLE_TRADER.value}'""",
        [value for pair in held for value in pair],
    )
    order = {pair: number for number, pair in enumerate(held)}
    return sorted(found, key=lambda one: (order[one.subject, one.norm], one.name_kind != "current", one.name_kind))


def _ask(query: str, parameters: Sequence[object]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(query, cast(Any, parameters))
        return [Found(*row) for row in cursor.fetchall()]
