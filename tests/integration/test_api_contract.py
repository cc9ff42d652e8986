"""The API keeps what docs/openapi.json promises."""

import json
from collections import Counter
from pathlib import Path

import pytest
from ninja import Schema

from chengxin.web.api import contract

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
REFERENCE = COMMITTED.parent / "reference" / "api.md"


def test_the_committed_contract_is_what_the_code_offers():
    assert COMMITTED.read_text() == contract.text(), (
        "the API and docs/openapi.json differ: python -m chengxin.web.api.contract > docs/openapi.json, "
        "and raise the version when a client would notice"
    )


def operations() -> list[tuple[str, str, dict]]:
    document = json.loads(COMMITTED.read_text())
    return [(path, verb, what) for path, verbs in document["paths"].items() for verb, what in verbs.items()]


@pytest.mark.parametrize(
    ("path", "verb", "what"), operations(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_operation_says_what_it_does_and_how_it_fails(path, verb, what):
    assert what["description"]
    assert any("一" <= char <= "鿿" for char in what["description"]), "the official term stands in every description"
    for status, answer in what["responses"].items():
        if status == "default" or int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
    assert "429" in what["responses"]


def test_every_address_stands_in_the_reference():
    told = REFERENCE.read_text()
    missing = [path for path, _, _ in operations() if path.removeprefix("/api/v1") not in told]
    assert not missing


def shapes_of(base: type[Schema]) -> list[type[Schema]]:
    return [each for child in base.__subclasses__() for each in (child, *shapes_of(child))]


def test_no_two_shapes_share_a_name_in_the_contract():
    ours = {each for each in shapes_of(Schema) if each.__module__.startswith("chengxin.")}
    taken = Counter(each.__name__ for each in ours)
    assert [name for name, times in taken.items() if times > 1] == [], "one would overwrite the other in openapi.json"


def test_a_row_that_was_not_stored_is_promised_with_the_rules_it_broke():
    schemas = json.loads(COMMITTED.read_text())["components"]["schemas"]
    reason = schemas["RowShape"]["properties"]["reasons"]["items"]["$ref"].rpartition("/")[2]
    assert set(schemas[reason]["properties"]) == {"rule", "field"}


def test_nobody_is_promised_the_newest_record_of_all_items():
    (asked,) = [what for path, _, what in operations() if path == "/api/v1/subjects/{code}"]
    (records,) = [each for each in asked["parameters"] if each["name"] == "records"]
    for told in (records["description"], REFERENCE.read_text()):
        assert "newest public records" not in told
        assert "brings its newest records" not in told
        assert "item by item" in told


def test_the_reference_says_who_hands_in_registrations():
    told = " ".join(REFERENCE.read_text().split())
    assert "own code only" not in told
    assert "from the offices that assign codes" in told
