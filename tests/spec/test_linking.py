"""Who a row is about: the order of linking, by example, under its rule."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
import yaml

from chengxin.resolution import linking

SPEC = yaml.safe_load((Path(__file__).parent / "linking" / "order.yaml").read_text())


def _table(schema: ibis.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema.to_pyarrow())


@cache
def _statement(introduce: bool) -> str:
    expression = linking.link(
        ibis.table(linking.ROWS, name="link_rows"),
        ibis.table(linking.CODES, name="link_codes"),
        ibis.table(linking.NAMES, name="link_names"),
        introduce=introduce,
    )
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _linked(rows: list[dict[str, Any]], *, introduce: bool) -> dict[int, dict[str, Any]]:
    con = duckdb.connect()
    con.register("link_rows", _table(linking.ROWS, rows))
    con.register("link_codes", _table(linking.CODES, SPEC["base"]["codes"]))
    con.register("link_names", _table(linking.NAMES, SPEC["base"]["names"]))
    found = con.sql(_statement(introduce)).to_arrow_table().to_pylist()
    assert len(found) == len(rows), "a row was lost or doubled"
    return {row["row"]: row for row in found}


@pytest.mark.parametrize("case", SPEC["cases"], ids=lambda case: case["name"])
@pytest.mark.parametrize("introduce", [False, True])
def test_order_of_linking(case: dict[str, Any], introduce: bool) -> None:
    found = _linked([{"row": 1, **case["row"]}], introduce=introduce)[1]
    wanted = {"subject": None, "how": None, "problem": None} | case["expect"]
    if introduce and "expect_introducing" in case:
        wanted = {"subject": None, "how": None, "problem": None} | case["expect_introducing"]
    assert {key: found[key] for key in wanted} == wanted


def test_introducing_in_the_order_of_the_file() -> None:
    rows = [{"row": number, **case["row"]} for number, case in enumerate(SPEC["introducing"], 1)]
    found = _linked(rows, introduce=True)
    for number, case in enumerate(SPEC["introducing"], 1):
        wanted = {"subject": None, "how": None, "problem": None} | case["expect"]
        assert {key: found[number][key] for key in wanted} == wanted, case["name"]
