"""The example city is invented through and through, always the same, and as dirty as real files are."""

import csv
from datetime import date
from random import Random

import orjson
import pytest
from python_calamine import CalamineWorkbook

from chengxin.operations import demo_city, demo_dirt, demo_files, demo_records, demo_subjects
from chengxin.subjects.identifiers import check_registration_no, check_uscc

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def organisations():
    return demo_subjects.organisations(2000, 7, TODAY)


@pytest.fixture(scope="module")
def market():
    return demo_city.departments()[0]


def _penalties(market, organisations, count=3000):
    return list(demo_records.penalties(market, organisations, count, Random(5), TODAY))


def test_every_code_in_the_city_is_a_valid_code_of_no_real_place(organisations):
    codes = [org.code for org in organisations] + [department.code for department in demo_city.departments()]
    assert all(check_uscc(code).ok and not check_uscc(code).warnings for code in codes)
    assert {code[2:4] for code in codes} == {"99"}
    assert len(set(codes)) == len(codes)
    numbers = [org.registration_no for org in organisations if org.registration_no]
    assert numbers
    assert all(check_registration_no(number).ok for number in numbers)


def test_every_name_says_that_it_belongs_to_the_invented_city(organisations):
    names = [name for org in organisations for name in (org.name, *org.former)]
    assert all("澜州" in name for name in names)
    assert len(set(names)) == len(names)


def test_shares_are_those_counted_in_registers(organisations):
    count = len(organisations)
    assert sum(bool(org.former) for org in organisations) / count == pytest.approx(0.23, abs=0.03)
    assert sum(org.status == "注销" for org in organisations) / count == pytest.approx(0.024, abs=0.012)
    assert sorted(len(org.name) for org in organisations)[count // 2] in {12, 13, 14}


def test_the_same_seed_gives_the_same_city_and_another_seed_another(organisations, market):
    assert demo_subjects.organisations(2000, 7, TODAY) == organisations
    assert demo_subjects.organisations(2000, 8, TODAY) != organisations
    assert _penalties(market, organisations, 50) == _penalties(market, organisations, 50)


def test_penalties_have_one_document_number_each_and_never_lie_in_the_future(organisations, market):
    rows = _penalties(market, organisations)
    assert len({row["CF_WSH"] for row in rows}) == len(rows)
    assert all("2023-01-01" <= row["CF_JDRQ"] <= TODAY.isoformat() for row in rows)
    assert all(bool(row["CF_NR_FK"]) == ("罚款" in row["CF_CFLB"]) for row in rows)


def test_half_of_the_fines_are_below_the_counted_median(organisations, market):
    fines = sorted(float(row["CF_NR_FK"]) for row in _penalties(market, organisations) if row["CF_NR_FK"])
    assert 1.4 < fines[len(fines) // 2] < 2.4  # 万元; 18,855 yuan counted


def test_dirt_comes_at_about_the_rate_it_was_counted(organisations, market):
    rows = _penalties(market, organisations)
    context = demo_dirt.Context(Random(3), "CF", {org.code: org for org in organisations})
    for row in rows:
        demo_dirt.spoil(row, context)
    share = sum(not check_uscc(row["CF_XDR_SHXYM"]).ok for row in rows) / len(rows)
    assert 0.015 < share < 0.05
    assert any(row["CF_XDR_LB"] == "自然人" for row in rows)
    assert any("⻛" in row["CF_XDR_MC"] or "⾦" in row["CF_XDR_MC"] for row in rows)
    assert any(row["CF_NR_FK"].endswith("元整") for row in rows)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        (14326, "壹万肆仟叁佰贰拾陆元整"),
        (10000, "壹万元整"),
        (100050, "壹拾万零伍拾元整"),
        (1005, "壹仟零伍元整"),
        (20500, "贰万零伍佰元整"),
        (3000400, "叁佰万零肆佰元整"),
    ],
)
def test_amounts_are_spelt_as_on_cheques(yuan, words):
    assert demo_dirt.in_words(yuan) == words


LABELS = {
    "CF_XDR_MC": "行政相对人名称",
    "CF_XDR_SHXYM": "行政相对人代码_1(统一社会信用代码)",
    "CF_JDRQ": "处罚决定日期",
}
ROWS = [{"CF_XDR_MC": "澜州市⻛测试有限公司", "CF_XDR_SHXYM": "91", "CF_JDRQ": "2026-01-05"}, {"CF_XDR_MC": "=cmd|x"}]


@pytest.mark.parametrize(
    ("form", "codec", "head"),
    [
        ("csv-gb18030-labels", "gb18030", "行政相对人名称"),
        ("csv-utf8-labels", "utf-8-sig", "行政相对人名称"),
        ("csv-utf8-codes", "utf-8", "CF_XDR_MC"),
    ],
)
def test_a_csv_file_reads_back(tmp_path, form, codec, head):
    path = demo_files.write(tmp_path, "a", form, LABELS, ROWS, "标题")
    lines = list(csv.reader(path.read_text(encoding=codec).splitlines()))
    assert lines[0][0] == head
    assert lines[1] == ["澜州市⻛测试有限公司", "91", "2026-01-05"]
    assert lines[2] == ["=cmd|x", "", ""]


def test_a_workbook_has_a_title_an_instruction_and_real_dates(tmp_path):
    path = demo_files.write(tmp_path, "a", "xlsx", LABELS, ROWS, "标题")
    cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert cells[0][0] == "标题"
    assert "填写说明" in cells[1][0]
    assert cells[2][1] == "行政相对人代码_1\n(统一社会信用代码)"
    assert cells[3][2] == date(2026, 1, 5)
    assert cells[4][0] == "=cmd|x"
    again = demo_files.write(tmp_path, "b", "xlsx", LABELS, ROWS, "标题")
    assert again.read_bytes() == path.read_bytes()


def test_a_json_answer_reads_back(tmp_path):
    path = demo_files.write(tmp_path, "a", "json", LABELS, ROWS, "标题")
    assert orjson.loads(path.read_bytes())["data"][0]["CF_XDR_MC"] == "澜州市⻛测试有限公司"


def test_a_file_that_is_there_is_not_written_again(tmp_path):
    path = demo_files.write(tmp_path, "a", "json", LABELS, ROWS, "标题")
    path.write_bytes(b"as handed in")
    demo_files.write(tmp_path, "a", "json", LABELS, ROWS, "标题")
    assert path.read_bytes() == b"as handed in"
    assert not list(tmp_path.glob(".*.part"))
