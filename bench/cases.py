"""Lists of cases: how long a page of the desk takes among very many.

    python -m bench.cases --cases 1000000 --requests 200

Opened as a deciding officer of one body among two hundred, who sees only its cases, and as an officer of the centre; every
list, first pages and pages further on, through the whole of Django.
"""

import argparse
import html
import json
import os
import random
import re
import time
from datetime import date, timedelta
from pathlib import Path

from bench.intake import somewhere
from bench.running import Installation, machine

BODIES = 200
VIEWS = ("todo", "second", "overdue", "mine", "all", "done")
PASSWORD = "a-long-bench-password"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        place = Installation(folder)
        os.environ.update(place.env, DJANGO_SETTINGS_MODULE="chengxin.web.settings")
        import django

        django.setup()
        people = _people()
        started = time.perf_counter()
        _fill(given.cases)
        filled = round(time.perf_counter() - started)
        print(json.dumps({"cases": given.cases, "filled_s": filled, "ms": _lists(people, given.requests)}))


def _people() -> list[str]:
    """The codes of the bodies; sources and the two people whose lists are opened."""
    from django.conf import settings

    from chengxin.operations import accounts

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # this is not about guessing
    bodies = [f"BODY{number:014d}" for number in range(BODIES)]
    for body in (*bodies, "CENTRE"):
        accounts.register_source(code=body, name=body)
    accounts.create_user(name="li", password=PASSWORD, source=bodies[0], role=accounts.DECIDER)
    accounts.create_user(name="officer", password=PASSWORD, source="CENTRE", role=accounts.OFFICER)
    return ["li", "officer"]


_COLUMNS = (
    "id, kind, workflow, record, subject, item, name, document, body, state, stage, acting, handler, due, opened_on, "
    "closed_on, outcome, events, escalated, late, used, statement"
)


def _fill(count: int) -> None:
    """``count`` cases of many bodies, a third of them open, without events: lists never read those."""
    from django.db import connection

    sql = f"INSERT INTO credit_case ({_COLUMNS}) VALUES ({', '.join(['%s'] * 22)})"
    with connection.cursor() as cursor:
        for start in range(0, count, 50_000):
            cursor.executemany(sql, [_row(number) for number in range(start, min(start + 50_000, count))])
        cursor.execute("ANALYZE credit_case")


def _row(number: int) -> tuple[object, ...]:
    """A case; every twentieth is of the first body, which has many more than the others."""
    chance, day = random.Random(number), date(2026, 11, 22)
    body = f"BODY{chance.randrange(BODIES) if number % 20 else 0:014d}"
    opened = day - timedelta(days=chance.randrange(1, 700))
    closed = None if number % 3 == 0 else opened + timedelta(days=chance.randrange(1, 20))
    state = "granted" if closed else chance.choice(["submitted", "review", "grant-proposed"])
    stage = "closed" if closed else "second" if state == "grant-proposed" else "work"
    due = date(9999, 12, 31) if closed else day + timedelta(days=chance.randrange(-5, 12))
    return (
        *(f"XF-{opened:%Y%m%d}-{number:07d}", "repair", "repair", f"{number:032x}", f"S{number // 3}", "xzcf"),
        *("澜州某某食品有限公司", f"澜环罚〔2026〕{number}号", body, state, stage, "" if closed else body),
        *("li" if number % 50 == 0 else "other", due, opened, closed, "granted" if closed else ""),
        *(4 if closed else 2, False, False, 0, ""),
    )


def _lists(people: list[str], requests: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each list, first pages and pages further on in turn."""
    from django.test import Client

    found = {}
    for name in people:
        client = Client(HTTP_HOST="127.0.0.1")
        client.post("/desk/sign-in", {"username": name, "password": PASSWORD})
        addresses = {view: f"/desk/cases/?view={view}" for view in VIEWS}
        waits: list[float] = []
        cpu: list[float] = []
        client.get(addresses["all"])  # templates are read once
        for number in range(requests):
            view = VIEWS[number % len(VIEWS)]
            started, spent = time.perf_counter(), time.process_time()
            answer = client.get(addresses[view])
            waits.append((time.perf_counter() - started) * 1000)
            cpu.append((time.process_time() - spent) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{addresses[view]}: {answer.status_code}")
            more = re.search(r'href="(\?[^"]*after=[^"]*)"', answer.content.decode())
            later = number < requests * 0.9 and more  # deeper and deeper, and at the end from the beginning again
            addresses[view] = f"/desk/cases/{html.unescape(more[1])}" if later else f"/desk/cases/?view={view}"
        waits.sort()
        found[name] = {
            "median": round(waits[len(waits) // 2], 1),
            "p95": round(waits[int(len(waits) * 0.95)], 1),
            "worst": round(waits[-1], 1),
            "cpu_p95": round(sorted(cpu)[int(len(cpu) * 0.95)], 1),
        }
    return found


if __name__ == "__main__":
    main()
