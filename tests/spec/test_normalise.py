"""Normalisation (规范化) by example: what a clerk reads in normalise/*.yaml is what becomes of a cell."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
import yaml

from chengxin.catalogue.loader import load
from chengxin.intake import normalise

DOCUMENT = yaml.safe_load((Path(__file__).parent / "normalise" / "cells.yaml").read_text(encoding="utf-8"))
ITEM = load().items[DOCUMENT["item"]]
FIELDS = [field.id for field in ITEM.stored_fields]
CASES = [(field, case) for field, cases in DOCUMENT["fields"].items() for case in cases]


class Compiled:
    """Normalisation and counting as SQL, compiled once for all cells."""

    def __init__(self) -> None:
        normalised = normalise.apply(ibis.table(dict.fromkeys(FIELDS, "string"), name="mapped"), ITEM, load())
        one = ibis.table(normalised.schema(), name="one")
        key = ibis.table({"number": "string"}, name="numbers")
        self.apply = str(ibis.to_sql(normalised, dialect="duckdb"))
        self.counts = str(ibis.to_sql(normalise.counts(one, ITEM, load()), dialect="duckdb"))
        self.key = str(ibis.to_sql(key.select(key=normalise.document_key(key.number)), dialect="duckdb"))
        self.con = duckdb.connect()

    def cells(self, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
        schema = pa.schema([(field, pa.string()) for field in FIELDS])
        self.con.register("mapped", pa.Table.from_pylist(rows, schema=schema))
        self.con.execute(f"CREATE OR REPLACE TABLE normalised AS {self.apply}")
        return list(self.con.sql("FROM normalised").to_arrow_table().to_pylist())


@cache
def compiled() -> Compiled:
    return Compiled()


@cache
def outcomes() -> list[tuple[str | None, bool, dict[str, int]]]:
    """Canonical cell, whether the row changed, and kinds counted, for each case."""
    engine = compiled()
    found = engine.cells([{field: case["sent"]} for field, case in CASES])
    results = []
    for number, (field, _) in enumerate(CASES):
        engine.con.execute(f"CREATE OR REPLACE TEMP VIEW one AS FROM normalised WHERE rowid = {number}")
        counted = engine.con.sql(engine.counts).to_arrow_table().to_pylist()[0]
        results.append((found[number][field], found[number]["changed"], counted))
    return results


def keys(numbers: list[str]) -> list[str]:
    """The key form of document numbers as sent."""
    engine = compiled()
    canonical = [row["CF_WSH"] for row in engine.cells([{"CF_WSH": number} for number in numbers])]
    engine.con.register("numbers", pa.table({"number": canonical}))
    return [str(key) for (key,) in engine.con.execute(engine.key).fetchall()]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{field}-{case['sent']!r}" for field, case in CASES])
def test_a_cell_becomes_its_canonical_form_and_the_change_is_counted(number: int) -> None:
    case = CASES[number][1]
    value, changed, counted = outcomes()[number]
    assert (value or "") == case["becomes"]
    assert changed == (case["sent"] != value and not case.get("as_asked", False))
    assert sorted(kind for kind, count in counted.items() if count) == sorted(case["kinds"])


def test_every_kind_of_change_has_an_example() -> None:
    shown = {kind for _, case in CASES for kind in case["kinds"]}
    assert shown == set(normalise.KINDS) - {"separator"}  # names joined with ；: item djxx, below


def test_several_former_names_are_joined_in_one_way() -> None:
    djxx = load().items["djxx"]
    mapped = ibis.memtable(
        {field.id: ["澜州甲厂；澜州 乙厂;;" if field.id == "DJ_CYM" else None] for field in djxx.stored_fields},
        schema=dict.fromkeys([field.id for field in djxx.stored_fields], "string"),
    )
    table = normalise.apply(mapped, djxx, load())
    assert table.select("DJ_CYM").to_pyarrow().to_pylist() == [{"DJ_CYM": "澜州甲厂;澜州乙厂"}]
    counted = normalise.counts(table, djxx, load()).to_pyarrow().to_pylist()[0]
    assert {kind for kind, count in counted.items() if count} == {"whitespace", "separator", "width"}


@pytest.mark.parametrize("numbers", DOCUMENT["keys"], ids=lambda numbers: numbers[0])
def test_one_document_number_has_one_key_however_it_is_written(numbers: list[str]) -> None:
    assert len(set(keys(numbers))) == 1


@pytest.mark.parametrize("numbers", DOCUMENT["apart"], ids=lambda numbers: numbers[0])
def test_different_document_numbers_keep_different_keys(numbers: list[str]) -> None:
    assert len(set(keys(numbers))) == len(numbers)
