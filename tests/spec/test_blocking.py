"""Which names are compared at all, by example, and the same on another engine."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from chengxin.engine import pieces
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
    return _near(con, tables["asked"], tables["base"])


def _near(con: ibis.BaseBackend, asked: ir.Table, base: ir.Table) -> set[tuple[int, int]]:
    found = con.to_pyarrow(blocking.near(blocking.telling(asked, blocking.rare(base)), base))
    return set(zip(found["asked"].to_pylist(), found["found"].to_pylist(), strict=True))


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
        f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}有限公司" for number in range(blocking.FOLLOWED + 1)
    ]
    con = ibis.duckdb.connect()
    base = con.create_table("many", pa.concat_tables(names_bulk.pieces(many)))
    asked = con.create_table("one", pa.concat_tables(names_bulk.pieces(["青穗有限公司"])))
    assert _near(con, asked, base) == {(0, 0)}


def test_what_is_left_out_beforehand_is_only_what_blocking_leaves_out() -> None:
    """A base in which pieces grow common from slice to slice: with or without the sieve the same names are compared."""
    marks = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    base = [f"{a}{b}{c}工贸有限公司" for a in marks for b in marks for c in marks[:6]]
    asked = [f"{a}{b}{b}商贸有限公司" for a in marks[:5] for b in marks] + ["无人知晓"]
    their = pa.concat_tables(names_bulk.pieces(asked))
    con = ibis.duckdb.connect()
    whole = con.create_table("whole", pa.concat_tables(names_bulk.pieces(base)))
    less = con.create_table("less", pieces.shared([their["piece"].to_numpy()], base, blocking.FOLLOWED))
    looked_for = con.create_table("asked", their)
    assert less.count().execute() < whole.count().execute() / 5
    found = _near(con, looked_for, less)
    assert len(found) > 100
    assert found == _near(con, looked_for, whole)


@pytest.mark.long
def test_another_engine_compares_the_same_names(on_duckdb: set[tuple[int, int]], tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    try:
        assert near_on(ibis.pyspark.connect(session)) == on_duckdb
    finally:
        session.stop()
