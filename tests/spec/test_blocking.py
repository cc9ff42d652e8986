"""Which names are compared at all, by example, and the same on another engine."""

from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from chengxin.resolution import blocking
from chengxin.subjects import names_bulk

BASE = [
    "澜州青穗食品科技有限公司",
    "澜州青禾食品科技有限公司",
    "东岭银杏建筑工程股份有限公司",
    "澜州银杏园林有限公司",
    "澜州市西河镇金穗小麦种植专业合作社",
]
ASKED = {
    "澜州清穗食品科技有限公司": 0,  # another character
    "澜州穗食品科技有限公司": 0,  # one too few
    "澜州青小穗食品科技有限公司": 0,  # one too many
    "东岭杏银建築工程股份公司": 2,  # two exchanged, traditional, another form
    "金穗小麦合作社": 4,  # the middle of it
}


def near_on(con: ibis.BaseBackend) -> set[tuple[int, int]]:
    tables = {
        name: con.create_table(f"spec_{name}", pa.concat_tables(names_bulk.pieces(texts)), overwrite=True)
        for name, texts in (("base", BASE), ("asked", list(ASKED)))
    }
    found = blocking.near(blocking.telling(tables["asked"], tables["base"]), tables["base"])
    return {(row["asked"], row["found"]) for row in con.to_pyarrow(found).to_pylist()}


@pytest.fixture(scope="module")
def on_duckdb() -> set[tuple[int, int]]:
    return near_on(ibis.duckdb.connect())


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_a_slip_leaves_pieces_that_both_names_have(number: int, on_duckdb: set[tuple[int, int]]) -> None:
    assert (number, list(ASKED.values())[number]) in on_duckdb


def test_names_that_share_nothing_are_not_compared(on_duckdb: set[tuple[int, int]]) -> None:
    assert (4, 2) not in on_duckdb


def test_pieces_that_too_many_names_hold_are_not_followed() -> None:
    many = ["澜州青穗有限公司"] + [
        f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}有限公司" for number in range(blocking.COMMON + 1)
    ]
    con = ibis.duckdb.connect()
    base = con.create_table("many", pa.concat_tables(names_bulk.pieces(many)))
    asked = con.create_table("one", pa.concat_tables(names_bulk.pieces(["青穗有限公司"])))
    assert {row["found"] for row in con.to_pyarrow(blocking.near(blocking.telling(asked, base), base)).to_pylist()} == {
        0
    }


@pytest.mark.long
def test_another_engine_compares_the_same_names(on_duckdb: set[tuple[int, int]], tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    try:
        assert near_on(ibis.pyspark.connect(session)) == on_duckdb
    finally:
        session.stop()
