"""The one entrance: who acts for an organisation, what they see and may do, and that it is no way into the desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.databases import Place
from tests.integration import case_seed, desk_seed
from tests.integration import entrance_seed as seed
from tests.integration.desk_seed import PASSWORD, quick_passwords

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, acts, authorisations, cases, lookup, own
from chengxin.operations.authorisations import APPLY, MANAGE, SEE
from chengxin.records.model import Act
from chengxin.storage.models import Authorisation, Case


@pytest.fixture(scope="module")
def pool(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with quick_passwords():
        yield seed.place(tmp_path_factory.mktemp("seed"), rows=9)


@pytest.fixture
def record(pool: list[str]) -> str:
    return pool.pop()


def signed_in(name: str, door: str = "my") -> Client:
    client = Client()
    answer = client.post(f"/{door}/sign-in", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def text(answer: object) -> str:
    return answer.content.decode()


def apply(client: Client, record: str, **more: str) -> object:
    return client.post("/my/cases/new/repair", {"record": record, "sign": "1", "signer": "甲某", **more})


def officer() -> accounts.Principal:
    return accounts.principal_named("officer")


def test_an_account_alone_sees_nothing_and_neither_door_opens_the_other(record: str) -> None:
    stranger = signed_in("stranger")
    assert "先证明您代表哪家单位" in text(stranger.get("/my/"))
    for path in ("/my/record/", f"/my/record/{record}", "/my/cases/", "/my/cases/new/repair"):
        assert stranger.get(path)["Location"] == "/my/"
    agent = signed_in("agent")
    for path in (
        "/desk/",
        "/desk/cases/",
        f"/desk/records/{record}",
        "/desk/authorisations/",
        "/desk/authorisations/1",
    ):
        answer = agent.get(path)
        assert answer.status_code == 403
        assert "澜州" not in text(answer)
    desk = signed_in("li", "desk")
    assert desk.get("/my/").status_code == 403
    assert Client().get("/my/record/")["Location"].startswith("/my/sign-in")


def test_a_letter_is_handed_in_checked_and_opens_the_entrance(pool: list[str]) -> None:
    client = Client()
    client.post("/my/sign-up", {"username": "newcomer", "password": PASSWORD})
    form = {
        "code": case_seed.COMPANY,
        "person": "乙某",
        "scope": [SEE],
        "until": (today() + timedelta(days=10)).isoformat(),
    }
    assert client.post("/my/authorisations/new", form).status_code == 422, "without the letter nothing is asked"
    letter = SimpleUploadedFile("letter.pdf", case_seed.PDF)
    assert client.post("/my/authorisations/new", {**form, "letter": letter}).status_code == 302
    row = Authorisation.objects.latest("pk")
    assert client.get("/my/record/").status_code == 302, "an unchecked letter opens nothing"

    desk = signed_in("officer", "desk")
    assert "份等待核对" in text(desk.get("/desk/"))
    assert f"/desk/authorisations/{row.pk}" in text(desk.get("/desk/authorisations/"))
    assert desk.get(f"/desk/authorisations/{row.pk}/letter").content == case_seed.PDF
    assert desk.post(f"/desk/authorisations/{row.pk}", {"what": "refuse"}).status_code == 422, (
        "a refusal needs its reason"
    )
    assert desk.post(f"/desk/authorisations/{row.pk}", {"what": "grant"}).status_code == 302
    assert client.get("/my/record/").status_code == 200
    assert client.get("/my/cases/new/repair", {"record": pool[0]}).status_code == 422, "seeing is not applying"
    assert signed_in("li", "desk").get(f"/desk/authorisations/{row.pk}").status_code == 422, "the centre checks letters"


def test_an_authorisation_ends_with_its_last_day_and_at_once_when_taken_back(pool: list[str]) -> None:
    user = seed.person("shortly")
    row = seed.granted(user, (SEE,), days=2)
    assert [h.scope for h in authorisations.holders(user, day=row.until)] == [{SEE}]
    assert authorisations.holders(user, day=row.until + timedelta(days=1)) == []
    client = signed_in("shortly")
    assert client.get("/my/record/").status_code == 200
    agent = signed_in("agent")
    assert "甲某" in text(agent.get("/my/authorisations/"))
    assert agent.post(f"/my/authorisations/{row.pk}/revoke", {"reason": ""}).status_code == 422
    agent.post(f"/my/authorisations/{row.pk}/revoke", {"reason": "已离职"})
    assert client.get("/my/record/").status_code == 302, "the session is open, the authorisation is gone"
    assert "已离职" in text(signed_in("officer", "desk").get(f"/desk/authorisations/{row.pk}"))


def test_nobody_takes_back_anothers_authorisation_without_being_asked_to(pool: list[str]) -> None:
    row = seed.granted(seed.person("reader"), (SEE,))
    target = authorisations.of_user(User.objects.get(username="agent"))[0]
    (holder,) = authorisations.holders(row.user)
    with pytest.raises(Refusal) as caught:
        authorisations.revoke(id=target.pk, by=holder, reason="不行")
    assert caught.value.rule == "authorisation.scope"
    with pytest.raises(Refusal) as caught:
        authorisations.revoke(id=target.pk, by=User.objects.get(username="stranger"), reason="不行")
    assert caught.value.rule == "authorisation.unknown"


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("authorisation.person", {"person": " "}),
        ("authorisation.scope-none", {"scope": ()}),
        ("authorisation.until", {"until": today() + timedelta(days=400)}),
        ("authorisation.until", {"until": today() - timedelta(days=1)}),
        ("case.subject", {"code": "91990100000000000X"}),
        ("attachment.kind", {"letter": seed.Given("letter", "a.exe", b"MZ not a letter")}),
    ],
)
def test_what_no_letter_may_say_is_refused(pool: list[str], rule: str, change: dict) -> None:
    given = {
        "code": case_seed.COMPANY,
        "person": "甲某",
        "scope": (SEE, APPLY),
        "until": today(),
        "letter": seed.LETTER,
    } | change
    with pytest.raises(Refusal) as caught:
        authorisations.ask(user=User.objects.get(username="stranger"), **given)
    assert caught.value.rule == rule


def test_the_desk_acts_for_no_organisation_and_no_officer_checks_the_own_letter(pool: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        seed.asked(User.objects.get(username="li"))
    assert caught.value.rule == "authorisation.desk-account"
    accounts.register_source(code=case_seed.COMPANY, name="澜州测试第1食品有限公司")
    accounts.create_user(name="insider", password=PASSWORD, source=case_seed.COMPANY, role=accounts.OFFICER)
    row = seed.asked(seed.person("friend"))
    with pytest.raises(Refusal) as caught:
        authorisations.decide(id=row.pk, grant=True, who=accounts.principal_named("insider"))
    assert caught.value.rule == "authorisation.own-organisation"
    authorisations.decide(id=row.pk, grant=False, who=officer(), reason="印章不清")
    with pytest.raises(Refusal) as caught:
        authorisations.decide(id=row.pk, grant=True, who=accounts.principal_named("second"))
    assert caught.value.rule == "authorisation.decided"


@pytest.mark.parametrize(
    "change", ["UPDATE authorisation SET until = '2099-01-01'", "UPDATE authorisation SET scope = 'manage'"]
)
def test_the_database_keeps_what_was_asked_and_decided(pool: list[str], change: str) -> None:
    for statement in (
        change,
        "DELETE FROM authorisation",
        "UPDATE authorisation SET decided_by = 'nobody' WHERE granted",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_organisation_sees_what_the_public_does_not_with_the_reason_and_nobody_elses(record: str) -> None:
    acts.on_record(Act.WITHDRAW, record, by=desk_seed.BUREAU_CODE, reason="处罚决定已撤销")
    assert lookup.record(record, on=today()) is None
    agent = signed_in("agent")
    assert "来源单位已撤回" in text(agent.get("/my/record/"))
    page = text(agent.get(f"/my/record/{record}"))
    assert "处罚决定已撤销" in page
    other = seed.person("other")
    row = seed.asked(other, code=list(desk_seed.COMPANIES)[1])
    authorisations.decide(id=row.pk, grant=True, who=officer())
    theirs, nothing = (signed_in("other").get(f"/my/record/{id}") for id in (record, "0" * 32))
    assert theirs.status_code == nothing.status_code == 404
    assert text(theirs).replace(record, "") == text(nothing).replace("0" * 32, "")


def test_a_record_that_named_the_wrong_organisation_is_not_its_own(record: str) -> None:
    acts.unlink(record, by=desk_seed.BUREAU_CODE, reason="主体有误")
    assert record not in {each.record.id for each in own.records(case_seed.COMPANY)}
    assert signed_in("agent").get(f"/my/record/{record}").status_code == 404


def test_nothing_known_is_asked_and_an_unsigned_commitment_begins_nothing(record: str) -> None:
    agent = signed_in("agent")
    page = text(agent.get("/my/cases/new/repair", {"record": record}))
    for known in (case_seed.COMPANY, "澜州市生态环境局", "谁认定、谁修复", "现向社会公开承诺", "不收取任何费用"):
        assert known in page
    answer = apply(agent, record, sign="", statement="已缴清")
    assert answer.status_code == 422
    assert "承诺书还没有签署" in text(answer)
    assert "已缴清" in text(answer), "what was written is kept"
    assert not Case.objects.filter(record=record).exists()


def test_an_application_goes_to_the_body_that_found_is_followed_and_withdrawn(record: str) -> None:
    agent = signed_in("agent")
    where = apply(agent, record)["Location"]
    row = Case.objects.get(record=record)
    assert (row.body, row.acting) == (desk_seed.BUREAU_CODE, desk_seed.BUREAU_CODE)
    page = text(agent.get(where))
    for said in ("待受理", "信用修复申请收到回执", "信用承诺书", "您现在不需要做任何事", "澜州市生态环境局"):
        assert said in page
    public = text(Client().get(f"/record/{record}"))
    assert "现向社会公开承诺" in public
    assert "甲某" not in public, "who signed is for the case, not for the public"
    cases.step(number=row.id, step="accept", actor=case_seed.FIRST)
    cases.step(number=row.id, step="propose-refusal", actor=case_seed.FIRST, ground="not-performed", reason="未见缴款")
    page = text(agent.get(where))
    assert "复核中" in page
    for inside in ("拟不同意", "未见缴款", "提出不同意意见", "li</p>"):
        assert inside not in page, "an opinion is nobody's until it is confirmed"
    agent.post(f"{where}/cancel", {"reason": "材料有误，重新申请"})
    row.refresh_from_db()
    assert row.outcome == "cancelled"
    assert "公开承诺" not in text(Client().get(f"/record/{record}"))
    assert apply(agent, record).status_code == 302, "and may be made again"


def test_papers_that_were_asked_for_are_handed_in(record: str) -> None:
    agent = signed_in("agent")
    where = apply(agent, record)["Location"]
    number = where.rsplit("/", 1)[1]
    cases.step(number=number, step="ask", actor=case_seed.FIRST, reason="缴款书")
    assert "有 1 件等您办理" in text(agent.get("/my/"))
    assert "缴款书" in text(agent.get(f"{where}/supplement"))
    assert agent.post(f"{where}/supplement", {}).status_code == 422, "without the paper nothing was handed in"
    paper = SimpleUploadedFile("缴款书.pdf", case_seed.PDF)
    assert agent.post(f"{where}/supplement", {"paper-performance": paper}).status_code == 302
    assert Case.objects.get(id=number).state == "submitted"
    kept = Case.objects.get(id=number).attachments.get(paper="performance")
    assert agent.get(f"{where}/papers/{kept.pk}").content == case_seed.PDF
    assert signed_in("other" if User.objects.filter(username="other").exists() else "stranger").get(
        where
    ).status_code in (302, 404)


def test_an_objection_needs_its_reason_and_marks_once_taken(record: str) -> None:
    agent = signed_in("agent")
    form = {"record": record, "statement": "金额有误"}
    assert agent.post("/my/cases/new/objection", form).status_code == 422
    assert agent.post("/my/cases/new/objection", {**form, "ground": "content"}).status_code == 302
    row = Case.objects.get(record=record, kind="objection")
    cases.step(number=row.id, step="accept", actor=case_seed.CENTRE)
    assert "异议处理中" in text(agent.get(f"/my/record/{record}"))
    assert agent.get("/my/cases/new/revocation").status_code == 422, "an organisation undoes no repair"


def test_managing_is_a_right_of_its_own(pool: list[str]) -> None:
    (holder,) = authorisations.holders(seed.granted(seed.person("clerk-of-theirs"), (APPLY,)).user)
    assert holder.scope == {SEE, APPLY}
    assert MANAGE not in holder.scope
