"""The log by itself: appending in bulk and singly, proofs from a large log, storage, verification.

    python -m bench.log --entries 1000000 --leaves 10000000 --seconds 10 --threads 32 --folder /big/disk

Each figure on a fresh installation. ``append`` is hashed, integrated, committed (flushed), tiles flushed to their folder,
checkpoint published: contents are canonical JSON of ``--bytes`` bytes, made beforehand. ``single`` is one entry, one batch, one
signed checkpoint each, by threads that wait for each other's disk (``operations.sequencing``); latency ends when the entry is
in the published log. ``proof`` reads from a log of ``--leaves`` made-up leaf hashes, over the tile store and the database.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.running import Installation, machine, weigh

AT_ONCE = 32_768
PROOFS = 3_000


def append(entries: int, width: int) -> dict[str, object]:
    """A log of ``entries`` in one batch, then what it weighs on disk, and the time to verify all of it."""
    import pyarrow as pa

    from chengxin.kernel.canonical import encode
    from chengxin.ledger.model import Batch
    from chengxin.operations import logkey, publishing
    from chengxin.storage import bulk
    from chengxin.storage.ledger import Appender

    filled = "诚" * (width // 3)
    text = encode({"act": "state", "kind": "bench", "record": "%", "fields": {"CF_NR": filled}}).decode()
    batches = []
    for first in range(0, entries, AT_ONCE):
        seqs = range(first, min(first + AT_ONCE, entries))
        batches.append(
            pa.record_batch({"seq": pa.array(seqs), "content": [text.replace("%", f"{seq:032x}") for seq in seqs]})
        )
    logkey.signed(0, bytes(32))
    started = time.perf_counter()
    with bulk.transaction() as store:
        ledger = Appender(store, Batch("B-1", "2026-11-22T02:00:00Z", "bench", "0" * 64))
        ledger.append(iter(batches), entries)
        ledger.close(logkey.signed)
    committed = time.perf_counter() - started
    assert publishing.publish()
    took = time.perf_counter() - started
    return {
        "entries": entries,
        "bytes_an_item": len(text.encode()) + 31,
        "committed_s": round(committed, 2),
        "published_s": round(took, 2),
        "entries_a_second": round(entries / took),
        "bytes_a_leaf_besides_entries": round(_besides_entries() / entries, 2),
    }


def _besides_entries() -> int:
    """Bytes of tiles, batches and checkpoints, on disk and in the database."""
    from django.conf import settings
    from django.db import connection

    folder = Path(settings.HOME) / "tile"
    tiles = sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(length(hashes)), 0) FROM ledger_tile")
        edge = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(sum(length(id) + length(at) + length(root) + length(checkpoint) + 80), 0) FROM ledger_batch"
        )
        return int(tiles + edge + cursor.fetchone()[0])


def verify() -> dict[str, object]:
    """Full verification of the log that is there, as ``chengxin log verify`` does it."""
    weighed = weigh([sys.executable, "-m", "chengxin", "log", "verify", "--json"], {})
    found = weighed.answer
    assert found["sound"], found
    return {
        "entries": found["size"],
        "wall_s": round(weighed.wall, 2),
        "cpu_s": round(weighed.cpu, 2),
        "peak_gib": round(weighed.peak, 2),
    }


def single(seconds: float, threads: int) -> dict[str, object]:
    """One entry at a time by many at once."""
    from django.db import connection
    from tests.integration.appending import append as one

    one("warm", 0)
    waited: list[float] = []
    end = time.perf_counter() + seconds

    def work(thread: int) -> None:
        number = 0
        while (started := time.perf_counter()) < end:
            one(f"T{thread}", number)
            waited.append(time.perf_counter() - started)
            number += 1
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    return {
        "threads": threads,
        "entries": len(waited),
        "entries_a_second": round(len(waited) / seconds),
        "published_after_ms": {"p50": _ms(waited, 0.50), "p99": _ms(waited, 0.99)},
    }


def proof(leaves: int) -> dict[str, object]:
    """Inclusion proofs at random places of a large log, read as the API reads them."""
    from django.db import connection

    from chengxin.ledger import proof as proofs
    from chengxin.ledger.merkle import TILE_BYTES, Tree
    from chengxin.ledger.verify import root_from
    from chengxin.operations import logtiles
    from chengxin.storage import tiles

    tree = Tree(0, lambda level, number: b"")
    for first in range(0, leaves, 1 << 20):
        count = min(1 << 20, leaves - first)
        tree.append(random.Random(first).randbytes(32 * count))
        edge = tree.take_changed()
        tiles.store().put({place: hashes for place, hashes in edge.items() if len(hashes) == TILE_BYTES})
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM ledger_tile")
            cursor.executemany(
                "INSERT INTO ledger_tile (level, number, hashes) VALUES (%s, %s, %s)",
                [(*place, hashes) for place, hashes in edge.items() if len(hashes) < TILE_BYTES],
            )
    root, waited = tree.root(), []
    for _ in range(PROOFS):
        index = random.randrange(leaves)
        started = time.perf_counter()
        path = proofs.inclusion(index, leaves, logtiles.read)
        waited.append(time.perf_counter() - started)
        leaf = logtiles.read(0, index // 256)[index % 256 * 32 :][:32]
        assert root_from(index, leaves, leaf, path) == root
    return {"leaves": leaves, "proofs": PROOFS, "ms": {"p50": _ms(waited, 0.50), "p99": _ms(waited, 0.99)}}


def _ms(seconds: list[float], share: float) -> float:
    return round(statistics.quantiles(seconds, n=1000)[round(share * 1000) - 1] * 1000, 2)


def _fresh(folder: Path, name: str, *arguments: str) -> dict[str, object]:
    place = Installation(folder / name)
    found = weigh([sys.executable, "-m", "bench.log", "--only", name, *arguments], place.env).answer
    return dict(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--only",
        choices=["append", "single", "proof"],
        help="(used by itself: one figure, in the installation of the environment)",
    )
    given = parser.parse_args()
    if given.only:
        from chengxin.cli.app import platform

        platform()
        measured: dict[str, Callable[[], dict[str, object]]] = {
            "append": lambda: append(given.entries, given.bytes) | {"verify": verify()},
            "single": lambda: single(given.seconds, given.threads),
            "proof": lambda: proof(given.leaves),
        }
        print(json.dumps(measured[given.only]()))
        return
    print(machine(), file=sys.stderr)
    sizes = [f"--{name}={getattr(given, name)}" for name in ("entries", "leaves", "bytes", "seconds", "threads")]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for name in ("append", "single", "proof"):
            print(json.dumps({name: _fresh(Path(folder), name, *sizes)}, indent=1), flush=True)


if __name__ == "__main__":
    main()
