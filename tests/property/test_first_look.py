"""The first look: what it finds sound is what mending and judging every row would have stored, to the letter."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengxin.catalogue.loader import load
from chengxin.engine.checking import Checker
from chengxin.engine.plan import Plan, compile_mapping, compile_statements
from chengxin.engine.slices import Slice
from chengxin.intake import checks
from chengxin.intake.mapping import Mapping
from chengxin.intake.mapping_column import Column
from chengxin.kernel.text import Text

CATALOGUE = load()
EXAMPLES = Path(__file__).parents[1] / "spec" / "checks"
AGENCY = "11990100000010014P"
PIECES = [
    *"澜某（）()〔〕 　\t\n\"\\0123456789０aＡ;；、.-/年月日号\u2028",
    "罚款", "警告", "2024-03-05", "2024/03/05", "2099/12/31", "2024年3月5日", "2.5", "25000", "壹万元", "无", "长期",
    "91990100MA1AAAA110", "MA1AAAA11", "110000190001010000", "19990101", "\x01", "\x7f", "😀", "', 'x'", '"}',
]  # fmt: skip
SIGNS = ['"', "\\", '\\"', "\\n", "\\\\", "\\u0041", "\n", "\t", "\u2028", "\x7f", "😀", "', 'x", '","CF_NR":"y']
cells = st.none() | st.lists(st.sampled_from(PIECES), max_size=4).map("".join) | st.text(max_size=6)


def good_row(item: str) -> dict[str, str]:
    return {field: str(cell) for field, cell in yaml.safe_load((EXAMPLES / f"{item}.yaml").read_text())["good"].items()}


@cache
def plan(item_id: str) -> Plan:
    item = CATALOGUE.items[item_id]
    columns = tuple(field.id for field in item.stored_fields)
    as_it_is = Mapping("test", item_id, Text("", ""), tuple(Column(c, parts=((c,),)) for c in columns), strict=False)
    rules = checks.rules(item, CATALOGUE, date(2026, 11, 21), agencies=(AGENCY,))
    return Plan(
        item=item,
        rules=rules,
        mapped_sql=compile_mapping(item=item, mapping=as_it_is, columns=columns),
        statements=compile_statements(item=item, catalogue=CATALOGUE, rules=rules),
        link_sql="",
    )


@cache
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@cache
def checker(item_id: str) -> Checker:
    return Checker(engine(), plan(item_id))


@contextmanager
def checked(item_id: str, rows: list[dict[str, str | None]], *, look_first: bool) -> Iterator[Slice]:
    fields = [field.id for field in CATALOGUE.items[item_id].stored_fields]
    columns: dict[str, Any] = {"row": pa.array(range(1, len(rows) + 1), pa.int64())}
    columns |= {f"c{n}": pa.array([row.get(field) for row in rows], pa.string()) for n, field in enumerate(fields)}
    part = Slice(engine().cursor(), plan(item_id), checker(item_id))
    part.check(pa.table(columns), look_first=look_first)
    try:
        yield part
    finally:
        part.close()


def what_stands_in_it(part: Slice) -> list[dict[str, Any]]:
    contents = part.said_sql("SELECT row FROM checked WHERE NOT is_refused")
    return (
        part.con.sql(f"SELECT * EXCLUDE (sound, simple_) FROM checked LEFT JOIN ({contents}) USING (row) ORDER BY row")
        .to_arrow_table()
        .to_pylist()
    )


def same_either_way(item_id: str, rows: list[dict[str, str | None]]) -> None:
    with (
        checked(item_id, rows, look_first=True) as looked,
        checked(item_id, rows, look_first=False) as judged,
    ):
        assert what_stands_in_it(looked) == what_stands_in_it(judged)


@pytest.mark.parametrize("item_id", ["xzcf", "xzxk", "djxx", "yzsx"])
@given(data=st.data())
@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_looking_first_changes_nothing(item_id: str, data: st.DataObject) -> None:
    good = good_row(item_id)
    fields = [field.id for field in CATALOGUE.items[item_id].stored_fields]
    rows = [
        good | data.draw(st.dictionaries(st.sampled_from(fields), cells, max_size=2), label="changed cells")
        for _ in range(data.draw(st.integers(1, 60), label="rows"))
    ]
    same_either_way(item_id, rows)


@pytest.mark.parametrize("item_id", ["xzcf", "xzxk", "djxx", "yzsx"])
def test_a_sign_inside_any_cell_is_stored_as_it_was_sent(item_id: str) -> None:
    good = good_row(item_id)
    same_either_way(item_id, [good, *(good | {field: f"某{sign}某"} for field in good for sign in SIGNS)])


def test_most_rows_of_a_good_file_are_mended_by_nobody() -> None:
    good = good_row("xzcf")
    part = Slice(engine().cursor(), plan("xzcf"), checker("xzcf"))
    fields = [field.id for field in CATALOGUE.items["xzcf"].stored_fields]
    rows = pa.table(
        {"row": pa.array([1, 2], pa.int64())} | {f"c{n}": [good.get(f), good.get(f)] for n, f in enumerate(fields)}
    )
    assert part.check(rows) == 2
    part.close()
