"""Withdrawal set: size, distance from the entropy bound, delta, and the time to check many records.

    python -m bench.withdrawn --records 900000000 --withdrawn 8000000 --sources 3000

Keys are random; sizes of sources follow a power law, and so do their shares of withdrawn records, independently: a few
sources withdraw one record in ten, most hardly any.
"""

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np

from chengxin.disclosure import withdrawn
from chengxin.disclosure.withdrawn import Block, Keys

PIECE = 4_000_000
CHECKED = 1_000_000


def sizes(records: int, members: int, sources: int, seed: int) -> list[tuple[int, int]]:
    """(withdrawn, records) of each source; the sums come out as asked, up to rounding."""
    rng = np.random.default_rng(seed)
    weight = rng.pareto(1.1, sources) + 0.02
    held = np.maximum(1, (records * weight / weight.sum()).astype(np.int64))
    share = rng.lognormal(0, 1.3, sources)
    gone = held * share
    gone = np.minimum((members * gone / gone.sum()).astype(np.int64), held // 2)
    return [(int(out), int(all_)) for out, all_ in zip(gone, held, strict=True)]


def blocks(shares: list[tuple[int, int]], seed: int) -> Iterator[Block]:
    for number, (members, records) in enumerate(shares):
        rng = np.random.default_rng((seed, number))

        def others(count: int = records - members, number: int = number) -> Iterator[Keys]:
            pieces = np.random.default_rng((seed, number, 1))
            while count > 0:
                yield _keys(pieces, min(PIECE, count))
                count -= PIECE

        yield Block(f"source-{number}", records, _keys(rng, members), others)


def _keys(rng: np.random.Generator, count: int) -> Keys:
    return rng.integers(0, 2**64, (count, 2), dtype=np.uint64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=9_000_000)
    parser.add_argument("--withdrawn", type=int, default=80_000)
    parser.add_argument("--sources", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shares = sizes(given.records, given.withdrawn, given.sources, given.seed)
    members, records = sum(share[0] for share in shares), sum(share[1] for share in shares)
    made = list(blocks(shares, given.seed))
    started = time.perf_counter()
    found = withdrawn.build(made, {})
    built = time.perf_counter() - started
    data = found.to_bytes()
    bound = withdrawn.least_bits(shares) / 8
    uniform = withdrawn.least_bits([(members, records)]) / 8
    asked, sources, expected = _questions(made, CHECKED)
    again = withdrawn.WithdrawalSet.from_bytes(data)
    started = time.perf_counter()
    answers = again.holds(asked, sources)
    checked = time.perf_counter() - started
    assert (answers == expected).all(), "the set is not exact"
    print(
        json.dumps(
            {
                "records": records,
                "withdrawn": members,
                "bytes": len(data),
                "bits_a_withdrawn": round(len(data) * 8 / members, 2),
                "entropy_bound_bytes": round(bound),
                "times_bound": round(len(data) / bound, 3),
                "bound_if_all_sources_were_alike": round(uniform),
                "build_s": round(built, 1),
                "check_s": round(checked, 2),
                "checked": len(asked),
                "of_them_withdrawn": int(expected.sum()),
            }
        )
    )


def _questions(made: list[Block], count: int) -> tuple[Keys, list[str], np.ndarray]:
    """So many records of all sources, withdrawn ones and others, as an agency would ask about them."""
    keys, sources, expected = [], [], []
    share = max(1, count // len(made))
    for block in sorted(made, key=lambda each: each.records):
        others = next(iter(block.others()), block.members[:0])
        for found, is_member in ((block.members[: share // 2], True), (others[: share - share // 2], False)):
            keys.append(found)
            sources += [block.name] * len(found)
            expected.append(np.full(len(found), is_member))
    return np.concatenate(keys), sources, np.concatenate(expected)


if __name__ == "__main__":
    main()
