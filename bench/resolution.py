"""Matching measured: a million registered names, a hundred thousand names as people write them, and the same with Splink.

    python -m bench.resolution [--names 1000000] [--asked 100000] [--splink]
    python -m bench.resolution --codes 1000000          rows a second where the code decides
    python -m bench.resolution --query 1000000          one name at a time, as a page asks

Two halves of the noisy names come from different seeds: thresholds are chosen on the first and used on the second, and only
the second is reported. A tenth of the names asked for is nobody's; the figures are given with them and without. Three figures:

- ``recall@5``: the organisation that was meant is among the five candidates;
- ``five answered``: rows whose best candidate is good enough are answered with five candidates. Recall: of the organisations
  that were meant those among them. Precision: of the answered rows those that hold the one that was meant;
- ``best taken``: the same with the best candidate alone, taken where it is also clearly better than the second. In a
  register as dense as this one a wrong character of a brand often gives the brand of somebody else, so that no method can
  tell all of them.
"""

import argparse
import logging
import os
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from bench.resolution_names import Asked, register, written
from bench.running import machine, peak_memory
from chengxin.engine import matching
from chengxin.engine.connect import connect
from chengxin.subjects import names_folding, names_parts

if TYPE_CHECKING:
    from splink import Linker

TUNING, HELD_OUT = 2, 3
"""Seeds of the two halves."""
PRECISION = 0.983
"""Asked of the first half, so that 0.98 holds on the second."""
ABSENT = 10
"""One name in so many is nobody's."""
MARGINS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08)
Ranked = Mapping[int, Sequence[tuple[float, int]]]
"""Asked → (score, number of the registered name), best first, at most five."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=100_000)
    parser.add_argument(
        "--splink", action="store_true", help="the same with Splink, which is given our parts of the names"
    )
    parser.add_argument("--codes", type=int, default=0)
    parser.add_argument("--query", type=int, default=0)
    chosen = parser.parse_args()
    print(machine())
    if chosen.codes:
        by_code(chosen.codes)
    elif chosen.query:
        one_by_one(chosen.query)
    else:
        compare(chosen.names, chosen.asked, with_splink=chosen.splink)


TOPS = (5, 1)


def compare(count: int, asked: int, *, with_splink: bool) -> None:
    listed = register(count + asked // ABSENT)
    base, absent = listed[:count], listed[count:]
    halves = [written(base, asked, seed, absent) for seed in (TUNING, HELD_OUT)]
    ways: dict[str, Callable[[Sequence[str], Sequence[str]], Ranked]] = {"chengxin": _chengxin}
    if with_splink:
        ways["splink"] = _splink
    for name, way in ways.items():
        seen = way(base, [one.text for one in halves[0]])
        started, cpu = time.perf_counter(), _cpu()
        with peak_memory() as peak:
            ranked = way(base, [one.text for one in halves[1]])
        print(
            f"{name}: {count:,} names x {asked:,} asked: {time.perf_counter() - started:.1f} s, CPU {_cpu() - cpu:.1f} s, "
            f"peak memory {peak.gib:.2f} GiB"
        )
        _report(halves, (seen, ranked))


def _chengxin(base: Sequence[str], asked: Sequence[str]) -> Ranked:
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as con:
        told = pa.concat_tables(matching.match(con, asked, base))
    return _ranked(told["asked"].to_pylist(), told["found"].to_pylist(), told["score"].to_pylist())


def _ranked(asked: Sequence[int], found: Sequence[int], score: Sequence[float]) -> Ranked:
    ranked: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for row, doc, value in zip(asked, found, score, strict=True):
        ranked[row].append((value, doc))
    return {row: sorted(listed, reverse=True)[:5] for row, listed in ranked.items()}


def _splink(base: Sequence[str], asked: Sequence[str]) -> Ranked:
    """Splink 5, given what we know: the parts of the names, the places of the base, folded forms and sounds.

    Blocked on the brand, on its sound, on a character of it with the trade on either side, and on how brand and trade begin
    together, so that a slip in one leaves another.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI(duckdb.connect())
    local = matching.beginnings(base)
    tables = []
    for name, texts in (("base", base), ("asked", asked)):
        parts = [names_parts.split(text, local) for text in texts]
        columns = {
            "unique_id": pa.array(range(len(texts)), pa.int64()),
            "full": pa.array([names_folding.fold(one.text) for one in parts]),
            "place": pa.array([one.place or None for one in parts], pa.string()),
            "brand": pa.array([one.brand or None for one in parts], pa.string()),
            "sound": pa.array([names_folding.sounded(one.brand) or None for one in parts], pa.string()),
            "trade": pa.array([one.trade or None for one in parts], pa.string()),
            "form": pa.array([one.form or None for one in parts], pa.string()),
            "head": pa.array([names_folding.fold(one.brand + one.trade)[:4] for one in parts]),
            "start": pa.array([one.brand[:1] + one.trade[:4] for one in parts]),
            "end": pa.array([one.brand[-1:] + one.trade[:4] for one in parts]),
        }
        tables.append(api.register(pa.table(columns), table_name=f"{name}_names", dataset_display_name=name))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("full", [0.97, 0.93, 0.88]),
            cl.JaroWinklerAtThresholds("brand", [0.9, 0.75]),
            cl.JaroWinklerAtThresholds("trade", [0.9, 0.75]),
            cl.ExactMatch("sound"),
            cl.ExactMatch("place"),
            cl.ExactMatch("form"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("brand"),
            block_on("sound", "substr(trade, 1, 2)"),
            block_on("head"),
            block_on("start"),
            block_on("end"),
        ],
    )
    logging.disable(logging.WARNING)  # it tells its progress at length
    found = _predicted(Linker(tables, settings))
    left_is_base = np.array(found["source_dataset_l"].to_pylist()) == "base"
    left, right = found["unique_id_l"].to_numpy(), found["unique_id_r"].to_numpy()
    docs, rows = np.where(left_is_base, left, right), np.where(left_is_base, right, left)
    # weights, not probabilities: those of most good pairs are 1; twenty bits are as certain as anything here
    return _ranked(rows.tolist(), docs.tolist(), (found["match_weight"].to_numpy() / 20).tolist())


def _predicted(linker: "Linker") -> pa.Table:
    from splink import block_on

    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("brand"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("end"))
    return linker.inference.predict(threshold_match_weight=-5).as_pyarrow_table()


def _threshold(asked: Sequence[Asked], ranked: Ranked, top: int) -> tuple[float, float]:
    """The score and the margin that answer most at the wanted precision, on this half."""
    best = (0, 1.1, 0.0)
    for margin in MARGINS:
        answered = sorted(_answered(asked, ranked, top, margin), reverse=True)
        right = np.cumsum([good for _, good in answered])
        precise = np.flatnonzero(right / np.arange(1, len(right) + 1) >= PRECISION)
        if len(precise):
            best = max(best, (int(right[precise[-1]]), answered[precise[-1]][0], margin))
    return best[1], best[2]


def _answered(asked: Sequence[Asked], ranked: Ranked, top: int, margin: float) -> list[tuple[float, bool]]:
    """Score of the best candidate and whether the meant one is among the first ``top``, where the best leads by the margin."""
    found = []
    for row, listed in ranked.items():
        second = listed[1][0] if len(listed) > 1 else -1.0
        if listed[0][0] - second >= margin:
            found.append((listed[0][0], asked[row].meant in [doc for _, doc in listed[:top]]))
    return found


def _report(halves: Sequence[Sequence[Asked]], ranked: Sequence[Ranked]) -> None:
    asked, listed = halves[1], ranked[1]
    there = [row for row, one in enumerate(asked) if one.meant is not None]
    among = sum(any(doc == asked[row].meant for _, doc in listed.get(row, ())) for row in there)
    print(f"  recall@5 {among / len(there):.4f}")
    known = [_of_somebody(half, found) for half, found in zip(halves, ranked, strict=True)]
    for which, (tuning, held_out) in {"names of somebody": known, "a tenth nobody's": ranked}.items():
        for top in TOPS:
            threshold, margin = _threshold(halves[0], tuning, top)
            good = [right for score, right in _answered(asked, held_out, top, margin) if score >= threshold]
            print(
                f"  {which}, {'best taken' if top == 1 else 'five answered'} at score >= {threshold:.3f}, margin >= {margin}: "
                f"recall {sum(good) / len(there):.4f}, precision {sum(good) / max(1, len(good)):.4f}"
            )
    missed: dict[str, list[bool]] = defaultdict(list)
    for row in there:
        missed[asked[row].how].append(not any(doc == asked[row].meant for _, doc in listed.get(row, ())))
    worst = sorted(missed.items(), key=lambda item: -sum(item[1]))[:6]
    print("  missed most: " + "; ".join(f"{how} {sum(lost)}/{len(lost)}" for how, lost in worst))


def _of_somebody(asked: Sequence[Asked], ranked: Ranked) -> Ranked:
    return {row: listed for row, listed in ranked.items() if asked[row].meant is not None}


def by_code(count: int) -> None:
    """Rows whose code decides: the engine's part of linking, without reading or storing."""
    import ibis

    from bench.generate import subjects
    from chengxin.engine.connect import sql
    from chengxin.resolution import linking

    base = subjects(count)
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as con:
        con.register("base", base)
        con.execute("CREATE TABLE codes AS SELECT code, 'uscc' AS scheme, code AS subject FROM base")
        con.execute("CREATE TABLE names AS SELECT name AS norm, code AS subject, 'current' AS kind FROM base")
        none = ", ".join(f"NULL::VARCHAR AS {column}" for column in ("registration_no", "organisation_code"))
        con.execute(f"CREATE TABLE asked AS SELECT n AS row, code, {none}, name AS norm FROM base")
        statement = sql(
            linking.link(
                ibis.table(linking.ROWS, name="asked"),
                ibis.table(linking.CODES, name="codes"),
                ibis.table(linking.NAMES, name="names"),
                introduce=False,
            )
        )
        started = time.perf_counter()
        linked = con.execute(f"SELECT count(*) FROM ({statement}) WHERE subject IS NOT NULL").fetchall()[0][0]
        taken = time.perf_counter() - started
    assert linked == count
    print(f"by code: {count / taken:,.0f} rows/s")


def one_by_one(count: int) -> None:
    """One name at a time through the index of an installation, as a page asks."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHENGXIN_HOME"] = folder  # never an installation in use
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
        import django

        django.setup()
        from bench.search import fill
        from chengxin.operations.matching import QUERIES, candidates

        base = register(count)
        fill(base)
        asked = written(base, 2_000, HELD_OUT)
        times: list[float] = []
        found = 0
        for number, one in enumerate(asked):
            question = pa.table({"row": [0], "name": [one.text], "code": pa.array([None], pa.string())}, QUERIES)
            started = time.perf_counter()
            told = candidates(question, limit=5)
            if number >= 100:  # the first ones load tables
                times.append((time.perf_counter() - started) * 1000)
                found += one.meant is not None and base[one.meant] in told["name"].to_pylist()
        times.sort()
        print(
            f"one query at {count:,}: median {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms; "
            f"recall@5 {found / len(times):.4f}"
        )
        questions = pa.table(
            {
                "row": pa.array(range(1000), pa.int64()),
                "name": [one.text for one in random.Random(1).sample(asked, 1000)],
                "code": pa.array([None] * 1000, pa.string()),
            }
        )
        started = time.perf_counter()
        candidates(questions, limit=5)
        print(f"1,000 at once: {time.perf_counter() - started:.1f} s")


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
