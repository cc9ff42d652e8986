"""Publication (公示) by example: every case a lawyer wrote in publication/*.yaml, on every engine."""

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
import yaml

from chengxin.catalogue.loader import load
from chengxin.catalogue.model import Catalogue, Item
from chengxin.disclosure import publication
from chengxin.disclosure.explanation import explain
from chengxin.records.model import Window

FOLDER = Path(__file__).parent / "publication"
DOCUMENTS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
RESULTS = ("severity", "severity_by", "starts", "repairable", "ends", "regime", "withheld")
ROLES = {
    "decided": "decided_on",
    "kinds": "kinds",
    "fine": "fine",
    "confiscation": "confiscation",
    "severity": "severity",
    "reason": "publication_reason",
    "procedure": "procedure",
    "claimed_end": "claimed_end",
    "legal_basis": "legal_basis",
    "authority": "authority_name",
    "party_kind": "party_kind",
    "valid_until": "valid_until",
    "status": "status",
    "removed": "removed_on",
    "removal_document": "removal_document",
}


def cases() -> list[Any]:
    return [
        pytest.param(document, number, id=f"{stem}-{case['name']}")
        for stem, document in DOCUMENTS.items()
        for number, case in enumerate(document["cases"])
    ]


def catalogue_of(document: dict[str, Any]) -> Catalogue:
    return load((FOLDER / "overlays" / document["overlay"],)) if "overlay" in document else load()


def rows(document: dict[str, Any], item: Item) -> pa.Table:
    """The cases of a document as a table of canonical texts."""
    columns = [f.id for f in item.stored_fields]
    found = []
    for case in document["cases"]:
        row = dict.fromkeys([*columns, "approximate"])
        for key, value in case["given"].items():
            row["approximate" if key == "approximate" else item.roles[ROLES[key]]] = str(value)
        found.append(row)
    return pa.Table.from_pylist(found, schema=pa.schema([(name, pa.string()) for name in [*columns, "approximate"]]))


def expected(case: dict[str, Any]) -> dict[str, Any]:
    return {"starts": None, "repairable": None, "ends": None, "withheld": "", **case["expect"]}


def answers_on(con: ibis.BaseBackend) -> dict[str, list[dict[str, Any]]]:
    answers = {}
    for stem, document in DOCUMENTS.items():
        catalogue = catalogue_of(document)
        item = catalogue.items[document["item"]]
        numbered = rows(document, item).append_column("case", pa.array(range(len(document["cases"])), pa.int64()))
        table = con.create_table(f"spec_{stem.replace('-', '_')}", numbered, overwrite=True)
        projected = publication.project(table, item, catalogue).order_by("case").select(*RESULTS)
        answers[stem] = con.to_pyarrow(projected).to_pylist()
    return answers


@pytest.fixture(scope="module")
def on_duckdb() -> dict[str, list[dict[str, Any]]]:
    return answers_on(ibis.duckdb.connect())


@pytest.mark.parametrize(("document", "number"), cases())
def test_a_record_is_published_as_the_article_says(
    document: dict[str, Any], number: int, on_duckdb: dict[str, list[dict[str, Any]]]
) -> None:
    stem = next(s for s, d in DOCUMENTS.items() if d is document)
    assert on_duckdb[stem][number] == expected(document["cases"][number])


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_every_document_names_an_article_that_exists(stem: str) -> None:
    document = DOCUMENTS[stem]
    assert document["article"] in catalogue_of(document).laws[document["law"]].articles


def test_every_reason_for_withholding_is_shown_by_an_example() -> None:
    shown = {case["expect"].get("withheld", "") for document in DOCUMENTS.values() for case in document["cases"]}
    assert shown - {""} == set(publication.WITHHELD)


def test_every_regime_is_shown_by_an_example() -> None:
    shown = {case["expect"]["regime"] for document in DOCUMENTS.values() for case in document["cases"]}
    assert shown - {""} == set(load().regimes)


def test_the_page_explains_the_term_that_was_used() -> None:
    catalogue = load()
    fire = {"CF_YJ": "《中华人民共和国消防法》第六十条"}
    window = Window(datetime.date(2025, 9, 15), datetime.date(2026, 9, 15), datetime.date(2026, 9, 15), "2023-order58")
    found = explain(window, "general", fire, catalogue)
    assert found is not None
    assert (found.term.min_months, found.term.max_months) == (12, 36)
    assert found.shortened_by is catalogue.regimes["2026-order36"]
    assert not found.confirmed
    serious = Window(
        datetime.date(2025, 9, 15), datetime.date(2025, 12, 15), datetime.date(2028, 9, 15), "2023-order58"
    )
    found = explain(serious, "serious", {"CF_YJ": "《某某管理条例》第六十条"}, catalogue)
    assert found is not None
    assert (found.term.min_months, found.shortened_by) == (3, None)
    assert explain(serious, "unclassified", {}, catalogue) is None
    assert explain(replace(serious, regime="gone"), "serious", {}, catalogue) is None


def test_the_public_day_ends_at_midnight() -> None:
    starts, ends = datetime.date(2026, 4, 15), datetime.date(2027, 4, 15)
    assert publication.is_public(starts, ends, datetime.date(2027, 4, 14))
    assert not publication.is_public(starts, ends, datetime.date(2027, 4, 15))


@pytest.mark.long
def test_another_engine_gives_the_same_answers(on_duckdb: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    try:
        assert answers_on(ibis.pyspark.connect(session)) == on_duckdb
    finally:
        session.stop()
