"""What nobody may see, change or trace through any door: other bodies' matters, persons' numbers, parties behind notices."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.databases import Databases, Place
from tests.integration import case_seed as seed
from tests.integration import desk_seed as desk
from typer.testing import CliRunner

from chengxin.cases.model import Actor
from chengxin.cli import cases as _commands  # noqa: F401 - registers them
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import (
    accounts,
    agency,
    authorisations,
    cases,
    entrance,
    erasure,
    judgements,
    notices,
    takedown,
    tokens,
    withdrawal,
)
from chengxin.storage.models import Attachment, Case, CaseEvent

NUMBER = "110105199003074514"
"""A number of the shape a citizen has, of nobody."""
NOWHERE = "0" * 32


@pytest.fixture(scope="module")
def pool(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with desk.quick_passwords():
        found = seed.place(tmp_path_factory.mktemp("seed"), rows=24, **desk.PUBLISHED)
        accounts.create_user(name="water", password=desk.PASSWORD, source=desk.OTHER_CODE, role=accounts.DECIDER)
        yield found


@pytest.fixture
def record(pool: list[str]) -> str:
    return pool.pop()


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": name, "password": desk.PASSWORD})
    return client


def applied(record: str) -> str:
    return cases.start(kind="repair", record=record, actor=seed.APPLICANT, files=[seed.COMMITMENT, seed.PROOF]).case


class TestAnotherBodysRecord:
    """It looks like one that does not exist, also to who works at the desk."""

    def test_at_the_desk(self, record: str) -> None:
        water = signed_in("water")
        pages = []
        for about in (record, NOWHERE):
            answer = water.get("/desk/cases/new", {"kind": "revocation", "about": about})
            pages.append((answer.status_code, answer.content.decode().replace(about, "")))
        strip = [(status, _without_secrets(page)) for status, page in pages]
        assert strip[0] == strip[1]

    def test_through_the_api(self, record: str) -> None:
        token = tokens.issue(source=desk.OTHER_CODE, label="test", by="operator", now=timezone.now()).token
        client = Client(headers={"Authorization": f"Bearer {token}"})
        answers = [client.post("/api/v1/cases", {"kind": "repair", "record": about}) for about in (record, NOWHERE)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content

    @pytest.mark.parametrize("stranger", [seed.NEIGHBOUR, Actor("other", applicant_for="91990100MA00000017")])
    def test_nobody_learns_that_a_case_about_it_is_under_way(self, record: str, stranger: Actor) -> None:
        number = applied(record)
        with pytest.raises(Refusal) as refused:
            cases.start(kind="repair", record=record, actor=stranger, files=[seed.COMMITMENT, seed.PROOF])
        assert number not in str(refused.value.to_dict())


def _without_secrets(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "nonce" not in line)


class TestPersonsNumbers:
    """A citizen's number in a reason or a document is refused before anything is written: the log forgets nothing."""

    @pytest.mark.parametrize(
        "door", ["withdraw", "document", "take-down", "statement", "step", "paper", "erasure", "judgement", "finding"]
    )
    def test_are_refused_in_free_text(self, record: str, door: str) -> None:
        before = (Case.objects.count(), CaseEvent.objects.count(), Attachment.objects.count())
        with pytest.raises(Refusal) as refused:
            _DOORS[door](record, f"当事人身份证号{NUMBER}，有误")
        assert refused.value.rule == "text.personal-number"
        assert NUMBER not in str(refused.value.to_dict())
        made = 1 if door == "step" else 0
        assert (Case.objects.count(), CaseEvent.objects.count()) == (before[0] + made, before[1] + made)

    @pytest.mark.parametrize(
        "written", [f"号码 {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", "１１０１０５１９９００３０７４５１４"]
    )
    def test_however_they_are_written(self, record: str, written: str) -> None:
        with pytest.raises(Refusal, match="身份号码"):
            takedown.take_down(record=record, officer="officer", by=desk.CENTRE_CODE, reason=written)

    def test_codes_of_organisations_are_no_persons(self, record: str) -> None:
        takedown.take_down(
            record=record, officer="officer", by=desk.CENTRE_CODE, reason=f"主体应为 {seed.COMPANY}，信息编号 {record}"
        )


def _withdraw(record: str, *, reason: str = "证据不足", document: str = "澜环撤〔2026〕1号") -> None:
    withdrawal.withdraw(
        record=record,
        ground="撤销",
        document=document,
        decided_on=today(),
        reason=reason,
        by=desk.BUREAU_CODE,
        officer="clerk",
    )


def _step(record: str, said: str) -> None:
    cases.step(number=applied(record), step="ask", actor=seed.FIRST, reason=said)


def _judge(record: str, said: str) -> None:
    judgements.revoke(judgement=1, reason=said, by="clerk", acting=desk.BUREAU_CODE)


def _finding(record: str, said: str) -> None:
    from chengxin.operations import findings

    findings.note(1, by="officer", note=said)


_DOORS: dict[str, Callable[[str, str], object]] = {
    "withdraw": lambda record, said: _withdraw(record, reason=said),
    "document": lambda record, said: _withdraw(record, document=said),
    "take-down": lambda record, said: takedown.take_down(
        record=record, officer="officer", by=desk.CENTRE_CODE, reason=said
    ),
    "statement": lambda record, said: cases.start(
        kind="repair", record=record, actor=seed.APPLICANT, statement=said, files=[seed.COMMITMENT, seed.PROOF]
    ),
    "step": _step,
    "paper": lambda record, said: cases.start(
        kind="repair",
        record=record,
        actor=seed.APPLICANT,
        files=[seed.COMMITMENT, seed.Given("performance", f"{said}.pdf", seed.PDF)],
    ),
    "erasure": lambda record, said: erasure.propose(
        record=record, basis=erasure.basis_of("geren-xinxi-baohu-fa/47"), paper=said, by="officer"
    ),
    "judgement": _judge,
    "finding": _finding,
}


class TestEntrance:
    """People of organisations are known by the name they choose and the letter they bring, never by a citizen's number."""

    def test_no_account_is_named_by_a_citizens_number(self, pool: list[str]) -> None:
        with pytest.raises(Refusal, match="身份号码"):
            entrance.sign_up(name=NUMBER, password="a-long-entrance-password")

    @pytest.mark.parametrize("where", ["person", "refusal", "revocation"])
    def test_no_authorisation_holds_one(self, pool: list[str], where: str) -> None:
        user = entrance.sign_up(name=f"person-{where}", password="a-long-entrance-password")

        def ask(person: str) -> int:
            return authorisations.ask(
                user=user,
                code=seed.COMPANY,
                person=person,
                scope=["see"],
                until=today(),
                letter=seed.Given("letter", "授权书.pdf", seed.PDF),
            ).pk

        said = f"与身份证{NUMBER}不符"
        officer = accounts.principal_named("officer")
        attempts: dict[str, Callable[[], object]] = {
            "person": lambda: ask(f"甲某 {NUMBER}"),
            "refusal": lambda: authorisations.decide(id=ask("甲某"), grant=False, who=officer, reason=said),
            "revocation": lambda: authorisations.revoke(id=ask("甲某"), by=user, reason=said),
        }
        attempt = attempts[where]
        with pytest.raises(Refusal, match="身份号码"):
            attempt()

    def test_no_commitment_is_signed_with_one(self, record: str) -> None:
        user = entrance.sign_up(name=f"signer-{record[:6]}", password="a-long-entrance-password")
        id = authorisations.ask(
            user=user,
            code=seed.COMPANY,
            person="甲某",
            scope=["apply"],
            until=today(),
            letter=seed.Given("letter", "授权书.pdf", seed.PDF),
        ).pk
        authorisations.decide(id=id, grant=True, who=accounts.principal_named("officer"))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        said = {"record": record, "signer": f"甲某（{NUMBER}）", "sign": "1"}
        answer = client.post("/my/cases/new/repair", said)
        assert (answer.status_code, "身份号码" in answer.content.decode()) == (422, True)


def test_an_agency_cannot_make_its_list_dear_to_check(pool: list[str]) -> None:
    """A thousand rows about one organisation cost what one does: its records are read once."""
    rows = [{"subject_code": seed.COMPANY, "document_no": f"澜环罚〔2026〕{n}号"} for n in range(200)]
    with CaptureQueriesContext(connection) as asked:
        agency.check_rows(rows)
    assert len(asked) < 12


class TestNotices:
    def test_name_no_party_in_the_document_or_in_another_spelling(self, record: str) -> None:
        name = desk.COMPANIES[seed.COMPANY]
        spaced = " ".join(name)
        _withdraw(record, document=f"关于{name}的决定", reason=f"{spaced}、{seed.COMPANY.lower()}并非当事人")
        found = notices.notices().rows[0]
        assert name not in found.document
        assert spaced not in found.reason
        assert seed.COMPANY.lower() not in found.reason
        assert "并非当事人" in found.reason


class TestTwoPersons:
    def test_the_command_line_asks_who_decides_a_case(self, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Otherwise whoever has the command line is both officers."""
        number = applied(record)
        monkeypatch.setenv("CHENGXIN_PASSWORD", "somebody else's")
        ran = CliRunner().invoke(app, ["cases", "step", "accept", number, "--as", "li"])
        assert isinstance(ran.exception, Refusal) or ran.exit_code != 0
        assert Case.objects.get(id=number).events == 1
        monkeypatch.setenv("CHENGXIN_PASSWORD", desk.PASSWORD)
        assert CliRunner().invoke(app, ["cases", "step", "accept", number, "--as", "li", "--json"]).exit_code == 0


ODD = [
    "/notices?page=" + "1" * 5000,
    "/subject/%00",
    "/subject/%00/xzcf",
    "/record/%00",
    "/search?q=%00",
    "/search/suggest?q=%00",
    "/verify?number=%00",
    "/log/tile/0/x%D9%A1%D9%A2%D9%A3/001",
    "/log/tile/0/" + "x999/" * 40 + "999",
    "/log/tile/entries/" + "x999/" * 40 + "999",
    "/data/%00.csv",
    "/reconcile/preview/%00",
    "/reconcile/properties?limit=" + "1" * 5000,
    "/reconcile/suggest/entity?prefix=%00",
    "/reconcile/suggest/entity?prefix=a&cursor=" + "1" * 5000,
    "/api/v1/subjects/%00",
    "/api/v1/subjects/%00/records",
    "/api/v1/records/%00",
    "/api/v1/records/%00/repair",
    "/api/v1/log/inclusion?index=9223372036854775807",
    "/api/v1/notices?page=100000",
]


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_no_odd_address_breaks_anything(databases: Databases, django_db_blocker, vendor: str) -> None:
    with django_db_blocker.unblock(), databases.place(vendor):
        client = Client(raise_request_exception=False)
        broken = [address[:60] for address in ODD if client.get(address).status_code >= 500]
    assert broken == []


class TestReconcile:
    """Anybody may ask; nobody may make a small question a large one."""

    @pytest.mark.parametrize(
        "asked",
        [
            {"extend": {"ids": ["a"], "properties": [{"id": f"p{n}"} for n in range(1000)]}},
            {"queries": {"q": {"query": "澜州", "limit": 1e999}}},
            {"queries": {"q": {"query": "澜州", "limit": float("nan")}}},
        ],
    )
    def test_refuses_what_is_too_much(self, pool: list[str], asked: dict[str, object]) -> None:
        answer = Client(raise_request_exception=False).post(
            "/reconcile", json.dumps(asked), content_type="application/json"
        )
        assert answer.status_code == 422
