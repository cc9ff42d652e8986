"""Slices: nothing is lost and nothing changes places, whatever the threads and the columns of a file do."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from tests.property.test_first_look import checker, engine, good_row, plan

from chengxin.engine.slices import Slice

ITEM = "xzcf"


@pytest.fixture
def part() -> Iterator[Slice]:
    one = Slice(engine().cursor(), plan(ITEM), checker(ITEM))
    yield one
    one.close()


def contents_come(part: Slice, seqs: list[int]) -> None:
    values = ", ".join(f"({seq}, 'content {seq}')" for seq in seqs)
    part.con.execute(f"CREATE OR REPLACE TEMP VIEW contents AS SELECT * FROM (VALUES {values}) v(seq, content)")


@pytest.mark.parametrize("seqs", [[0, 1, 2, 3], [2, 3, 0, 1], [3, 2, 1, 0], [1, 0, 3, 2], [0]])
def test_entries_are_written_in_their_order_however_the_engine_brings_them(part: Slice, seqs: list[int]) -> None:
    contents_come(part, seqs)
    written = [row for found in part.contents(2) for row in found.to_pylist()]
    assert written == [{"seq": seq, "content": f"content {seq}"} for seq in sorted(seqs)]


def test_a_missing_entry_stops_the_batch(part: Slice) -> None:
    contents_come(part, [0, 2, 3])
    with pytest.raises(ValueError, match="entry 1"):
        list(part.contents(10))


def raw_rows(*rows: dict[str, str | None], blank: str = "") -> pa.Table:
    fields = [field.id for field in plan(ITEM).item.stored_fields]
    columns = {"row": pa.array(range(1, len(rows) + 1), pa.int64())}
    for place, field in enumerate(fields):
        cells = pa.array([row.get(field) for row in rows], pa.string())
        columns[f"c{place}"] = pa.nulls(len(rows)) if field == blank else cells
    return pa.table(columns)


def test_a_column_that_is_blank_in_one_stretch_of_the_file_is_read_in_the_next(part: Slice) -> None:
    good = good_row(ITEM)
    blank = raw_rows(good | {"BZ": None}, good | {"BZ": None, "CF_JDRQ": "2031-01-01"}, blank="BZ")
    assert part.check(blank) == 1
    again = Slice(engine().cursor(), plan(ITEM), checker(ITEM))
    assert again.check(raw_rows(good | {"BZ": "备查"}, good | {"BZ": " 备查 "}, good)) == 2
    told = again.con.sql(again.said_sql("SELECT row FROM checked")).to_arrow_table().sort_by("row")
    assert ["备查" in content for content in told["prefix"].to_pylist()] == [True, True, False]
    again.close()


def test_the_rows_of_one_slice_are_never_those_of_the_one_before() -> None:
    good = good_row(ITEM)
    for number in ("甲", "乙"):
        part = Slice(engine().cursor(), plan(ITEM), checker(ITEM))
        part.check(raw_rows(good | {"BZ": number}, good | {"BZ": f" {number} "}))
        told = part.con.sql(part.said_sql("SELECT row FROM checked")).to_arrow_table()
        assert all(f'"BZ":"{number}"' in content for content in told["prefix"].to_pylist())
        part.close()
