"""Withdrawals and take-downs from outside: a system with a token, an officer at the command line."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.databases import Place
from tests.integration import desk_seed as seed
from typer.testing import CliRunner

from chengxin.cli import acts as _commands  # noqa: F401 - registers them
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.operations import lookup, tokens
from chengxin.operations.export import rows
from chengxin.records.model import Act

COMPANY = list(seed.COMPANIES)[1]


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """People, and four penalties of one company that are public today."""
    with seed.quick_passwords():
        seed.people()
        from chengxin.operations import accounts

        accounts.create_user(name="second", password=seed.PASSWORD, source=seed.CENTRE_CODE, role=accounts.OFFICER)
    folder: Path = tmp_path_factory.mktemp("register")
    seed.companies(folder)
    sent = [seed.penalty(1, **seed.PUBLISHED, CF_WSH=f"澜环罚〔2026〕{n}号") for n in range(1, 5)]
    seed.hand_in(seed.as_csv(sent))
    found = lookup.records(lookup.subject(COMPANY), on=today()).rows
    return [each.id for each in sorted(found, key=lambda each: each.fields["CF_WSH"])]


def _token(source: str) -> str:
    return tokens.issue(source=source, label="test", by="operator", now=timezone.now()).token


SAID = {
    "ground": "撤销",
    "document": "澜环撤〔2026〕3号",
    "decided_on": today().isoformat(),
    "reason": "经复议，证据不足。",
}


def test_a_system_withdraws_its_own_record_and_no_other(records: list[str]) -> None:
    address = f"/api/v1/records/{records[0]}/withdrawal"

    def send(token: str, said: dict[str, str] = SAID):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client(headers=headers).post(address, json.dumps(said), content_type="application/json")

    assert send("").status_code == 401
    assert send(_token(seed.OTHER_CODE)).json()["rule"] == "record.not-held"
    assert send(_token(seed.BUREAU_CODE), SAID | {"ground": "其他"}).json()["rule"] == "withdrawal.ground"
    assert Client().get(f"/api/v1/records/{records[0]}").status_code == 200
    assert send(_token(seed.BUREAU_CODE)).status_code == 201
    assert Client().get(f"/api/v1/records/{records[0]}").status_code == 404
    (notice,) = Client().get("/api/v1/notices").json()["notices"]
    assert (notice["ground"]["zh"], notice["on_time"], notice["reason"]) == ("决定已被撤销", True, SAID["reason"])
    assert send(_token(seed.BUREAU_CODE)).json()["rule"] == "act.not-now"


def test_an_objection_marks_the_record_in_answers_and_open_data(records: list[str]) -> None:
    from chengxin.operations import acts

    acts.on_record(Act.OBJECT, records[1], by=seed.CENTRE_CODE)
    assert Client().get(f"/api/v1/records/{records[1]}").json()["contested"] == today().isoformat()
    shown = {row[0]: row for chunk in rows("xzcf", today()) for row in chunk}
    assert today().isoformat() in shown[records[1]]
    assert shown[records[2]].count(today().isoformat()) == 0
    acts.on_record(Act.SETTLE, records[1], by=seed.CENTRE_CODE)
    assert Client().get(f"/api/v1/records/{records[1]}").json()["contested"] is None


def test_two_officers_at_the_command_line(records: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGXIN_PASSWORD", seed.PASSWORD)
    run = CliRunner().invoke
    record = records[3]
    with seed.quick_passwords():
        clerk = run(app, ["takedown", "off", record, "--by", "clerk", "--reason", "有误"])
        assert "takedown.centre-only" in str(clerk.exception)
        off = run(app, ["takedown", "off", record, "--by", "officer", "--reason", "有误", "--json"])
        assert off.exit_code == 0, off.output
        assert lookup.record(record, on=today()) is None
        waiting = json.loads(run(app, ["takedown", "list", "--json"]).stdout)["waiting"]
        assert [each["record"] for each in waiting] == [record]
        same = run(app, ["takedown", "confirm", record, "--by", "officer", "--reason", "属实"])
        assert "takedown.same-officer" in str(same.exception)
        assert run(app, ["takedown", "undo", record, "--by", "second", "--reason", "无误"]).exit_code == 0
    assert lookup.record(record, on=today()) is not None


def test_the_operator_withdraws_for_a_source(records: list[str]) -> None:
    arguments = ["--source", seed.BUREAU_CODE, "--ground", "报送错误", "--document", "澜环更〔2026〕1号"]
    arguments += ["--decided-on", today().isoformat(), "--reason", "主体有误。", "--json"]
    done = CliRunner().invoke(app, ["withdraw", records[3], *arguments])
    assert done.exit_code == 0, done.output
    told = json.loads(CliRunner().invoke(app, ["notices", "--json"]).stdout)
    assert told["notices"][0]["document"] == "澜环更〔2026〕1号"


def test_the_clerk_of_another_source_learns_nothing(records: list[str]) -> None:
    with seed.quick_passwords():
        client = Client()
        client.post("/desk/sign-in", {"username": "neighbour", "password": seed.PASSWORD})
    unknown, foreign = (client.get(f"/desk/records/{id}") for id in ("0" * 32, records[2]))
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    assert client.get(f"/desk/records/{records[2]}/take-down").status_code == 422
    assert "takedown.centre-only" in client.get("/desk/take-downs").content.decode()
    assert client.post(f"/desk/records/{records[2]}/withdraw", SAID).status_code == 404
    assert lookup.record(records[2], on=today()) is not None
