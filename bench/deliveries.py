"""Deliveries: what writing down who received which record adds to an answer with ten records.

    python -m bench.deliveries --answers 200

In a database of its own; prints median and 95th percentile in milliseconds without and with a key.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(CHENGXIN_HOME=home, CHENGXIN_API_REQUESTS="1000000", DATABASE_URL="")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
        import django

        django.setup()
        print(json.dumps(measure(Path(home), given.answers)))


def measure(home: Path, answers: int) -> dict[str, object]:
    from django.core.management import call_command
    from django.test import Client
    from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

    from chengxin.operations import recipients, sources
    from chengxin.operations.submit import submit

    call_command("migrate", verbosity=0)
    for code in ("operator", SOURCE):
        sources.ensure(code)
    submit(path=write_csv(home / "r.csv", REGISTER), item="djxx", source="operator")
    submit(path=write_csv(home / "p.csv", [penalty(n) for n in range(1, 11)]), item="xzcf", source=SOURCE)
    recipients.register(code=uscc(500), name="澜州信用服务公司")
    key = recipients.issue(code=uscc(500), now=datetime.now(UTC)).key
    told: dict[str, object] = {"answers": answers, "records": 10}
    anybody, reader = (
        Client(HTTP_HOST="localhost"),
        Client(HTTP_HOST="localhost", headers={"authorization": f"Bearer {key}"}),
    )
    for name, client in (("without_key", anybody), ("with_key", reader)):
        taken = []
        for _ in range(answers):
            started = time.perf_counter()
            response = client.get(f"/api/v1/subjects/{uscc(100)}?records=10")
            taken.append((time.perf_counter() - started) * 1000)
            assert response.status_code == 200, response.content
        taken.sort()
        told[name] = {"median_ms": round(statistics.median(taken), 2), "p95_ms": round(taken[int(0.95 * answers)], 2)}
    return told


if __name__ == "__main__":
    main()
