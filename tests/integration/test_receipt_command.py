"""``chengxin receipt``: what became of a file, the rows to mend, and the same rows coming back."""

import gc
import resource
import sys
from pathlib import Path

import pytest
from tests.databases import Place
from tests.integration.commands import chengxin
from tests.integration.mended import heading, mended
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.operations import receipts, sources
from chengxin.operations.submit import submit

OTHER = uscc(2, "11990100")


@pytest.fixture(scope="module", autouse=True)
def installation(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    for code in ("operator", SOURCE, OTHER):
        sources.ensure(code)
    register = write_csv(tmp_path_factory.mktemp("register") / "register.csv", REGISTER)
    submit(path=register, item="djxx", source="operator")


@pytest.fixture
def number(tmp_path: Path) -> str:
    """The receipt of a file of which row 2 is right, 3 and 4 are in doubt and 5 is about nobody known."""
    rows = [penalty(1), penalty(2, CF_JDRQ="2026/02/30"), penalty(3, CF_JDRQ=""), penalty(4, CF_XDR_SHXYM=uscc(999))]
    return submit(path=write_csv(tmp_path / "p.csv", rows), item="xzcf", source=SOURCE).submission


def rows_to_mend(number: str, folder: Path) -> bytes:
    out = folder / "rows.xlsx"
    assert chengxin("receipt", number, "--rows", "quarantined", "--out", str(out)).code == 0
    return out.read_bytes()


def waiting(number: str) -> list[int]:
    return [row.row for row in receipts.rows(number, outcome="quarantined", open_only=True)]


def test_rows_mended_in_the_file_wait_no_longer_on_the_first_receipt(number: str, tmp_path: Path) -> None:
    date = heading("CF_JDRQ")
    file = tmp_path / "mended.xlsx"
    file.write_bytes(mended(rows_to_mend(number, tmp_path), {"3": {date: "2026-03-02"}}))
    done = chengxin("submit", str(file), "--item", "xzcf", "--source", SOURCE, "--json")
    assert (done.code, done.json["parent"], done.json["quarantined"]) == (1, number, 1)
    assert f"回执 {number}：2 行随本文件报回" in done.err
    assert waiting(number) == [], "one is stored, the other waits on the new receipt"
    assert len(waiting(done.json["submission"])) == 1
    assert done.json["reading"]["unused"] == [], "the columns of the workbook itself are no columns left out"


def test_whose_rows_a_file_mends_can_be_said(number: str, tmp_path: Path) -> None:
    file = tmp_path / "mended.xlsx"
    file.write_bytes(mended(rows_to_mend(number, tmp_path), {"3": {heading("CF_JDRQ"): "2026-03-02"}}, ("4",)))
    command = ("submit", str(file), "--item", "xzcf", "--parent", number, "--source")
    refused = chengxin(*command, OTHER, "--json")
    assert (refused.code, refused.json["refusal"]["rule"]) == (2, "upload.parent")
    assert chengxin(*command, SOURCE).code == 0
    assert waiting(number) == [4]


def test_another_sources_receipt_is_not_touched_by_a_file_that_names_it(number: str, tmp_path: Path) -> None:
    file = tmp_path / "mended.xlsx"
    file.write_bytes(mended(rows_to_mend(number, tmp_path), {"3": {heading("CF_JDRQ"): "2026-03-02"}}))
    done = chengxin("submit", str(file), "--item", "xzcf", "--source", OTHER, "--json")
    assert done.json["parent"] is None
    assert waiting(number) == [3, 4]


def test_a_file_with_rows_of_several_receipts_says_that_they_stay_open(tmp_path: Path) -> None:
    numbers = [
        submit(path=write_csv(tmp_path / "p.csv", [penalty(serial, CF_JDRQ="")]), item="xzcf", source=SOURCE).submission
        for serial in (11, 12)
    ]
    rows = [penalty(n, 回执号=number, 原行号="2") for n, number in enumerate(numbers, 11)]
    done = chengxin("submit", str(write_csv(tmp_path / "m.csv", rows)), "--item", "xzcf", "--source", SOURCE)
    assert "、".join(numbers) in done.err
    assert [waiting(number) for number in numbers] == [[2], [2]]


def test_the_receipt_of_a_refused_file_says_why(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("", encoding="utf-8")
    refused = chengxin("submit", str(file), "--item", "xzcf", "--source", SOURCE, "--json")
    assert (refused.code, refused.json["refusal"]["rule"]) == (2, "file.empty")
    number = refused.json["submission"]
    assert f"回执: {number}" in refused.err
    told = chengxin("receipt", number, "--json")
    assert told.code == 2
    assert told.json["state"] == "refused"
    assert told.json["problem"] == refused.json["refusal"]
    assert "文件为空" in chengxin("receipt", number).out


def test_rows_are_listed_with_the_reasons_in_both_languages(number: str) -> None:
    listed = chengxin("receipt", number, "--rows", "quarantined", "--json").json["listed"]
    assert [row["row"] for row in listed] == [3, 4]
    missing = listed[1]
    assert missing["reasons"] == ["xzcf.jdrq.required"]
    (finding,) = missing["findings"]
    assert (finding["rule"], finding["field"]) == ("xzcf.jdrq.required", "CF_JDRQ")
    assert finding["message"]["zh"]
    assert finding["message"]["en"]
    assert finding["basis"]
    for text in finding["message"].values():
        assert text in chengxin("receipt", number, "--rows", "quarantined").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "rows.xlsx"), "没有说明要导出哪些行"),
        (("--rows", "nonsense"), "没有“nonsense”这种结果"),
        (("--rows", "accepted"), "只列出需要人处理的行"),
        (("--rows", "accepted", "--out", "rows.xlsx"), "只列出需要人处理的行"),
        (("--rows", "refused", "--out", "rows.xlsx"), "没有可下载的行"),
        (("--rows", "quarantined", "--out", "no/such/folder/rows.xlsx"), "文件写不了：No such file or directory"),
        (("--rows", "quarantined", "--out", "."), "文件写不了：Is a directory"),
    ],
)
def test_a_list_that_cannot_be_given_says_why_and_leaves_no_file(
    number: str, options: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = chengxin("receipt", number, *options)
    assert done.code == 2, done.err
    assert said in done.err
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "here.part").exists()


def test_a_workbook_that_finds_no_space_leaves_nothing_behind(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unheard: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unheard.append)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    receipts.submission(number)  # the database is open, and its own files are as large as they need to be
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limit[1]))
    try:
        done = chengxin("receipt", number, "--rows", "quarantined", "--out", str(tmp_path / "rows.xlsx"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    gc.collect()
    assert done.code == 3
    assert "platform.disk-full" in done.err
    assert not list(tmp_path.glob("rows*"))
    assert unheard == []


def test_what_people_read_shows_no_signs_of_the_program(number: str) -> None:
    submit_at = chengxin("subject", uscc(100), "--json").json
    told = chengxin("subject", uscc(100)).out + chengxin("search", "澜州青穗").out
    assert submit_at["code"] == uscc(100)
    assert "({" not in told
    assert "datetime" not in told


def test_a_format_or_an_entry_that_is_not_there_is_told_what_there_is(tmp_path: Path) -> None:
    exported = chengxin("export", "--format", "xml", "--out", str(tmp_path), "--json")
    assert (exported.code, exported.json["refusal"]["rule"]) == (2, "export.format")
    assert "parquet" in exported.err
    shown = chengxin("catalogue", "show", "xzfc", "--json")
    assert (shown.code, shown.json["refusal"]["rule"]) == (2, "catalogue.unknown")
    assert "xzcf" in shown.err
