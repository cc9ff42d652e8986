"""The reconciliation service, driven the way OpenRefine drives it: manifest, form-encoded batches, suggest, extend."""

import json
from typing import Any

import pytest
from django.test import Client, override_settings
from tests.databases import Place
from tests.integration.paper import uscc, write_csv
from tests.integration.test_resolve import BASE, FOOD, PAPER, PERSON

from chengxin.operations.setup import init
from chengxin.operations.sources import ensure
from chengxin.operations.submit import submit
from chengxin.web.reconcile.vocabulary import RECORDS

MISSPELT = "澜州青穗食呂有限公司"
TRADER = "990100600000015"


@pytest.fixture(scope="module", autouse=True)
def base(database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    init()
    ensure("operator")
    rows = [{"成立日期": "2015-03-01", "住所": "澜州市东城区一号", **row} for row in BASE]
    submit(path=write_csv(tmp_path_factory.mktemp("base") / "register.csv", rows), item="djxx", source="operator")


@pytest.fixture
def tool() -> Client:
    """A program on another site: no cookie, no token, and form tokens would be enforced for it."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "http://127.0.0.1:3333"})


def ask(tool: Client, **queries: Any) -> dict[str, list[dict[str, Any]]]:
    """A batch as OpenRefine sends it; gives the results by key, each held against the shape of the API."""
    response = tool.post("/reconcile", {"queries": json.dumps(queries)})
    assert response.status_code == 200, response.content
    assert response["Access-Control-Allow-Origin"] == "*"
    told = response.json()
    assert set(told) == set(queries)
    for answer in told.values():
        for each in answer["result"]:
            assert {"id", "name", "score", "match", "type"} <= set(each)
            assert isinstance(each["score"], float)
            assert isinstance(each["match"], bool)
            assert all({"id", "name"} <= set(kind) for kind in each["type"])
            assert all(isinstance(one["value"], bool | float) for one in each["features"])
    return {key: answer["result"] for key, answer in told.items()}


def test_the_manifest_says_where_everything_is_and_it_is_there(tool: Client) -> None:
    told = tool.get("/reconcile").json()
    assert "0.2" in told["versions"]
    assert told["identifierSpace"].startswith("http")
    assert told["schemaSpace"].startswith("http")
    assert "{{id}}" in told["view"]["url"]
    places = [told["view"]["url"].replace("{{id}}", FOOD), told["preview"]["url"].replace("{{id}}", FOOD)]
    places += [each["service_url"] + each["service_path"] for each in told["suggest"].values()]
    places.append("".join(told["extend"]["propose_properties"].values()))
    for place in places:
        assert place.startswith("http://testserver/")
        assert tool.get(place.removeprefix("http://testserver")).status_code == 200, place


def test_a_batch_of_names_comes_back_with_what_is_certain_and_what_is_not(tool: Client) -> None:
    found = ask(
        tool,
        q0={"query": "澜州青穗食品有限公司", "type": "organisation", "limit": 3},
        q1={"query": MISSPELT, "limit": 3},
        q2={"query": "澜州同名商贸有限公司"},
        q3={"query": "远山无人知晓机械厂"},
    )
    assert [(each["id"], each["match"], each["score"]) for each in found["q0"]] == [(FOOD, True, 100.0)]
    assert found["q1"][0]["id"] == FOOD
    assert found["q1"][0]["match"] is False
    assert 50 <= found["q1"][0]["score"] < 100
    assert {each["id"] for each in found["q2"]} == {uscc(102), uscc(103)}
    assert not any(each["match"] for each in found["q2"])
    assert found["q3"] == []


def test_a_code_decides_as_the_text_or_as_a_property(tool: Client) -> None:
    found = ask(
        tool,
        text={"query": FOOD.lower()},
        property={"query": "澜州青穗副食品有限公司", "properties": [{"pid": "code", "v": FOOD}]},
        listed={"query": "澜州大河纸业有限公司", "properties": [{"pid": "code", "v": [{"id": PAPER}]}]},
        against={"query": "澜州青穗食品有限公司", "properties": [{"pid": "code", "v": PAPER}]},
    )
    assert [(found[key][0]["id"], found[key][0]["match"]) for key in ("text", "property", "listed")] == [
        (FOOD, True),
        (FOOD, True),
        (PAPER, True),
    ]
    assert {each["id"] for each in found["against"]} >= {FOOD, PAPER}
    assert not any(each["match"] for each in found["against"])


def test_types_and_limits_narrow_the_candidates(tool: Client) -> None:
    found = ask(
        tool,
        none={"query": MISSPELT, "type": "government"},
        some={"query": MISSPELT, "type": ["enterprise"], "type_strict": "any"},
        one={"query": "澜州同名商贸有限公司", "limit": 1},
    )
    assert found["none"] == []
    assert found["some"]
    assert len(found["one"]) == 1


def test_sole_traders_and_persons_are_answered_as_in_the_search(tool: Client) -> None:
    found = ask(
        tool,
        part={"query": "东城区青穗餐饮"},
        whole={"query": "澜州市东城区青穗餐饮店"},
        person={"query": PERSON},
    )
    assert found["part"] == []
    assert found["whole"][0]["id"] == TRADER
    assert found["person"] == []
    for part in ("青穗餐饮", PERSON):
        assert tool.get("/reconcile/suggest/entity", {"prefix": part}).json()["result"] == []


def test_the_same_batch_may_come_in_the_address_or_as_json(tool: Client) -> None:
    batch = {"q0": {"query": "澜州大河纸业有限公司"}}
    form = tool.post("/reconcile", {"queries": json.dumps(batch)}).json()
    assert tool.get("/reconcile", {"queries": json.dumps(batch)}).json() == form
    assert tool.post("/reconcile", {"queries": batch}, content_type="application/json").json() == form
    assert form["q0"]["result"][0]["match"] is True


@pytest.mark.parametrize(
    "sent",
    ["no json", "[]", '{"q0": 1}', '{"q0": {}}', '{"q0": {"query": 7}}', '{"q0": {"query": "甲", "limit": "x"}}', "[" * 9999],
)  # fmt: skip
def test_what_is_no_batch_is_refused_with_a_reason(tool: Client, sent: str) -> None:
    response = tool.post("/reconcile", {"queries": sent})
    assert response.status_code == 422
    assert response.json()["rule"] == "reconcile.query"
    assert response["Access-Control-Allow-Origin"] == "*", "else the tool cannot read the reason"


def test_an_empty_cell_of_a_table_has_no_result_and_spoils_no_batch(tool: Client) -> None:
    """As a stock client sends a column: keys are numbers, the type is left out or null, empty cells are empty texts."""
    batch = {"0": {"query": ""}, "1": {"query": "\u3000", "type": None}, "2": {"query": "澜州青穗食品有限公司"}}
    found = tool.post("/reconcile", {"queries": json.dumps(batch)}).json()
    assert [len(found[key]["result"]) > 0 for key in batch] == [False, False, True]


def test_a_table_can_be_extended_by_public_data(tool: Client) -> None:
    wanted = ["code", "former_names", "DJ_CLRQ", "DJ_DZ", RECORDS + "xzcf", "no-such-property"]
    asked = {"ids": [FOOD, TRADER, "no-such-subject"], "properties": [{"id": id} for id in wanted]}
    told = tool.post("/reconcile", {"extend": json.dumps(asked)}).json()
    assert [each["id"] for each in told["meta"]] == wanted
    assert all(each["name"] for each in told["meta"])
    food = told["rows"][FOOD]
    assert food["code"] == [{"str": FOOD}]
    assert food["former_names"] == [{"str": "澜州青穗副食品有限公司"}]
    assert food["DJ_CLRQ"] == [{"date": "2015-03-01T00:00:00+08:00"}]
    assert food[RECORDS + "xzcf"] == [{"int": 0}]
    assert food["no-such-property"] == []
    assert told["rows"]["no-such-subject"] == {id: [] for id in wanted}
    proposed = tool.get("/reconcile/properties", {"type": "organisation", "limit": "3"}).json()
    assert [each["id"] for each in proposed["properties"]] == ["code", "name", "former_names"]


@pytest.mark.parametrize("sent", ['{"ids": []}', '{"ids": [1], "properties": []}', '{"ids": ["a"], "properties": [1]}'])
def test_what_is_no_extension_is_refused(tool: Client, sent: str) -> None:
    assert tool.post("/reconcile", {"extend": sent}).json()["rule"] == "reconcile.query"


def test_suggestions_while_somebody_types(tool: Client) -> None:
    found = tool.get("/reconcile/suggest/entity", {"prefix": "大河纸"}).json()["result"]
    assert [each["id"] for each in found] == [PAPER]
    assert "former_names" in str(tool.get("/reconcile/suggest/property", {"prefix": "曾用名"}).json())
    assert "enterprise" in str(tool.get("/reconcile/suggest/type", {"prefix": "企业"}).json())


def test_a_preview_can_stand_in_a_frame_and_does_nothing_but_show(tool: Client) -> None:
    response = tool.get(f"/reconcile/preview/{FOOD}")
    text = response.content.decode()
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "澜州青穗食品有限公司" in text
    assert "<script" not in text
    assert "<form" not in text
    assert tool.get("/reconcile/preview/nobody").status_code == 404


def test_a_browser_may_ask_from_another_site_first(tool: Client) -> None:
    response = tool.options("/reconcile", headers={"Access-Control-Request-Method": "POST"})
    assert response.status_code == 204
    assert "POST" in response["Access-Control-Allow-Methods"]


def test_examples_are_matched_by_the_api_alike(tool: Client) -> None:
    examples = [
        {"id": "a", "name": "澜州青穗食品有限公司", "code": FOOD},
        {"id": "b", "name": MISSPELT},
        {"id": "c", "code": PERSON},
    ]
    response = tool.post("/api/v1/match", {"queries": examples}, content_type="application/json")
    assert response.status_code == 200
    assert PERSON not in response.content.decode()
    first, second, third = response.json()["results"]
    assert (first["id"], first["decision"], first["confidence"], first["subject"]["code"]) == (
        *("a", "linked-by-code", "exact"),
        FOOD,
    )
    assert second["decision"] == "candidate"
    assert second["candidates"][0]["subject"]["code"] == FOOD
    assert {"part", "verdict", "asked", "found"} <= set(second["candidates"][0]["reasons"][0])
    assert (third["decision"], third["reasons"][0]["id"]) == ("none", "person")
    assert third["reasons"][0]["words"]["en"]


def test_a_thousand_examples_are_taken_and_no_more(tool: Client) -> None:
    def send(count: int) -> int:
        body = {"queries": [{"code": FOOD}] * count, "limit": 1}
        return tool.post("/api/v1/match", body, content_type="application/json").status_code

    assert send(1000) == 200
    assert send(1001) == 422
    assert send(0) == 422


def test_the_service_knows_its_own_address(tool: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["credit.example.gov.cn"]):
        told = tool.get("/reconcile", headers={"Host": "credit.example.gov.cn"}).json()
    assert told["preview"]["url"].startswith("http://credit.example.gov.cn/reconcile/preview/")
