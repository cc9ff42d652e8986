"""Recipients and agencies at the command line: registered, given keys, told, certified, and checked by a file they show."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.databases import Place
from tests.integration.listener import Listener
from tests.integration.paper import SOURCE, four_records, uscc
from tests.unit.files_as_sent import csv_bytes, sheet, workbook
from typer.testing import CliRunner

from chengxin.cli import recipients as _commands  # noqa: F401 - registers them
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify
from chengxin.operations import acts, deliveries, logkey, lookup, recipients
from chengxin.records.model import Act
from chengxin.storage.models import Probe

AGENCY = uscc(500)


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Numbers of four public records, oldest document first."""
    return four_records(tmp_path_factory.mktemp("sent"))


@pytest.fixture(scope="module")
def agency(records: list[str]) -> str:
    """An agency that received all four, after which the first was repaired; its code."""
    assert run("recipients", "add", AGENCY, "--name", "澜州信用服务公司", "--agency")["recipient"] == AGENCY
    deliveries.hand_over(recipients.find(AGENCY), records, size=deliveries.log_size(), door="file")
    acts.enter([{"act": act, "record": records[0]} for act in ("repair", "end-sharing", "lift")], by=SOURCE)
    return AGENCY


def run(*arguments: str, code: int = 0) -> dict:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, (done.output, done.exception)
    return json.loads(done.stdout)


def refused(rule: str, *arguments: str) -> None:
    done = CliRunner().invoke(app, [*arguments])
    assert isinstance(done.exception, Refusal), done.output
    assert done.exception.rule == rule


def test_a_key_is_issued_once_works_and_ends_when_revoked(agency: str) -> None:
    issued = run("recipients", "key", agency, "--days", "30")
    now = datetime.now(UTC)
    assert recipients.reader(key=issued["key"], now=now) == recipients.find(agency)
    assert run("recipients", "revoke", str(issued["id"])) == {"revoked": True}
    assert recipients.reader(key=issued["key"], now=now) is None
    assert run("recipients", "revoke", str(issued["id"])) == {"revoked": False}
    refused("recipient.unknown", "recipients", "key", uscc(9))
    refused("recipient.days", "recipients", "key", agency, "--days", "100000")
    refused("recipient.webhook", "recipients", "add", agency, "--name", "x", "--webhook", "ftp://example.org")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener.listening() as made:
        yield made


def test_what_is_due_is_pushed_and_who_does_not_confirm_is_listed(
    agency: str, records: list[str], listener: Listener, settings
) -> None:
    settings.WEBHOOKS_INSIDE, settings.ACKNOWLEDGE_HOURS = True, 0
    listener.status = 204
    told = run("recipients", "add", agency, "--name", "澜州信用服务公司", "--agency", "--webhook", listener.url)
    assert told["webhook_key"].startswith("whpk_")
    assert run("recipients", "push") == {"pushed": 3, "mailed": 0, "failed": 0}
    assert run("recipients", "push") == {"pushed": 0, "mailed": 0, "failed": 0}
    ((_, body),) = listener.requests
    assert [each["record"] for each in json.loads(body)["notifications"]] == [records[0]] * 3
    (late,) = run("recipients", "overdue")["overdue"]
    assert (late["code"], late["open"]) == (agency, 3)


def test_the_certificate_is_written_to_a_file_and_holds_by_itself(
    agency: str, records: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "certificate.json"
    done = CliRunner().invoke(app, ["recipients", "certificate", records[0], "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, "")
    held = json.loads(out.read_text())
    note = verify.parse_note(held["note"])
    assert note.signed(verify.parse_key(logkey.verifier())) == 0
    assert verify.parse_checkpoint(note.text).root == hashlib.sha256(held["text"].encode()).digest()
    assert [each["code"] for each in json.loads(held["text"])["recipients"]] == [agency]
    refused("certificate.not-repaired", "recipients", "certificate", records[1])


SHOWN = ["信息编号", "处罚内容", "公示截止日期", "页面地址"]


def shown(records: Sequence[str]) -> list[list[str]]:
    """What the agency shows: a repaired record, one as it is, one with a wrong term, one with another content."""
    public = {each.id: each for each in lookup.records(lookup.subject(uscc(100)), on=today()).rows}
    texts, ends = ({id: str(value) for id, value in found.items()} for found in _columns(public))
    return [
        [records[0], texts[records[1]], "", "https://example.org/1"],
        [records[1], texts[records[1]], ends[records[1]], "https://example.org/2"],
        [records[2], texts[records[2]], "2020-01-01", ""],
        [records[3], "罚款一亿元", ends[records[3]], ""],
        ["5e" * 16, "从来没有过", "", ""],
    ]


def _columns(public: dict) -> tuple[dict, dict]:
    return (
        {id: each.fields["CF_NR"] for id, each in public.items()},
        {id: each.window.ends for id, each in public.items()},
    )


def as_csv(path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(csv_bytes([SHOWN, *rows], encoding="gb18030"))


def as_xlsx(path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(workbook(sheet([SHOWN, *rows])))


def as_json(path: Path, rows: list[list[str]]) -> None:
    path.write_text(json.dumps([dict(zip(SHOWN, row, strict=True)) for row in rows], ensure_ascii=False))


@pytest.mark.parametrize(("name", "write"), [("list.csv", as_csv), ("list.xlsx", as_xlsx), ("list.json", as_json)])
def test_a_file_of_what_an_agency_shows_is_told_what_must_go_and_what_differs(
    agency: str, records: list[str], tmp_path: Path, name: str, write
) -> None:
    path, before = tmp_path / name, Probe.objects.count()
    write(path, shown(records))
    found = run("agency", "check", str(path), "--recipient", agency, "--probe", code=1)
    assert (found["shown"], found["gone"], found["different"]) == (5, 2, 2)
    verdicts = [(each["record"], each["verdict"], each["fields"]) for each in found["findings"]]
    assert verdicts == [
        (records[0], "gone", []),
        (records[2], "different", ["published_until"]),
        (records[3], "different", ["CF_NR"]),
        ("5e" * 16, "gone", []),
    ]
    probe = Probe.objects.latest("id")
    assert Probe.objects.count() == before + 1
    assert (probe.kind, probe.shown, probe.gone, probe.different) == ("probe", 5, 2, 2)
    assert probe.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_list_that_is_right_has_no_findings_and_leaves_no_evidence_when_nobody_is_named(
    agency: str, records: list[str], tmp_path: Path
) -> None:
    path, before = tmp_path / "list.csv", Probe.objects.count()
    as_csv(path, [shown(records)[1]])
    assert run("agency", "check", str(path))["findings"] == []
    assert Probe.objects.count() == before


def test_a_record_that_ended_since_must_go_on_the_next_check(agency: str, records: list[str], tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    as_csv(path, [shown(records)[1]])
    acts.on_record(Act.SUSPEND, records[1], by=SOURCE)
    assert run("agency", "check", str(path), code=1)["gone"] == 1
    acts.on_record(Act.RESUME, records[1], by=SOURCE)
    assert run("agency", "check", str(path))["gone"] == 0


def test_a_file_that_names_no_records_and_an_agency_nobody_knows_are_refused(agency: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("处罚内容\n罚款\n")
    refused("agency.columns", "agency", "check", str(path))
    path.write_text("record\n" + "5e" * 16 + "\n")
    refused("recipient.unknown", "agency", "check", str(path), "--recipient", uscc(9))
