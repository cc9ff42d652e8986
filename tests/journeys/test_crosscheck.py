"""An office that assigns codes checks one name with two codes and says why it is no fault; a visitor sees who a subject is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.journeys.conftest import DESKTOP, PHONE, Visitor

from chengxin.operations import crosscheck, registry
from chengxin.operations.submit import submit_rows

pytestmark = pytest.mark.journey
TWINS = ("澜州双子食品有限公司", "澜州并蒂商贸有限公司")
HEIR, GONE = seed.code("91", 5200), seed.code("91", 5201)


@pytest.fixture(scope="module")
def office(browser: Browser, sqlite_database: Place) -> None:
    """Two pairs of namesakes, and an organisation that was renamed, merged into another and deregistered."""
    with seed.quick_passwords():
        seed.people()
    registry.let_assign(source=seed.OTHER_CODE, department="9", by="officer")
    rows = [
        {"DJ_MC": name, "DJ_DM": seed.code("91", 5100 + 10 * place + n)}
        for place, name in enumerate(TWINS)
        for n in range(2)
    ]
    rows.append({"DJ_MC": "澜州青穗食品有限公司", "DJ_DM": HEIR})
    rows.append({"DJ_MC": "澜州老灶副食品有限公司", "DJ_DM": GONE, "DJ_MCRQ": "2012-03-01"})
    register(*rows)
    ended = {
        "DJ_MC": "澜州新灶食品有限公司",
        "DJ_DM": GONE,
        "DJ_MCRQ": "2018-05-06",
        "DJ_ZT": "注销",
        "DJ_ZTRQ": "2026-05-01",
    }
    register(ended)
    register({"GX_MC": "澜州新灶食品有限公司", "GX_DM": GONE, "GX_LX": "并入", "GX_GLDM": HEIR}, item="djgx")
    crosscheck.audit()
    crosscheck.audit()


def register(*rows: dict[str, str], item: str = "djxx") -> None:
    submit_rows(rows=rows, item=item, source=seed.OTHER_CODE)


def sign_in(visitor: Visitor, name: str, path: str) -> Page:
    with seed.quick_passwords():
        page = visitor.go(path)
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码").fill(seed.PASSWORD)
        page.get_by_role("button", name="登录").click()
    return page


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_office_explains_a_finding(
    office: None, visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    name = TWINS[0 if size == DESKTOP else 1]
    page = sign_in(visitor(size), "neighbour", "/desk/")
    page.get_by_role("link", name="赋码校核").click()
    accessible(page)
    page.get_by_role("row", name=name).get_by_role("link", name="一名多码").click()
    accessible(page)
    page.get_by_label("说明理由，不作问题").check()
    page.get_by_role("button", name="提交处理").click()
    expect(page.get_by_role("alert")).to_contain_text("没有写明理由")
    accessible(page)
    expect(page.get_by_label("说明理由，不作问题")).to_be_checked()
    page.get_by_label("核实的依据和结论").fill("两家分属两区，档案核对无误")
    page.get_by_role("button", name="提交处理").click()
    expect(page.get_by_role("main")).to_contain_text("已说明")
    page.get_by_role("link", name="赋码校核").click()
    expect(page.get_by_role("main")).not_to_contain_text(name)
    page.get_by_role("link", name="各单位重码、错码率").click()
    accessible(page)


def test_an_officer_records_who_assigns_what(
    office: None, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    page = sign_in(visitor(DESKTOP), "officer", "/desk/findings/assigners")
    page.get_by_label("单位", exact=True).select_option(label="澜州市生态环境局")
    page.get_by_label("登记管理部门").select_option("5")
    page.get_by_role("button", name="登记分工").click()
    expect(page.get_by_role("main")).to_contain_text("民办非企业单位")
    accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_visitor_sees_what_became_of_an_organisation(
    office: None, visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    page = visitor(size).go(f"/subject/{GONE}")
    accessible(page)
    main = page.get_by_role("main")
    expect(main).to_contain_text("本主体已于2026年5月1日注销。并入：澜州青穗食品有限公司。")
    expect(main).to_contain_text("2012年3月1日至2018年5月6日")
    page.get_by_role("link", name="澜州青穗食品有限公司").click()
    expect(page.get_by_role("main")).to_contain_text("吸收合并")
    accessible(page)
