"""Letters of authorisation: nobody checks the own, whichever door is used; names go to who needs them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from tests.databases import Place
from tests.integration import case_seed, desk_seed
from tests.integration import entrance_seed as seed
from tests.integration.desk_seed import PASSWORD, quick_passwords
from typer.testing import CliRunner

from chengxin.cli import authorisations as commands  # noqa: F401  (it registers its commands)
from chengxin.cli.app import app
from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, authorisations, entrance, persons, tokens
from chengxin.operations.authorisations import APPLY, SEE
from chengxin.storage.models import Authorisation

MAIL = "someone@example.org"


@pytest.fixture(scope="module", autouse=True)
def place(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with quick_passwords():
        seed.place(tmp_path_factory.mktemp("seed"), rows=1)
        yield


def refused(rule: str, row: Authorisation, by: str, grant: bool = True) -> None:
    with pytest.raises(Refusal) as caught:
        authorisations.decide(id=row.pk, grant=grant, who=accounts.principal_named(by), reason="不符")
    assert caught.value.rule == rule


def signed_in(name: str, door: str = "my") -> Client:
    client = Client()
    assert client.post(f"/{door}/sign-in", {"username": name, "password": PASSWORD}).status_code == 302
    return client


def run(*arguments: str, code: int = 0, typed: str = "") -> dict:
    done = CliRunner().invoke(app, ["authorisations", *arguments], env={"CHENGXIN_PASSWORD": PASSWORD}, input=typed)
    if code:
        assert isinstance(done.exception, Refusal)
        return {"rule": done.exception.rule}
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout) if "--json" in arguments else {}


def test_an_officer_with_a_second_account_gets_nowhere() -> None:
    accounts.bind(name="officer", email=MAIL)
    double = seed.person("double")
    row = seed.asked(double)
    persons.bind(double, email=MAIL.upper())
    refused("authorisation.same-person", row, "officer")
    with pytest.raises(Refusal) as caught:
        seed.asked(double)
    assert caught.value.rule == "authorisation.desk-account", "whoever works at the desk acts for no organisation"
    authorisations.decide(id=row.pk, grant=False, who=accounts.principal_named("officer"), reason="本人不能核对本人")
    accounts.bind(name="officer", email="")


def test_the_identity_provider_tells_two_accounts_of_one_person_apart(settings) -> None:
    settings.IDENTITY_ISSUER = "https://id.example"
    accounts.bind(name="second", identity="person-9")
    theirs = entrance.of_identity(issuer=settings.IDENTITY_ISSUER, subject="person-9")
    with pytest.raises(Refusal) as caught:
        authorisations.claimed(user=theirs, subjects=[case_seed.COMPANY], person="", until=datetime.now(UTC).date())
    assert caught.value.rule == "authorisation.desk-account"
    other = entrance.of_identity(issuer=settings.IDENTITY_ISSUER, subject="person-10")
    assert not persons.same(other, theirs)
    assert persons.same(User.objects.get(username="second"), theirs)


def test_who_opened_an_account_at_the_counter_does_not_check_its_letters() -> None:
    run("account", "visitor", "--as", "officer", typed=f"{PASSWORD}\n{PASSWORD}\n")
    row = seed.asked(User.objects.get(username="visitor"))
    refused("authorisation.own-account", row, "officer")
    assert authorisations.decide(id=row.pk, grant=True, who=accounts.principal_named("second")).granted
    assert run("account", "another", "--as", "li", code=2, typed="x\nx\n")["rule"] == "authorisation.not-yours"


def test_commands_list_grant_refuse_and_revoke(tmp_path: Path) -> None:
    first, second = (seed.asked(seed.person(f"by-command-{n}")) for n in (1, 2))
    waiting = run("list", "--as", "officer", "--json")["authorisations"]
    assert {first.pk, second.pk} <= {each["id"] for each in waiting}
    run("letter", str(first.pk), "--out", str(tmp_path / "letter.pdf"), "--as", "officer")
    assert (tmp_path / "letter.pdf").read_bytes() == case_seed.PDF
    assert run("grant", str(first.pk), "--as", "officer", "--json")["state"] == "holds"
    refusal = run("refuse", str(second.pk), "--as", "officer", "--reason", "印章不清", "--json")
    assert (refusal["state"], refusal["reason"]) == ("refused", "印章不清")
    run("revoke", str(first.pk), "--as", "officer", "--reason", "已离职")
    of_company = run("list", case_seed.COMPANY, "--as", "officer", "--json")["authorisations"]
    assert {each["id"]: each["state"] for each in of_company}[first.pk] == "ended"
    assert run("list", "--as", "li", code=2)["rule"] == "authorisation.not-yours"


def test_a_system_of_the_centre_does_the_same_and_nobody_elses_sees_there_is_anything() -> None:
    def system(source: str) -> Client:
        issued = tokens.issue(source=source, label="x", by="test", now=datetime.now(UTC))
        return Client(headers={"authorization": f"Bearer {issued.token}"})

    centre, bureau = system(desk_seed.CENTRE_CODE), system(desk_seed.BUREAU_CODE)
    row, other = seed.asked(seed.person("by-api")), seed.asked(seed.person("by-api-2"))
    waiting = centre.get("/api/v1/authorisations").json()["authorisations"]
    assert {row.pk, other.pk} <= {each["id"] for each in waiting}
    assert centre.get(f"/api/v1/authorisations/{row.pk}/letter").content == case_seed.PDF
    assert centre.post(f"/api/v1/authorisations/{row.pk}/grant").json()["state"] == "holds"
    assert centre.post(f"/api/v1/authorisations/{row.pk}/grant").status_code == 422, "somebody was first"
    said = {"data": {"reason": "不清楚"}, "content_type": "application/json"}
    assert centre.post(f"/api/v1/authorisations/{other.pk}/refuse", **said).json()["state"] == "refused"
    assert centre.post(f"/api/v1/authorisations/{row.pk}/revoke", **said).json()["end_reason"] == "不清楚"
    found = centre.get(f"/api/v1/authorisations?subject={case_seed.COMPANY}").json()["authorisations"]
    assert row.pk in {each["id"] for each in found}
    assert centre.post("/api/v1/authorisations/999999/grant").status_code == 404
    for path in ("", f"/{row.pk}/letter"):
        assert bureau.get(f"/api/v1/authorisations{path}").status_code == 404
    assert bureau.post(f"/api/v1/authorisations/{row.pk}/grant").status_code == 404
    assert Client().get("/api/v1/authorisations").status_code == 401


def test_who_only_sees_the_records_reads_nobody_elses_name() -> None:
    seed.granted(seed.person("only-sees"), (SEE,))
    seed.granted(seed.person("only-applies"), (APPLY,))
    page = signed_in("only-sees").get("/my/authorisations/").content.decode()
    assert page.count("甲某") == 1, "the own one"
    assert "姓名只给管理授权的人看" in page
    assert signed_in("agent").get("/my/authorisations/").content.decode().count("甲某") > 2


@pytest.mark.parametrize(
    ("door", "who", "path", "form"),
    [
        ("desk", "officer", "/desk/authorisations/1", {"what": "refuse", "reason": "不\0符"}),
        ("desk", "li", "/desk/account", {"email": "a\0b"}),
        ("my", "agent", "/my/cases/new/repair", {"record": "\0", "sign": "1"}),
        ("", "", "/my/sign-up", {"username": "a\0b", "password": PASSWORD}),
        ("", "", "/desk/sign-in", {"username": "a\0b", "password": PASSWORD}),
    ],
)
def test_a_form_with_a_character_nobody_can_type_is_a_bad_request(door: str, who: str, path: str, form: dict) -> None:
    client = signed_in(who, door) if who else Client()
    answer = client.post(path, form)
    assert answer.status_code == 400
    assert "没有内容被保存" in answer.content.decode()


@pytest.mark.parametrize(("door", "who"), [("my", "agent"), ("desk", "officer")])
def test_everybody_says_where_reminders_go_and_takes_it_back(door: str, who: str) -> None:
    client = signed_in(who, door)
    assert client.post(f"/{door}/account", {"email": "me@example.org"}).status_code == 302
    assert "me@example.org" in client.get(f"/{door}/account").content.decode()
    assert client.post(f"/{door}/account", {"email": "no address"}).status_code == 422
    client.post(f"/{door}/account", {"email": ""})
    assert User.objects.get(username=who).email == ""
