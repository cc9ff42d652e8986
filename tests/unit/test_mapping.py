"""Mapping (字段映射): columns of a file become fields of an item."""

from dataclasses import replace
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from chengxin.catalogue.loader import load as load_catalogue
from chengxin.intake import mapping
from chengxin.kernel.refusal import Refusal

CATALOGUE = load_catalogue()
PENALTY, ARCHIVE, REGISTER = (CATALOGUE.items[id] for id in ("xzcf", "xzcf-archive", "djxx"))


@pytest.fixture(scope="module")
def engine():
    return ibis.duckdb.connect()


def _raw(engine, rows):
    columns = [
        pa.array(range(2, len(rows) + 2), pa.int64()),
        *[pa.array(c, pa.string()) for c in zip(*rows, strict=True)],
    ]
    names = ["row", *[f"c{i}" for i in range(len(columns) - 1)]]
    return engine.create_table(ibis.util.gen_name("raw"), pa.table(columns, names))


def _mapped(engine, found, headers, rows, item):
    return engine.to_pyarrow(found.apply(_raw(engine, rows), headers, item)).to_pylist()


def _written(tmp_path: Path, columns: str, more: str = "", item: str = "xzcf-archive") -> Path:
    path = tmp_path / "ledger.yaml"
    path.write_text(f"item: {item}\ntitle: 台账\n{more}\ncolumns:\n{columns}", encoding="utf-8")
    return path


def _one(engine, tmp_path, rule, cell, *, blanks="", field="BZ"):
    """The mapped cell of one field under one rule."""
    path = _written(tmp_path, f"  CF_XDR_MC: {{from: 名称}}\n  {field}: {rule}\n", blanks)
    values = cell if isinstance(cell, tuple) else (cell,)
    headers = ["名称", *[f"列{n}" for n in range(1, len(values) + 1)]]
    found = mapping.load(path, ARCHIVE)
    return _mapped(engine, found, headers, [("甲", *values)], ARCHIVE)[0][field]


# --- the national layouts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", sorted(CATALOGUE.layouts))
def test_every_layout_of_the_catalogue_is_chosen_for_its_own_headers_and_ends_in_the_shape_of_its_item(engine, id):
    layout = CATALOGUE.layouts[id]
    item = CATALOGUE.items[layout.item]
    headers = [names[-1] for names in layout.headers.values()]
    headers += [part[-1] for parts in layout.joined.values() for part in parts]
    chosen = mapping.choose(headers, item, CATALOGUE.layouts_of(item.id))
    assert chosen.hits(headers) >= mapping.from_layout(layout).hits(headers)
    assert chosen.apply(_raw(engine, [("甲",) * len(headers)]), headers, item).schema() == mapping.shape(item)
    assert chosen.report(headers, item).unused == ()


def test_labels_with_blanks_line_breaks_stars_and_wide_brackets_are_recognised(engine):
    headers = [
        "行政相对人\n名称*",
        "行政相对人代码_1 （统一社会信用代码）",
        "行政处罚决定书文号（必填）",
        "处罚决定日期",
    ]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    row = _mapped(engine, chosen, headers, [("甲", "91X", "文1", "2024/1/1")], PENALTY)[0]
    assert (row["CF_XDR_MC"], row["CF_XDR_SHXYM"], row["CF_WSH"], row["CF_JDRQ"]) == ("甲", "91X", "文1", "2024/1/1")
    assert row["row"] == 2


def test_every_stored_field_has_a_column_and_personal_numbers_have_none(engine):
    headers = ["CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_XDR_ZJHM", "CF_FR_ZJHM"]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    table = chosen.apply(_raw(engine, [("甲", "91X", "文1", "甲的号码", "法人的号码")]), headers, PENALTY)
    wanted = ["row", *[field.id for field in PENALTY.stored_fields], "person_id_given", "approximate"]
    assert list(table.columns) == wanted
    assert "号码" not in str(engine.to_pyarrow(table).to_pylist())


@pytest.mark.parametrize(("number", "given"), [("X1", True), (None, False), ("  ", False), ("\u3000", False)])
def test_a_row_with_a_personal_number_of_the_party_is_marked(engine, number, given):
    headers = ["CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_XDR_ZJHM"]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    assert _mapped(engine, chosen, headers, [("甲", None, "文1", number)], PENALTY)[0]["person_id_given"] is given


def test_the_number_of_a_legal_representative_does_not_make_the_party_a_person(engine):
    headers = ["CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_FR_ZJHM"]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    assert _mapped(engine, chosen, headers, [("甲", "91X", "文1", "X1")], PENALTY)[0]["person_id_given"] is False


def test_the_layout_of_2015_is_recognised_and_read_by_its_own_meanings(engine):
    headers = [
        "CF_WSH",
        "CF_CFMC",
        "CF_CFLB1",
        "CF_CFLB2",
        "CF_SY",
        "CF_YJ",
        "CF_XDR_MC",
        "CF_XDR_SHXYM",
        "CF_JG",
        "CF_JDRQ",
        "CF_XZJG",
        "CF_XDR_SFZ",
    ]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    cells = ("文1", "案", "1", "2", "事由", "依据", "甲", "91X", "罚款2000元", "2015-1-1", "某局", "人的号码")
    row = _mapped(engine, chosen, headers, [cells, (*cells[:3], None, *cells[4:])], PENALTY)
    assert row[0]["CF_CFLB"] == "警告;罚款"
    assert row[1]["CF_CFLB"] == "警告"
    assert row[0]["CF_NR"] == "罚款2000元"
    assert row[0]["CF_CFJG"] == "某局"
    assert row[0]["approximate"] == "CF_SY"
    assert row[0]["person_id_given"] is True
    assert row[0]["CF_XDR_LB"] is None


def test_a_file_for_another_item_is_refused_with_the_missing_column():
    headers = ["行政相对人名称", "行政相对人代码_1(统一社会信用代码)", "行政许可决定文书号", "许可内容"]
    with pytest.raises(Refusal) as refused:
        mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    assert refused.value.rule == "file.layout"
    assert "CF_WSH" in refused.value.what.zh
    assert "许可内容" in refused.value.what.zh


def test_the_report_names_what_was_read_what_was_not_and_what_is_missing():
    headers = ["CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CREATE_DATE", "自定义列", ""]
    chosen = mapping.choose(headers, PENALTY, CATALOGUE.layouts_of("xzcf"))
    report = chosen.report(headers, PENALTY)
    assert report.recognised == {"CF_XDR_MC": "CF_XDR_MC", "CF_XDR_SHXYM": "CF_XDR_SHXYM", "CF_WSH": "CF_WSH"}
    assert report.unused == ("自定义列",)
    assert "CF_JDRQ" in report.missing
    assert "CF_WSH" not in report.missing
    assert "CF_XDR_ZJHM" not in report.missing


def test_known_headers_know_the_layouts_own_and_nothing_else():
    known = mapping.known_headers(CATALOGUE.layouts_of("xzcf"))
    assert known("cf_xdr_mc")
    assert known("行政处罚决定书 文号*")
    assert not known("姓名")
    assert not known("")


# --- mapping files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("{from: 列1}", " 原样 ", " 原样 "),
        ("{from: [没有, 列1]}", "x", "x"),
        ("{constant: 固定}", "x", "固定"),
        ("{first_of: [列1, 列2]}", (None, "b"), "b"),
        ("{first_of: [列1, 列2]}", ("a", "b"), "a"),
        ("{first_of: [列1, 列2], blanks: [N/A]}", (" N/A ", "b"), "b"),
        ("{join: {from: [列1, 列2, 列3], with: ；}}", ("a", " ", "c"), "a；c"),
        ("{join: {from: [列1, 列2], with: ；}}", (None, None), None),
        ("{join: {from: [列1, 没有], with: ；}}", "a", "a"),
        ("{from: 列1, blanks: ['-', 空]}", "\u3000空 ", None),
        ("{from: 列1, blanks: ['-', 空]}", "空调公司", "空调公司"),
        (
            "{from: 列1, replace: [{pattern: '查看更多$', with: ''}, {pattern: '[ ,]+', with: ';'}]}",
            "甲 乙,丙查看更多",
            "甲;乙;丙",
        ),
        ("{from: 列1, pattern: '^(\\d{15})$'}", "370681018019402", "370681018019402"),
        ("{from: 列1, pattern: '^(\\d{15})$'}", "91370000MA3C0JKY7X", None),
        (
            "{from: 列1, pattern: '([\\p{Han}]+〔\\d{4}〕\\d+号)'}",
            "关于甲的决定 示环罚〔2024〕7号（公开）",
            "示环罚〔2024〕7号",
        ),
        ("{from: 列1, pattern: '(\\p{Han}+)'}", "abc示例x", "示例"),
        ("{from: 列1, split: {on: '/', part: 1}}", "a/b/c", "a"),
        ("{from: 列1, split: {on: '/', part: -1}}", "a/b/c", "c"),
        ("{from: 列1, split: {on: '/', part: 4}}", "a/b/c", None),
        ("{from: 列1, split: {on: '/', part: -4}}", "a/b/c", None),
        ("{from: 列1, values: {01: 自然人, 02: 法人及非法人组织, 空: null}}", " 02 ", "法人及非法人组织"),
        ("{from: 列1, values: {01: 自然人, 02: 法人及非法人组织, 空: null}}", "空", None),
        ("{from: 列1, values: {01: 自然人}}", "1", "1"),
    ],
)
def test_each_rule_of_the_language_does_what_its_reference_says(engine, tmp_path, rule, cell, expected):
    assert _one(engine, tmp_path, rule, cell) == expected


@pytest.mark.parametrize(
    "rule", ["{from: 列1, pattern: '(x)'}", "{join: {from: [列1, 列2]}}", "{first_of: [列1, 列2]}"]
)
def test_an_empty_cell_stays_empty(engine, tmp_path, rule):
    assert _one(engine, tmp_path, rule, (None, None)) is None


def test_blanks_of_the_file_hold_for_every_column(engine, tmp_path):
    assert _one(engine, tmp_path, "{from: 列1}", "— —", blanks="blanks: ['— —']") is None


@pytest.mark.parametrize(
    ("yuan", "wan"),
    [
        ("15150", "1.515"),
        ("15,150.00元", "1.515"),
        ("￥4000", "0.4"),
        ("人民币20000元整", "2"),
        ("0.01", "0.000001"),
        ("0", "0"),
        ("100000000", "10000"),
        ("123456789012345.67", "12345678901.234567"),
        ("999999999999999999.99", "99999999999999.999999"),
        ("1.5万元", "1.5"),
        ("1.5万", "1.5"),
        ("壹万伍仟元", "壹万伍仟元"),
        ("１５１５０", "１５１５０元"),
        ("大约两千", "大约两千元"),
        ("1e4", "1e4元"),
        (None, None),
        (" ", " "),
    ],
)
def test_yuan_become_ten_thousands_exactly_and_nothing_is_taken_for_the_wrong_unit(engine, tmp_path, yuan, wan):
    assert _one(engine, tmp_path, "{from: 列1, unit: yuan_to_wan}", yuan, field="CF_NR_FK") == wan


def test_a_stand_in_is_recorded_where_it_is_filled(engine, tmp_path):
    path = _written(
        tmp_path,
        "  CF_XDR_MC: {from: 名称}\n  CF_JDRQ: {stand_in: {from: 公布时间}}\n  CF_NR: {stand_in: {from: 结果}, blanks: ['-']}\n",
    )
    rows = [("甲", "2017-1-1", "罚"), ("乙", None, "罚"), ("丙", "2017-1-1", "-"), ("丁", " ", None)]
    found = _mapped(engine, mapping.load(path, ARCHIVE), ["名称", "公布时间", "结果"], rows, ARCHIVE)
    assert [row["approximate"] for row in found] == ["CF_JDRQ;CF_NR", "CF_NR", "CF_JDRQ", None]


def test_one_column_may_fill_two_fields(engine, tmp_path):
    path = _written(
        tmp_path, "  CF_XDR_MC: {from: 名称}\n  CF_WSH: {from: 标题, pattern: '(\\S+号)'}\n  CF_CFMC: {from: 标题}\n"
    )
    found = mapping.load(path, ARCHIVE)
    row = _mapped(engine, found, ["名称", "标题"], [("甲", "示罚〔2017〕1号 决定")], ARCHIVE)[0]
    assert (row["CF_WSH"], row["CF_CFMC"]) == ("示罚〔2017〕1号", "示罚〔2017〕1号 决定")
    report = found.report(["名称", "标题"], ARCHIVE)
    assert report.recognised["标题"] == "CF_WSH;CF_CFMC"
    assert not {"CF_WSH", "CF_CFMC"} & set(report.missing)


def test_a_personal_number_may_be_mapped_and_goes_no_further(engine, tmp_path):
    path = _written(tmp_path, "  CF_XDR_MC: {from: 名称}\n  CF_XDR_ZJHM: {from: 身份证号, blanks: ['-']}\n")
    found = _mapped(engine, mapping.load(path, ARCHIVE), ["名称", "身份证号"], [("甲", "号码甲"), ("乙", "-")], ARCHIVE)
    assert [row["person_id_given"] for row in found] == [True, False]
    assert "号码甲" not in str(found)


def test_a_foreign_file_without_document_number_is_judged_row_by_row(engine, tmp_path):
    path = _written(tmp_path, "  CF_XDR_MC: {from: 名称}\n")
    assert _mapped(engine, mapping.load(path, ARCHIVE), ["名称"], [("甲",)], ARCHIVE)[0]["CF_WSH"] is None


def test_a_foreign_file_that_does_not_say_whom_it_is_about_is_refused(engine, tmp_path):
    found = mapping.load(_written(tmp_path, "  CF_XDR_MC: {from: 名称}\n  CF_NR: {from: 结果}\n"), ARCHIVE)
    with pytest.raises(Refusal) as refused:
        _mapped(engine, found, ["结果"], [("罚",)], ARCHIVE)
    assert refused.value.rule == "file.layout"


def test_a_mapping_says_which_sheet_and_which_headers_it_knows(tmp_path):
    found = mapping.load(
        _written(tmp_path, "  CF_XDR_MC: {from: 企业\\n名称}\n", "sheet: 台账\nignore: [序号]"), ARCHIVE
    )
    assert found.sheet == "台账"
    assert found.ignore == ("序号",)
    assert not found.knows("序号")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {form: 名称}}", "columns.CF_XDR_MC.form"),
        ("item: xzcf-archive\ntitle: t\nkeep_rows: {}\ncolumns: {CF_XDR_MC: {from: 名称}}", "keep_rows"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, constant: x}}", "columns.CF_XDR_MC"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {pattern: '(x)'}}", "columns.CF_XDR_MC"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {constant: x, unit: yuan_to_wan}}", "columns.CF_XDR_MC"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: {a: b}}}", "columns.CF_XDR_MC.from"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, pattern: 'x'}}", "columns.CF_XDR_MC.pattern"),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, pattern: '(x'}}",
            "columns.CF_XDR_MC.pattern",
        ),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, pattern: '(?<=a)(x)'}}",
            "columns.CF_XDR_MC.pattern",
        ),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, pattern: '(x)\\1'}}",
            "columns.CF_XDR_MC.pattern",
        ),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, unit: kg}}", "columns.CF_XDR_MC.unit"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, split: {on: a}}}", "columns.CF_XDR_MC.split"),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, split: {on: a, part: 0}}}",
            "columns.CF_XDR_MC.split.part",
        ),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称, replace: [{pattern: a}]}}",
            "columns.CF_XDR_MC.replace[1]",
        ),
        (
            "item: xzcf-archive\ntitle: t\ncolumns: {CF_XDR_MC: {stand_in: {from: a, with: b}}}",
            "columns.CF_XDR_MC.stand_in.with",
        ),
        ("item: xzcf-archive\ntitle: t\ncolumns: {CF_XX: {from: 名称}}", "columns.CF_XX"),
        ("item: xzcf\ntitle: t\ncolumns: {CF_XDR_MC: {from: 名称}}", "item"),
        ("item: xzcf-archive\ncolumns: {CF_XDR_MC: {from: 名称}}", "title"),
        ("item: xzcf-archive\ntitle: {zh: x}\ncolumns: {CF_XDR_MC: {from: 名称}}", "title"),
        ("item: xzcf-archive\ntitle: t\ncolumns: {}", "columns"),
        ("item: xzcf-archive\ntitle: t\ncolumns:\n  CF_XDR_MC: {from: a}\n  CF_XDR_MC: {from: b}", "line 5"),
        ("item: [", "line 1"),
        ("- a", "·"),
    ],
)
def test_a_fault_in_a_mapping_file_is_named_by_file_and_key(tmp_path, text, key):
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        mapping.load(path, ARCHIVE)
    assert refused.value.rule == "mapping.invalid"
    assert "wrong.yaml" in refused.value.what.zh
    assert key in refused.value.what.en
    if key.startswith("line"):
        assert "line" not in refused.value.where.zh
    else:
        assert key in refused.value.what.zh


def test_the_example_of_the_reference_is_a_valid_mapping(tmp_path):
    page = (Path(__file__).parents[2] / "docs/reference/mapping.md").read_text(encoding="utf-8")
    path = tmp_path / "example.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert mapping.load(path, ARCHIVE).title.en.startswith("Ledger")


def test_the_pieces_of_the_how_to_make_a_valid_mapping(tmp_path):
    page = (Path(__file__).parents[2] / "docs/how-to/map-a-foreign-file.md").read_text(encoding="utf-8")
    first, *others = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
    body, ignore = first.split("ignore:")
    path = tmp_path / "how-to.yaml"
    path.write_text(f"{body}{''.join(others)}ignore:{ignore}", encoding="utf-8")
    assert len(mapping.load(path, ARCHIVE).columns) == 9


def test_every_key_of_the_language_stands_in_the_reference():
    from chengxin.intake import mapping_file

    page = (Path(__file__).parents[2] / "docs/reference/mapping.md").read_text(encoding="utf-8")
    for key in mapping_file._TOP | mapping_file._SOURCES | mapping_file._STEPS:
        assert f"`{key}`" in page


def test_day_numbers_of_a_workbook_that_counts_from_1904_are_read_as_such(engine):
    layout = next(layout for layout in CATALOGUE.layouts_of("xzcf") if "CF_NR_FK" in layout.headers)
    found = replace(mapping.from_layout(layout), since_1904=True)
    headers = [layout.headers[field][0] for field in ("CF_XDR_MC", "CF_WSH", "CF_JDRQ", "CF_NR_FK")]
    days = ("44865", "2026-11-01", None, "44865.75")
    rows = [("甲", str(number), day, "44865") for number, day in enumerate(days)]
    mapped = _mapped(engine, found, headers, rows, PENALTY)
    assert [row["CF_JDRQ"] for row in mapped] == ["46327", "2026-11-01", None, "46327.75"]  # 1 November 2026
    assert mapped[0]["CF_NR_FK"] == "44865", "an amount is no day"
