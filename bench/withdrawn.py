"""Withdrawal set: size, distance from the entropy bound, delta, and the time to check many records.

    python -m bench.withdrawn --records 900000000 --withdrawn 8000000 --sources 3000 --folder /big/disk

Keys are random and, but for members and what passes the first layer, never held: others come in pieces and go. Sizes of
sources follow a power law, and so do their shares of withdrawn records, independently: a few sources withdraw one record in
ten, most hardly any. Of each source one record in eight is a penalty, and penalties end early forty times as often as
licences. The set and a file of a million questions are left in ``--folder``; where they lie already only the check is
measured, the whole of ``chengxin withdrawn check``: reading the file, the set, every answer.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from chengxin.disclosure import withdrawn, withdrawn_delta
from chengxin.disclosure.withdrawn import Block, Keys
from chengxin.operations import withdrawn_check

PIECE = 1_000_000
CHECKED = 1_000_000
CHANGES = 2_500
"""In six hours, at 10,000 a day."""
PENALTIES, OFTENER = 1 / 8, 40


def sizes(records: int, members: int, sources: int, seed: int) -> dict[str, tuple[int, int]]:
    """(withdrawn, records) of each block; the sums come out as asked, up to rounding."""
    rng = np.random.default_rng(seed)
    weight = rng.pareto(1.1, sources) + 0.02
    share = rng.lognormal(0, 1.3, sources)
    held = np.outer([PENALTIES, 1 - PENALTIES], np.maximum(1, records * weight / weight.sum()))
    gone = held * share * np.array([[OFTENER], [1]])
    gone = np.minimum(members * gone / gone.sum(), held / 2).astype(np.int64)
    # what a half-empty source cannot give up is spread over the others in proportion
    gone = np.minimum(gone * (members / gone.sum()), held / 2).astype(np.int64)
    codes = [f"11{code:016d}" for code in sorted(rng.integers(0, 10**16, sources).tolist())]
    return {
        withdrawn.block_of(codes[number], item): (int(gone[row, number]), int(held[row, number]))
        for number in range(sources)
        for row, item in enumerate(("xzcf", "xzxk"))
    }


def blocks(shares: dict[str, tuple[int, int]], seed: int) -> Iterator[Block]:
    for number, (name, (members, records)) in enumerate(shares.items()):
        rng = np.random.default_rng((seed, number))

        def others(count: int = records - members, number: int = number) -> Iterator[Keys]:
            pieces = np.random.default_rng((seed, number, 1))
            while count > 0:
                yield _keys(pieces, min(PIECE, count))
                count -= PIECE

        yield Block(name, records, _keys(rng, members), others)


def _keys(rng: np.random.Generator, count: int) -> Keys:
    return rng.integers(0, 2**64, (count, 2), dtype=np.uint64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=9_000_000)
    parser.add_argument("--withdrawn", type=int, default=80_000)
    parser.add_argument("--sources", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the set and the questions here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        if not (folder / "asked.csv").exists():
            folder.mkdir(parents=True, exist_ok=True)
            print(json.dumps(_make(folder, given)), flush=True)
        print(json.dumps(_check(folder)))


def _make(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    shares = sizes(given.records, given.withdrawn, given.sources, given.seed)
    members, records = (sum(each[place] for each in shares.values()) for place in (0, 1))
    made = list(blocks(shares, given.seed))
    started, spent = time.perf_counter(), time.process_time()
    data = withdrawn.build(made, {"size": str(records)}).to_bytes()
    built, cpu = time.perf_counter() - started, time.process_time() - spent
    (folder / "set.bin").write_bytes(data)
    hits = _questions(made, records, folder / "asked.csv")
    (folder / "hits.json").write_text(json.dumps(hits))
    by_source = np.array(list(shares.values())).reshape(-1, 2, 2).sum(axis=1)
    bound = withdrawn.least_bits(shares.values()) / 8
    changed = [key.tobytes() for key in _keys(np.random.default_rng(given.seed), CHANGES)]
    half = CHANGES // 2
    delta = withdrawn_delta.Delta(0, 0, 1, *map(withdrawn_delta.prefixes, (changed[:half], changed[half:])))
    return {
        "records": records,
        "withdrawn": members,
        "bytes": len(data),
        "bits_a_withdrawn": round(len(data) * 8 / members, 2),
        "entropy_bound_bytes": round(bound),
        "times_bound": round(len(data) / bound, 3),
        "bound_by_source_only": round(withdrawn.least_bits(by_source.tolist()) / 8),
        "bound_if_all_records_were_alike": round(withdrawn.least_bits([(members, records)]) / 8),
        "delta_bytes": len(delta.to_bytes()),
        "build_s": round(built, 1),
        "build_cpu_s": round(cpu, 1),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def _questions(made: list[Block], records: int, path: Path) -> list[int]:
    """A file of records of all blocks in proportion, half withdrawn ones, half others; returns the rows that are to hit."""
    members = sum(len(block.members) for block in made)
    row, hits = 1, []
    with path.open("w") as out:
        out.write("withdrawal_key\n")
        for block in made:
            mine = block.members[: round(CHECKED / 2 * len(block.members) / members)]
            count = round(CHECKED / 2 * (block.records - len(block.members)) / (records - members))
            others = next(iter(block.others()), mine[:0])[:count]
            hits += range(row + 1, row + 1 + len(mine))
            row += len(mine) + len(others)
            keys = np.concatenate([mine, others]).tobytes().hex()
            out.writelines(f"{keys[at : at + 32]}.0.{block.name}\n" for at in range(0, len(keys), 32))
    return hits


def _check(folder: Path) -> dict[str, object]:
    started, spent = time.perf_counter(), time.process_time()
    with (folder / "asked.csv").open("rb") as asked:
        found = withdrawn_check.check(asked, "asked.csv", (folder / "set.bin").read_bytes())
    took, cpu = time.perf_counter() - started, time.process_time() - spent
    assert list(found.hits) == json.loads((folder / "hits.json").read_text()), "the set is not exact"
    return {"checked": found.asked, "hits": len(found.hits), "check_s": round(took, 2), "check_cpu_s": round(cpu, 2)}


if __name__ == "__main__":
    main()
