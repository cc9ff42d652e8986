"""The merged black lists: every day is read as the day it is, whether it was a date or Excel's day number."""

import ibis
import pyarrow as pa
from tests.real import expect_blacklist
from tests.real.files import BLACKLIST, MAPPINGS, real

from chengxin.catalogue.loader import load
from chengxin.intake import formats, mapping, normalise


def test_all_627_serial_numbers_become_the_right_day():
    path = real(BLACKLIST)
    expected = expect_blacklist.days()
    assert {kind: len(rows) for kind, rows in expected.items()} == {"serial": 627, "date": 2118, "empty": 2959}
    found = days_read_by_the_product(path)
    for kind, rows in expected.items():
        wrong = [row for row, day in rows.items() if (found.pop(row) or "") != day]
        assert not wrong, f"{kind}: rows {wrong[:20]}"
    assert not found, f"rows nobody expected: {sorted(found)[:20]}"


def days_read_by_the_product(path) -> dict[int, str | None]:
    """Row → day as the product understands the column, None where empty."""
    catalogue = load(())
    item = catalogue.items["xzcf-archive"]
    fields = mapping.load(MAPPINGS / "blacklist.yaml", item)
    with path.open("rb") as data:
        reading = formats.open_source(data, path.name, known=fields.knows)
        raw = pa.Table.from_batches(list(reading.batches()))
        assert not reading.ragged
    engine = ibis.duckdb.connect()
    mapped = fields.apply(engine.create_table("raw", raw), reading.columns, item)
    days = normalise.apply(mapped, item, catalogue).select("row", "CF_JDRQ").to_pyarrow()
    return dict(zip(days["row"].to_pylist(), days["CF_JDRQ"].to_pylist(), strict=True))
