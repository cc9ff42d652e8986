"""Matching in bulk (批量匹配): a file of names against a whole subject base, on the engine and on all cores.

Three sieves, each finer and dearer: names that share telling pieces (the engine), names that look or sound alike as a
whole (rapidfuzz over columns), and the score with its reasons (``resolution.scoring``, in processes of their own).
"""

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.engine.connect import sql
from chengxin.resolution import blocking, scoring
from chengxin.subjects import names_bulk

ASKED_AT_ONCE = 25_000
"""Rows worked on at once: what the engine holds for them stays below its memory."""
SCORED = 5
"""Names scored for one row: those that look most alike as a whole."""
_NEARLY = 0.25
"""A name that is so much less alike than the row's best is not scored."""
_ALIKE = 0.35
_PART = 4_000
_TELLING = 10_000
"""Of fewer names, beginnings say nothing."""
_FEW = 2_000
"""Pairs worth the start of other processes."""

SCORES = pa.schema([("asked", pa.int32()), ("found", pa.int32()), ("score", pa.float64()), ("reasons", pa.string())])
"""``asked`` and ``found`` are positions in the two lists of names; ``reasons`` as ``scoring.as_json`` writes them."""

_FOLLOWED = ibis.schema({"name": "int32", "piece": "int64", "weight": "float64"})


def match(con: duckdb.DuckDBPyConnection, asked: Sequence[str], base: Sequence[str]) -> Iterator[pa.Table]:
    """Tables of ``SCORES`` for some thousand asked names at a time: up to ``SCORED`` names of the base for each."""
    _keep_shared_pieces(con, asked, base)
    local = beginnings(base)
    with _workers(len(asked)) as workers:
        for start in range(0, len(asked), ASKED_AT_ONCE):
            part = asked[start : start + ASKED_AT_ONCE]
            near = _most_alike(part, base, _near(con, part))
            yield _scored(workers, part, base, near, local, start)


def _keep_shared_pieces(con: duckdb.DuckDBPyConnection, asked: Sequence[str], base: Sequence[str]) -> None:
    """Make ``base_piece``: of the base's pieces those that some asked name has, too. All would not fit into memory."""
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (piece BIGINT)")
    for part in names_bulk.pieces(asked):
        con.register("part", part)
        con.execute("INSERT INTO wanted SELECT DISTINCT piece FROM part ANTI JOIN wanted USING (piece)")
    con.execute("CREATE OR REPLACE TEMP TABLE base_piece (name INTEGER, piece BIGINT)")
    for part in names_bulk.pieces(base):
        con.register("part", part)
        # what one slice alone shows to be common is dropped before it is stored a million times
        con.execute(
            f"DELETE FROM wanted WHERE piece IN (SELECT piece FROM part GROUP BY piece HAVING count(*) > {blocking.COMMON})"
        )
        con.execute("INSERT INTO base_piece SELECT name, piece FROM part SEMI JOIN wanted USING (piece)")
    con.unregister("part")


def _near(con: duckdb.DuckDBPyConnection, asked: Sequence[str]) -> pa.Table:
    con.register("asked_piece", pa.concat_tables(names_bulk.pieces(asked)))
    base = ibis.table(blocking.PIECES, name="base_piece")
    followed = blocking.telling(ibis.table(blocking.PIECES, name="asked_piece"), base)
    con.execute(f"CREATE OR REPLACE TEMP TABLE followed AS {sql(followed)}")
    return con.sql(sql(blocking.near(ibis.table(_FOLLOWED, name="followed"), base))).to_arrow_table()


def _most_alike(asked: Sequence[str], base: Sequence[str], near: pa.Table) -> pa.Table:
    """Of the pairs, for each asked name those that look or sound most alike as a whole."""
    if not near.num_rows:
        return near
    rows, docs = near["asked"].to_numpy(), near["found"].to_numpy()
    different, at = np.unique(docs, return_inverse=True)
    asked_forms = names_bulk.folded(asked)
    found_forms = names_bulk.folded([base[doc] for doc in different.tolist()])
    left = [asked_forms[row] for row in rows.tolist()]
    right = [found_forms[doc] for doc in at.tolist()]
    alike = scoring.likeness(left, right)
    order = np.lexsort((docs, -alike, rows))
    rows, docs, alike = rows[order], docs[order], alike[order]
    first = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
    group = np.cumsum(np.append(True, rows[1:] != rows[:-1])) - 1
    place = np.arange(len(rows)) - first[group]
    kept = (place < SCORED) & (alike >= _ALIKE) & (alike >= alike[first][group] - _NEARLY)
    return pa.table({"asked": rows[kept], "found": docs[kept]})


def _scored(
    workers: Executor | None,
    asked: Sequence[str],
    base: Sequence[str],
    near: pa.Table,
    local: frozenset[str],
    start: int,
) -> pa.Table:
    rows, docs = near["asked"].to_pylist(), near["found"].to_pylist()
    pairs = [(asked[row], base[doc]) for row, doc in zip(rows, docs, strict=True)]
    parts = [pairs[at : at + _PART] for at in range(0, len(pairs), _PART)]
    scored = (map if workers is None else workers.map)(scored_pairs, parts, [local] * len(parts))
    told = [one for part in scored for one in part]
    columns = [[row + start for row in rows], docs, [score for score, _ in told], [reasons for _, reasons in told]]
    table = pa.table([pa.array(column, kind) for column, kind in zip(columns, SCORES.types, strict=True)], SCORES)
    return table.filter(pc.greater_equal(table["score"], scoring.WORTH_SHOWING))


def beginnings(base: Sequence[str]) -> frozenset[str]:
    """How more than one name in a hundred begins: such beginnings are places, listed or not."""
    counts = Counter(name[:2] for name in base)
    return frozenset(start for start, count in counts.items() if count * 100 > max(len(base), _TELLING))


def scored_pairs(pairs: Sequence[tuple[str, str]], local: frozenset[str]) -> list[tuple[float, str]]:
    """Score and reasons of each pair of names."""
    asked = [scoring.prepare(one, local) for one, _ in pairs]
    found = [scoring.prepare(other, local) for _, other in pairs]
    scores = scoring.scores(asked, found).tolist()
    return [(score, _told(score, a, b)) for score, a, b in zip(scores, asked, found, strict=True)]


def _told(score: float, asked: scoring.Name, found: scoring.Name) -> str:
    return scoring.as_json(scoring.reasons(asked, found)) if score >= scoring.WORTH_SHOWING else "[]"


@contextmanager
def _workers(asked: int) -> Iterator[Executor | None]:
    """Processes for the scores where there are enough; none where their start would cost more than it saves."""
    if asked < _FEW:
        yield None
        return
    # spawned, not forked: the engine's threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    # they live for one file and make no cycles: looking for some takes a third of their time
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context, initializer=gc.disable) as workers:
        yield workers
