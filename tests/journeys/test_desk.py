"""A clerk's day: sign in, hand in a file with mistakes, watch it run, mend rows, send the workbook back."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.journeys.conftest import DESKTOP, PHONE, Site, Visitor

from chengxin.storage.models import Source, Submission

pytestmark = pytest.mark.journey
FIRST = next(iter(seed.COMPANIES))
PATIENT = 90_000
"""Milliseconds: a loaded machine takes its time to check a file."""


@pytest.fixture(scope="module")
def desk(browser: Browser, sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    """People, registered organisations, and one receipt with open rows; gives its number."""
    seed.people()
    seed.companies(tmp_path_factory.mktemp("register"))
    return seed.hand_in(seed.bad_file(), name="澜州处罚_第1批.csv")


@pytest.fixture(scope="module")
def site(desk: str, sqlite_database: Place) -> Iterator[Site]:
    """Web server and worker as processes of their own, as an installation runs them.

    Not in threads of the test: rows are written by a second SQLite library, which must not share a process with the
    connections of other threads.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--workers", "1"]
    log = sqlite_database.home / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, env={**os.environ, **sqlite_database.environment}, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, server, log)
        yield Site(url, sqlite_database)
    finally:
        server.terminate()
        server.wait(60)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/desk/sign-in", timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def sign_in(visitor: Visitor, path: str = "/desk/") -> Page:
    page = visitor.go(path)
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(seed.PASSWORD)
    page.get_by_role("button", name="登录").click()
    return page


def test_from_a_file_with_mistakes_to_stored_rows(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    page = sign_in(visitor(DESKTOP), "/desk/submissions/new")
    file = tmp_path / "penalties.csv"
    file.write_bytes(seed.bad_file())
    page.get_by_label("行政处罚", exact=True).check()
    page.set_input_files("#id_file", file)
    accessible(page)
    page.get_by_role("button", name="上传并检查").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("文件已收到，正在检查")
    accessible(page)
    # no click: the page follows the work and goes on by itself
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到文件，有 4 行待更正", timeout=PATIENT)
    accessible(page)

    row = page.locator("#row-5")
    expect(row.locator("mark")).to_have_text("O")
    expect(row.get_by_role("textbox")).to_have_value(FIRST)
    row.get_by_role("button", name="检查").click()
    expect(row).to_contain_text("已入库", timeout=PATIENT)
    expect(page.locator("#desk-said")).to_contain_text("还有 3 行待更正")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到文件，有 3 行待更正")
    expect(page.locator("#receipt-summary")).to_contain_text("更正后入库 1")
    expect(page).to_have_title(re.compile("：3 行待更正"))
    expect(row.locator(".govuk-tag")).to_be_focused()
    accessible(page)

    month = page.locator("#row-7")
    month.get_by_role("textbox").fill("2031-01-01")
    month.get_by_role("button", name="检查").click()
    expect(month).to_contain_text("xzcf.jdrq.future", timeout=PATIENT)
    expect(month.get_by_role("textbox")).to_have_value("2031-01-01")
    accessible(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="下载待更正行").click()
    workbook = tmp_path / "rows.xlsx"
    download.value.save_as(workbook)
    mended = tmp_path / "mended.xlsx"
    mended.write_bytes(_second_row_mended(workbook))
    first = page.url
    page.get_by_role("link", name="上传更正后的文件").click()
    accessible(page)
    page.set_input_files("#id_file", mended)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到文件，没有待更正的行", timeout=PATIENT)
    page.goto(first)
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到文件，有 2 行待更正")


def _second_row_mended(workbook: Path) -> bytes:
    """The downloaded workbook with only the second letter-for-zero row in it, put right."""
    import io

    import xlsxwriter
    from python_calamine import CalamineWorkbook

    head, *rows = CalamineWorkbook.from_path(str(workbook)).get_sheet_by_index(0).to_python()
    wrong, right = seed.letter_for_zero(list(seed.COMPANIES)[1]), list(seed.COMPANIES)[1]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        kept = [row for row in rows if row[1] == "6"]
        for line, row in enumerate([head, *kept]):
            for column, value in enumerate(row):
                sheet.write_string(line, column, right if value == wrong else value)
    return out.getvalue()


def test_all_proposals_are_looked_at_before_they_are_taken_over(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    page = sign_in(visitor(DESKTOP), f"/desk/submissions/{desk}")
    page.get_by_role("link", name="2 行都采用建议").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("核对 2 行建议")
    accessible(page)
    page.get_by_role("button", name="采用这 2 行建议").click()
    expect(page.get_by_role("status").first).to_contain_text("已采用 2 行建议", timeout=PATIENT)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["", "/en"], ids=["zh", "en"])
def test_every_page_of_the_desk_is_accessible_and_fits_the_screen(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None], size: tuple[int, int], language: str
) -> None:
    someone = visitor(size)
    page = someone.go(f"{language}/desk/sign-in")
    accessible(page)
    page.locator("#id_username").fill("clerk")
    page.locator("#id_password").fill("wrong")
    page.locator("main button").click()
    accessible(page)
    page.locator("#id_username").fill("clerk")
    page.locator("#id_password").fill(seed.PASSWORD)
    page.locator("main button").click()
    refused = _refused_file()
    for path in (
        "",
        "submissions/",
        "submissions/new",
        f"submissions/new?parent={desk}",
        f"submissions/{desk}",
        f"submissions/{desk}/rows/7",
        f"submissions/{desk}/proposals?rule=xzcf.xdr_shxym.alphabet",
        f"submissions/{refused}",
        "submissions/R-20200101-0001",
        f"sources/{seed.BUREAU_CODE}",
        "account",
    ):
        someone.go(f"{language}/desk/{path}")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def _refused_file() -> str:
    known = Submission.objects.filter(state="refused").first()
    return known.id if known else seed.hand_in("甲,乙,丙\n1,2,3\n".encode(), name="other.csv")


def test_a_row_is_mended_with_the_keyboard_alone(desk: str, visitor: Callable[..., Visitor]) -> None:
    number = seed.hand_in(seed.as_csv([seed.penalty(300, CF_JDRQ="2026年11月")]))
    page = sign_in(visitor(DESKTOP), f"/desk/submissions/{number}")
    field = page.locator("#row-2").get_by_role("textbox")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(seed.DECIDED.isoformat())
    page.keyboard.press("Enter")
    expect(page.locator("#row-2")).to_contain_text("已入库", timeout=PATIENT)


def test_without_scripts_a_row_is_mended_all_the_same(desk: str, visitor: Callable[..., Visitor]) -> None:
    number = seed.hand_in(seed.as_csv([seed.penalty(301, CF_JDRQ="2026年11月")]))
    page = sign_in(visitor(PHONE, java_script_enabled=False), f"/desk/submissions/{number}")
    page.locator("#row-2 input[name=field-CF_JDRQ]").fill(seed.DECIDED.isoformat())
    page.locator("#row-2 button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到文件，没有待更正的行", timeout=PATIENT)


def test_the_mark_of_a_late_file_stays_within_its_box(
    desk: str, visitor: Callable[..., Visitor], accessible: Callable[[Page], None]
) -> None:
    decided = seed.DECIDED - timedelta(days=40)
    rows = [seed.penalty(90, CF_JDRQ=decided.isoformat(), CF_CFLB="不是一种处罚")]
    number = seed.hand_in(seed.as_csv(rows), name="迟报.csv")
    Source.objects.filter(code=seed.BUREAU_CODE).update(name="澜州市生态环境保护综合行政执法支队")
    for size, path in ((DESKTOP, ""), (DESKTOP, "/en"), (PHONE, "/en")):
        page = sign_in(visitor(size), f"/desk/submissions/{number}")
        page.goto(page.url.replace("/desk/", f"{path}/desk/"))
        late = page.locator(".cx-note .govuk-tag--red")
        expect(late).to_contain_text("working days late" if path else "已超期")
        box, within = (
            late.bounding_box(),
            page.locator(".cx-note").filter(has=page.locator(".govuk-tag--red")).bounding_box(),
        )
        assert box
        assert within
        assert box["x"] + box["width"] <= within["x"] + within["width"]
        accessible(page)
