"""A citizen checks a proof in the own browser, which finds every change that verify.py finds, by the same name."""

import json
import os
from pathlib import Path

import pytest
from tests.integration import site_seed
from tests.journeys.conftest import DESKTOP, PHONE
from tests.unit import test_verify as proofs

from chengxin.ledger import verify

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def city(browser, sqlite_database):
    return site_seed.seed()


def checked(page, file: object, tmp_path: Path, key: str) -> tuple[str, list[str]]:
    """Result and the ids of the lines the page shows for a file."""
    told = tmp_path / "proof.json"
    told.write_text(file if isinstance(file, str) else json.dumps(file), encoding="utf-8")
    page.locator("#proof-file").set_input_files(told)
    page.locator("#log-key").fill(key)
    page.evaluate("delete document.querySelector('[data-check]').dataset.result")
    page.locator("[data-check] button").click()
    page.wait_for_selector("[data-check][data-result]")
    lines = page.locator("[data-check] > ol > li")
    return page.locator("[data-check]").get_attribute("data-result"), lines.evaluate_all(
        "all => all.map(one => one.dataset.line)"
    )


def picture(page, name: str) -> None:
    if folder := os.environ.get("CHENGXIN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_record_page_checks_its_proof_in_the_visitors_browser(city, visitor, accessible, size):
    page = visitor(size).go(f"/record/{city.licences[0]}")
    page.get_by_role("button", name="在本浏览器中核验").click()
    page.get_by_text("在您的浏览器中核验：成立").wait_for()
    picture(page, f"record-checked-{size[0]}")
    shown = page.locator("[data-check] > ol").inner_text()
    assert "检查点签名有效" in shown
    assert "在日志中" in shown
    assert "内容与条目的指纹一致" in shown
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_file_from_elsewhere_is_checked_with_a_key_from_elsewhere(city, visitor, accessible, tmp_path):
    page = visitor().go("/verify")
    assert checked(page, proofs.file_of(), tmp_path, proofs.log_key(proofs.LOG).line)[0] == "good"
    accessible(page)
    result, lines = checked(page, proofs.file_of(), tmp_path, proofs.log_key(proofs.OTHER).line)
    assert (result, lines) == ("bad", ["checkpoint.unsigned", "content.same", "checkpoint.unsigned"])
    picture(page, "verify-checked")
    accessible(page)
    page.goto(page.url.replace("/verify", "/en/verify"))
    checked(page, proofs.file_of(), tmp_path, proofs.log_key(proofs.LOG).line)
    assert "Checked in your browser: it holds" in page.locator("[data-told]").inner_text()


def test_the_browser_names_every_change_as_the_offline_program_does(city, visitor, tmp_path):
    page, key = visitor().go("/verify"), proofs.log_key(proofs.LOG)
    for what, (tamper, named) in proofs.TAMPERED.items():
        file = proofs.file_of()
        tamper(file)
        result, lines = checked(page, file, tmp_path, key.line)
        offline = [line[0] for line in verify.check(file, [key]).faults]
        assert offline == named
        assert (what, result, [line for line in lines if verify.WORDS.get(line, "✗")[0] == "✗"]) == (what, "bad", named)
    evidence = proofs.bundle.split(
        first=proofs.note(300), second=proofs.note(300, proofs.REWRITTEN), path=[], keys=[key.line]
    )
    assert checked(page, evidence, tmp_path, "")[1] == [
        "key.own",
        "checkpoint.signed",
        "checkpoint.signed",
        "split.shown",
    ]
    assert checked(page, "{", tmp_path, key.line) == ("bad", ["file.unreadable"])


def test_a_browser_without_ed25519_says_what_it_could_not_check(city, visitor, tmp_path):
    one = visitor()
    one.page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('unknown', 'NotSupportedError'))"
    )
    page = one.go("/verify")
    result, lines = checked(page, proofs.file_of(), tmp_path, proofs.log_key(proofs.LOG).line)
    assert (result, "browser.no-ed25519" in lines, "entry.included" in lines) == ("open", True, True)
    assert "签名没有核对" in page.locator("[data-told]").inner_text()


def test_without_a_file_the_page_asks_for_one_and_the_program_can_be_downloaded(city, visitor):
    page = visitor().go("/verify")
    page.locator("[data-check] button").click()
    page.get_by_text("还没有选择证明文件。").wait_for()
    with page.expect_download() as loading:
        page.get_by_role("link", name="下载 verify.py").click()
    assert Path(loading.value.path()).read_bytes() == Path(verify.__file__).read_bytes()
