"""Putting rows right on the pages of the desk: one row, a row as a whole, all rows with a proposal."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.operations import mending, receipts

FIRST, SECOND = list(seed.COMPANIES)[:2]
CODE = "CF_XDR_SHXYM"


@pytest.fixture(scope="module", autouse=True)
def desk(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        yield


@pytest.fixture
def number() -> str:
    """A receipt with open rows 5 and 6 (letter for zero), 7 (month for date), 8 (unknown subject)."""
    return seed.hand_in(seed.bad_file())


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": "clerk", "password": seed.PASSWORD})
    return client


def test_a_clerk_mends_a_row_on_the_page_without_scripts(number: str, clerk: Client) -> None:
    answer = clerk.post(f"/desk/submissions/{number}/rows/5/check", {f"field-{CODE}": FIRST})
    assert answer["Location"] == f"/desk/submissions/{number}#row-5"
    text = clerk.get(f"/desk/submissions/{number}").content.decode()
    assert "第 5 行检查通过，已入库" in text
    assert "有 3 行待更正" in text


def test_with_scripts_the_answer_is_that_row_and_a_sentence(number: str, clerk: Client) -> None:
    address = f"/desk/submissions/{number}/rows/7/check"
    wrong = clerk.post(address, {"field-CF_JDRQ": "2031-01-01"}, headers={"HX-Request": "true"}).content.decode()
    assert wrong.startswith('<tbody id="row-7"')
    assert "xzcf.jdrq.future" in wrong
    assert "第 7 行仍有 1 个问题" in wrong
    right = clerk.post(address, {"field-CF_JDRQ": "2026-11-12"}, headers={"HX-Request": "true"}).content.decode()
    assert "已入库" in right
    assert "还有 3 行待更正" in right
    again = clerk.post(address, {"field-CF_JDRQ": "2026-11-12"}, headers={"HX-Request": "true"})
    assert "不在待更正之列" in again.content.decode()


def partial(answer: str, target: str) -> str:
    """What the answer puts in the place of another part of the page."""
    found = re.search(rf'<hx-partial hx-target="#{target}"[^>]*>(.*?)</hx-partial>', answer, re.DOTALL)
    assert found, f"{target} keeps what it said"
    return found[1]


def test_with_scripts_heading_numbers_and_buttons_follow_each_row(number: str, clerk: Client) -> None:
    def check(row: int, **values: str) -> str:
        address, fields = f"/desk/submissions/{number}/rows/{row}/check", {f"field-{id}": values[id] for id in values}
        return clerk.post(address, fields, headers={"HX-Request": "true"}).content.decode()

    page = clerk.get(f"/desk/submissions/{number}").content.decode()
    targets = ("receipt-heading", "receipt-summary", "receipt-actions", "receipt-mended")
    assert all(page.count(f'id="{target}"') == 1 for target in targets)
    first = check(7, CF_JDRQ="2026-11-12")
    assert partial(first, "receipt-heading") == "已收到文件，有 3 行待更正"
    assert f"<title>回执 {number}：3 行待更正 — " in first
    assert "（更正后入库 1）" in partial(first, "receipt-summary")
    assert "下载待更正行" in partial(first, "receipt-actions")
    assert "第 7 行" in partial(first, "receipt-mended")
    check(5, CF_XDR_SHXYM=FIRST)
    third = partial(check(6, CF_XDR_SHXYM=SECOND), "receipt-actions")
    assert "下载待更正行" not in third, "none is left of them"
    assert "下载未关联行" in third
    last = check(8, CF_XDR_SHXYM=FIRST, CF_XDR_MC=seed.COMPANIES[FIRST])
    assert partial(last, "receipt-heading") == "已收到文件，没有待更正的行"
    assert partial(last, "receipt-actions").strip() == "", "there is nothing to download any more"
    whole = clerk.get(f"/desk/submissions/{number}").content.decode()
    for target in targets:
        assert partial(last, target).strip() in whole, "as the page itself when it is loaded again"


def test_proposals_are_shown_before_and_after_and_taken_over_only_when_confirmed(number: str, clerk: Client) -> None:
    address = f"/desk/submissions/{number}/proposals"
    rule = "xzcf.xdr_shxym.alphabet"
    text = clerk.get(address, {"rule": rule}).content.decode()
    for value in (FIRST, SECOND, seed.letter_for_zero(FIRST), seed.letter_for_zero(SECOND)):
        assert value in text
    assert receipts.open_count(number) == 4, "looking changes nothing"
    clerk.post(address, {"rule": rule, "rows": "5"})
    assert [row.row for row in receipts.rows(number, rule=rule, open_only=True)] == [6], "only the rows that were shown"
    clerk.post(address, {"rule": rule, "rows": "5,6"})
    assert receipts.open_count(number) == 2


@pytest.mark.parametrize("rule", ["subject.1001", "xzcf.xdr_mc.garbled", "xzcf.cfjg.garbled"])
def test_names_are_never_changed_in_bulk(number: str, clerk: Client, rule: str) -> None:
    answer = clerk.get(f"/desk/submissions/{number}/proposals", {"rule": rule})
    assert answer.status_code == 422
    assert "名称不能成批更正" in answer.content.decode()


def test_two_names_for_one_code_are_put_before_a_person(clerk: Client) -> None:
    number = seed.hand_in(seed.as_csv([seed.penalty(70, CF_XDR_MC="澜州另一食品有限公司")]))
    text = clerk.get(f"/desk/submissions/{number}").content.decode()
    registered = list(seed.COMPANIES.values())[70 % 8]
    assert f"该代码现登记为“{registered}”" in text
    assert "请确认…" in text
    result = mending.mend(submission=number, row=2, values={"CF_XDR_MC": registered}, by="clerk")
    assert result.stored


def test_the_page_of_a_row_shows_every_cell_and_what_was_tried(number: str, clerk: Client) -> None:
    address = f"/desk/submissions/{number}/rows/7"
    clerk.post(address, {"field-CF_JDRQ": "2031-01-01", "field-CF_SY": "另一事由"})
    text = clerk.get(address).content.decode()
    assert "更正经过" in text
    assert "2026年11月" in text
    assert "另一事由" in text
    done = clerk.post(address, {"field-CF_JDRQ": "2026-11-12"})
    assert done["Location"] == f"/desk/submissions/{number}"


def test_a_row_waits_under_what_keeps_it_back_and_nothing_unstored_is_called_stored(clerk: Client) -> None:
    inner_code_wrong = "91990102MA0000000A"
    number = seed.hand_in(
        seed.as_csv([seed.penalty(71, CF_XDR_MC="澜州未登记食品有限公司", CF_XDR_SHXYM=inner_code_wrong)])
    )
    (row,) = receipts.rows(number, outcome=receipts.TO_MEND)
    assert {each.rule for each in row.reasons} == {"subject.unknown", "xzcf.xdr_shxym.inner"}
    text = clerk.get(f"/desk/submissions/{number}").content.decode()
    group = re.search(r'<tbody class="dk-group".*?</tbody>', text, re.DOTALL)
    assert group
    assert "主体库中没有与所填代码" in group[0], "the hint about the code is not why the row waits"
    assert "已入库</span>" not in text.split('id="mend"')[0]
    assert '<span class="govuk-tag">提示</span>' in text


def test_a_failed_attempt_does_not_pass_for_what_the_file_said(clerk: Client) -> None:
    number = seed.hand_in(seed.as_csv([seed.penalty(72, CF_JDRQ="2026年13月1日")]))
    answer = clerk.post(
        f"/desk/submissions/{number}/rows/2/check", {"field-CF_JDRQ": "2026-02-31"}, headers={"HX-Request": "true"}
    )
    for page in (answer, clerk.get(f"/desk/submissions/{number}"), clerk.get(f"/desk/submissions/{number}/rows/2")):
        text = page.content.decode()
        said = re.search(r'class="dk-was"[^>]*>(.*?)</(?:td|p)>', text, re.DOTALL)
        assert said
        assert "<mark>2026年13月1日</mark>" in said[1]
        assert "2026-02-31" not in said[1]
        assert "上次填写：" in text, "the problem is that of the last attempt, which is named"
        assert re.search(r'name="field-CF_JDRQ"[^>]* value="2026-02-31"', text)
