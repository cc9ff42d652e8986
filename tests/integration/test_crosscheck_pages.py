"""The desk's pages of the cross-check: an office sees its tasks, says what it found, and nothing is changed behind it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.operations import crosscheck, findings, registry
from chengxin.operations.submit import submit_rows

TWIN = {"DJ_MC": "澜州双子食品有限公司"}


@pytest.fixture(scope="module", autouse=True)
def desk(sqlite_database: Place) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        registry.let_assign(source=seed.OTHER_CODE, department="9", division="99", by="officer")
        rows = [TWIN | {"DJ_DM": seed.code("91", 5000 + n)} for n in range(2)]
        rows.append({"DJ_MC": "澜州旧号商行", "DJ_ZCH": "990100000050017"})
        submit_rows(rows=rows, item="djxx", source=seed.OTHER_CODE)
        crosscheck.audit()
        crosscheck.audit()
        yield


def signed_in(name: str) -> Client:
    client = Client()
    assert client.post("/desk/sign-in", {"username": name, "password": seed.PASSWORD}).status_code == 302
    return client


def test_an_office_that_assigns_codes_sees_its_findings_and_may_hand_registrations_in():
    client = signed_in("neighbour")
    text = client.get("/desk/findings/").content.decode()
    assert "2 个问题待核实" in text
    assert "一名多码" in text
    assert "2 个问题待核实" in client.get("/desk/").content.decode()
    assert "登记注册基本信息" in client.get("/desk/submissions/new").content.decode()


def test_another_body_sees_none_of_them_and_not_the_registrations():
    client = signed_in("clerk")
    assert "没有待核实的问题" in client.get("/desk/findings/").content.decode()
    id = findings.listed().rows[0].id
    assert client.get(f"/desk/findings/{id}").status_code == 404
    assert client.post(f"/desk/findings/{id}", {"step": "take"}).status_code == 404
    assert "登记注册基本信息" not in client.get("/desk/submissions/new").content.decode()


def test_a_finding_shows_both_subjects_and_what_the_office_may_do():
    client = signed_in("neighbour")
    id = findings.listed(rule="name.shared").rows[0].id
    text = client.get(f"/desk/findings/{id}").content.decode()
    assert text.count(TWIN["DJ_MC"]) >= 2
    assert "转交其他单位" not in text, "only an officer hands a task on"
    refused = client.post(f"/desk/findings/{id}", {"step": "explain", "note": ""})
    assert refused.status_code == 422
    assert "没有写明理由" in refused.content.decode()
    assert client.post(f"/desk/findings/{id}", {"step": ""}).status_code == 422
    assert client.post(f"/desk/findings/{id}", {"step": "take"}).status_code == 302
    assert "核实中" in client.get("/desk/findings/").content.decode()
    client.post(f"/desk/findings/{id}", {"step": "explain", "note": "两家分属两地"})
    assert "两家分属两地" in client.get(f"/desk/findings/{id}").content.decode()
    assert f"/desk/findings/{id}" in client.get("/desk/findings/?state=explained").content.decode()
    client.post(f"/desk/findings/{id}", {"step": "reopen", "note": "再查一次"})
    assert findings.finding(id).is_open


def test_an_officer_hands_a_finding_on_and_asks_for_a_run():
    client = signed_in("officer")
    id = findings.listed(rule="code.legacy").rows[0].id
    client.post(f"/desk/findings/{id}", {"step": "assign", "owner": seed.BUREAU_CODE, "note": "请协助"})
    assert findings.finding(id).owner == seed.BUREAU_CODE
    assert "现在校核一次" in client.get("/desk/findings/").content.decode()
    signed_in("clerk").post("/desk/findings/run")
    assert not findings.under_way(), "a clerk asks for nothing"
    client.post("/desk/findings/run")
    assert "正在校核" in client.get("/desk/findings/").content.decode()
    assert crosscheck.run_waiting() is not None


def test_the_rates_are_shown_by_office_with_every_run():
    text = signed_in("officer").get("/desk/findings/rates").content.decode()
    assert "澜州市水利局" in text
    assert "polyline" in text
    assert "澜州市水利局" not in signed_in("clerk").get("/desk/findings/rates").content.decode().split("<main")[1]


def test_who_assigns_what_is_recorded_by_an_officer_only():
    officer, clerk = signed_in("officer"), signed_in("clerk")
    line = {"source": seed.BUREAU_CODE, "department": "5", "division": "99"}
    assert clerk.post("/desk/findings/assigners", line).status_code == 422
    assert officer.post("/desk/findings/assigners", line | {"since": "昨天"}).status_code == 422
    assert officer.post("/desk/findings/assigners", line | {"since": "2026-01-01"}).status_code == 302
    text = officer.get("/desk/findings/assigners").content.decode()
    assert "社会团体" in text
    ended = next(one for one in registry.assigners() if one.department == "5")
    assert officer.post("/desk/findings/assigners", {"end": str(ended.pk)}).status_code == 302
    assert not registry.assigns(seed.BUREAU_CODE)
