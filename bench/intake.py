"""Intake end to end: rows a second from a CSV file to committed and searchable, on bases of several sizes.

    python -m bench.intake --rows 1000000 --bases 0,1000000,5000000 --subjects 1000000 --folder /big/disk --profile

Measured is the whole command ``chengxin submit``, its start included, until the database is checkpointed and the
process has ended. Beside it, in the same run, DuckDB's plain copy of the same file from CSV to Parquet, and the yardstick:
three plain pieces of work whose times are known from the machine on which the floor was set.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import generate
from bench.running import Installation, Weighed, machine, weigh
from bench.yardstick import slowness
from chengxin.operations.demo_city import departments

COPY = """
import duckdb, sys
duckdb.sql(f"COPY (SELECT * FROM read_csv('{sys.argv[1]}', all_varchar = true)) TO '{sys.argv[2]}' (FORMAT parquet)")
"""


SETTINGS = {"DJANGO_SETTINGS_MODULE": "chengxin.web.settings"}


def submit(place: Installation, file: Path) -> tuple[Weighed, float]:
    """Hand a file in; the second number is what was left for the write-ahead log's checkpoint, in seconds."""
    weighed = place.chengxin("submit", str(file), "--item", "xzcf", "--source", departments()[0].code, "--json")
    database = place.folder / "home" / "chengxin.sqlite3"
    started = time.perf_counter()
    if database.exists():
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return weighed, time.perf_counter() - started


def measure(place: Installation, rows: int, first: int, subjects: int) -> dict[str, object]:
    """One measured submission of ``rows`` penalties on a base of ``first`` decisions."""
    file = place.folder / f"penalties-{first}.csv"
    generate.penalties(rows, first, subjects, file)
    copy = weigh([sys.executable, "-c", COPY, str(file), str(file.with_suffix(".parquet"))], {})
    before = slowness(file, rows)
    weighed, left = submit(place, file)
    slow = (before + slowness(file, rows)) / 2
    wall = weighed.wall + left
    answer = weighed.answer
    counted = {key: answer[key] for key in ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")}
    assert sum(counted.values()) == rows, f"{counted} do not add up to {rows}"
    size = file.stat().st_size
    file.unlink()
    file.with_suffix(".parquet").unlink()
    return {
        "base": first,
        "rows": rows,
        "bytes_a_row": round(size / rows),
        "wall_s": round(wall, 2),
        "checkpoint_left_s": round(left, 2),
        "cpu_s": round(weighed.cpu, 2),
        "rows_a_second": round(rows / wall),
        "peak_gib": round(weighed.peak, 2),
        "copy_wall_s": round(copy.wall, 2),
        "times_copy": round(wall / copy.wall, 1),
        "machine_slower": round(slow, 2),
        "rows_a_second_where_the_floor_was_set": round(rows / wall * slow),
        "outcomes": counted,
    }


def profile(place: Installation, rows: int, first: int, subjects: int) -> dict[str, object]:
    """One more submission of ``rows`` penalties: CPU seconds of each step, see ``bench.profile``."""
    file = place.folder / f"penalties-{first}.csv"
    generate.penalties(rows, first, subjects, file)
    weighed = weigh([sys.executable, "-m", "bench.profile", str(file)], place.inherited | SETTINGS)
    file.unlink()
    return {"base": first, "rows": rows, **weighed.answer}


def run(rows: int, bases: list[int], subjects: int, folder: Path, *, profiled: bool) -> Iterator[dict[str, object]]:
    """Fill the base up to each size in turn and measure there; in the end a profile, where it is wanted."""
    place = Installation(folder)
    register = folder / "registry.csv"
    generate.registry(subjects, register)
    imported = place.chengxin("subjects", "import", str(register), "--json")
    yield {"registry": subjects, "wall_s": round(imported.wall, 2), "peak_gib": round(imported.peak, 2)}
    stored = 0
    for base in bases:
        if base > stored:
            file = folder / "base.csv"
            generate.penalties(base - stored, stored, subjects, file, wrong=0)
            submit(place, file)
            file.unlink()
            stored = base
        yield measure(place, rows, stored, subjects)
        stored += rows
    if profiled:
        yield profile(place, rows, stored, subjects)


@contextmanager
def somewhere(folder: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chengxin-bench-", dir=folder) as made:
        yield Path(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bases", default="0")
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where there is room; default: the system's temporary folder")
    parser.add_argument("--profile", action="store_true", help="print CPU seconds by step as well")
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        bases = [int(base) for base in given.bases.split(",")]
        for line in run(given.rows, bases, given.subjects, folder, profiled=given.profile):
            print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
