"""A citizen finds an organisation, reads a record and checks it, with a mouse, a keyboard or a telephone."""

import gzip
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.integration import site_seed
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.journey
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def city(browser, sqlite_database):
    return site_seed.seed()


def pages(city: site_seed.City) -> dict[str, str]:
    return {
        "home": "/",
        "search": "/search?q=澜州青穗",
        "search-none": "/search?q=没有这个名称",
        "search-wrong-code": f"/search?q={site_seed.FOOD[:10]}O{site_seed.FOOD[11:]}",
        "subject": f"/subject/{site_seed.FOOD}",
        "subject-quiet": f"/subject/{site_seed.QUIET}",
        "subject-trader": f"/subject/{site_seed.TRADER}",
        "listing": f"/subject/{site_seed.FOOD}/xzxk",
        "record": f"/record/{city.open_penalty}",
        "record-corrected": f"/record/{city.corrected}",
        "licence": f"/record/{city.licences[0]}",
        "gone": f"/record/{city.ended}",
        "verify": "/verify",
        "verify-wrong": "/verify?number=0123",
        "rules": "/rules/",
        "laws": "/rules/laws/",
        "law": "/rules/laws/xingzheng-chufa-fa",
        "item": "/rules/items/xzcf",
        "terms": "/rules/terms/2026-order36",
        "severity": "/rules/severity/national",
        "codes": "/rules/codes/penalty-kind",
        "data": "/data",
        "log": "/log",
        "quality": "/quality",
        "components": "/components/",
    }


NAMES = list(pages(site_seed.City(licences=[""])))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_accessible_and_fits_the_screen(city, visitor, accessible, name, size, language):
    one = visitor(SIZES[size])
    page = one.go(("/en" if language == "en" else "") + pages(city)[name])
    if folder := os.environ.get("CHENGXIN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{size}-{language}.png", full_page=True)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], "no sideways scrolling"
    accessible(page)


@pytest.mark.parametrize(
    "typed", ["110000190001010000", "某某 110000 1900 0101 001x", "１１００００１９００", "11000020010101001"]
)
def test_a_persons_number_typed_into_the_box_is_in_no_address(city, visitor, typed):
    one = visitor()
    one.page.clock.install()
    page = one.go("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#q").fill(typed)
    page.clock.fast_forward(1_000)  # longer than the script waits before it asks for suggestions
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator("#q").press("Enter")
    page.wait_for_load_state()
    assert [url for url in asked if "q=" in url] == []
    assert "q=" not in page.url
    if len(typed) >= 18:
        expect(page.get_by_text("不按个人身份号码提供查询")).to_be_visible()


def test_somebody_without_a_mouse_finds_an_organisation_and_reads_its_record(city, visitor, accessible):
    one = visitor()
    page = one.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到主要内容"
    page.locator("#q").focus()
    page.keyboard.type("澜州青穗", delay=20)
    page.locator("#q-options li").first.wait_for()
    assert "条建议" in page.locator("#q-status").inner_text()
    assert page.locator("#q").get_attribute("aria-expanded") == "true"
    accessible(page)
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#q").get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#q-options").is_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subject/*")
    page.locator("h3 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/record/*")
    expect(page.get_by_role("heading", name="与报送记录一致")).to_be_visible()
    page.get_by_text("不依赖本站，自己核验").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("日志根指纹")).to_be_visible()
    accessible(page)


def test_the_search_box_keeps_still_while_pinyin_is_being_composed(city, visitor):
    one = visitor()
    page = one.go("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "suggest" in request.url else None)
    page.locator("#q").focus()
    cdp = one.context.new_cdp_session(page)
    for text in ("l", "la", "lan", "lanzhou"):
        cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    page.wait_for_timeout(500)
    assert asked == []
    assert page.locator("#q-options").is_hidden()
    cdp.send("Input.insertText", {"text": "澜州"})
    page.locator("#q-options li").first.wait_for()
    assert len(asked) == 1


def test_the_enter_that_ends_composing_does_not_submit(city, visitor):
    page = visitor().go("/")
    page.locator("#q").fill("澜州")
    page.evaluate(
        """() => {
            const box = document.getElementById("q");
            box.dispatchEvent(new CompositionEvent("compositionstart"));
            window.stopped = !box.dispatchEvent(
                new KeyboardEvent("keydown", {key: "Enter", isComposing: true, cancelable: true, bubbles: true}));
        }"""
    )
    assert page.evaluate("window.stopped") is True


def test_the_site_works_without_any_script(city, visitor):
    one = visitor(java_script_enabled=False)
    page = one.go("/")
    page.locator("#q").fill("青穗副食品")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("mark", has_text="青穗副食品")).to_be_visible()
    page.get_by_role("link", name=site_seed.FOOD_NAME).click()
    expect(page.locator("h1")).to_have_text(site_seed.FOOD_NAME)


def test_a_reader_changes_the_language_and_stays_on_the_page(city, visitor):
    page = visitor().go(f"/subject/{site_seed.FOOD}")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"**/en/subject/{site_seed.FOOD}")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="中文").click()
    page.wait_for_url(f"**/subject/{site_seed.FOOD}")
    assert "/en/" not in page.url


def test_a_page_is_small_and_asks_for_few_files(city, visitor):
    one = visitor()
    sizes: dict[str, int] = {}
    one.page.on("response", lambda answer: sizes.__setitem__(answer.url, len(gzip.compress(answer.body()))))
    one.go(f"/subject/{site_seed.FOOD}")
    one.page.wait_for_load_state("networkidle")
    styles = sum(size for url, size in sizes.items() if ".css" in url)
    scripts = sum(size for url, size in sizes.items() if ".js" in url)
    assert len(sizes) <= 12
    assert sizes[one.page.url] <= 30_000
    assert styles <= 20_000
    assert scripts <= 30_000
    assert all(re.search(r"\.[0-9a-f]{12}\.", url) for url in sizes if "/static/" in url), "hashed names"


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_printed_record_says_when_until_when_and_where_it_can_be_verified(city, visitor, language):
    page = visitor(DESKTOP).go(f"{language}/record/{city.open_penalty}")
    foot = page.locator(".cx-printed")
    expect(foot).to_be_hidden()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for words in (
        ("Printed: ", "Data as of", "Public until", f"/en/verify?number={city.open_penalty}")
        if language
        else ("打印时间：20", "数据截至", "公示至20", f"/verify?number={city.open_penalty}")
    ):
        expect(foot).to_contain_text(words)
    for useless in (".govuk-button", ".cx-check", ".cx-header nav", ".cx-footer ul", ".cx-crumb"):
        for each in page.locator(useless).all():
            expect(each).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
