"""An organisation at the entrance: a repair from sign-in to certificate, an objection, midnight, two officers at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.databases import Place
from tests.integration import case_seed, desk_seed
from tests.integration import entrance_seed as seed
from tests.integration.desk_seed import PASSWORD, quick_passwords
from tests.journeys.conftest import DESKTOP, PHONE, Visitor, sign_in

from chengxin.kernel import periods
from chengxin.operations import cases
from chengxin.storage.models import Record, RecordKey

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with quick_passwords():
        yield seed.place(tmp_path_factory.mktemp("seed"), rows=6)


def clock_at(moment: datetime) -> type[datetime]:
    """A datetime whose "now" is this moment, for everything that asks which day it is."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return moment.astimezone(tz)

    return Moved


def apply(page: Page, site: str, record: str) -> str:
    """Fill in the application for a record; returns the number of the case."""
    page.goto(f"{site}/my/record/{record}")
    page.get_by_role("link", name="申请修复").click()
    page.get_by_label("已阅读，代表本单位签署并公开承诺").check()
    page.get_by_label("签署人姓名").fill("甲某")
    page.get_by_role("button", name="签署承诺并提交申请").click()
    page.wait_for_url("**/my/cases/XF-*")
    return page.url.rsplit("/", 1)[1]


def test_an_organisation_signs_up_proves_itself_repairs_and_holds_the_certificate(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    record = records.pop()
    scan = tmp_path / "letter.pdf"
    scan.write_bytes(case_seed.PDF)
    theirs, centre, first, second = (visitor() for _ in range(4))
    site = theirs.site.url
    page = theirs.go("/")
    page.get_by_role("link", name="修复和异议", exact=True).click()
    accessible(page)
    page.get_by_role("link", name="还没有账号：注册").click()
    accessible(page)
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="注册账号").click()
    accessible(page)
    page.get_by_role("link", name="提交授权委托书").click()
    accessible(page)
    page.get_by_label("单位的统一社会信用代码").fill(case_seed.COMPANY)
    page.get_by_label("被授权人姓名").fill("甲某")
    page.get_by_label("授权委托书").set_input_files(scan)
    page.get_by_role("button", name="提交授权委托书").click()
    expect(page.get_by_text("待核对")).to_be_visible()

    desk = sign_in(centre, "officer", "desk")
    desk.get_by_role("link", name="份等待核对").click()
    accessible(desk)
    desk.get_by_role("link", name="食品有限公司").click()
    accessible(desk)
    desk.get_by_role("button", name="核对无误，准予办事").click()

    page.goto(f"{site}/my/")
    accessible(page)
    page.get_by_role("link", name="查看本单位信息").click()
    accessible(page)
    page.goto(f"{site}/my/record/{record}")
    expect(page.get_by_text("现在可以申请修复")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="申请修复").click()
    accessible(page)
    page.get_by_label("履行义务的证明").set_input_files(scan)
    page.get_by_role("button", name="签署承诺并提交申请").click()
    expect(page.get_by_role("alert")).to_contain_text("承诺书还没有签署")
    accessible(page)
    page.get_by_label("已阅读，代表本单位签署并公开承诺").check()
    page.get_by_label("签署人姓名").fill("甲某")
    page.get_by_label("履行义务的证明").set_input_files(scan)
    page.get_by_role("button", name="签署承诺并提交申请").click()
    expect(page.get_by_role("heading", name="待受理")).to_be_visible()
    expect(page.get_by_text("您现在不需要做任何事")).to_be_visible()
    accessible(page)
    number = page.url.rsplit("/", 1)[1]

    officer = sign_in(first, "li", "desk")
    for step in ("accept", "propose-grant"):
        officer.goto(f"{site}/desk/cases/{number}/{step}")
        officer.locator("form button").last.click()
    other = sign_in(second, "wang", "desk")
    other.goto(f"{site}/desk/cases/{number}/grant")
    other.get_by_role("button", name="同意修复").click()
    expect(other.get_by_role("heading", name="已修复")).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name="已修复")).to_be_visible()
    expect(page.get_by_text("准予信用修复决定书")).to_be_visible()
    assert page.goto(f"{site}/record/{record}").status == 404
    page.goto(f"{site}/my/record/{record}")
    expect(page.get_by_text("停止公示、停止共享使用、解除措施")).to_be_visible()
    page.get_by_role("link", name="信用修复证明").click()
    accessible(page)
    page.get_by_role("button", name="开具证明").click()
    expect(page.get_by_text("本证明的摘要是透明日志第")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_objection_is_made_from_the_record_and_marked_once_taken(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    record = records.pop()
    theirs = visitor(size)
    page = sign_in(theirs, "agent", "my")
    site = theirs.site.url
    page.goto(f"{site}/my/record/{record}")
    page.get_by_role("link", name="提出异议").click()
    page.locator("input[name=ground]").first.check()
    page.get_by_label("事实和理由").fill("金额与缴款书不一致")
    accessible(page)
    page.locator("main form button").last.click()
    expect(page.get_by_role("heading", name="待受理")).to_be_visible()
    number = page.url.rsplit("/", 1)[1]
    cases.step(number=number, step="accept", actor=case_seed.CENTRE)
    page.reload()
    expect(page.get_by_text("异议已标注")).to_be_visible()
    for path in ("", "record/", f"record/{record}", "cases/", f"cases/{number}", "authorisations/", "account"):
        for prefix in ("", "/en"):
            page.goto(f"{site}{prefix}/my/{path}")
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.goto(f"{site}/record/{record}")
    expect(page.get_by_text("异议处理中").first).to_be_visible()


def test_at_midnight_the_longest_term_ends_by_itself(
    records: list[str], visitor: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = records.pop()
    ends = Record.objects.get(seq=RecordKey.objects.get(id=bytes.fromhex(record)).seq).ends
    theirs = visitor()
    midnight = datetime(ends.year, ends.month, ends.day, tzinfo=periods.CHINA).astimezone(UTC)
    for before, status, said in ((timedelta(seconds=1), 200, "公开页面和核验"), (timedelta(0), 404, "公示期已满")):
        moved = midnight - before
        monkeypatch.setattr(timezone, "now", lambda moved=moved: moved)
        monkeypatch.setattr(periods, "datetime", clock_at(moved))
        seed.granted(seed.person(f"night-{status}"))
        page = sign_in(theirs, f"night-{status}", "my")
        assert page.goto(f"{theirs.site.url}/record/{record}").status == status, "and no job has run"
        page.goto(f"{theirs.site.url}/my/record/{record}")
        expect(page.get_by_text(said).first).to_be_visible()
        theirs.context.clear_cookies()


def test_of_two_officers_who_decide_at_once_one_is_told(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    record = records.pop()
    number = cases.start(kind="repair", record=record, actor=case_seed.APPLICANT, files=[case_seed.COMMITMENT]).case
    li, wang = visitor(), visitor()
    pages = [sign_in(li, "li", "desk"), sign_in(wang, "wang", "desk")]
    for page in pages:
        page.goto(f"{li.site.url}/desk/cases/{number}/accept")
    pages[0].get_by_role("button", name="受理", exact=True).click()
    expect(pages[0].get_by_role("heading", name="审核中")).to_be_visible()
    pages[1].get_by_role("button", name="受理", exact=True).click()
    expect(pages[1].get_by_role("alert")).to_contain_text("li已先一步办理")
    accessible(pages[1])


def test_a_department_withdraws_and_the_organisation_reads_why(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    record = records.pop()
    clerk, theirs = visitor(), visitor(PHONE)
    page = sign_in(clerk, "clerk", "desk")
    page.goto(f"{clerk.site.url}/desk/records/{record}/withdraw")
    page.locator("input[name=ground]").first.check()
    page.get_by_label("变更或者撤销文书号").fill("澜环撤〔2026〕1号")
    page.get_by_label("该文书的日期").fill(desk_seed.DECIDED.isoformat())
    page.locator("textarea").fill("原处罚决定已撤销")
    page.locator("main form button").last.click()
    page = sign_in(theirs, "agent", "my")
    page.goto(f"{theirs.site.url}/my/record/{record}")
    expect(page.get_by_text("来源单位已撤回，本信息不得再使用")).to_be_visible()
    expect(page.get_by_text("原处罚决定已撤销")).to_be_visible()
    accessible(page)
