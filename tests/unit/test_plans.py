"""Plans: compiled once for an item, whatever the layout, judged by the day of the submission."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from chengxin.engine.checking import Checker
from chengxin.engine.slices import Slice
from chengxin.intake.mapping import Mapping
from chengxin.intake.mapping_column import Column
from chengxin.kernel.text import Text
from chengxin.operations import plans, rulebook

EXAMPLE = Path(__file__).parents[1] / "spec" / "checks" / "xzcf.yaml"
AGENCIES = ("11990100000010014P", "11990100000010022J")


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    plans._plans.clear()
    return tmp_path / "plans"


def sound(day: date, source: str, *, headed: str = "") -> bool:
    """Whether the example of a good penalty, decided on the 2nd of March 2026, is in order on ``day``.

    ``headed``: what stands before each field's code in the header of its column.
    """
    item = rulebook.item("xzcf")
    fields = tuple(field.id for field in item.stored_fields)
    headers = tuple(headed + field for field in fields)
    read = tuple(Column(field, parts=((header,),)) for field, header in zip(fields, headers, strict=True))
    mapping = Mapping("test", item.id, Text("", ""), read, strict=False)
    plan = plans.find(item=item, mapping=mapping, columns=headers, day=day, introduce=False, source=source)
    row = yaml.safe_load(EXAMPLE.read_text())["good"] | {"CF_JDRQ": "2026-03-02", "CF_CFJGDM": source}
    cells = {f"c{n}": pa.array([row.get(field)], pa.string()) for n, field in enumerate(fields)}
    with duckdb.connect() as con:
        part = Slice(con, plan, Checker(con, plan))
        part.check(pa.table({"row": pa.array([1], pa.int64())} | cells))
        ((wrong,),) = con.execute("SELECT is_wrong FROM checked").fetchall()
    return not wrong


def test_an_item_is_compiled_once_whatever_the_day_the_sender_and_the_layout(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not sound(date(2026, 3, 1), AGENCIES[0])
    compiled = set(folder.iterdir())
    monkeypatch.delattr(plans, "compile_statements")
    assert sound(date(2026, 3, 2), AGENCIES[0])
    assert sound(date(2026, 3, 3), AGENCIES[1], headed="栏")
    assert len(set(folder.iterdir()) - compiled) == 1, "what maps the second layout"


def test_a_layout_met_before_is_not_compiled_again_by_the_next_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sound(date(2026, 3, 2), AGENCIES[0])
    assert sound(date(2026, 3, 2), AGENCIES[0], headed="栏")
    plans._plans.clear()
    monkeypatch.delattr(plans, "compile_mapping")
    assert sound(date(2026, 3, 2), AGENCIES[0])
    assert sound(date(2026, 3, 2), AGENCIES[0], headed="栏")


def test_a_sender_whose_code_is_wrong_does_not_make_its_code_right(folder: Path) -> None:
    assert not sound(date(2026, 3, 2), "11990100000010014Q")


def test_a_plan_that_cannot_be_read_is_compiled_again(folder: Path) -> None:
    assert sound(date(2026, 3, 2), AGENCIES[0])
    compiled = {file: file.read_bytes() for file in folder.iterdir()}
    for file in compiled:
        file.write_text('{"first": 1}')
    plans._plans.clear()
    assert sound(date(2026, 3, 2), AGENCIES[0])
    assert {file: file.read_bytes() for file in folder.iterdir()} == compiled
