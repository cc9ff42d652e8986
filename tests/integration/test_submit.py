"""A department's file becomes records: every row has one outcome, and sending it again changes nothing."""

import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import Error, connection, transaction
from tests.databases import Databases, Place
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.engine.checking import Checker
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import batch, gathering, sources
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.rulebook import item
from chengxin.operations.submit import submit
from chengxin.storage.models import LedgerItem, Record, RecordSubject, Subject, SubjectName, Submission, SubmissionRow

ROWS = [
    penalty(1),
    penalty(2, CF_WSH="澜环罚(2026)第 2 号", CF_JDRQ="2026年8月14日"),
    penalty(3, CF_XDR_MC="澜州青穗副食品有限公司"),
    penalty(4, CF_XDR_MC="别家公司"),
    penalty(5, CF_XDR_SHXYM=uscc(999), CF_XDR_MC="从未登记的公司"),
    penalty(6, CF_XDR_LB="自然人"),
    penalty(7, CF_JDRQ="2030-01-01"),
    penalty(8, CF_XDR_SHXYM=uscc(100)[:10] + "O" + uscc(100)[11:]),
]


@pytest.fixture(scope="module")
def registered(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    sources.ensure(SOURCE)
    sources.ensure("operator")
    submit(path=write_csv(tmp_path_factory.mktemp("sent") / "登记.csv", REGISTER), item="djxx", source="operator")
    return database


@pytest.fixture
def base(registered: Place, databases: Databases) -> Iterator[Place]:
    with databases.copy(registered) as place:
        yield place


def _send(tmp_path: Path, rows: list[dict[str, str]], **more: object):  # type: ignore[no-untyped-def]
    return submit(path=write_csv(tmp_path / "处罚.csv", rows), item="xzcf", source=SOURCE, **more)


def test_every_row_is_accounted_for(base: Place, tmp_path: Path) -> None:
    receipt = _send(tmp_path, ROWS)
    assert receipt.outcomes == {
        "accepted": 3,
        "unchanged": 0,
        "corrected": 0,
        "quarantined": 3,
        "unlinked": 1,
        "refused": 1,
    }
    assert receipt.rows == len(ROWS)
    assert receipt.reasons["subject.1001"] == 1
    assert receipt.reasons["subject.unknown"] == 1
    assert receipt.reasons["person.natural"] == 1
    assert receipt.reasons["xzcf.jdrq.future"] == 1
    assert receipt.normalised["bracket"] >= 1
    told = Submission.objects.get(id=receipt.submission)
    assert (told.state, told.rows, told.accepted, told.quality["timed"]) == ("done", len(ROWS), 3, 3)
    assert told.root == receipt.root


def test_the_same_file_again_changes_nothing(base: Place, tmp_path: Path) -> None:
    first = _send(tmp_path, ROWS)
    again = _send(tmp_path, ROWS)
    assert again.outcomes["unchanged"] == 3
    assert again.outcomes["accepted"] == again.outcomes["corrected"] == 0
    assert (again.tree_size, again.root) == (first.tree_size, first.root)


def test_new_content_under_the_same_key_is_a_correction_and_the_old_item_stays(base: Place, tmp_path: Path) -> None:
    _send(tmp_path, [penalty(1)])
    receipt = _send(tmp_path, [penalty(1, CF_JDRQ="2026-08-20")])
    assert receipt.outcomes["corrected"] == 1
    record = Record.objects.get(item="xzcf")
    assert (str(record.decided_on), record.versions) == ("2026-08-20", 2)
    assert RecordSubject.objects.filter(item="xzcf").count() == 1
    contents = [json.loads(text) for text in LedgerItem.objects.order_by("seq").values_list("content", flat=True)]
    assert [c["fields"].get("CF_JDRQ") for c in contents if c["kind"] == "xzcf"] == ["2026-08-14", "2026-08-20"]


def test_a_key_twice_in_one_file_is_one_record_and_the_last_word_counts(base: Place, tmp_path: Path) -> None:
    rows = [penalty(1, CF_NR="甲"), penalty(2), penalty(1, CF_NR="乙"), penalty(2)]
    receipt = _send(tmp_path, rows)
    assert (receipt.outcomes["accepted"], receipt.outcomes["corrected"], receipt.outcomes["unchanged"]) == (2, 1, 1)
    again = _send(tmp_path, rows)
    assert again.outcomes["unchanged"] == 4


@pytest.mark.parametrize("gathered", [1, 5, 1000])
def test_a_file_worked_through_in_many_pieces_records_what_it_says_in_the_end(
    base: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gathered: int
) -> None:
    for name in ("READ_ROWS", "FIRST_ROWS", "SLICE_ROWS"):
        monkeypatch.setattr(batch, name, 2)
    monkeypatch.setattr(gathering, "GATHERED", gathered)
    _send(tmp_path, [penalty(1), penalty(2)])
    rows = [
        *(penalty(3, CF_NR="甲"), penalty(4)),
        *(penalty(1, CF_JDRQ="2026-08-16"), penalty(3, CF_NR="乙", CF_JDRQ="2026-08-15")),
        *(penalty(5), penalty(1, CF_JDRQ="2026-08-17")),
        *(penalty(3, CF_NR="丙", CF_JDRQ="2026-08-18"), penalty(1, CF_JDRQ="2026-08-17")),
        *(penalty(3, CF_NR="丙", CF_JDRQ="2026-08-18"), penalty(2)),
    ]
    receipt = _send(tmp_path, rows)
    assert receipt.outcomes["accepted"] == 3
    assert receipt.outcomes["corrected"] == 4
    assert receipt.outcomes["unchanged"] == 3
    records = Record.objects.filter(item="xzcf").order_by("seq")
    told = [(str(record.decided_on), record.versions) for record in records]
    same = ("2026-08-14", 1)
    assert told == [("2026-08-17", 3), same, ("2026-08-18", 3), same, same]
    listed = RecordSubject.objects.filter(item="xzcf").values_list("seq", "day")
    assert dict(listed) == {r.seq: (r.decided_on - date(1970, 1, 1)).days for r in records}
    assert len(listed) == 5
    rebuilt = rebuild()
    assert rebuilt["equal"], rebuilt["tables"]


def test_another_source_cannot_change_a_record(base: Place, tmp_path: Path) -> None:
    _send(tmp_path, [penalty(1)])
    other = uscc(2, "11990100")
    sources.ensure(other)
    path = write_csv(tmp_path / "别的单位.csv", [penalty(1, CF_NR="改了内容"), penalty(2)])
    receipt = submit(path=path, item="xzcf", source=other)
    assert receipt.outcomes["quarantined"] == 1
    assert receipt.reasons["record.other-source"] == 1
    assert receipt.outcomes["accepted"] == 1


def test_a_trusted_source_introduces_a_provisional_subject_that_the_register_confirms(
    base: Place, tmp_path: Path
) -> None:
    receipt = _send(tmp_path, [penalty(5, CF_XDR_SHXYM=uscc(999), CF_XDR_MC="澜州新设商贸有限公司")], introduce=True)
    assert receipt.outcomes["accepted"] == 1
    assert Subject.objects.get(id=uscc(999)).provisional
    register = [{"名称": "澜州新设贸易有限公司", "统一社会信用代码": uscc(999)}]
    submit(path=write_csv(tmp_path / "登记2.csv", register), item="djxx", source="operator")
    subject = Subject.objects.get(id=uscc(999))
    assert (subject.provisional, subject.name) == (False, "澜州新设贸易有限公司")
    # what a source called it is no former name of it
    assert list(SubjectName.objects.filter(subject=subject.id).values_list("text", "kind")) == [
        ("澜州新设贸易有限公司", "current")
    ]


def test_a_renamed_organisation_keeps_its_id_and_its_former_name(base: Place, tmp_path: Path) -> None:
    register = [{"名称": "澜州大河环保科技有限公司", "统一社会信用代码": uscc(101), "注册号": "990100000012349"}]
    receipt = submit(path=write_csv(tmp_path / "更名.csv", register), item="djxx", source="operator")
    assert receipt.outcomes["corrected"] == 1
    names = dict(SubjectName.objects.filter(subject=uscc(101)).values_list("kind", "text"))
    assert names == {"current": "澜州大河环保科技有限公司", "former": "澜州大河纸业有限公司"}
    assert (
        _send(tmp_path, [penalty(1, CF_XDR_SHXYM=uscc(101), CF_XDR_MC="澜州大河纸业有限公司")]).outcomes["accepted"]
        == 1
    )


def test_a_correction_that_makes_a_publication_longer_says_so(base: Place, tmp_path: Path) -> None:
    def send(*days: str) -> tuple[dict[str, int], int, list[tuple[int, str]]]:
        receipt = _send(tmp_path, [penalty(n, CF_JDRQ=day) for n, day in enumerate(days, 1)])
        told = SubmissionRow.objects.filter(submission=receipt.submission).order_by("row")
        return receipt.reasons, receipt.warnings, [(row.row, row.outcome) for row in told]

    assert send("2026-08-14", "2026-08-14") == ({}, 0, [])
    assert send("2026-08-14", "2026-09-01") == ({"record.longer": 1}, 1, [(3, "corrected")])
    assert send("2026-07-01", "2026-08-14") == ({}, 0, []), "earlier than before is no harm to anybody"
    assert send("2026-07-02", "2026-08-14") == ({"record.longer": 1}, 1, [(2, "corrected")])


def test_nothing_of_a_natural_person_and_no_personal_number_is_kept(base: Place, tmp_path: Path) -> None:
    number = "11010119900307123X"  # invented, its check character is wrong on purpose
    marker = "不应留下的内容"
    rows = [
        penalty(6, CF_XDR_LB="自然人", CF_SY=marker),
        penalty(7, CF_FR_ZJHM=number, CF_SY=f"负责人证件{number}，未改正"),
        penalty(8, CF_FR_ZJHM=number, CF_JDRQ="昨天", CF_SY=f"{number}"),
    ]
    receipt = _send(tmp_path, rows)
    assert (receipt.outcomes["refused"], receipt.outcomes["accepted"], receipt.outcomes["quarantined"]) == (1, 1, 1)
    refused = SubmissionRow.objects.get(submission=receipt.submission, outcome="refused")
    assert refused.cells is None
    kept = [text for row in SubmissionRow.objects.values_list("cells", "reasons") for text in row if text]
    kept += LedgerItem.objects.values_list("content", flat=True)
    assert not any(number in text or marker in text for text in kept)
    if base.vendor == "sqlite":
        connection.close()
        for file in base.home.rglob("*"):
            if file.is_file():
                raw = file.read_bytes()
                assert number.encode() not in raw, file
                assert marker.encode() not in raw, file


def test_a_personal_number_is_kept_in_no_field_however_it_is_written(base: Place, tmp_path: Path) -> None:
    number = "11010119850327123X"
    wide = number.translate({ord(char): chr(ord(char) + 0xFEE0) for char in number})
    spellings = (
        number,
        wide,
        *(number[:place] + wide[place] + number[place + 1 :] for place in range(len(number))),
        f"{number[:6]} {number[6:14]} {number[14:]}",
        f"{number[:6]}-{number[6:10]}-{number[10:14]}-{number[14:]}",
        " ".join(number),
        f"ID{number}",
        f"{number[:6]}\u200b{number[6:]}",
        f"{number[:6]} - {number[6:14]} - {number[14:]}",
        "_".join((number[:6], number[6:14], number[14:])),
        f"{number[:6]}：{number[6:14]}：{number[14:]}",
        f"3000{number}13800001111",
    )
    fields = [field.id for field in item("xzcf").stored_fields]
    rows = [
        penalty(100 + n, **{field: f"其他-某某{spelling}"})
        for n, (field, spelling) in enumerate(product(fields, spellings))
    ]
    outcomes = _send(tmp_path, rows).outcomes
    assert sum(outcomes.values()) == len(rows)
    kept = [text for row in SubmissionRow.objects.values_list("cells", "reasons") for text in row if text]
    kept += LedgerItem.objects.values_list("content", flat=True)
    plain = (re.sub("[^0-9A-Z]", "", unicodedata.normalize("NFKC", text)) for text in kept)
    assert [text for text in plain if number in text] == []


def test_what_went_wrong_is_told_though_rows_are_still_being_looked_at(
    base: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = threading.Event()

    def look(checker: Checker, rows: pa.Table) -> None:
        looking.set()
        checker._con.execute("SELECT count(*) FROM range(100_000_000) t(n) WHERE n % 7 = 3").fetchall()

    def is_behind(*given: object) -> str:
        assert looking.wait(30)
        raise Refusal("platform.log-behind", Text("日志较旧", "the log is behind"))

    monkeypatch.setattr(batch, "FIRST_ROWS", 1)
    monkeypatch.setattr(Checker, "look", look)
    monkeypatch.setattr("chengxin.operations.submit._number", is_behind)
    with pytest.raises(Refusal) as told:
        _send(tmp_path, [penalty(1)])
    assert told.value.rule == "platform.log-behind"
    assert Submission.objects.get(id=told.value.receipt).state == "refused"


def test_the_database_refuses_to_edit_or_delete_what_was_recorded(base: Place, tmp_path: Path) -> None:
    _send(tmp_path, [penalty(1)])
    for statement in (
        "UPDATE ledger_item SET content = '{}'",
        "DELETE FROM ledger_item",
        "UPDATE ledger_entry SET digest = digest",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_batch SET root = ''",
        "DELETE FROM ledger_batch",
    ):
        with pytest.raises(Error, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_replacing_a_row_of_the_ledger_is_refused_too(sqlite_database: Place, tmp_path: Path) -> None:
    sources.ensure("operator")
    submit(path=write_csv(tmp_path / "登记.csv", REGISTER), item="djxx", source="operator")
    connection.close()
    with sqlite3.connect(sqlite_database.home / "chengxin.sqlite3") as plain:
        for statement in (
            "INSERT OR REPLACE INTO ledger_item VALUES (0, x'00', '{}')",
            "INSERT OR REPLACE INTO ledger_entry VALUES (0, x'00')",
            "INSERT INTO ledger_entry VALUES (7, x'00')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
                plain.execute(statement)


def test_the_log_verifies_and_every_projection_can_be_rebuilt(base: Place, tmp_path: Path) -> None:
    _send(tmp_path, ROWS, introduce=True)
    _send(tmp_path, [penalty(1, CF_NR="更正后的内容"), penalty(20)])
    found = verify_log()
    assert found["sound"], found["findings"]
    assert found["size"] == LedgerItem.objects.count()
    rebuilt = rebuild()
    assert rebuilt["equal"], rebuilt["tables"]
    assert rebuilt["entries"] == found["size"]


def test_what_looks_like_an_escape_is_stored_as_it_was_sent(base: Place, tmp_path: Path) -> None:
    said = r"存于C:\new\u0041，另见\"附件\""
    assert _send(tmp_path, [penalty(1, CF_NR=said)]).outcomes["accepted"] == 1
    stored = LedgerItem.objects.order_by("-seq").values_list("content", flat=True)[0]
    assert json.loads(stored)["fields"]["CF_NR"] == said


def test_a_mistyped_source_is_not_registered_and_a_small_letter_makes_no_other_one(base: Place, tmp_path: Path) -> None:
    _send(tmp_path, [penalty(1)])
    assert sources.ensure(f" {SOURCE.lower()} ") == []
    path = write_csv(tmp_path / "再报.csv", [penalty(1)])
    assert submit(path=path, item="xzcf", source=f" {SOURCE.lower()}").outcomes["unchanged"] == 1
    with pytest.raises(Refusal) as refused:
        sources.ensure(SOURCE[:-1] + ("A" if SOURCE[-1] != "A" else "B"))
    assert refused.value.rule == "source.code"
    assert sources.find(SOURCE).code == SOURCE


def test_an_unknown_source_or_item_is_refused_with_what_to_do(base: Place, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "处罚.csv", [penalty(1)])
    with pytest.raises(Refusal) as unknown_source:
        submit(path=path, item="xzcf", source="999999")
    assert unknown_source.value.rule == "source.unknown"
    with pytest.raises(Refusal) as unknown_item:
        submit(path=path, item="nothing", source=SOURCE)
    assert unknown_item.value.rule == "item.unknown"
    assert "xzcf" in unknown_item.value.remedy.zh


def test_a_file_refused_as_a_whole_stores_no_row_but_is_remembered(base: Place, tmp_path: Path) -> None:
    path = tmp_path / "图片.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(Refusal):
        submit(path=path, item="xzcf", source=SOURCE)
    told = Submission.objects.filter(source=SOURCE).latest("received_at")
    assert told.state == "refused"
    assert told.problem["remedy"]["zh"]
    assert not Record.objects.filter(item="xzcf").exists()


def test_an_organisation_known_by_its_old_number_keeps_its_record_when_its_code_arrives(
    base: Place, tmp_path: Path
) -> None:
    old = "990100000012350"
    first = [{"名称": "澜州老字号酱园", "统一社会信用代码": "", "注册号": old}]
    assert submit(path=write_csv(tmp_path / "旧.csv", first), item="djxx", source="operator").outcomes["accepted"] == 1
    assert Subject.objects.get(id=old).code == old
    later = [{"名称": "澜州老字号酱园", "统一社会信用代码": uscc(300), "注册号": old}]
    receipt = submit(path=write_csv(tmp_path / "新.csv", later), item="djxx", source="operator")
    assert receipt.outcomes["corrected"] == 1
    assert Subject.objects.get(id=old).code == uscc(300)
    linked = _send(tmp_path, [penalty(1, CF_XDR_SHXYM=uscc(300), CF_XDR_MC="澜州老字号酱园")])
    assert linked.outcomes["accepted"] == 1
    assert Record.objects.get(item="xzcf").subject == old


def test_after_a_large_file_the_ledger_is_as_closed_as_before(sqlite_database: Place, tmp_path: Path) -> None:
    sources.ensure("operator")
    register = [{"名称": f"澜州第{n}号商行", "统一社会信用代码": uscc(n)} for n in range(1000, 11_500)]
    submit(path=write_csv(tmp_path / "大.csv", register), item="djxx", source="operator")
    connection.close()
    with sqlite3.connect(sqlite_database.home / "chengxin.sqlite3") as plain:
        with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
            plain.execute("INSERT OR REPLACE INTO ledger_item VALUES (0, x'00', '{}')")
        with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
            plain.execute("INSERT OR REPLACE INTO ledger_entry VALUES (0, x'00')")
