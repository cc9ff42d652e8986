"""A deciding officer's day: an application is taken, proposed and confirmed; an objection is taken; the record follows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.databases import Place
from tests.integration import case_seed as seed
from tests.integration.desk_seed import quick_passwords
from tests.journeys.conftest import DESKTOP, PHONE, Visitor, sign_in

from chengxin.operations import cases

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with quick_passwords():
        yield seed.place(tmp_path_factory.mktemp("seed"), rows=6)


def test_two_officers_grant_a_repair_and_the_record_is_off_at_once(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    record = records.pop()
    files = [seed.COMMITMENT, seed.PROOF]
    number = cases.start(kind="repair", record=record, actor=seed.APPLICANT, statement="已缴清", files=files).case
    first, second = visitor(), visitor()
    page = sign_in(first, "li")
    page.get_by_role("link", name="办件", exact=True).first.click()
    accessible(page)
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="受理", exact=True).click()
    accessible(page)
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("审核中")
    page.get_by_role("link", name="提出同意意见").click()
    page.get_by_label("说明（可不填）").fill("缴款记录核对无误")
    page.get_by_role("button", name="提出同意意见").click()
    expect(page.get_by_text("您是经办人，不能复核")).to_be_visible()
    accessible(page)

    assert first.page.goto(f"{first.site.url}/record/{record}").status == 200
    page = sign_in(second, "wang")
    page.goto(f"{second.site.url}/desk/cases/?view=second")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="同意修复").click()
    expect(page.get_by_text("缴款记录核对无误")).to_be_visible()
    page.get_by_role("button", name="同意修复").click()
    expect(page.get_by_role("heading", name="已修复")).to_be_visible()
    accessible(page)
    assert page.goto(f"{second.site.url}/record/{record}").status == 404


def test_what_is_missing_is_said_at_the_top_and_nothing_written_is_lost(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    number = cases.start(kind="repair", record=records.pop(), actor=seed.APPLICANT, files=[seed.COMMITMENT]).case
    page = sign_in(visitor(PHONE), "li")
    page.goto(page.url + f"cases/{number}/decline")
    page.get_by_label("事实和理由").fill("未达到条件")
    page.get_by_role("button", name="不予受理").click()
    expect(page.get_by_role("alert")).to_contain_text("须选定一项理由")
    assert page.get_by_label("事实和理由").input_value() == "未达到条件"
    accessible(page)
    page.get_by_label("未达到最短公示期").check()
    page.get_by_role("button", name="不予受理").click()
    expect(page.get_by_role("heading", name="不予受理", level=2)).to_be_visible()


def test_an_application_is_registered_at_the_counter(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    scan = tmp_path / "commitment.pdf"
    scan.write_bytes(seed.PDF)
    page = sign_in(visitor(), "wang")
    page.get_by_role("link", name="办件", exact=True).first.click()
    page.get_by_role("link", name="代为登记或者启动办件").click()
    accessible(page)
    page.get_by_label("信用修复", exact=True).check()
    page.get_by_label("信息编号").fill(records.pop())
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("现在可以申请修复")).to_be_visible()
    page.get_by_label("信用承诺书").set_input_files(scan)
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", name="待受理")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_objection_is_taken_and_the_figures_can_be_read_by_everybody(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    start = {"kind": "objection", "actor": seed.APPLICANT, "statement": "金额有误", "ground": "content"}
    record = records.pop()
    number = cases.start(record=record, **start).case
    page = sign_in(visitor(size), "officer")
    page.goto(page.url + f"cases/{number}/accept")
    expect(page.get_by_text("立即在所有输出中标注")).to_be_visible()
    page.get_by_role("button", name="受理并标注").click()
    expect(page.get_by_role("heading", name="来源单位核查中")).to_be_visible()
    for path in (f"/desk/cases/{number}", "/desk/cases/?view=all", "/desk/cases/figures"):
        for prefix in ("", "/en"):
            page.goto(page.url.split("/desk")[0].removesuffix("/en") + prefix + path)
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.goto(page.url.split("/en/")[0] + f"/record/{record}")
    expect(page.get_by_text("异议处理中").first).to_be_visible()
