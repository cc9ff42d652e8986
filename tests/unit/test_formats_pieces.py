"""A sheet read piece by piece says exactly what the whole of it says (分段读取与整表读取一致)."""

import datetime as dt
import io
import re
import zipfile

import pytest
import xlsxwriter
from tests.unit import files_as_sent
from tests.unit.files_as_sent import HEADERS, ROW, cells, opened, sheet, workbook

from chengxin.intake.formats import Limits, pieces
from chengxin.intake.formats import workbook as books
from chengxin.intake.formats.markup import Unusual
from chengxin.kernel.refusal import Refusal

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def loaded(monkeypatch):
    """The names of the sheets that were loaded whole."""
    names = []
    load = books._Book.load

    def noted(book, name):
        names.append(name)
        return load(book, name)

    monkeypatch.setattr(books._Book, "load", noted)
    return names


def whole(content, monkeypatch):
    """Everything the whole reader says of a workbook."""

    def refuse(data):
        raise Unusual("test")

    with monkeypatch.context() as patch:
        patch.setattr(books, "Package", refuse)
        return said(content)


def said(content):
    reading = opened(content)
    return cells(reading), reading.columns, reading.header_row, reading.rows_hint, reading.notes


def rewritten(content, change, member=SHEET):
    return files_as_sent.rewritten(content, member, change)


def everything(*, inline=False):
    """A sheet with every kind of cell, as a program writes it with shared strings or without."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "constant_memory": inline})
    page = book.add_worksheet("数据")
    day = book.add_format({"num_format": "yyyy/m/d"})
    month = book.add_format({"num_format": "mmm-yy"})
    moment = book.add_format({"num_format": "yyyy/m/d hh:mm"})
    bold = book.add_format({"bold": True})
    page.merge_range(0, 1, 0, 4, "报送表") if not inline else page.write_string(0, 1, "报送表")
    page.write_row(2, 1, HEADERS)
    texts = ["  两端有空格 ", "a&b<c>", "_x000D_", 'x"y', "换\n行", "__", "=1+1", "　", "末_x", "é𠮷", "a\tb", "]]>"]
    for number, text in enumerate(texts, 3):
        page.write_string(number, 1, text)
        page.write_string(number, 2, "01")
        page.write_number(number, 3, [0.2, 1e21, -3, 0.000001, 914602006989142680, 43678][number % 6])
        page.write_datetime(number, 4, dt.date(2024, 5, 7 + number % 3), day)
        page.write_number(number, 5, 45419 + number / 24, moment)
        page.write_blank(number, 6, None, bold)
    page.write_datetime(18, 1, dt.date(2017, 10, 1), month)
    page.write_blank(18, 12, None, month)
    page.write_string(19, 1, "文字", month)
    page.write_boolean(20, 1, True)
    page.write_formula(20, 2, "=NA()", None, "#N/A")
    page.write_formula(20, 3, '="a"&"b"', None, "ab")
    page.write_formula(20, 4, "=1+1", None, 2)
    page.write_rich_string(21, 1, "粗", bold, "体", " 字 ")
    page.write_string(22, 12, "旁注")
    page.write_string(22, 1, "有旁注的行")
    book.close()
    return out.getvalue()


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("size", [1, pieces.PIECE])
def test_every_kind_of_cell_is_read_as_the_whole_reader_reads_it(inline, size, monkeypatch, loaded):
    monkeypatch.setattr(pieces, "PIECE", size)
    content = everything(inline=inline)
    found = said(content)
    assert loaded == []
    assert len(found[0]) == 17
    assert found[0][12][1:3] == ("2017-10", None)
    assert found == whole(content, monkeypatch)


def test_strings_that_keep_their_blanks_and_those_that_do_not(monkeypatch, loaded):
    content = rewritten(
        workbook(sheet([HEADERS, ("甲", " 乙 ", "丙", "&", "戊", "己")])),
        lambda xml: (
            xml.replace("<t>甲</t>".encode(), '<t xml:space="preserve"> 甲&amp;</t>'.encode())
            .replace("<t>丙</t>".encode(), "<t> 丙 </t>".encode())
            .replace("<t>戊</t>".encode(), "<r><t>戊</t></r><rPh><t>读音</t></rPh>".encode())
            .replace("<t>己</t>".encode(), b"<t></t>")
        ),
        "xl/sharedStrings.xml",
    )
    found = said(content)
    assert found[0] == [(2, " 甲&", " 乙 ", "丙", "&", "戊", None)]
    assert loaded == []
    assert found == whole(content, monkeypatch)


UNUSUAL = {
    "a comment": lambda xml: xml.replace(b"<sheetData>", b"<sheetData><!-- <row r='1'> -->"),
    "single quotes": lambda xml: xml.replace(b'<row r="2"', b"<row r='2'"),
    "blanks within cells": lambda xml: re.sub(rb"(<c [^>]*[^/])>", rb"\1> ", xml),
    "prefixed names": lambda xml: (
        re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x=").replace(b"<x:?", b"<?")
    ),
    "no row numbers": lambda xml: re.sub(rb'<row r="\d+"', b"<row", xml),
    "rows that stand in another order": lambda xml: re.sub(
        rb"(<row r=.2.*?</row>)(<row r=.3.*?</row>)", rb"\2\1", xml, flags=re.DOTALL
    ),
    "a cell that is elsewhere than its row": lambda xml: xml.replace(b'r="A3"', b'r="A4"'),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_sheet_that_is_written_unusually_is_loaded_whole_and_says_the_same(name, monkeypatch, loaded):
    def fill(book):
        sheet([HEADERS, *[(f"示例{n}公司", *ROW[1:]) for n in range(4)]])(book)
        month = book.add_format({"num_format": "yyyy-mm"})
        book.get_worksheet_by_name("Sheet1").write_datetime(4, 3, dt.date(2017, 10, 1), month)

    plain = workbook(fill)
    content = rewritten(plain, UNUSUAL[name])
    assert content != plain
    found = said(content)
    assert [row[4] for row in found[0]].count("2017-10") == 1
    assert loaded == ["Sheet1"]
    assert found == whole(content, monkeypatch)


def test_empty_cells_beside_the_table_that_are_formatted_as_months_disturb_neither_reader(monkeypatch):
    def fill(book):
        page = book.add_worksheet()
        month = book.add_format({"num_format": "mmm-yy"})
        page.write_row(0, 2, HEADERS)
        page.write_row(1, 2, ROW)
        page.write_datetime(1, 5, dt.date(2017, 10, 1), month)
        page.write_blank(1, 0, None, month)
        page.write_blank(1, 20, None, month)

    content = workbook(fill)
    assert said(content)[0] == [(2, *ROW[:3], "2017-10", ROW[4], None)]
    assert said(content) == whole(content, monkeypatch)


def test_line_breaks_between_rows_and_cells_change_nothing(monkeypatch, loaded):
    plain = everything()
    broken = rewritten(plain, lambda xml: xml.replace(b"<row ", b"\n <row ").replace(b"<c ", b"\r\n  <c "))
    assert said(broken) == said(plain)
    assert loaded == []


def test_a_sheet_that_turns_unusual_further_down_loses_no_row_and_doubles_none(monkeypatch, loaded):
    monkeypatch.setattr(pieces, "PIECE", 2000)
    monkeypatch.setattr(books, "_CERTAIN", 1)
    plain = workbook(sheet([HEADERS, *[(f"示例{n}公司", *ROW[1:]) for n in range(9000)]]))
    content = rewritten(plain, lambda xml: xml.replace(b'<row r="8000"', b"<row  r='8000'"))
    found = cells(opened(content))
    assert [row[0] for row in found] == list(range(2, 9002))
    assert loaded == ["Sheet1"]
    assert found == whole(content, monkeypatch)[0]


def test_a_cell_left_of_the_table_is_mentioned_as_one_beside_it(monkeypatch):
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 2, HEADERS)
        for number in range(1, 50):
            page.write_row(number, 2, ROW)
        page.write_string(45, 0, "旁注")

    reading = opened(workbook(fill))
    assert [row[1] for row in cells(reading)] == [ROW[0]] * 49
    assert "A46" in reading.notes[-1].zh


def test_a_stray_cell_far_below_is_refused_with_the_cells_it_makes():
    content = workbook(sheet([HEADERS, *[ROW] * 3]))
    with pytest.raises(Refusal) as refused:
        cells(opened(content, limits=Limits(cells=20)))
    assert refused.value.rule == "file.sheet-too-large"
    assert "24" in refused.value.what.zh


def test_a_changed_byte_that_still_unpacks_is_noticed():
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(sheet([HEADERS, ROW])))) as old,
        zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    content = stored.getvalue()
    assert len(cells(opened(content))) == 1
    with pytest.raises(Refusal) as refused:
        opened(content.replace("纸业".encode(), "玻璃".encode()))
    assert refused.value.rule == "file.truncated"
