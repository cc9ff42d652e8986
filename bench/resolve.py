"""Resolving: ``python -m bench.resolve [subjects] [rows]``; with DATABASE_URL on PostgreSQL.

Invented subjects, then (1) ``chengxin resolve`` over a file of codes with agreeing names, from process start to the file of
answers, and over a file of one row: the start, which is the same for any file; with ``--otherwise`` every
tenth name has a blank; (2) ``POST /api/v1/match`` in-process: one example at a time (p50, p99) and a thousand in one request.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench.running import Installation, machine
from chengxin.subjects.identifiers import organisation_check, uscc_check

SINGLE = 300
TRADES = ("商贸", "建材", "食品", "纸业", "机械", "园林")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("subjects", nargs="?", type=int, default=100_000)
    asked.add_argument("rows", nargs="?", type=int, default=100_000)
    asked.add_argument("--otherwise", action="store_true", help="every tenth name written with a blank")
    asked.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.ask:
        ask(given.subjects)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder))
        register, questions, one, out = (
            Path(folder) / name for name in ("register.csv", "questions.csv", "one.csv", "answers.parquet")
        )
        _write(register, ("DJ_MC", "DJ_DM"), range(given.subjects))
        chosen = random.Random(1)
        asked_for = [chosen.randrange(given.subjects) for _ in range(given.rows)]
        _write(questions, ("name", "code"), asked_for, otherwise=given.otherwise)
        _write(one, ("name", "code"), asked_for[:1])
        place.chengxin("subjects", "import", str(register), "--json")
        columns = ("--name", "name", "--code", "code", "--out", str(out), "--json")
        start = place.chengxin("resolve", str(one), *columns)
        run = place.chengxin("resolve", str(questions), *columns)
        told = {
            "rows": run.answer["rows"],
            "linked": run.answer["linked"],
            "wall_s": round(run.wall, 1),
            "start_s": round(start.wall, 1),
            "rows_per_s": round(run.answer["rows"] / run.wall),
            "rows_per_s_after_start": round(run.answer["rows"] / (run.wall - start.wall)),
            "rows_per_cpu_s_after_start": round(run.answer["rows"] / (run.cpu - start.cpu)),
            "peak_gib": round(run.peak, 2),
        }
        print(json.dumps({"file by code": told}))
        command = [sys.executable, "-m", "bench.resolve", str(given.subjects), "--ask"]
        subprocess.run(command, env=place.inherited, check=True)
    print(machine())


def ask(subjects: int) -> None:
    """Ask the API in this process: half of the names with a slip, a quarter with their code."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
    os.environ["CHENGXIN_API_REQUESTS"] = "1000000"
    import django

    django.setup()
    from django.test import Client

    client, chosen = Client(headers={"Host": "127.0.0.1"}), random.Random(2)

    def post(count: int) -> float:
        numbers = [chosen.randrange(subjects) for _ in range(count)]
        examples = [
            {"name": _name(n).replace("有限", "有线") if n % 2 else _name(n), "code": _code(n) if n % 4 == 0 else ""}
            for n in numbers
        ]
        started = time.perf_counter()
        answer = client.post("/api/v1/match", {"queries": examples}, content_type="application/json")
        took = time.perf_counter() - started
        assert answer.status_code == 200, answer.content
        return took

    for _ in range(20):
        post(1)
    single = sorted(post(1) for _ in range(SINGLE))
    print(
        json.dumps(
            {
                "one example": {
                    "p50_ms": round(single[SINGLE // 2] * 1000, 1),
                    "p99_ms": round(single[SINGLE * 99 // 100] * 1000, 1),
                },
                "a thousand": {"wall_s": round(post(1000), 2)},
            }
        )
    )


def _write(path: Path, header: tuple[str, str], numbers: Iterable[int], *, otherwise: bool = False) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for at, number in enumerate(numbers):
            name = _name(number)
            writer.writerow((f"{name[:3]} {name[3:]}" if otherwise and at % 10 == 0 else name, _code(number)))


def _name(n: int) -> str:
    brand = "".join(chr(0x4E00 + (n * 7919 + place * 104_729) % 5000) for place in range(3))
    return f"澜州市{brand}{TRADES[n % len(TRADES)]}有限公司"


def _code(n: int) -> str:
    body = f"{n:08d}"
    coded = f"91990100{body}{organisation_check(body)}"
    return coded + uscc_check(coded)


if __name__ == "__main__":
    main()
