"""XLSX in (Excel 工作簿)."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter
from tests.unit.files_as_sent import HEADERS, ROW, cells, opened, sheet, workbook


def test_a_plain_sheet_is_read():
    reading = opened(workbook(sheet([HEADERS, ROW])))
    assert (reading.format, reading.sheet, reading.header_row) == ("xlsx", "Sheet1", 1)
    assert cells(reading) == [(2, *ROW[:5], None)]


def test_title_rows_and_instructions_are_stepped_over_and_row_numbers_stay_those_of_the_sheet():
    rows = [
        ("行政处罚信息报送表",),
        (),
        HEADERS,
        ("必填", "必填，18位", "必填", "格式：YYYY/MM/DD", "选填"),
        ROW,
        (),
        ROW,
    ]
    reading = opened(workbook(sheet(rows)))
    assert reading.header_row == 3
    assert [row[0] for row in cells(reading)] == [5, 7]
    assert any("第 4 行" in note.zh for note in reading.notes)


def test_a_table_that_starts_further_down_and_to_the_right_keeps_its_row_numbers():
    def fill(book):
        page = book.add_worksheet()
        page.write_row(4, 2, HEADERS)
        page.write_row(5, 2, ROW)

    assert cells(opened(workbook(fill))) == [(6, *ROW[:5], None)]


def _two_rows_high(book, first_row=0, first_column=0):
    page = book.add_worksheet()
    r, c = first_row, first_column
    page.merge_range(r, c, r + 1, c, "行政相对人名称")
    page.merge_range(r, c + 1, r, c + 2, "行政相对人代码")
    page.write_row(r + 1, c + 1, ["统一社会信用代码", "工商注册号"])
    page.merge_range(r, c + 3, r + 1, c + 3, "行政处罚决定书文号")
    page.merge_range(r, c + 4, r, c + 5, "处罚机关")
    page.write_row(r + 1, c + 4, ["名称", "备注"])
    page.write_row(r + 2, c, ["示例甲公司", "91370000MA3C0JKY7X", "370000000000001", "示罚〔2024〕1号", "示例局", "无"])


def test_a_header_of_two_merged_rows_is_joined():
    reading = opened(workbook(_two_rows_high))
    assert reading.columns == (
        "行政相对人名称",
        "行政相对人代码统一社会信用代码",
        "行政相对人代码工商注册号",
        "行政处罚决定书文号",
        "处罚机关名称",
        "备注",
    )
    assert cells(reading)[0][:3] == (3, "示例甲公司", "91370000MA3C0JKY7X")


def test_a_merged_header_is_joined_wherever_the_table_stands():
    reading = opened(workbook(lambda book: _two_rows_high(book, 3, 2)))
    assert reading.header_row == 5
    assert reading.columns[1] == "行政相对人代码统一社会信用代码"
    assert [row[0] for row in cells(reading)] == [6]


def test_dates_become_iso_and_serial_numbers_stay_for_the_normalisation():
    def fill(book):
        page = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy/m/d"})
        page.write_row(0, 0, HEADERS)
        page.write_row(1, 0, ROW)
        page.write_datetime(1, 3, dt.date(2024, 5, 7), day)
        page.write_row(2, 0, ROW)
        page.write_number(2, 3, 45419.5625, day)
        page.write_row(3, 0, ROW)
        page.write_number(3, 3, 43678)

    assert [row[4] for row in cells(opened(workbook(fill)))] == ["2024-05-07", "2024-05-07 13:30:00", "43678"]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (17, "2017-10"),
        (57, "2017-10"),
        ("mmm-yy", "2017-10"),
        ("[$-409]mmm\\-yy;@", "2017-10"),
        ("yyyy-mm", "2017-10"),
        ('yyyy"年"m"月";@', "2017-10"),
        ("mm/yy", "2017-10"),
        ("mmmm", "2017-10"),
        ("yyyy-mm hh:mm", "2017-10"),
        ("yyyy", "2017"),
        ('yyyy"年"', "2017"),
        ("yyyy/m/d", "2017-10-01"),
        ('m"月"d"日"', "2017-10-01"),
        ("dd-mmm-yy", "2017-10-01"),
        ("h:mm", "2017-10-01"),
        ("mm:ss", "2017-10-01"),
        ('"yyyy"d', "2017-10-01"),
    ],
)
def test_a_date_of_which_the_sheet_shows_no_day_is_read_as_the_month_that_is_seen(shown, text):
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, HEADERS)
        page.write_row(1, 0, ROW)
        page.write_datetime(1, 3, dt.date(2017, 10, 1), book.add_format({"num_format": shown}))

    assert [row[4] for row in cells(opened(workbook(fill)))] == [text]


def test_numbers_have_no_point_zero_and_no_exponent():
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, HEADERS)
        page.write_row(1, 0, [370681018019402, 0.2, 1e21, -3, 0.000001, True])

    assert cells(opened(workbook(fill)))[0][1:] == (
        "370681018019402",
        "0.2",
        "1000000000000000000000",
        "-3",
        "0.000001",
        "true",
    )


def test_a_code_typed_as_a_number_is_mentioned_because_excel_has_lost_its_end():
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, HEADERS)
        page.write_row(1, 0, ["甲公司", 914602006989142680])

    reading = opened(workbook(fill))
    cells(reading)
    cells(reading)
    assert [note for note in reading.notes if "15" in note.zh and "2" in note.zh] == [reading.notes[-1]]


def test_formulas_are_never_evaluated_and_errors_count_as_empty():
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, HEADERS)
        page.write_string(1, 0, "=cmd|'/c calc'!A1")
        page.write_formula(1, 1, "=1+1", None, "9")
        page.write_formula(1, 2, "=NA()", None, "#N/A")
        page.write_formula(1, 3, '=HYPERLINK("http://example.org")', None, "缓存值")

    reading = opened(workbook(fill))
    assert cells(reading)[0][1:5] == ("=cmd|'/c calc'!A1", "9", None, "缓存值")
    assert any("#N/A" in note.zh and "1" in note.zh for note in reading.notes)


def test_the_sheet_with_a_known_header_is_chosen_and_the_others_are_mentioned():
    book = workbook(
        sheet([("说明",), ("请勿修改表头",)], "填写说明"), sheet([HEADERS, ROW], "数据"), sheet([HEADERS], "数据2")
    )
    reading = opened(book)
    assert (reading.sheet, reading.sheets) == ("数据", ("填写说明", "数据", "数据2"))
    assert any("数据2" in note.zh for note in reading.notes)


def test_a_sheet_that_explains_the_fields_is_not_taken_for_the_data():
    explained = [("CF_XDR_MC", "行政相对人名称", "必填"), ("CF_WSH", "行政处罚决定书文号", "必填")]
    assert opened(workbook(sheet(explained, "字段"), sheet([HEADERS, ROW], "数据"))).sheet == "数据"


def test_a_hidden_sheet_is_read_only_when_it_is_named():
    def two_sheets(book):
        sheet([HEADERS, ROW, ROW], "旧数据")(book)
        sheet([HEADERS, ROW], "数据")(book)
        book.get_worksheet_by_name("数据").activate()
        book.get_worksheet_by_name("旧数据").hide()

    content = workbook(two_sheets)
    assert opened(content).sheet == "数据"
    assert len(cells(opened(content, sheet="旧数据"))) == 2


def test_a_sheet_can_be_chosen_by_name():
    book = workbook(sheet([HEADERS, ROW], "甲"), sheet([HEADERS, ROW, ROW], "乙"))
    assert len(cells(opened(book, sheet="乙"))) == 2


def test_a_remark_beside_the_table_is_mentioned_and_does_not_disturb_the_rows():
    reading = opened(workbook(sheet([HEADERS, ROW, (*ROW, "", "旁注")])))
    assert len(cells(reading)) == 2
    assert any("H3" in note.zh for note in reading.notes)


def test_headers_keep_their_meaning_with_line_breaks_stars_and_wide_brackets():
    headers = ("*行政相对人\n名称（必填）", "统一社会信用代码*", "行政处罚决定书 文号", *HEADERS[3:])
    assert len(cells(opened(workbook(sheet([headers, ROW]))))) == 1


def test_a_workbook_without_cell_references_is_read_too():
    """Some exporters leave out r="A1"; the format allows it."""
    plain = workbook(sheet([HEADERS, ROW]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                for column in "ABCDEFGH":
                    for row in (1, 2):
                        content = content.replace(f' r="{column}{row}"'.encode(), b"")
            new.writestr(info.filename, content)
    assert cells(opened(out.getvalue())) == [(2, *ROW[:5], None)]


def test_a_workbook_that_counts_days_from_1904_says_so():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEADERS)
    page.write_row(1, 0, [*ROW[:3], 44865, *ROW[4:]])
    page.write_datetime(2, 3, dt.date(2026, 11, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    reading = opened(out.getvalue())
    assert [row[4] for row in cells(reading)] == ["44865", "2026-11-01"]
    assert reading.since_1904
    assert "1904" in reading.notes[-1].zh
    assert not opened(workbook(sheet([HEADERS, ROW]))).since_1904
