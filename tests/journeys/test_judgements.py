"""A clerk judges a row without an organisation, sees what came of it, and takes it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.test_desk_judgements import FIRST, MISSPELT, old_file
from tests.journeys.conftest import DESKTOP, PHONE, Visitor
from tests.journeys.test_desk import PATIENT, sign_in, site

pytestmark = pytest.mark.journey
__all__ = ["site"]


@pytest.fixture(scope="module")
def desk(browser: Browser, sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    seed.people()
    seed.companies(tmp_path_factory.mktemp("register"))
    rows = [old_file(1, MISSPELT), old_file(2, MISSPELT)]
    return seed.hand_in(seed.as_csv(rows), item="xzcf-archive", name="历史档案.csv")


def test_a_row_is_judged_and_the_judgement_taken_back(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    page = sign_in(visitor(DESKTOP))
    page.get_by_role("link", name="待确认主体：2 行").click()
    accessible(page)
    page.get_by_role("link", name="判断最早的一行").click()
    expect(page.locator("mark").first).to_have_text("呂")
    accessible(page)
    page.get_by_role("button", name="记录判断").click()
    expect(page.get_by_role("alert")).to_contain_text("没有作出判断")
    accessible(page)
    page.get_by_role("group", name=FIRST[1]).get_by_label("同一主体", exact=True).check()
    page.get_by_label("判断的依据").fill("查登记档案，为同一单位")
    page.get_by_role("button", name="记录判断").click()
    expect(page.get_by_role("status")).to_contain_text("已归到所选主体并入库", timeout=PATIENT)
    page.get_by_role("link", name="判断记录").click()
    accessible(page)
    page.get_by_role("link", name="撤销").first.click()
    accessible(page)
    page.get_by_label("撤销的理由").fill("档案号看错")
    page.get_by_role("button", name="撤销判断").click()
    expect(page.get_by_role("status")).to_contain_text("重新待确认", timeout=PATIENT)
    expect(page.get_by_role("table")).to_contain_text("已撤销")


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_on_a_phone_and_in_both_languages(
    desk: str, prefix: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    one = visitor(PHONE)
    page = sign_in(one)
    for path in ("/desk/unlinked/", f"/desk/unlinked/{desk}/3", "/desk/judgements/"):
        one.go(prefix + path)
        accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{path} scrolls sideways"


def test_a_preview_stands_in_a_frame_of_another_site(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    page = visitor(PHONE).go(f"/reconcile/preview/{FIRST[0]}")
    expect(page.get_by_role("heading")).to_have_text(FIRST[1])
    accessible(page)
