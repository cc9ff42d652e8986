"""A citizen finds an organisation, reads a record and checks it, with a mouse, a keyboard or a telephone."""

import os
from pathlib import Path

import pytest

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
