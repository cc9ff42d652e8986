"""The doors to cases: pages of the desk, the API, the command line, attachments and their scanner."""

import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.databases import Place
from tests.integration import case_seed as seed
from tests.integration.case_seed import APPLICANT, CENTRE, COMMITMENT, COMPANY, FIRST, PDF, PROOF
from tests.integration.desk_seed import BUREAU_CODE, OTHER_CODE, PASSWORD, quick_passwords
from typer.testing import CliRunner

from chengxin.cli import cases as _commands  # noqa: F401 - registers them
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import attachments, casefacts, casefigures, cases, lookup, repair, tokens
from chengxin.storage.models import Attachment, Case


@pytest.fixture(scope="module")
def pool(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with quick_passwords():
        yield seed.place(tmp_path_factory.mktemp("seed"), rows=17)


@pytest.fixture
def record(pool: list[str]) -> str:
    return pool.pop()


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": name, "password": PASSWORD})
    return client


def applied(record: str) -> str:
    return cases.start(kind="repair", record=record, actor=APPLICANT, files=[COMMITMENT, PROOF]).case


def text(answer: object) -> str:
    return answer.content.decode()


class TestPublicPages:
    def test_a_contested_record_says_by_which_day_the_objection_is_answered(self, record: str) -> None:
        number = cases.start(
            kind="objection", record=record, actor=APPLICANT, statement="罚没金额有误", ground="content"
        ).case
        cases.step(number=number, step="accept", actor=CENTRE)
        pages = (f"/record/{record}", f"/subject/{COMPANY}/xzcf")
        due = Case.objects.get(id=number).due
        assert due > today()
        for page in pages:
            assert f'最迟<time datetime="{due}">' in text(Client().get(page))
        Case.objects.filter(id=number).update(due=date(2026, 1, 5))
        for page in pages:
            said = text(Client().get(page))
            assert '应当最迟于<time datetime="2026-01-05">2026年1月5日</time>答复，现已超期' in said
        cases.step(number=number, step="cancel", actor=APPLICANT, reason="已与来源单位核对清楚")
        assert "存在异议" not in text(Client().get(pages[0]))


class TestDesk:
    def test_a_repair_goes_from_the_list_to_the_second_signature(self, record: str) -> None:
        number = applied(record)
        first, second = signed_in("li"), signed_in("wang")
        assert number in text(first.get("/desk/cases/"))
        first.post(f"/desk/cases/{number}/accept", {"seen": "1"})
        page = text(first.get(f"/desk/cases/{number}"))
        assert "提出同意意见" in page
        assert "信用修复申请受理通知书" in page
        first.post(f"/desk/cases/{number}/propose-grant", {"seen": "2", "reason": "核对无误"})
        assert "您是经办人，不能复核" in text(first.get(f"/desk/cases/{number}"))
        refused = first.post(f"/desk/cases/{number}/grant", {"seen": "3"})
        assert (refused.status_code, "case.second-person" in text(refused)) == (422, True)
        page = text(second.get(f"/desk/cases/{number}/grant"))
        assert "核对无误" in page
        assert "立即停止公示" in page
        assert second.post(f"/desk/cases/{number}/grant", {"seen": "3"}).status_code == 302
        assert lookup.record(record, on=today()) is None
        assert number in text(second.get("/desk/cases/?view=done"))

    def test_whoever_comes_second_is_told_who_was_first(self, record: str) -> None:
        number = applied(record)
        first, second = signed_in("li"), signed_in("wang")
        first.post(f"/desk/cases/{number}/accept", {"seen": "1"})
        late = second.post(f"/desk/cases/{number}/ask", {"seen": "1", "reason": "请补材料"})
        assert late.status_code == 422
        assert "li已先一步办理" in text(late)

    def test_a_clerk_reads_and_another_body_does_not_even_see_it(self, record: str) -> None:
        number = applied(record)
        page = text(signed_in("clerk").get(f"/desk/cases/{number}"))
        assert "这一步由认定机关办理" in page
        assert signed_in("neighbour").get(f"/desk/cases/{number}").status_code == 404
        assert signed_in("clerk").post(f"/desk/cases/{number}/accept", {}).status_code == 422
        scan = SimpleUploadedFile("proof.pdf", PDF)
        assert signed_in("clerk").post(f"/desk/cases/{number}/papers", {"paper-performance": scan}).status_code == 404
        assert Attachment.objects.filter(case_id=number).count() == 2

    def test_the_counter_says_whether_it_can_be_repaired_before_anything_is_filled_in(self, record: str) -> None:
        client = signed_in("li")
        page = text(client.get("/desk/cases/new", {"kind": "repair", "about": record}))
        assert "现在可以申请修复（自2026年11月14日起）" in page
        assert "不收取任何费用" in page
        form = {"kind": "repair", "about": record, "statement": "已缴清"}
        missing = client.post("/desk/cases/new", form)
        assert "缺少材料：信用承诺书" in text(missing)
        scan = SimpleUploadedFile("commitment.pdf", PDF)
        made = client.post("/desk/cases/new", form | {"paper-commitment": scan})
        assert made.status_code == 302
        row = Case.objects.get(record=record)
        assert made.url == f"/desk/cases/{row.id}"
        assert "同一信息正在办理" in text(client.get("/desk/cases/new", {"kind": "repair", "about": record}))

    def test_a_paper_is_given_back_as_it_came_and_never_shown_inside_a_page(self, record: str) -> None:
        number = applied(record)
        paper = Attachment.objects.get(case_id=number, paper="performance")
        answer = signed_in("li").get(f"/desk/cases/{number}/papers/{paper.id}")
        assert answer.content == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert signed_in("neighbour").get(f"/desk/cases/{number}/papers/{paper.id}").status_code == 404

    def test_figures_count_what_was_decided_and_what_is_late(self, record: str) -> None:
        number = applied(record)
        Case.objects.filter(id=number).update(due=date(2026, 1, 5))
        day = today()
        found = casefigures.figures(since=date(2026, 1, 1), until=date(2100, 1, 1), day=day)
        kind = next(each for each in found.kinds if each.kind == "repair")
        assert kind.begun == Case.objects.filter(kind="repair").count()
        assert kind.overdue == 1
        (body,) = found.bodies
        assert (body.body, body.overdue) == (BUREAU_CODE, 1)
        assert "已修复" in text(signed_in("officer").get("/desk/cases/figures"))
        assert number in text(signed_in("officer").get("/desk/cases/?view=overdue"))


@pytest.fixture(scope="module")
def token(pool: list[str]) -> dict[str, str]:
    issued = tokens.issue(source=BUREAU_CODE, label="system", by="test", now=datetime.now(UTC))
    return {"HTTP_AUTHORIZATION": f"Bearer {issued.token}"}


class TestApi:
    def test_anyone_can_ask_whether_a_public_record_can_be_repaired(self, record: str) -> None:
        told = Client().get(f"/api/v1/records/{record}/repair").json()
        assert (told["state"], told["since"], told["fee"]) == ("open", "2026-11-14", "0")
        assert told["working_days"]["decision"] == 7
        assert Client().get(f"/api/v1/records/{'0' * 32}/repair").status_code == 404

    def test_nobody_learns_here_that_an_organisation_is_barred_or_has_applied(self, record: str) -> None:
        before = Client().get(f"/api/v1/records/{record}/repair").content
        applied(record)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(casefacts, "barred", lambda subject, day: date(2029, 1, 1))
            assert Client().get(f"/api/v1/records/{record}/repair").content == before
            assert repair.explain(record).eligibility.state == "needless", "the organisation itself is told"

    def test_a_body_begins_and_reads_its_own_cases_and_no_others(self, record: str, token: dict[str, str]) -> None:
        form = {"kind": "repair", "record": record, "paper": ["commitment"], "file": SimpleUploadedFile("c.pdf", PDF)}
        made = Client().post("/api/v1/cases", form, **token)
        assert made.status_code == 201, made.content
        number = made.json()["id"]
        assert made.headers["Location"] == f"/api/v1/cases/{number}"
        told = Client().get(f"/api/v1/cases/{number}", **token).json()
        assert [event["step"] for event in told["events"]] == ["submit"]
        assert {term["id"]: term["days"] for term in told["terms"]} == {"acceptance": 3, "answer": 10}
        listed = Client().get("/api/v1/cases?view=all&limit=1", **token).json()
        assert len(listed["cases"]) == 1
        other = tokens.issue(source=OTHER_CODE, label="other", by="test", now=datetime.now(UTC)).token
        foreign = {"HTTP_AUTHORIZATION": f"Bearer {other}"}
        assert Client().get(f"/api/v1/cases/{number}", **foreign).status_code == 404
        assert Client().post("/api/v1/cases", {"kind": "repair", "record": record}, **foreign).status_code == 404
        assert Client().get("/api/v1/cases", **foreign).json() == {"cases": [], "next": None}
        assert Client().get("/api/v1/cases").status_code == 401

    def test_a_paper_without_a_file_is_refused(self, record: str, token: dict[str, str]) -> None:
        answer = Client().post("/api/v1/cases", {"kind": "repair", "record": record, "paper": ["commitment"]}, **token)
        assert answer.json()["rule"] == "api.papers"


class TestAttachments:
    def test_the_bytes_lie_encrypted_once_under_their_digest(self, record: str, settings) -> None:
        number = applied(record)
        kept = list((settings.HOME / "attachments").rglob("*.*")) + list(
            (settings.HOME / "attachments").rglob("?" * 64)
        )
        assert kept
        assert not any(PDF in path.read_bytes() for path in kept)
        row = Attachment.objects.get(case_id=number, paper="performance")
        assert attachments.content(row) == PDF

    def test_what_a_file_is_decides_its_content_not_its_name(self, record: str) -> None:
        number = applied(record)
        for name, data, rule in (
            ("scan.pdf", b"MZ\x90\x00program", "attachment.kind"),
            ("scan.pdf", b"%PDF-1.7 cut off", "attachment.cut"),
            ("scan.pdf", b"", "attachment.empty"),
            ("scan.pdf", b"PK\x03\x04 no archive", "attachment.kind"),
        ):
            given = attachments.Given("performance", name, data)
            with pytest.raises(Refusal) as caught:
                cases.hand_in(number=number, actor=APPLICANT, files=[given])
            assert caught.value.rule == rule
        assert Attachment.objects.filter(case_id=number).count() == 2

    def test_a_scanner_sees_every_file_and_without_its_answer_nothing_is_kept(self, record: str, settings) -> None:
        number = applied(record)
        with clamd() as address:
            settings.SCANNER = f"clamd:{address}"
            cases.hand_in(number=number, actor=APPLICANT, files=[attachments.Given("performance", "a.pdf", PDF + b"1")])
            assert Attachment.objects.filter(case_id=number).latest("id").scanned == "clamav"
            bad = attachments.Given("performance", "b.pdf", PDF + b"EICAR")
            with pytest.raises(Refusal) as caught:
                cases.hand_in(number=number, actor=APPLICANT, files=[bad])
            assert caught.value.rule == "attachment.infected"
        with pytest.raises(Refusal) as caught:
            cases.hand_in(number=number, actor=APPLICANT, files=[attachments.Given("performance", "c.pdf", PDF + b"2")])
        assert caught.value.rule == "attachment.scanner"
        assert Attachment.objects.filter(case_id=number).count() == 3


def test_commands_explain_begin_and_decide(record: str, sqlite_database: Place, tmp_path) -> None:
    def run(*arguments: str) -> dict:
        done = CliRunner().invoke(app, ["cases", *arguments, "--json"], env={"CHENGXIN_PASSWORD": PASSWORD})
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert run("explain", record, "--on", "2026-11-01")["state"] == "later"
    paper = tmp_path / "commitment.pdf"
    paper.write_bytes(PDF)
    number = run("start", "repair", record, "--as", "li", "--paper", f"commitment={paper}")["case"]
    assert number in {case["id"] for case in run("list", "--as", "wang")["cases"]}
    numbers = tmp_path / "numbers.txt"
    numbers.write_text(number + "\n")
    assert run("step", "accept", f"@{numbers}", "--as", "li")["cases"][0]["state"] == "review"


def test_an_erased_record_leaves_no_words_behind_in_its_cases(record: str) -> None:
    number = applied(record)
    cases.step(number=number, step="accept", actor=FIRST, reason="说明文字")
    assert cases.forget(record) > 0
    row = Case.objects.get(id=number)
    assert (row.name, row.document, row.statement) == ("", "", "")
    assert not Attachment.objects.filter(case=row).exists()
    assert {(event.reason, event.letter) for event in row.history.all()} == {("", None)}
    assert [event.actor for event in row.history.order_by("number")] == [APPLICANT.name, FIRST.name]


class _Clamd(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        self.wfile.write(b"stream: Eicar-Test FOUND\0" if b"EICAR" in data else b"stream: OK\0")


class clamd:
    """A daemon that speaks ClamAV's INSTREAM on a port of this machine."""

    def __enter__(self) -> str:
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
