"""The yardstick: three plain pieces of work on a file, whose times are known from the machine on which a floor was set.

    python -m bench.yardstick FILE.csv ROWS

Floors of intake come from a prototype that was measured on another machine of the same description. A rented machine's
speed drifts by half within an hour; what it needs for the same plain work, just before and after, says how far a figure
can be compared.
"""

import hashlib
import sys
import time
from pathlib import Path

import duckdb

from bench.running import weigh

THERE_S = 4.55
"""Seconds for a million rows of a kilobyte there: 1.85 to read them into a table, 1.5 to make JSON of it, 1.2 to hash."""
ITEM = bytes(1306)


def slowness(file: Path, rows: int) -> float:
    """How many times slower than there this machine is just now."""
    measured = weigh([sys.executable, "-m", "bench.yardstick", str(file), str(rows)], {})
    return float(measured.output) / (THERE_S * rows / 1_000_000)


def work(file: str, rows: int) -> float:
    """Do it; returns the seconds it took."""
    started = time.perf_counter()
    con = duckdb.connect(config={"threads": 2})
    con.execute("CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar = true)", [file])
    names = [row[0] for row in con.execute("DESCRIBE t").fetchall()]
    members = ", ".join(f"""',"{name}":' || to_json("{name}")""" for name in names)
    con.execute(f"SELECT sum(length('{{' || substr(concat({members}), 2) || '}}')) FROM t").fetchall()
    for _ in range(rows):
        hashlib.sha256(ITEM).digest()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(work(sys.argv[1], int(sys.argv[2])))
