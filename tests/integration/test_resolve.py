"""Whom a name and a code mean, asked by anybody: on the command line about a file, by the API about examples."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from tests.databases import Place
from tests.integration.paper import REGISTER, uscc, write_csv

from chengxin.kernel.refusal import Refusal
from chengxin.operations.export import escape
from chengxin.operations.resolve import Question, resolve, words
from chengxin.operations.resolve_file import resolve_file
from chengxin.operations.resolve_output import COLUMNS, FORMATS
from chengxin.operations.setup import init
from chengxin.operations.sources import ensure
from chengxin.operations.submit import submit

FOOD, PAPER = uscc(100), uscc(101)
BASE = [
    *REGISTER,
    {"名称": "澜州同名商贸有限公司", "统一社会信用代码": uscc(102)},
    {"名称": "澜州同名商贸有限公司", "统一社会信用代码": uscc(103)},
    {"名称": "澜州市东城区青穗餐饮店", "注册号": "990100600000015"},
]
PERSON = "11010519491231002X"
ROWS = [
    # name, code, decision, subject's code, confidence, first reason
    ("澜州青穗食品有限公司", FOOD, "linked-by-code", FOOD, "exact", "code-and-name"),
    ("澜州青穗副食品有限公司", FOOD.lower(), "linked-by-code", FOOD, "strong", "code-and-former-name"),
    ("澜州大河纸业有限公司", "990100000012349", "linked-by-code", PAPER, "strong", "legacy"),
    ("", FOOD, "linked-by-code", FOOD, "strong", "code-only"),
    ("澜州青穗食品有限公司", FOOD + "001V", "linked-by-code", FOOD, "exact", "code-and-name"),
    (" 澜州大河 纸业有限公司", "", "linked-by-name", PAPER, "name", "name"),
    ("澜州同名商贸有限公司", "", "candidate", "", "likely", "subject.ambiguous"),
    ("澜州青穗食品有限公司", PAPER, "candidate", "", "likely", "subject.1001"),
    ("澜州青穗食呂有限公司", "", "candidate", "", "possible", "subject.unknown"),
    ("澜州市东城区青穗餐饮店", "", "linked-by-name", "990100600000015", "name", "name"),
    ("东城区青穗餐饮", "", "none", "", "none", "subject.unknown"),
    ("远山无人知晓机械厂", FOOD[:-1] + "O", "none", "", "none", "subject.unknown"),
    ("某某", PERSON, "none", "", "none", "person"),
    ("澜州青穗食品有有限公司", FOOD, "linked-by-code", FOOD, "strong", "code-and-spelling"),
]


@pytest.fixture(scope="module", autouse=True)
def base(database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    init()
    ensure("operator")
    submit(path=write_csv(tmp_path_factory.mktemp("base") / "register.csv", BASE), item="djxx", source="operator")


def told(answer) -> tuple[str, str, str, str]:
    code = answer.subject.code if answer.subject else ""
    return answer.decision, code, answer.confidence, answer.reasons[0]


def test_each_question_is_answered_in_the_order_of_linking() -> None:
    found = resolve([Question(name, code) for name, code, *_ in ROWS])
    assert [told(answer) for answer in found] == [tuple(row[2:]) for row in ROWS]


def test_both_bearers_of_a_name_and_both_sides_of_a_contradiction_are_shown() -> None:
    same, against, misspelt = resolve([Question(name, code) for name, code, *_ in (ROWS[6], ROWS[7], ROWS[8])])
    assert {one.subject.code for one in same.candidates} == {uscc(102), uscc(103)}
    assert {one.subject.code for one in against.candidates} >= {FOOD, PAPER}
    assert misspelt.candidates[0].subject.code == FOOD
    assert {reason["verdict"] for reason in misspelt.candidates[0].reasons} - {"same"}, "a reason says what differs"


def test_a_sole_trader_is_no_candidate_for_a_part_of_its_name() -> None:
    (found,) = resolve([Question("东城区青穗餐饮")])
    assert found.candidates == ()


def test_candidates_can_be_narrowed_to_a_kind() -> None:
    name = "澜州青穗食呂有限公司"
    assert resolve([Question(name, kind="enterprise")])[0].candidates
    assert resolve([Question(name, kind="government")])[0].candidates == ()


def test_every_reason_has_words() -> None:
    for answer in resolve([Question(name, code) for name, code, *_ in ROWS]):
        for reason in answer.reasons:
            assert words(reason).zh
            assert words(reason).en


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "ask.csv", [{"企业名称": name, "证照号码": code} for name, code, *_ in ROWS])


def test_a_file_is_answered_as_its_rows_are(file: Path, tmp_path: Path) -> None:
    for ending in FORMATS:
        out = tmp_path / f"answers{ending}"
        totals = resolve_file(path=file, name="企业名称", code="证照号码", out=out)
        rows = list(_read(out))
        assert [(row["decision"], row["subject_code"] or "", row["confidence"]) for row in rows] == [
            tuple(row[2:5]) for row in ROWS
        ]
        assert [row["reasons"].split(";")[0] for row in rows] == [row[5] for row in ROWS]
        assert [int(row["row"]) for row in rows] == list(range(2, len(ROWS) + 2)), "rows keep the file's numbers"
        assert PERSON not in out.read_bytes().decode(errors="replace")
        assert all(row["explanation"] for row in rows)
        assert rows[8]["candidates"]
        assert totals["rows"] == len(ROWS)
        assert totals["decisions"] == {"linked-by-code": 6, "linked-by-name": 2, "candidate": 3, "none": 3}
        assert totals["clear"] is False


@pytest.mark.parametrize("many_rows", [1, 1_000_000])
def test_a_code_that_two_organisations_have_links_neither_however_well_the_name_fits(
    many_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengxin.operations.resolve_sight.MANY_ROWS", many_rows)
    path = write_csv(tmp_path / "ask.csv", [{"企业名称": ROWS[0][0], "证照号码": FOOD}])
    assert resolve_file(path=path, name="企业名称", code="证照号码")["linked"] == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO subject_code (code, scheme, subject, state) VALUES (%s, 'uscc', %s, 'former')", [FOOD, PAPER]
        )
    try:
        assert resolve_file(path=path, name="企业名称", code="证照号码")["linked"] == 0
        assert resolve([Question(ROWS[0][0], FOOD)])[0].subject is None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM subject_code WHERE code = %s AND subject = %s", [FOOD, PAPER])


def test_a_spreadsheet_takes_no_cell_for_a_formula_and_reads_odd_cells_as_they_were(tmp_path: Path) -> None:
    cells = [
        "=1+1",
        "+86 10",
        "-",
        "-5.",
        "-.5",
        "+5",
        "-5.5.5",
        "@x",
        "=",
        "A=1",
        "0-1",
        '甲"乙',
        "甲\r\n乙,丙",
        "　",
        "\\N",
    ]
    path, out, lines = tmp_path / "odd.ndjson", tmp_path / "odd.csv", tmp_path / "odd-out.ndjson"
    path.write_text("\n".join(json.dumps({"名称": cell}) for cell in cells), encoding="utf-8")
    resolve_file(path=path, name="名称", out=out)
    resolve_file(path=path, name="名称", out=lines)
    with out.open(encoding="utf-8-sig", newline="") as file:
        written = {int(row["row"]): row["name"] for row in csv.DictReader(file)}
    told = {row["row"]: row["name"] for row in _read(lines)}
    assert len(told) > 10, "odd cells are answered, too"
    assert written == {row: escape(cell) for row, cell in told.items()}


def test_many_open_rows_compared_in_bulk_are_answered_alike(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one, in_bulk = tmp_path / "one.ndjson", tmp_path / "bulk.ndjson"
    resolve_file(path=file, name="企业名称", code="证照号码", out=one_by_one)
    monkeypatch.setattr("chengxin.operations.resolve_file.IN_BULK", 1)
    resolve_file(path=file, name="企业名称", code="证照号码", out=in_bulk)
    assert in_bulk.read_text() == one_by_one.read_text()


def test_a_consortium_is_answered_member_by_member(tmp_path: Path) -> None:
    rows = [("{0}（牵头人）、{1}", ROWS[0][1]), ("{0}", ""), ("无名一有限公司、无名二有限公司联合体", "")]
    first, second = ROWS[0][0], ROWS[2][0]
    path, out = tmp_path / "winners.csv", tmp_path / "winners-out.csv"
    cells = [(name.format(first, second), code) for name, code in rows]
    path.write_text("\n".join(["中标人,代码", *(",".join(row) for row in cells)]), encoding="utf-8")
    totals = resolve_file(path=path, name="中标人", code="代码", out=out)
    told = [(int(row["row"]), row["name"], row["code"] or "", row["part"]) for row in _read(out)]
    assert told == [
        (2, first, ROWS[0][1], "lead"),
        (2, second, "", "member"),
        (3, first, "", ""),
        (4, "无名一有限公司", "", "lead"),
        (4, "无名二有限公司", "", "member"),
    ]
    assert (totals["rows"], totals["answers"]) == (3, 5)


def _read(out: Path) -> Iterator[dict[str, str]]:
    if out.suffix == ".parquet":
        yield from pq.read_table(out).to_pylist()
    elif out.suffix == ".ndjson":
        for line in out.read_text().splitlines():
            yield dict.fromkeys(COLUMNS, "") | json.loads(line)
    else:
        yield from csv.DictReader(out.read_text("utf-8-sig").splitlines())


@pytest.mark.parametrize("asked", [{"name": "名字"}, {"code": "号码"}, {}])
def test_a_column_that_is_not_there_refuses_the_file_and_names_those_that_are(
    file: Path, asked: dict[str, str]
) -> None:
    with pytest.raises(Refusal) as refused:
        resolve_file(path=file, **asked)
    assert refused.value.rule == "resolve.columns"
    assert "证照号码" in refused.value.remedy.zh


def test_an_answer_that_cannot_be_written_is_refused_before_the_work(file: Path, tmp_path: Path) -> None:
    for out in (tmp_path / "answers.docx", tmp_path / "nowhere" / "answers.csv"):
        with pytest.raises(Refusal) as refused:
            resolve_file(path=file, name="企业名称", out=out)
        assert refused.value.rule == "resolve.format"
