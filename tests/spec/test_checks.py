"""Checks (数据核查) by example: every case a clerk can read in checks/*.yaml, through normalisation to rule ids."""

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
import yaml

from chengxin.catalogue.loader import load
from chengxin.intake import checks, normalise

FOLDER = Path(__file__).parent / "checks"
DOCUMENTS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
LETTERS = "一二三四五六七八九十"


def good_row(document: dict[str, Any]) -> dict[str, Any]:
    return dict(DOCUMENTS[document["like"]]["good"] if "like" in document else document["good"])


def all_cases(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The written cases and those that the short sections stand for."""
    found = [{"name": "好的行", "change": {}, "breaks": []}]
    for field, broken in document.get("empty", {}).items():
        found.append({"name": f"{field} 为空", "change": {field: None}, "breaks": broken})
    for field, (length, rule) in document.get("longest", {}).items():
        found.append({"name": f"{field} {length} 字", "longer": {field: length}, "breaks": []})
        found.append({"name": f"{field} {length + 1} 字", "longer": {field: length + 1}, "breaks": [rule]})
    for field, broken in document.get("garbled", {}).items():
        found.append({"name": f"{field} 有乱码", "garbled": field, "breaks": broken})
    return found + document["cases"]


def row_of(document: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    row = good_row(document) | case.get("change", {})
    if field := case.get("garbled"):
        row[field] = f"{row.get(field) or ''}\ufffd"
    for field, length in case.get("longer", {}).items():
        code = load().items[document["item"]].field(field).type == "code"
        row[field] = ("1" if code else LETTERS)[:1] * length
    return {field: None if value is None else str(value) for field, value in row.items()}


def rules_of(document: dict[str, Any]) -> tuple[checks.Rule, ...]:
    catalogue = load()
    item = catalogue.items[document["item"]]
    return checks.rules(item, catalogue, document["day"], sole_traders=document.get("sole_traders", True))


def mapped_rows(stem: str) -> pa.Table:
    """The cases of a document as a mapped table."""
    document = DOCUMENTS[stem]
    rows = [row_of(document, case) for case in all_cases(document)]
    columns: dict[str, pa.Array] = {"row": pa.array(range(len(rows)), pa.int64())}
    for field in load().items[document["item"]].stored_fields:
        columns[field.id] = pa.array([row.get(field.id) for row in rows], pa.string())
    given = [case.get("person_id_given", False) for case in all_cases(document)]
    return pa.table(columns | {"person_id_given": pa.array(given), "approximate": pa.nulls(len(rows), pa.string())})


@cache
def broken_rules(stem: str) -> list[list[str]]:
    """Rule ids that each case of a document breaks, in one run over all of them, by mask and one by one."""
    document = DOCUMENTS[stem]
    item, rules = load().items[document["item"]], rules_of(document)
    con = ibis.duckdb.connect()
    mapped = con.create_table("mapped", mapped_rows(stem))
    normalised = con.create_table("normalised", normalise.apply(mapped, item, load()))
    masks = checks.mask_names(rules)
    found = checks.judge(normalised, rules).select("row", *masks).order_by("row").to_pyarrow().to_pylist()
    by_mask = [[rule.id for rule in checks.decode({k: r[k] for k in masks}, rules)] for r in found]
    singly = {f"r{k}": rule.violated(normalised) for k, rule in enumerate(rules)}
    alone = normalised.select("row", **singly).order_by("row").to_pyarrow().to_pylist()
    assert by_mask == [[rule.id for k, rule in enumerate(rules) if r[f"r{k}"]] for r in alone]
    assert all(value is not None for r in alone for value in r.values())
    return by_mask


@cache
def seen_first(stem: str) -> list[bool]:
    """Whether each case of a document passes the first look, which takes cells as they were sent."""
    document = DOCUMENTS[stem]
    item, rules = load().items[document["item"]], rules_of(document)
    sent = ibis.duckdb.connect().create_table("sent", normalise.sent(ibis.memtable(mapped_rows(stem)), item, load()))
    looked = sent.select("row", clean=normalise.clean(sent, item, load()), sound=checks.sound(sent, rules))
    found = looked.order_by("row").to_pyarrow().to_pylist()
    assert all(value is not None for r in found for value in r.values())
    return [r["clean"] and r["sound"] for r in found]


def parameters() -> list[Any]:
    return [
        pytest.param(stem, number, id=f"{stem}-{case['name']}")
        for stem, document in DOCUMENTS.items()
        for number, case in enumerate(all_cases(document))
    ]


@pytest.mark.parametrize(("stem", "number"), parameters())
def test_a_row_breaks_exactly_these_rules(stem: str, number: int) -> None:
    expected = all_cases(DOCUMENTS[stem])[number]["breaks"]
    assert sorted(broken_rules(stem)[number]) == sorted(expected)


@pytest.mark.parametrize("stem", sorted(DOCUMENTS))
def test_a_good_row_passes_the_first_look_and_no_row_that_breaks_a_rule_does(stem: str) -> None:
    seen = seen_first(stem)
    assert seen[0]
    assert [number for number, broken in enumerate(broken_rules(stem)) if broken and seen[number]] == []


@pytest.mark.parametrize("item", sorted(load().items))
def test_every_rule_of_an_item_is_shown_by_an_example(item: str) -> None:
    documents = [document for document in DOCUMENTS.values() if document["item"] == item]
    shown = {rule for document in documents for case in all_cases(document) for rule in case["breaks"]}
    known = {rule.id for document in documents for rule in rules_of(document)}
    assert known == shown
    assert any(document.get("sole_traders") is False for document in documents)


@pytest.mark.parametrize("item", sorted(load().items))
def test_every_rule_says_what_is_wrong_where_it_comes_from_and_what_to_do(item: str) -> None:
    catalogue = load()
    found = checks.rules(catalogue.items[item], catalogue, datetime.date(2026, 11, 21), sole_traders=False)
    assert len({rule.id for rule in found}) == len(found)
    for rule in found:
        for text in (rule.message, rule.remedy):
            assert text.zh, rule.id
            assert text.en, rule.id
        assert rule.basis, rule.id
        assert rule.level in (checks.ERROR, checks.WARNING, checks.REFUSAL)
