"""JSON, NDJSON and Parquet in."""

import datetime as dt
import decimal
import io
import json
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.files_as_sent import HEADERS, ROW, cells, opened

from chengxin.kernel.refusal import Refusal

RECORD = dict(zip(HEADERS, ROW, strict=True))


def _json(value):
    return json.dumps(value, ensure_ascii=False).encode()


def test_a_json_array_is_read():
    reading = opened(_json([RECORD, {**RECORD, "备注": None}]))
    assert (reading.format, reading.sheet, reading.columns) == ("json", "$", HEADERS)
    assert cells(reading) == [(1, *ROW[:5], None), (2, *ROW[:5], None)]


def test_the_array_with_known_keys_is_found_inside_an_object_and_the_other_is_mentioned():
    answer = {"code": 0, "data": {"other": [{"a": 1}], "rows": [RECORD]}}
    reading = opened(_json(answer))
    assert reading.sheet == "data.rows"
    assert "data.other" in reading.notes[0].zh
    assert len(cells(reading)) == 1


def test_the_array_can_be_named():
    answer = {"penalty_rows": [RECORD], "more_rows": [RECORD, RECORD]}
    assert len(cells(opened(_json(answer), sheet="more_rows"))) == 2
    with pytest.raises(Refusal) as refused:
        opened(_json(answer), sheet="none")
    assert refused.value.rule == "file.sheet"
    assert "penalty_rows" in refused.value.what.zh


def test_a_key_that_first_appears_in_the_last_row_is_a_column():
    reading = opened(
        _json([{"CF_XDR_MC": "甲", "CF_WSH": "1"}, {"CF_XDR_MC": "乙", "CF_WSH": "2", "CF_JDRQ": "2024-1-1"}])
    )
    assert [row[-1] for row in cells(reading)] == [None, "2024-1-1"]


@pytest.mark.parametrize("form", ["array", "lines"])
def test_numbers_keep_their_text(form):
    row = '{"CF_XDR_MC": 914602006989142680123, "CF_WSH": 0.2, "CF_JDRQ": 1e21, "a": 22.416900, "b": -0, "c": true, "d": 1.5E-3}'
    content = f"[{row}]" if form == "array" else f"{row}\n{row}\n"
    found = cells(opened(content.encode()))[0][1:]
    assert found == ("914602006989142680123", "0.2", "1000000000000000000000", "22.416900", "-0", "true", "0.0015") or (
        form == "array" and found[4] == "0"
    )


def test_a_number_with_a_monstrous_exponent_costs_nothing():
    content = b'[{"CF_XDR_MC": 1e999999999, "CF_WSH": "1"}]'
    assert len(str(cells(opened(content))[0][1])) < 40


@pytest.mark.parametrize("form", ["array", "lines"])
def test_nested_values_become_json_text(form):
    row = {"CF_XDR_MC": "甲", "CF_WSH": {"年": 2024, "号": ["1", 2]}}
    content = _json([row]) if form == "array" else _json(row) + b"\n" + _json(row)
    assert cells(opened(content))[0][2] == '{"年":2024,"号":["1",2]}'


def test_ndjson_is_read_with_line_numbers():
    content = _json(RECORD) + b"\n\n" + _json(RECORD) + b"\r\n"
    reading = opened(content)
    assert reading.format == "ndjson"
    assert [row[0] for row in cells(reading)] == [1, 3]


def test_one_object_on_one_line_is_a_table_of_one_row():
    assert len(cells(opened(_json(RECORD)))) == 1


def test_one_object_over_several_lines_is_a_table_of_one_row():
    assert len(cells(opened(json.dumps(RECORD, indent=2, ensure_ascii=False).encode()))) == 1


def test_gb18030_and_utf16_json_are_read():
    assert cells(opened(json.dumps([RECORD], ensure_ascii=False).encode("gb18030")))[0][1] == ROW[0]
    assert cells(opened(json.dumps([RECORD], ensure_ascii=False).encode("utf-16")))[0][1] == ROW[0]


def test_an_array_element_that_is_no_object_is_counted_as_ragged():
    reading = opened(_json([RECORD, "text", RECORD, None]))
    assert [row[0] for row in cells(reading)] == [1, 3]
    assert [bad.row for bad in reading.ragged] == [2, 4]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (_json([RECORD])[:-20], "file.truncated"),
        (_json([RECORD])[:-2] + b",,}]", "file.syntax"),
        (_json(RECORD) + b"\n" + _json(RECORD)[:-9], "file.syntax"),
        (_json(RECORD) + b"\n[1,2]\n", "file.syntax"),
        (b"[]", "file.empty"),
        (b'{"a": [{"x": 1}]}', "file.layout"),
        (b'{"CF_XDR_MC": "a", "CF_WSH": "b", "CF_WSH": "c"}\n', "file.duplicate-header"),
        (_json(RECORD) + b'\n{"CF_XDR_MC": "a", "CF_WSH": "\\ud800"}\n', "file.syntax"),
    ],
)
def test_json_that_cannot_be_read_is_refused_without_quoting_it(content, rule):
    with pytest.raises(Refusal) as refused:
        cells(opened(content))
    assert refused.value.rule == rule
    assert ROW[0] not in str(refused.value.to_dict())


def test_a_fault_in_ndjson_is_named_by_its_line():
    with pytest.raises(Refusal) as refused:
        opened(_json(RECORD) + b"\n" + _json(RECORD) + b"\n{broken\n")
    assert "3" in refused.value.where.zh


def _parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def test_parquet_is_read_as_canonical_text():
    table = pa.table(
        {
            "CF_XDR_MC": ["甲公司", "", None],
            "CF_WSH": pa.array(["a", "b", "a"]).dictionary_encode(),
            "CF_JDRQ": pa.array([dt.date(2024, 5, 7)] * 3),
            "at": pa.array([1715040000000000, 1715043723000000, None], pa.timestamp("us")),
            "n": pa.array([1, 2, None], pa.int64()),
            "f": pa.array([0.2, 1e21, float("nan")]),
            "d": pa.array([decimal.Decimal("22.416900"), decimal.Decimal("0.000000"), None], pa.decimal128(18, 6)),
            "b": [True, False, None],
            "l": [["x"], None, []],
        }
    )
    reading = opened(_parquet(table))
    assert reading.format == "parquet"
    assert cells(reading) == [
        (1, "甲公司", "a", "2024-05-07", "2024-05-07", "1", "0.2", "22.416900", "true", '["x"]'),
        (2, None, "b", "2024-05-07", "2024-05-07 01:02:03", "2", "1000000000000000000000", "0.000000", "false", None),
        (3, None, "a", "2024-05-07", None, None, None, None, None, "[]"),
    ]


def test_parquet_batches_go_on_numbering():
    table = pa.table({"CF_XDR_MC": [str(n) for n in range(1000)], "CF_WSH": ["x"] * 1000})
    reading = opened(_parquet(table))
    assert [row[0] for row in cells(reading, rows=300)] == list(range(1, 1001))


@pytest.mark.parametrize("cut", [-1, -300, 40])
def test_parquet_that_is_cut_off_is_refused(cut):
    content = _parquet(pa.table({"CF_XDR_MC": ["甲"] * 99, "CF_WSH": ["x"] * 99}))
    with pytest.raises(Refusal) as refused:
        opened(content[:cut])
    assert refused.value.rule == "file.truncated"


@pytest.mark.parametrize("levels", [100, 5_000, 200_000])
def test_a_file_nested_without_end_is_refused_in_little_memory(levels):
    tracemalloc.start()
    with pytest.raises(Refusal) as refused:
        opened(b"[" * levels + b"]" * levels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.rule == "file.nested"
    assert peak < 100_000_000


@pytest.mark.parametrize("write", [_json, lambda value: _json(value[0]) + b"\n"], ids=["array", "lines"])
def test_a_cell_nested_without_end_is_refused(write):
    cell = []
    for _ in range(500):
        cell = [cell]
    with pytest.raises(Refusal) as refused:
        cells(opened(write([RECORD | {"备注": cell}])))
    assert refused.value.rule == "file.nested"
