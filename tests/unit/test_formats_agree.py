"""The same table in any format gives the same cells (各种格式读取结果一致)."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.files_as_sent import HEADERS, ROW, cells, csv_bytes, opened, rewritten, sheet, workbook

ROWS = [ROW, ("示例市丙丁建材厂", "", "示罚〔2024〕2号", "2024年5月8日", "15,000", "=1+1"), (*ROW[:5], "两行\n备注")]
RECORDS = [dict(zip(HEADERS, row, strict=True)) for row in ROWS]


def _parquet():
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), out)
    return out.getvalue()


NOISY = [
    (0.1 + 0.2, "0.3"),
    (0.3 + 0.1 * 3, "0.6"),
    (1.1 * 3, "3.3"),
    (2.5, "2.5"),
    (1e-7, "0.0000001"),
    (15000.0, "15000"),
]


def _noisy_workbook():
    """As programs write it that keep all digits of a double."""
    plain = workbook(sheet([HEADERS, *[(*ROW[:4], number + 101) for number in range(len(NOISY))]]))
    cells = [
        (f"<v>{number + 101}</v></c></row>", f"<v>{value!r}</v></c></row>") for number, (value, _) in enumerate(NOISY)
    ]

    def change(xml):
        for old, new in cells:
            xml = xml.replace(old.encode(), new.encode())
        return xml

    return rewritten(plain, "xl/worksheets/sheet1.xml", change)


def _noisy_parquet(kind=None):
    out = io.BytesIO()
    columns = [pa.array([cell] * len(NOISY)) for cell in ROW[:4]]
    pq.write_table(pa.table([*columns, pa.array([value for value, _ in NOISY], kind)], names=HEADERS[:5]), out)
    return out.getvalue()


@pytest.mark.parametrize("content", [_noisy_workbook(), _noisy_parquet()])
def test_an_amount_that_was_calculated_is_read_as_the_spreadsheet_shows_it(content):
    assert [row[5] for row in cells(opened(content))] == [shown for _, shown in NOISY]


def test_an_amount_in_a_column_of_short_numbers_is_read_as_it_was_put_in():
    assert [row[5] for row in cells(opened(_noisy_parquet(pa.float32())))] == [shown for _, shown in NOISY]


@pytest.mark.parametrize("end", ["\n", ", "])
def test_a_number_in_json_keeps_every_digit_it_was_written_with(end):
    rows = end.join(
        '{"行政相对人名称": "甲", "行政处罚决定书文号": "一", "罚款金额（万元）": 0.30000000000000004}'
        for _ in range(2)
    )
    content = rows if end == "\n" else f"[{rows}]"
    assert [row[3] for row in cells(opened(content.encode()))] == ["0.30000000000000004"] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gb18030", csv_bytes([HEADERS, *ROWS], encoding="gb18030")),
        ("utf-16", csv_bytes([HEADERS, *ROWS], encoding="utf-16", delimiter="\t")),
        ("xlsx", workbook(sheet([HEADERS, *ROWS]))),
        ("json", json.dumps({"rows": RECORDS}, ensure_ascii=False).encode()),
        ("ndjson", "\n".join(json.dumps(row, ensure_ascii=False) for row in RECORDS).encode()),
        ("parquet", _parquet()),
    ],
)
def test_the_same_table_gives_the_same_cells_in_every_format(name, content):
    expected = [row[1:] for row in cells(opened(csv_bytes([HEADERS, *ROWS])))]
    reading = opened(content, name)
    assert reading.columns == HEADERS
    assert [row[1:] for row in cells(reading)] == expected
