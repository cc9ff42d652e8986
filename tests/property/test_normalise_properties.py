"""Normalisation holds for any cell: done twice it changes nothing more, and every change is counted."""

import re
from functools import cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chengxin.catalogue.loader import load
from chengxin.catalogue.model import Item
from chengxin.intake import normalise

CATALOGUE = load()
PIECES = [
    *"澜州某公司罚许（）()〔〕[]【】﹝﹞ 　\t\n0123456789０１２aAｂＢ;；、,，.．-－—/年月日号第元万整壹贰叁拾佰仟零十⻛⼀·",
    "有限公司", "2019", "〔2019〕", "（2019）", "罚款", "警告", "其他-", "其他（", "02", "法律、行政法规规定的其他行政处罚",
    "2019-08-01", "2019/8/1", "00:00:00", "长期", "2099-12-31", "无", "null", "110000190001010000", "91990100MA1AAAA110",
    "43678", "1564588800", "Oct-17", "\x00", "\ue000", "\u200b", "😀", "\"", "\\",
]  # fmt: skip
cells = st.none() | st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12)


class Compiled:
    """The normalisation of one item as SQL, compiled once and run over many small tables."""

    def __init__(self, item: Item) -> None:
        self.fields = [field.id for field in item.stored_fields]
        self.dates = frozenset(field.id for field in item.stored_fields if field.type == "date")
        mapped = ibis.table(dict.fromkeys(self.fields, "string"), name="mapped")
        normalised = normalise.apply(mapped, item, CATALOGUE)
        table = ibis.table(normalised.schema(), name="normalised")
        self._sql = str(ibis.to_sql(normalised, dialect="duckdb"))
        self._counts = str(
            ibis.to_sql(normalise.counts(table.filter(table.changed), item, CATALOGUE), dialect="duckdb")
        )
        self._con = duckdb.connect()

    def asked(self, field: str, cell: str | None) -> str | None:
        """A date written 2019/08/01 is written as the layouts ask: that is no change."""
        national = field in self.dates and re.fullmatch(r"[0-9]{4}/[0-9]{2}/[0-9]{2}", cell or "")
        return (cell or "").replace("/", "-") if national else cell

    def run(self, rows: list[dict[str, str | None]]) -> tuple[list[dict[str, Any]], dict[str, int]]:
        schema = pa.schema([(field, pa.string()) for field in self.fields])
        self._con.register("mapped", pa.Table.from_pylist(rows, schema=schema))
        self._con.execute(f"CREATE OR REPLACE TABLE normalised AS {self._sql}")
        found = self._con.sql("FROM normalised").to_arrow_table().to_pylist()
        return found, self._con.sql(self._counts).to_arrow_table().to_pylist()[0]


@cache
def compiled(item_id: str) -> Compiled:
    return Compiled(CATALOGUE.items[item_id])


@pytest.mark.parametrize("item_id", ["xzcf", "djxx"])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(cells, min_size=60, max_size=60))
@example(values=[*[None] * 59, "ß"])
def test_what_is_canonical_stays_and_what_changed_is_counted(item_id: str, values: list[str | None]) -> None:
    engine = compiled(item_id)
    fields = engine.fields
    rows = [{field: values[(i + 7 * j) % len(values)] for j, field in enumerate(fields)} for i in range(len(values))]
    once, counts = engine.run(rows)
    twice, none = engine.run([{field: row[field] for field in fields} for row in once])
    for first, second, sent in zip(once, twice, rows, strict=True):
        assert {f: first[f] for f in fields} == {f: second[f] for f in fields}
        assert {f: first[normalise.raw(f)] for f in fields} == sent
        assert first["changed"] == any(first[f] != engine.asked(f, sent[f]) for f in fields)
        assert all(first[f] != "" for f in fields)
    changed = sum(row[f] != engine.asked(f, row[normalise.raw(f)]) for row in once for f in fields)
    assert set(counts) == set(normalise.KINDS)
    assert sum(counts.values()) >= changed
    assert sum(none.values()) == 0
