"""Whoever received a record is told of everything that becomes of it, exactly once, and what it confirms stands."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import Error, transaction
from django.test import Client
from django.utils import timezone
from tests.databases import Databases, Place
from tests.integration.listener import Listener
from tests.integration.paper import SOURCE, four_records, penalty, uscc, write_csv
from typer.testing import CliRunner

from chengxin.cli import recipients as commands  # noqa: F401  (it registers its commands)
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify
from chengxin.operations import (
    acts,
    agency,
    certificates,
    deliveries,
    logkey,
    notifications,
    recipients,
    tokens,
    webhooks,
    withdrawal,
)
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.records.model import Act
from chengxin.storage.models import Delivery, Notification

CODE, OTHER = uscc(500), uscc(501)


@pytest.fixture(scope="module")
def filled(database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    found = four_records(tmp_path_factory.mktemp("sent"))
    recipients.register(code=CODE, name="澜州信用服务公司", agency=True)
    recipients.register(code=OTHER, name="澜州另一公司")
    return found


@pytest.fixture
def city(filled: list[str], database: Place, databases: Databases, settings) -> Iterator[list[str]]:
    """Numbers of four public records, oldest document first; two recipients are registered."""
    settings.WEBHOOKS_INSIDE = False
    with databases.copy(database):
        yield filled


def client(code: str = CODE) -> Client:
    key = recipients.issue(code=code, now=datetime.now(UTC)).key
    return Client(headers={"authorization": f"Bearer {key}"})


def told(to: Client) -> list[tuple[str, str]]:
    return [(each["record"], each["act"]) for each in to.get("/api/v1/notifications").json()["notifications"]]


def changes(of: Client, after: int, **more: int) -> tuple[list[dict], int]:
    asked = of.get("/api/v1/changes", {"after": after, **more})
    assert asked.status_code == 200, asked.content
    *lines, last = [json.loads(line) for line in asked.content.splitlines()]
    return lines, last["after"]


def test_every_door_writes_down_what_went_to_whom(city: list[str]) -> None:
    reader = client()
    key = reader.get(f"/api/v1/records/{city[0]}").json()["withdrawal_key"]
    assert key.endswith(f".{SOURCE}/xzcf")
    assert reader.get(f"/api/v1/records/{city[0]}")["Cache-Control"] == "private, no-cache"
    reader.get(f"/api/v1/subjects/{uscc(100)}?records=2")
    reader.get(f"/api/v1/subjects/{uscc(100)}/records?limit=3")
    changes(reader, 0)
    got = b"".join(reader.get("/data/xzcf.ndjson").streaming_content)
    assert key.encode() in got
    doors = list(Delivery.objects.order_by("id").values_list("door", flat=True))
    assert doors == ["record"] * 2 + ["subject"] * 5 + ["feed"] * 4 + ["file"] * 4
    with pytest.raises(Error), transaction.atomic():
        Delivery.objects.update(door="")
    with pytest.raises(Error), transaction.atomic():
        Delivery.objects.all().delete()


def test_reading_without_a_key_is_not_written_down_and_a_wrong_key_is_refused(city: list[str]) -> None:
    assert "withdrawal_key" not in Client().get(f"/api/v1/records/{city[0]}").json()
    assert Delivery.objects.count() == 0
    for wrong in ("Bearer cxr_no", "Basic eDp5", "Bearer x"):
        assert Client(headers={"authorization": wrong}).get(f"/api/v1/records/{city[0]}").status_code == 401
    issued = recipients.issue(code=CODE, now=datetime.now(UTC))
    assert recipients.revoke(id=issued.id, now=datetime.now(UTC))
    assert recipients.reader(key=issued.key, now=datetime.now(UTC)) is None
    assert not recipients.revoke(id=issued.id, now=datetime.now(UTC))
    with pytest.raises(Refusal, match=r"recipient\.unknown"):
        recipients.issue(code=uscc(9), now=datetime.now(UTC))


def test_a_source_that_reads_with_its_token_is_a_recipient(city: list[str]) -> None:
    token = tokens.issue(source=SOURCE, label="x", by="test", now=datetime.now(UTC)).token
    Client(headers={"authorization": f"Bearer {token}"}).get(f"/api/v1/records/{city[0]}")
    assert Delivery.objects.get().recipient.code == SOURCE


ACTS = [
    *([Act.OBJECT], [Act.OBJECT, Act.SETTLE], [Act.SUSPEND, Act.RESUME], [Act.TAKE_DOWN, Act.PUT_BACK]),
    *([Act.REPAIR, Act.END_SHARING, Act.LIFT, Act.RESTORE], [Act.WITHDRAW, Act.REINSTATE], [Act.UNLINK]),
]


def test_every_act_is_told_once_to_who_received_the_record_and_to_nobody_else(city: list[str]) -> None:
    reader, other = client(), client(OTHER)
    reader.get(f"/api/v1/records/{city[0]}")
    reader.get(f"/api/v1/records/{city[0]}")
    other.get(f"/api/v1/records/{city[1]}")
    expected = []
    for sequence in ACTS:
        for act in sequence:
            acts.on_record(act, city[0], by=SOURCE, reason="内部理由")
            expected.append((city[0], act.value))
            notifications.make()
            notifications.make()
    assert told(reader) == expected
    assert told(other) == []
    assert "内部理由" not in reader.get("/api/v1/changes?after=0").content.decode()


def test_a_correction_is_told_and_what_came_before_the_delivery_is_not(city: list[str], tmp_path: Path) -> None:
    reader = client()
    acts.on_record(Act.SUSPEND, city[0], by=SOURCE)
    acts.on_record(Act.RESUME, city[0], by=SOURCE)
    reader.get(f"/api/v1/records/{city[0]}")
    corrected = write_csv(tmp_path / "c.csv", [penalty(1, CF_NR="没收违法所得一万元整")])
    submit(path=corrected, item="xzcf", source=SOURCE)
    assert told(reader) == [(city[0], "correct")]
    assert rebuild()["equal"]
    assert told(reader) == [(city[0], "correct")]


def test_confirming_stands_and_who_does_not_confirm_is_listed(city: list[str]) -> None:
    reader = client()
    reader.get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    later = timezone.now() + timedelta(days=2)
    notifications.make()
    assert [(late.code, late.open) for late in notifications.overdue(now=later)] == [(CODE, 1)]
    assert notifications.overdue() == []
    (open_,) = reader.get("/api/v1/notifications").json()["notifications"]
    said = {"entries": [open_["entry"], 99999]}
    for expected in (1, 0):
        answer = reader.post("/api/v1/notifications/acknowledgement", said, content_type="application/json")
        assert answer.json() == {"confirmed": expected}
    assert told(reader) == []
    assert notifications.overdue(now=later) == []
    with pytest.raises(Error), transaction.atomic():
        Notification.objects.update(acknowledged_at=timezone.now())


def test_nothing_is_handed_over_that_an_act_ended_meanwhile(city: list[str]) -> None:
    size = deliveries.log_size()
    recipient = recipients.find(CODE)
    acts.on_record(Act.SUSPEND, city[0], by=SOURCE)
    assert set(deliveries.hand_over(recipient, city[:2], size=size, door="record")) == {city[1]}
    acts.on_record(Act.RESUME, city[0], by=SOURCE)
    assert not deliveries.hand_over(recipient, city[:1], size=size, door="record")
    assert deliveries.hand_over(recipient, city[:1], size=deliveries.log_size(), door="record")


def test_the_feed_gives_statements_to_all_and_tombstones_only_to_recipients_of_the_record(city: list[str]) -> None:
    reader, other, anybody = client(), client(OTHER), Client()
    lines, cursor = changes(reader, 0)
    assert [line["id"] for line in lines] == city
    withdrawal.withdraw(
        record=city[0],
        ground="撤销",
        document="澜环撤〔2026〕1号",
        decided_on=today(),
        reason="事实认定有误",
        by=SOURCE,
        officer="x",
    )
    acts.on_record(Act.SUSPEND, city[1], by=SOURCE)
    acts.on_record(Act.RESUME, city[1], by=SOURCE)
    lines, end = changes(reader, cursor)
    assert [(line["type"], line.get("act")) for line in lines] == [
        *(("told", "withdraw"), ("told", "suspend"), ("told", "resume"), ("record", None))
    ]
    assert "事实认定有误" in lines[0]["said"].values()
    assert "officer" not in json.dumps(lines)
    assert changes(anybody, cursor) == ([], end)
    assert [line["id"] for line in changes(other, cursor)[0]] == [city[1]]
    assert [line["id"] for line in changes(anybody, 0)[0]] == city[1:]


def test_the_feed_by_small_pages_says_the_same_as_in_one(city: list[str]) -> None:
    reader = client()
    changes(reader, 0)
    for act in (Act.OBJECT, Act.SUSPEND, Act.RESUME, Act.SETTLE):
        acts.on_record(act, city[2], by=SOURCE)
    whole, end = changes(reader, 0)
    small, after = [], 0
    while after < end:
        lines, after = changes(reader, after, limit=1)
        small += lines
    assert [(line["entry"], line["type"]) for line in small] == [(line["entry"], line["type"]) for line in whole]


def test_a_cursor_too_old_is_sent_to_the_snapshot_and_one_from_nowhere_refused(city: list[str], settings) -> None:
    settings.FEED_ENTRIES = 3
    answer = Client().get("/api/v1/changes?after=0")
    assert (answer.status_code, answer.json()["rule"]) == (416, "changes.too-old")
    snapshot = Client().get("/data/xzcf.csv")
    b"".join(snapshot.streaming_content)
    after = int(snapshot["Chengxin-Changes-After"])
    assert changes(Client(), after) == ([], after)
    assert Client().get(f"/api/v1/changes?after={after + 1}").status_code == 422


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener.listening() as made:
        yield made


def test_a_webhook_is_signed_and_tried_again_until_it_is_taken(city: list[str], listener: Listener, settings) -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    settings.WEBHOOKS_INSIDE = True
    recipients.register(code=CODE, name="澜州信用服务公司", webhook=listener.url)
    client().get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    now = timezone.now()
    assert webhooks.send_due(now=now).failed == 1
    assert webhooks.send_due(now=now + timedelta(seconds=5)).failed == 0, "waits before it tries again"
    listener.status = 204
    assert webhooks.send_due(now=now + timedelta(minutes=1)).pushed == 1
    assert webhooks.send_due(now=now + timedelta(hours=1)).pushed == 0
    assert len(listener.requests) == 2
    headers, body = listener.requests[-1]
    assert headers["webhook-id"] == listener.requests[0][0]["webhook-id"]
    (note,) = json.loads(body)["notifications"]
    assert (note["record"], note["act"]) == (city[0], "repair")
    public = base64.b64decode(webhooks.public_key().removeprefix("whpk_"))
    signature = base64.b64decode(headers["webhook-signature"].removeprefix("v1a,"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    row = Notification.objects.get()
    assert (row.channel, row.acknowledged_at) == ("webhook", None)


def test_a_slow_recipient_holds_up_nobody(city: list[str], listener: Listener, settings, monkeypatch) -> None:
    settings.WEBHOOKS_INSIDE = True
    monkeypatch.setattr(webhooks, "ROUND", 2.0)
    deaf = socket.create_server(("127.0.0.1", 0))
    listener.status = 204
    recipients.register(code=CODE, name="慢", webhook=f"http://127.0.0.1:{deaf.getsockname()[1]}/")
    recipients.register(code=OTHER, name="快", webhook=listener.url)
    for code in (CODE, OTHER):
        client(code).get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    began, now = time.monotonic(), timezone.now()
    sent = webhooks.send_due(now=now)
    assert time.monotonic() - began < 5
    assert (sent.pushed, sent.failed) == (1, 1), "the quick one has it, the slow one is tried again"
    assert "no answer" in recipients.find(CODE).problem
    assert webhooks.send_due(now=now + timedelta(seconds=5)).failed == 0, "it alone waits"
    deaf.close()


def test_a_link_in_a_mail_ends_and_a_new_mail_brings_a_new_one(city: list[str], mailoutbox, settings) -> None:
    recipients.register(code=CODE, name="澜州信用服务公司", email="office@example.org")
    client().get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    webhooks.send_due()
    settings.MAIL_LINK_DAYS = 0
    late = Client().get(_link(mailoutbox[0]))
    assert late.status_code == 410
    assert "链接已过期" in late.content.decode()
    assert city[0][:4] not in late.content.decode()
    assert Client().post(_link(mailoutbox[0])).status_code == 410
    assert Notification.objects.get().acknowledged_at is None
    settings.MAIL_LINK_DAYS = 30
    assert webhooks.remind(recipients.find(CODE)) == 1
    assert Client().get(_link(mailoutbox[1])).status_code == 200
    assert webhooks.remind(recipients.find(OTHER)) == 0, "nothing to say, nothing to say it to"


def _link(mail: object) -> str:
    link = next(line for line in mail.body.splitlines() if "/acknowledge/" in line)
    return link[link.index("/acknowledge/") :]


def test_the_centre_sees_at_the_command_line_who_receives_and_what_is_open(city: list[str], mailoutbox) -> None:
    def run(*arguments: str) -> dict:
        done = CliRunner().invoke(app, ["recipients", *arguments, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    recipients.register(code=CODE, name="澜州信用服务公司", email="office@example.org", agency=True)
    client().get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    notifications.make()
    listed = {each["code"]: each for each in run("list")["recipients"]}
    assert (listed[CODE]["open"], listed[CODE]["keys"], listed[OTHER]["open"]) == (1, 1, 0)
    (key,) = run("keys", CODE)["keys"]
    assert key["hint"]
    assert run("revoke", str(key["id"]))["revoked"]
    assert run("keys", CODE)["keys"][0]["revoked_at"]
    assert run("remind", CODE)["mailed"] == 1
    assert len(mailoutbox) == 1


def test_no_request_goes_inside_a_network_unless_allowed(city: list[str], listener: Listener) -> None:
    recipients.register(code=CODE, name="x", webhook=listener.url)
    client().get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    assert webhooks.send_due().failed == 1
    assert listener.requests == []
    assert "CHENGXIN_WEBHOOKS_INSIDE" in recipients.find(CODE).problem
    for wrong in ("ftp://example.org", "https://", "https://user@example.org/"):
        with pytest.raises(Refusal, match=r"recipient\.webhook"):
            recipients.register(code=CODE, name="x", webhook=wrong)


def test_a_recipient_without_a_system_gets_a_mail_and_confirms_on_a_page(city: list[str], mailoutbox) -> None:
    recipients.register(code=CODE, name="澜州信用服务公司", email="office@example.org")
    client().get(f"/api/v1/records/{city[0]}")
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    assert webhooks.send_due().mailed == 1
    assert webhooks.send_due().mailed == 0
    (mail,) = mailoutbox
    path = _link(mail)
    page = Client().get(path)
    assert page.status_code == 200
    assert city[0][:4] in page.content.decode()
    assert Client().post(path).status_code == 302
    assert Notification.objects.get().acknowledged_by == "page"
    assert Client().get(path + "x").status_code == 404


def test_the_certificate_names_who_was_told_and_who_did_not_confirm(city: list[str]) -> None:
    reader, other = client(), client(OTHER)
    for each in (reader, other):
        each.get(f"/api/v1/records/{city[0]}")
    with pytest.raises(Refusal, match=r"certificate\.not-repaired"):
        certificates.issue(city[0])
    acts.enter([{"act": act, "record": city[0]} for act in ("repair", "end-sharing", "lift")], by=SOURCE)
    entries = [each["entry"] for each in reader.get("/api/v1/notifications").json()["notifications"]]
    reader.post("/api/v1/notifications/acknowledgement", {"entries": entries}, content_type="application/json")
    issued = certificates.issue(city[0])
    held = {each["code"]: each for each in issued.certificate["recipients"]}
    assert held[CODE]["confirmed_at"]
    assert (held[OTHER]["told_at"], held[OTHER]["confirmed_at"]) == (None, None)
    assert issued.certificate["unconfirmed"] == 1
    note = verify.parse_note(issued.note)
    assert note.signed(verify.parse_key(logkey.verifier())) == 0
    import hashlib

    digest = hashlib.sha256(issued.text.encode())
    assert verify.parse_checkpoint(note.text).root == digest.digest()
    (entry,) = issued.proof["entries"]
    assert json.loads(entry["content"])["digest"] == digest.hexdigest()
    assert rebuild()["equal"]
    assert certificates.latest(city[0]).entry == issued.entry
    assert certificates.forget(city[0]) == 1
    assert certificates.latest(city[0]) is None


def test_an_agency_learns_which_of_its_records_must_go_or_differ(city: list[str]) -> None:
    reader = client()
    lines, _ = changes(reader, 0)
    acts.on_record(Act.REPAIR, city[0], by=SOURCE)
    rows = [
        {"record": city[0]},
        {"record": "5e" * 16},
        {"record": city[1], "CF_NR": lines[1]["fields"]["CF_NR"]},
        {"record": city[2], "CF_NR": "罚款一亿元", "published_until": "2020-01-01"},
        {"subject_code": uscc(100), "document_no": lines[3]["fields"]["CF_WSH"]},
        {"subject_code": uscc(100), "document_no": "没有这个文号"},
    ]
    found = reader.post("/api/v1/agency-checks", {"rows": rows}, content_type="application/json").json()
    assert [(each["row"], each["verdict"], each["fields"]) for each in found["findings"]] == [
        *((1, "gone", []), (2, "gone", []), (4, "different", ["CF_NR", "published_until"]), (6, "gone", []))
    ]
    assert (found["shown"], found["gone"], found["different"]) == (6, 3, 1)
    (score,) = agency.scores(today(), today() + timedelta(days=1))
    assert (score.notified, score.confirmed, score.median, score.probe.gone) == (0, 0, None, 3)
    notifications.make()
    notifications.acknowledge(
        recipients.find(CODE), [each.entry for each in notifications.waiting(recipients.find(CODE))], by="api"
    )
    (score,) = agency.scores(today(), today() + timedelta(days=1))
    assert (score.notified, score.confirmed) == (1, 1)
    assert 0 <= score.median == score.p99 < 60
    page = Client().get("/agencies").content.decode()
    assert "澜州信用服务公司" in page
    assert "澜州另一公司" not in page
