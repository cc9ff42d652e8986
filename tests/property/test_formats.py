"""Whatever a department writes into cells comes out of the reader as it was written (读取结果与原文一致)."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.files_as_sent import HEADERS, cells, opened, sheet, workbook

from chengxin.intake.formats import Limits
from chengxin.intake.formats.quotes import RowsOfFile

_TEXT = st.text(
    st.one_of(
        st.sampled_from("示例市甲乙公司〔2024〕号（）、；,;|\t\"'\n =+-@0123456789AZ"),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"),
    ),
    max_size=12,
)
_ROWS = st.lists(st.tuples(*[_TEXT] * len(HEADERS)), max_size=30)


def _expected(rows):
    """Rows as the reader should deliver them: numbered from 2, empty cells as None, wholly empty rows left out."""
    found = [(number, *[cell or None for cell in row]) for number, row in enumerate(rows, 2)]
    return [row for row in found if any(row[1:])]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=_ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from(",;\t|"),
)
def test_a_csv_comes_back_as_written(rows, encoding, delimiter):
    as_rows = RowsOfFile(delimiter, len(HEADERS), ())
    rows = [row for row in rows if not any(map(as_rows.within, row))]
    # a first row that reads like filling instructions or like field codes is stepped over on purpose
    rows.insert(0, ("示例甲", "1", "2", "3", "4", "5"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADERS, *rows])
    reading = opened(text.getvalue().encode(encoding), limits=Limits(row=8192))
    assert reading.delimiter == delimiter
    assert cells(reading, rows=7) == _expected(rows)
    assert reading.ragged == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_ROWS)
def test_a_workbook_comes_back_as_written(rows):
    rows = [("示例甲", "1", "2", "3", "4", "5"), *rows]
    written = workbook(lambda book: _strings(book, [HEADERS, *rows]))
    assert cells(opened(written)) == _expected(rows)


def _strings(book, rows):
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write_string(number, column, cell)


def test_the_two_ways_of_writing_a_sheet_agree():
    assert cells(opened(workbook(sheet([HEADERS, ("甲",)])))) == [(2, "甲", None, None, None, None, None)]
