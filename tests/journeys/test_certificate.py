"""A certificate at the desk, the page that scores agencies, and an officer who is stopped before the own organisation's case."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.databases import Place
from tests.integration import case_seed as seed
from tests.integration import desk_seed
from tests.integration.desk_seed import quick_passwords
from tests.journeys.conftest import DESKTOP, PHONE, Visitor, sign_in

from chengxin.cases.model import Actor
from chengxin.operations import acts, agency, cases, deliveries, notifications, recipients
from chengxin.operations.submit import submit
from chengxin.records.model import Act
from chengxin.storage.models import Case

pytestmark = pytest.mark.journey

CONFIRMS, SILENT = desk_seed.code("91", 3001), desk_seed.code("91", 3002)


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Records that two recipients hold."""
    with quick_passwords():
        found = seed.place(tmp_path_factory.mktemp("seed"), rows=3)
        for code, name in ((CONFIRMS, "澜州信用服务公司"), (SILENT, "澜州征信有限公司")):
            recipients.register(code=code, name=name, agency=True)
            deliveries.hand_over(recipients.find(code), found, size=deliveries.log_size(), door="file")
        yield found


@pytest.fixture(scope="module")
def about_the_centre(records: list[str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A penalty of the credit centre itself."""
    folder = tmp_path_factory.mktemp("centre")
    path = folder / "register.csv"
    path.write_bytes(desk_seed.as_csv([{"DJ_MC": "澜州市信用中心", "DJ_DM": desk_seed.CENTRE_CODE, "DJ_ZT": "正常"}]))
    submit(path=path, item="djxx", source=desk_seed.CENTRE_CODE)
    centre = {"CF_XDR_SHXYM": desk_seed.CENTRE_CODE, "CF_XDR_MC": "澜州市信用中心"}
    return seed.penalties(folder, 1, first=90, **centre)[0]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_desk_issues_a_certificate_that_names_who_has_not_confirmed(
    records: list[str], visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int]
) -> None:
    record = records.pop()
    acts.enter([{"act": act, "record": record} for act in ("repair", "end-sharing", "lift")], by=desk_seed.BUREAU_CODE)
    one = visitor(size)
    page = sign_in(one, "li")
    page.goto(f"{one.site.url}/desk/records/{record}")
    page.get_by_role("link", name="信用修复证明").click()
    accessible(page)
    page.get_by_role("button", name="开具证明").click()
    expect(page.get_by_text("由日志密钥签名")).to_be_visible()
    expect(page.get_by_text("未确认")).to_have_count(2)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

    confirming = recipients.find(CONFIRMS)
    entries = [told.entry for told in notifications.waiting(confirming)]
    notifications.acknowledge(confirming, entries, by="api")
    page.get_by_role("button", name="按现在的情况重新开具").click()
    expect(page.get_by_text("未确认")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载签名文件和证明").click()
    held = json.loads(Path(download.value.path()).read_text())
    assert json.loads(held["text"])["unconfirmed"] == 1
    for path in (f"/en/desk/records/{record}/certificate", "/agencies", "/en/agencies"):
        page.goto(one.site.url + path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_another_body_has_no_certificate_to_see(records: list[str], visitor: Callable[..., Visitor]) -> None:
    one = visitor()
    page = sign_in(one, "neighbour")
    assert page.goto(f"{one.site.url}/desk/records/{records[0]}/certificate").status == 404


def test_what_an_agency_still_shows_stands_on_a_page_for_everybody(
    records: list[str], about_the_centre: str, visitor: Callable[..., Visitor]
) -> None:
    acts.on_record(Act.SUSPEND, about_the_centre, by=desk_seed.BUREAU_CODE)
    checked = agency.check_rows([{"record": about_the_centre}], recipient=recipients.find(SILENT))
    acts.on_record(Act.RESUME, about_the_centre, by=desk_seed.BUREAU_CODE)
    assert checked.gone == 1
    row = visitor().go("/agencies").get_by_role("row").filter(has_text="澜州征信有限公司")
    expect(row).to_be_visible()
    expect(row).to_contain_text("1")


def test_an_officer_is_refused_a_case_about_the_own_organisation(
    about_the_centre: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    centre = Actor("applicant", applicant_for=desk_seed.CENTRE_CODE)
    number = cases.start(
        kind="objection", record=about_the_centre, actor=centre, statement="金额有误", ground="content"
    ).case
    one = visitor()
    page = sign_in(one, "officer")
    page.goto(f"{one.site.url}/desk/cases/{number}")
    expect(page.get_by_text("不能办理涉及本单位的事项")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="受理并标注").click()
    page.get_by_role("button", name="受理并标注").click()
    expect(page.get_by_role("alert")).to_contain_text("由上级机关或者信用中心指定的其他单位办理")
    accessible(page)
    assert (Case.objects.get(id=number).state, Case.objects.get(id=number).events) == ("received", 1)
    page.goto(f"{one.site.url}/record/{about_the_centre}")
    expect(page.get_by_text("异议处理中")).to_have_count(0)
