"""A department withdraws a penalty, and the centre takes a mistaken publication off: what each of them sees, and the public."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.journeys.conftest import DESKTOP, PHONE, Visitor

from chengxin.kernel.periods import today
from chengxin.operations import acts, lookup
from chengxin.records.model import Act

pytestmark = pytest.mark.journey
FIRST = list(seed.COMPANIES)[1]


@pytest.fixture(scope="module")
def records(browser: Browser, sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """People, and three penalties of one company that are public today: their numbers."""
    with seed.quick_passwords():
        seed.people()
    seed.companies(tmp_path_factory.mktemp("register"))
    rows = [seed.penalty(1, **seed.PUBLISHED, CF_WSH=f"澜环罚〔2026〕{n}号") for n in (1, 2, 3)]
    seed.hand_in(seed.as_csv(rows))
    found = lookup.records(lookup.subject(FIRST), on=today()).rows
    return [each.id for each in sorted(found, key=lambda each: each.fields["CF_WSH"])]


def sign_in(visitor: Visitor, name: str, path: str) -> Page:
    with seed.quick_passwords():
        page = visitor.go(path)
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码").fill(seed.PASSWORD)
        page.get_by_role("button", name="登录").click()
    return page


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_department_withdraws_a_penalty(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    record = records[0 if size == DESKTOP else 1]
    page = sign_in(visitor(size), "clerk", "/desk/records/")
    page.get_by_label("统一社会信用代码").fill(FIRST)
    page.get_by_role("button", name="查看").click()
    accessible(page)
    page.get_by_role("link", name=f"澜环罚〔2026〕{records.index(record) + 1}号").click()
    accessible(page)
    page.get_by_role("link", name="撤回这条信息").click()
    page.get_by_label("决定已被撤销").check()
    page.get_by_role("button", name="撤回并发布公告").click()
    expect(page.get_by_role("alert")).to_be_visible()
    accessible(page)
    expect(page.get_by_label("决定已被撤销")).to_be_checked()
    page.get_by_label("变更或者撤销文书号").fill("澜环撤〔2026〕3号")
    page.get_by_label("该文书的日期").fill(today().isoformat())
    page.get_by_label("撤回理由").fill(f"经复议，对{seed.COMPANIES[FIRST]}的处罚证据不足。")
    page.get_by_role("button", name="撤回并发布公告").click()
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    expect(page.get_by_role("main")).to_contain_text("已撤回")
    accessible(page)

    stranger = visitor(size)
    page = stranger.go(f"/record/{record}")
    expect(page.get_by_role("main")).to_contain_text("本编号没有公示中的信息")
    page = stranger.go("/notices")
    accessible(page)
    expect(page.get_by_role("main")).to_contain_text("澜环撤〔2026〕3号")
    expect(page.get_by_role("main")).to_contain_text("对当事人的处罚证据不足")
    assert seed.COMPANIES[FIRST] not in page.content()
    page = stranger.go("/en/notices")
    accessible(page)
    expect(page.get_by_role("main")).to_contain_text("The decision was revoked")


def test_the_centre_takes_a_mistake_off_and_another_officer_looks(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    record = records[2]
    page = sign_in(visitor(DESKTOP), "officer", f"/desk/records/{record}")
    page.get_by_role("link", name="紧急下线").click()
    accessible(page)
    page.get_by_label("哪里有误").fill("主体张冠李戴")
    page.get_by_role("button", name="立即下线").click()
    expect(page.get_by_role("status")).to_contain_text("已下线")
    assert lookup.record(record, on=today()) is None
    accessible(page)
    page.get_by_role("link", name="复核下线").click()
    expect(page.get_by_role("main")).to_contain_text("您是下线的经办人，不能复核")
    accessible(page)
    page.goto(page.url.replace(f"records/{record}/second-look", "take-downs"))
    expect(page.get_by_role("heading", level=1)).to_have_text("1 条下线等待复核")
    accessible(page)


def test_whoever_reads_a_contested_record_is_told_above_its_content(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    from chengxin.operations import takedown

    takedown.put_back(record=records[2], officer="second", by=seed.CENTRE_CODE, reason="核对无误")
    acts.on_record(Act.OBJECT, records[2], by=seed.CENTRE_CODE)
    for size, path in ((DESKTOP, ""), (PHONE, ""), (DESKTOP, "/en")):
        page = visitor(size).go(f"{path}/record/{records[2]}")
        accessible(page)
        expect(page.locator(".cx-note--violet")).to_be_visible()
        page.goto(page.url.replace(f"record/{records[2]}", f"subject/{FIRST}"))
        expect(page.locator(".cx-note--violet")).to_be_visible()
        accessible(page)


def test_the_repair_notice_is_ready_with_the_receipt(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    page = sign_in(visitor(DESKTOP), "clerk", "/desk/submissions/")
    page.get_by_role("link", name="penalties.csv").first.click()
    page.get_by_role("link", name="信用修复告知书").click()
    expect(page.get_by_role("heading", name="信用修复告知书", level=2)).to_have_count(1)  # two were withdrawn
    expect(page.get_by_role("main")).to_contain_text("不收取任何费用")
    accessible(page)
