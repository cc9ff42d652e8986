"""Matching in bulk (批量匹配): a file of names against a whole subject base, on the engine and on all cores.

Three sieves, each finer and dearer: names that share a rare piece (the engine), names that look or sound alike as a
whole (rapidfuzz over columns), and the score with its reasons (``resolution.scoring``, in processes of their own).
"""

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.engine import pieces
from chengxin.engine.connect import sql
from chengxin.resolution import blocking, scoring
from chengxin.subjects import names_bulk
from chengxin.subjects.names_bulk import Numbers

SCORED = 5
"""Names scored for one row: those that look most alike as a whole."""
_NEARLY = 0.12
"""A name that is so much less alike than the row's best is not scored."""
_ALIKE = 0.35
_COMPARED = 10_000
"""Rows compared as wholes while those before them are scored."""
_PART = 2_000
_TELLING = 10_000
"""Of fewer names, beginnings say nothing."""
_FEW = 2_000
"""Pairs worth the start of other processes."""

SCORES = pa.schema([("asked", pa.int32()), ("found", pa.int32()), ("score", pa.float64()), ("reasons", pa.string())])
"""``asked`` and ``found`` are positions in the two lists of names; ``reasons`` as ``scoring.as_json`` writes them."""

Scored = list[tuple[float, str]]


class Pairs(NamedTuple):
    """Pairs of an asked name and a name of the base, by their positions; those of one asked name stand together."""

    asked: Numbers
    found: Numbers


def match(con: duckdb.DuckDBPyConnection, asked: Sequence[str], base: Sequence[str]) -> Iterator[pa.Table]:
    """Tables of ``SCORES`` for some thousand asked names at a time: up to ``SCORED`` names of the base for each."""
    with _workers(len(asked)) as workers:
        begun: list[tuple[Pairs, Iterable[Scored]]] = []
        local = beginnings(base)
        for near in _near(con, asked, base):
            for pairs in _most_alike(asked, base, near):
                begun.append((pairs, _begin(workers, asked, base, pairs, local)))
                if len(begun) > 1:  # the next are compared while other processes score these
                    yield _told(*begun.pop(0))
        for pairs, scored in begun:
            yield _told(pairs, scored)


def _near(con: duckdb.DuckDBPyConnection, asked: Sequence[str], base: Sequence[str]) -> Iterator[Pairs]:
    """For each asked name those of the base that share a rare piece with it."""
    parts = list(names_bulk.pieces(asked))
    con.register("base_piece", pieces.shared([part["piece"].to_numpy() for part in parts], base, blocking.FOLLOWED))
    held = ibis.table(blocking.PIECES, name="base_piece")
    con.execute(f"CREATE OR REPLACE TEMP TABLE rare AS {sql(blocking.rare(held))}")
    followed = blocking.telling(
        ibis.table(blocking.PIECES, name="asked_piece"), ibis.table(blocking.HOLDERS, name="rare")
    )
    near = sql(blocking.near(ibis.table(blocking.PIECES, name="followed"), held))
    for part in parts:
        con.register("asked_piece", part)
        con.execute(f"CREATE OR REPLACE TEMP TABLE followed AS {sql(followed)}")
        met = con.sql(near).to_arrow_table()
        both = np.sort(met["asked"].to_numpy().astype(np.int64) << 32 | met["found"].to_numpy())
        yield Pairs((both >> 32).astype(np.int32), both.astype(np.int32))
    for view in ("base_piece", "asked_piece"):
        con.unregister(view)


def _most_alike(asked: Sequence[str], base: Sequence[str], near: Pairs) -> Iterator[Pairs]:
    """Of the pairs, for each asked name those that look or sound most alike as a whole; some thousand names at a time."""
    if not len(near.asked):
        return
    first, end = int(near.asked[0]), int(near.asked[-1]) + 1
    asked_forms = np.array(names_bulk.folded(asked[first:end]), np.object_)
    different, at = np.unique(near.found, return_inverse=True)
    found_forms = np.array(names_bulk.folded([base[doc] for doc in different.tolist()]), np.object_)
    for row in range(first, end, _COMPARED):
        part = slice(*np.searchsorted(near.asked, [row, row + _COMPARED]).tolist())
        rows, docs = near.asked[part], near.found[part]
        if len(rows):
            alike = scoring.likeness(asked_forms[rows - first].tolist(), found_forms[at[part]].tolist(), rows)
            yield _best(rows, docs, alike)


def _best(rows: Numbers, docs: Numbers, alike: scoring.Similarity) -> Pairs:
    good = (alike >= _ALIKE) & (alike >= scoring.best_of(rows, alike) - _NEARLY)
    rows, docs, alike = rows[good], docs[good], alike[good]
    order = np.lexsort((docs, -alike, rows))
    rows, docs = rows[order], docs[order]
    first = np.searchsorted(rows, rows)
    kept = np.arange(len(rows)) - first < SCORED
    return Pairs(rows[kept], docs[kept])


def _begin(
    workers: Executor | None, asked: Sequence[str], base: Sequence[str], pairs: Pairs, local: frozenset[str]
) -> Iterable[Scored]:
    """Begin to score the pairs; who iterates waits for the scores."""
    texts = [(asked[row], base[doc]) for row, doc in zip(pairs.asked.tolist(), pairs.found.tolist(), strict=True)]
    parts = [texts[at : at + _PART] for at in range(0, len(texts), _PART)]
    return (map if workers is None else workers.map)(scored_pairs, parts, [local] * len(parts))


def _told(pairs: Pairs, scored: Iterable[Scored]) -> pa.Table:
    told = [one for part in scored for one in part]
    columns = [pairs.asked, pairs.found, [score for score, _ in told], [reasons for _, reasons in told]]
    table = pa.table([pa.array(column, kind) for column, kind in zip(columns, SCORES.types, strict=True)], SCORES)
    return table.filter(pc.greater_equal(table["score"], scoring.WORTH_SHOWING))


def beginnings(base: Sequence[str]) -> frozenset[str]:
    """How more than one name in a hundred begins: such beginnings are places, listed or not."""
    counts = Counter(name[:2] for name in base)
    return frozenset(start for start, count in counts.items() if count * 100 > max(len(base), _TELLING))


def scored_pairs(pairs: Sequence[tuple[str, str]], local: frozenset[str]) -> Scored:
    """Score and reasons of each pair of names."""
    asked = [scoring.prepare(one, local) for one, _ in pairs]
    found = [scoring.prepare(other, local) for _, other in pairs]
    scores = scoring.scores(asked, found).tolist()
    return [(score, _reasons(score, a, b)) for score, a, b in zip(scores, asked, found, strict=True)]


def _reasons(score: float, asked: scoring.Name, found: scoring.Name) -> str:
    return scoring.as_json(scoring.reasons(asked, found)) if score >= scoring.WORTH_SHOWING else "[]"


@contextmanager
def _workers(asked: int) -> Iterator[Executor | None]:
    """Processes for the scores where there are enough; none where their start would cost more than it saves."""
    if asked < _FEW:
        yield None
        return
    # spawned, not forked: the engine's threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context, initializer=_get_ready) as workers:
        workers.submit(scored_pairs, [("", "")], frozenset())  # they start while the names are cut
        yield workers


def _get_ready() -> None:
    # a worker lives for one file and makes no cycles: looking for some takes a third of its time
    gc.disable()
