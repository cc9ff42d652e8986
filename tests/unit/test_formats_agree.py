"""The same table in any format gives the same cells (各种格式读取结果一致)."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.files_as_sent import HEADERS, ROW, cells, csv_bytes, opened, sheet, workbook

ROWS = [ROW, ("示例市丙丁建材厂", "", "示罚〔2024〕2号", "2024年5月8日", "15,000", "=1+1"), (*ROW[:5], "两行\n备注")]
RECORDS = [dict(zip(HEADERS, row, strict=True)) for row in ROWS]


def _parquet():
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), out)
    return out.getvalue()


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
