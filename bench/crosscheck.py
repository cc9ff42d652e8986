"""Cross-check over a large subject base: ``python -m bench.crosscheck [subjects]``; with DATABASE_URL on PostgreSQL.

The base is written straight into its tables: invented codes and names, one subject in a thousand with a fault of each
kind. Measured is what an operator runs: ``chengxin subjects audit``, from process start to the findings stored, the
first time (every finding is new) and again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.running import Installation, machine
from chengxin.subjects.identifiers import organisation_check

SOURCES = 40
"""Offices that assign codes, one a division."""
SLICE = 250_000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("subjects", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.fill:
        fill(given.subjects)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder))
        subprocess.run(
            [sys.executable, "-m", "bench.crosscheck", str(given.subjects), "--fill"], env=place.inherited, check=True
        )
        for run in ("first", "again"):
            found = place.chengxin("subjects", "audit", "--json")
            told = found.answer
            print(
                json.dumps(
                    {
                        "run": run,
                        "subjects": told["subjects"],
                        "open": told["open"],
                        "wall_s": round(found.wall, 1),
                        "cpu_s": round(found.cpu, 1),
                        "peak_gib": round(found.peak, 2),
                    }
                )
            )
    print(machine())


def fill(subjects: int) -> None:
    """Write the base: registrations of 1..n, in slices."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
    import django

    django.setup()
    from chengxin.operations import accounts, registry
    from chengxin.storage import bulk

    for number in range(SOURCES):
        office = accounts.register_source(code=f"1199{number:02}00000000000X", name=f"澜州市第{number}登记局")
        registry.let_assign(source=office.code, department="9", division=f"99{number:02}", by="bench")
    with bulk.transaction() as store:
        for start in range(0, subjects, SLICE):
            _append(store, start, min(start + SLICE, subjects))
    bulk.analyse(("subject", "subject_code", "subject_name"))


def _append(store: object, start: int, end: int) -> None:
    import pyarrow as pa

    numbers = range(start, end)
    codes = [_code(n) for n in numbers]
    names = [f"澜州第{n - (n % 1000 == 1)}号商贸有限公司" for n in numbers]
    empty = pa.nulls(len(codes), pa.date32())
    ended = [n % 1000 == 2 for n in numbers]
    store.append(
        "subject",
        pa.table(
            {
                "id": codes,
                "kind": ["enterprise" if len(code) == 18 else "other" for code in codes],
                "code": codes,
                "name": names,
                "status": ["注销" if over else "存续" for over in ended],
                "status_since": pa.array(["2024-05-01" if over else None for over in ended]).cast(pa.date32()),
                "region": [""] * len(codes),
                "provisional": [False] * len(codes),
                "seq": pa.array(numbers, pa.int64()),
            }
        ),
    )
    unified = [code for code in codes if len(code) == 18]
    numbered = [code for code in codes if len(code) == 15]
    shared = [(code, unified[at + 1]) for at, code in enumerate(unified[:-1]) if at % 1000 == 5]
    rows = [(code, "uscc", code, "current") for code in unified]
    rows += [(code, "registration", code, "legacy") for code in numbered]
    rows += [(code, "uscc", other, "former") for code, other in shared]
    rows.sort()
    columns = dict(zip(("code", "scheme", "subject", "state"), map(list, zip(*rows, strict=True)), strict=True))
    no_days = pa.nulls(len(rows), pa.date32())
    store.append("subject_code", pa.table({**columns, "since": no_days, "until": no_days}))
    borne = sorted(zip(names, codes, strict=True))
    store.append(
        "subject_name",
        pa.table(
            {
                "norm": [name for name, _ in borne],
                "subject": [code for _, code in borne],
                "kind": ["current"] * len(borne),
                "text": [name for name, _ in borne],
                "since": empty,
                "until": empty,
                "stated": [True] * len(borne),
            }
        ),
    )


def _code(number: int) -> str:
    """One in a thousand is an old number; in unified codes only the last character, which no rule reads, is made up."""
    division, body = f"99{number % SOURCES:02}00", f"{number:08}"
    return f"{division}0{body}" if number % 1000 == 3 else f"91{division}{body}{organisation_check(body)}0"


if __name__ == "__main__":
    main()
