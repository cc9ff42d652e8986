"""Repairs: how long deciding very many in one go takes, and until when each door says so.

    python -m bench.repairs --repairs 10000

The records are handed in as a file and handed over to a recipient; each is the matter of a case that waits for the second
person. Then all are decided in one go. Asked after it, one door after the other: records, subjects, counts and open data,
the feed of the recipient, the withdrawal set. Any door that still shows one of them stops the measurement.
"""

import argparse
import io
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import generate
from bench.intake import somewhere, submit
from bench.running import Installation, machine

if TYPE_CHECKING:  # settings come from the installation that is only made below
    from django.test import Client

    from chengxin.operations.withdrawn import Published
    from chengxin.storage.models import Case

RECIPIENT = "91990100MA00000000"
SHARE = 6
"""Of so many generated penalties at least one can be repaired on any day."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repairs", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        place = Installation(folder)
        os.environ.update(place.env, DJANGO_SETTINGS_MODULE="chengxin.web.settings", CHENGXIN_API_REQUESTS="1000000")
        _records(place, folder, given.repairs)
        import django

        django.setup()
        print(json.dumps(_measure(_waiting(given.repairs))))


def _records(place: Installation, folder: Path, count: int) -> None:
    """A city and ``count`` penalties that can be repaired today, among others that cannot yet or no longer."""
    register, table = folder / "registry.csv", folder / "penalties.csv"
    generate.registry(max(count // 10, 10), register)
    place.chengxin("subjects", "import", str(register), "--json")
    generate.penalties(SHARE * count, 0, max(count // 10, 10), table, wrong=0)
    submit(place, table)


def _waiting(count: int) -> "list[Case]":
    """Cases that wait for the second person."""
    from django.utils import timezone

    from chengxin.kernel.periods import today
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
    return made


def _measure(waiting: "list[Case]") -> dict[str, object]:
    from django.conf import settings
    from django.test import Client

    from chengxin.cases.model import Actor
    from chengxin.operations import cases, recipients, withdrawn
    from chengxin.operations.deliveries import hand_over, log_size

    settings.ALLOWED_HOSTS = ["*"]
    ids = [case.record for case in waiting]
    recipient = recipients.register(code=RECIPIENT, name="澜州信用服务公司")
    key = recipients.issue(code=RECIPIENT, now=datetime.now(UTC)).key
    before, keys = log_size(), {}
    for start in range(0, len(ids), 1000):
        keys.update(hand_over(recipient, ids[start : start + 1000], size=before, door="file"))
    assert len(keys) == len(ids)
    full = withdrawn.publish(full=True)
    anybody, reader = Client(), Client(headers={"authorization": f"Bearer {key}"})
    doors: dict[str, Callable[[], object]] = {
        "records": lambda: _records_gone(anybody, ids),
        "subjects": lambda: _subjects_say_so(anybody, waiting),
        "counts": lambda: _count(anybody),
        "open_data": lambda: _open_data_without(anybody, ids),
        "feed": lambda: _feed_tells(reader, before, ids),
        "withdrawal_set": lambda: _set_holds(full, keys),
    }
    _count(anybody)
    started, spent = time.perf_counter(), time.process_time()
    cases.step_many(
        numbers=[case.id for case in waiting], step="grant", actor=Actor("wang", waiting[0].body, decides=True)
    )
    reached = {"decided": round(time.perf_counter() - started, 1)}
    for name, asked in doors.items():
        asked()
        reached[name] = round(time.perf_counter() - started, 1)
    return {"repairs": len(ids), "seconds_after_start": reached, "cpu_s": round(time.process_time() - spent, 1)}


def _sample(ids: list) -> list:
    return ids[:: max(1, len(ids) // 200)]


def _records_gone(client: "Client", ids: list[str]) -> None:
    for id in _sample(ids):
        for address in (f"/api/v1/records/{id}", f"/record/{id}"):
            assert client.get(address).status_code in (404, 410), address


def _subjects_say_so(client: "Client", waiting: "list[Case]") -> None:
    from chengxin.storage.models import Subject

    ended = {case.record for case in waiting}
    codes = dict(Subject.objects.filter(id__in={case.subject for case in waiting}).values_list("id", "code"))
    for code in _sample(sorted(codes.values())):
        answer = client.get(f"/api/v1/subjects/{code}?records=100")
        assert answer.status_code == 200, answer.content
        assert not ended & {each["id"] for each in answer.json()["records"]["records"]}, code


def _count(client: "Client") -> None:
    assert client.get("/data").status_code == 200


def _open_data_without(client: "Client", ids: list[str]) -> None:
    held = b"".join(client.get("/data/xzcf.ndjson").streaming_content)
    left = {json.loads(line)["record"] for line in held.splitlines()}
    assert not left & set(ids), "open data still has them"


def _feed_tells(client: "Client", after: int, ids: list[str]) -> None:
    told: set[str] = set()
    while True:
        *lines, last = map(json.loads, client.get(f"/api/v1/changes?after={after}&limit=2000").content.splitlines())
        told |= {line["record"] for line in lines if line.get("act") == "repair"}
        if last["after"] == after:
            break
        after = last["after"]
    assert told == set(ids), f"told of {len(told)}"


def _set_holds(full: "Published", keys: dict[str, str]) -> None:
    from chengxin.operations import withdrawn, withdrawn_check

    delta = withdrawn.publish()
    files = [withdrawn.file(each.name) for each in (full, delta)]
    rows = "withdrawal_key\n" + "".join(f"{key}\n" for key in keys.values())
    found = withdrawn_check.check(io.BytesIO(rows.encode()), "held.csv", files[0], files[1:])
    assert len(found.hits) == len(keys), f"{len(found.hits)} hits"


if __name__ == "__main__":
    main()
