"""Cases: how long a page of the desk's lists takes among very many, and how long deciding very many takes.

    python -m bench.cases --cases 1000000 --requests 200 --repairs 10000

The lists are opened as a deciding officer of one body among two hundred, and as an officer of the centre, through the
whole of Django. The repairs are decided in one go, on records that were handed in as a file; "effects visible" is when
none of them is public any more.
"""

import argparse
import json
import os
import random
import time
from datetime import date, timedelta
from pathlib import Path

from bench import generate
from bench.intake import somewhere, submit
from bench.running import Installation, machine

BODIES = 200
VIEWS = ("todo", "second", "overdue", "mine", "all", "done")
PASSWORD = "a-long-bench-password"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--repairs", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        place = Installation(folder)
        os.environ.update(place.env, DJANGO_SETTINGS_MODULE="chengxin.web.settings")
        if given.repairs:
            _records(place, folder, given.repairs)
        import django

        django.setup()
        people = _people()
        if given.repairs:
            print(json.dumps({"repairs": _decide(given.repairs)}))
        if given.cases:
            started = time.perf_counter()
            _fill(given.cases)
            filled = round(time.perf_counter() - started)
            print(json.dumps({"cases": given.cases, "filled_s": filled, "ms": _lists(people, given.requests)}))


def _records(place: Installation, folder: Path, count: int) -> None:
    """A city and ``count`` penalties that can be repaired today."""
    register, table = folder / "registry.csv", folder / "penalties.csv"
    generate.registry(max(count // 10, 10), register)
    place.chengxin("subjects", "import", str(register), "--json")
    generate.penalties(count, 0, max(count // 10, 10), table, wrong=0)
    submit(place, table)


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


def _decide(count: int) -> dict[str, float]:
    """Cases that wait for the second person, and their decision in one go."""
    from django.utils import timezone

    from chengxin.cases.model import Actor
    from chengxin.kernel.periods import today
    from chengxin.operations import cases, lookup
    from chengxin.storage.models import Attachment, Case, CaseEvent, Record

    rows = list(Record.objects.filter(item="xzcf", withheld="", repairable__lte=today(), ends__gt=today())[:count])
    body = rows[0].source
    moment, day = timezone.now(), today()
    made = [
        Case(
            id=f"XF-BENCH-{number:07d}",
            kind="repair",
            workflow="repair",
            record=bytes(row.id).hex(),
            subject=row.subject,
            item=row.item,
            name="某公司",
            document="文号",
            body=body,
            state="grant-proposed",
            stage="second",
            acting=body,
            due=day,
            opened_on=day,
            events=3,
        )
        for number, row in enumerate(rows)
    ]
    Case.objects.bulk_create(made, batch_size=1000)
    steps = (
        ("submit", "", "submitted"),
        ("accept", "submitted", "review"),
        ("propose-grant", "review", "grant-proposed"),
    )
    for number, (step, source, state) in enumerate(steps, start=1):
        CaseEvent.objects.bulk_create(
            [
                CaseEvent(
                    case=case,
                    number=number,
                    step=step,
                    source=source,
                    state=state,
                    at=moment,
                    actor="li",
                    role="authority",
                    organisation=body,
                )
                for case in made
            ],
            batch_size=1000,
        )
    for paper in ("commitment", "performance"):
        Attachment.objects.bulk_create(
            [
                Attachment(
                    case=case,
                    paper=paper,
                    name=paper,
                    media_type="",
                    size=1,
                    digest="",
                    scanned="none",
                    at=moment,
                    by="li",
                )
                for case in made
            ],
            batch_size=1000,
        )
    started, spent = time.perf_counter(), time.process_time()
    cases.step_many(numbers=[case.id for case in made], step="grant", actor=Actor("wang", body, decides=True))
    decided, cpu = time.perf_counter() - started, time.process_time() - spent
    left = sum(lookup.record(case.record, on=day) is not None for case in made[:: max(1, count // 500)])
    return {"count": len(made), "decided_s": round(decided, 1), "cpu_s": round(cpu, 1), "still_public": left}


def _fill(count: int) -> None:
    """``count`` cases of many bodies, a third of them open, without events: lists never read those."""
    from chengxin.storage.models import Case

    chance, day = random.Random(7), date(2026, 11, 22)
    pending: list[Case] = []
    for number in range(count):
        body = f"BODY{chance.randrange(BODIES):014d}" if number % 20 else f"BODY{0:014d}"
        opened = day - timedelta(days=chance.randrange(1, 700))
        closed = None if number % 3 == 0 else opened + timedelta(days=chance.randrange(1, 20))
        state = "granted" if closed else chance.choice(["submitted", "review", "grant-proposed"])
        pending.append(
            Case(
                id=f"XF-{opened:%Y%m%d}-{number:07d}",
                kind="repair",
                workflow="repair",
                record=f"{number:032x}",
                subject=f"S{number // 3}",
                item="xzcf",
                name="澜州某某食品有限公司",
                document=f"澜环罚〔2026〕{number}号",
                body=body,
                state=state,
                stage="closed" if closed else "second" if state == "grant-proposed" else "work",
                acting="" if closed else body,
                handler="li" if number % 50 == 0 else "other",
                due=date(9999, 12, 31) if closed else day + timedelta(days=chance.randrange(-5, 12)),
                opened_on=opened,
                closed_on=closed,
                outcome="granted" if closed else "",
                events=4 if closed else 2,
            )
        )
        if len(pending) == 5000:
            Case.objects.bulk_create(pending)
            pending = []
    Case.objects.bulk_create(pending)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE credit_case")


def _lists(people: list[str], requests: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each list's first page and of pages further on: median and 95th of a hundred."""
    from django.test import Client

    found = {}
    for name in people:
        client = Client(HTTP_HOST="127.0.0.1")
        client.post("/desk/sign-in", {"username": name, "password": PASSWORD})
        waits: list[float] = []
        cpu: list[float] = []
        for number in range(requests):
            address = f"/desk/cases/?view={VIEWS[number % len(VIEWS)]}"
            if number % 2:
                address += "&after=2026-11-24.XF-20260101-0000001"
            started, spent = time.perf_counter(), time.process_time()
            answer = client.get(address)
            waits.append((time.perf_counter() - started) * 1000)
            cpu.append((time.process_time() - spent) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
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
