"""What a receipt says: numbers that add up, every reason, the rows that wait, and a workbook to mend them in."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.reading import unmarked_chinese

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify
from chengxin.operations import logkey, receipts
from chengxin.operations.resending import PROBLEM_PREFIX, RECEIPT_COLUMN, ROW_COLUMN
from chengxin.operations.workbook import workbook
from chengxin.storage.models import Submission


@pytest.fixture(scope="module")
def number(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        yield seed.hand_in(seed.bad_file())


@pytest.fixture
def clerk(number: str) -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": "clerk", "password": seed.PASSWORD})
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def cells(data: bytes) -> list[list[str]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_the_six_outcomes_add_up_to_the_rows_of_the_file(number: str) -> None:
    said = receipts.receipt(number)
    assert said["rows"] == 8 == sum(said[outcome] for outcome in receipts.OUTCOMES)
    assert (said["accepted"], said["quarantined"], said["unlinked"], said["refused"]) == (3, 3, 1, 1)
    assert said["checkpoint"]["size"] >= 3
    assert list(said) == [
        *(
            "submission",
            "state",
            "problem",
            "rows",
            "accepted",
            "unchanged",
            "corrected",
            "quarantined",
            "unlinked",
            "refused",
        ),
        *("warnings", "reasons", "normalised", "checkpoint", "reading", "parent"),
    ]


def test_the_page_shows_total_outcomes_reasons_and_the_day_it_is_due(number: str, clerk: Client) -> None:
    text = page(clerk, f"/desk/submissions/{number}")
    assert "已收到文件，有 4 行待更正" in text
    assert "合计 8 行" in text
    for rule in receipts.receipt(number)["reasons"]:
        assert rule in text
    assert "待更正的最早一条须公示于" in text


def test_on_an_english_receipt_chinese_is_marked_as_chinese(number: str, clerk: Client) -> None:
    for path in ("submissions/", f"submissions/{number}", f"submissions/{number}/rows/5"):
        # what may be chosen is one text in both languages, and no part of an option can be marked
        text = re.sub(r"<select.*?</select>", "", page(clerk, f"/en/desk/{path}"), flags=re.DOTALL)
        assert unmarked_chinese(text) == []


def test_the_wrong_letter_is_marked_and_the_right_code_proposed(number: str, clerk: Client) -> None:
    text = page(clerk, f"/desk/submissions/{number}")
    right = next(iter(seed.COMPANIES))
    wrong = seed.letter_for_zero(right)
    assert wrong not in text, "the wrong character stands apart, marked"
    assert "<mark>O</mark>" in text
    assert f'value="{right}"' in text


def test_of_a_refused_row_only_number_and_rule_are_there(number: str, clerk: Client) -> None:
    (refused,) = receipts.rows(number, outcome="refused")
    assert refused.row == 9
    assert not refused.cells
    text = page(clerk, f"/desk/submissions/{number}")
    assert "person.natural" in text
    assert "某某" not in text


def test_rows_can_be_asked_for_by_rule_and_page(number: str) -> None:
    waiting = receipts.rows(number, outcome=receipts.TO_MEND)
    assert [each.row for each in waiting] == [5, 6, 7, 8]
    assert [each.row for each in receipts.rows(number, outcome=receipts.TO_MEND, after=5, limit=2)] == [6, 7]
    assert [each.row for each in receipts.rows(number, rule="xzcf.jdrq.imprecise")] == [7]


def test_the_workbook_has_each_problem_beside_its_cell(number: str, clerk: Client) -> None:
    answer = clerk.get(f"/desk/submissions/{number}/quarantined.xlsx")
    table = cells(b"".join(answer.streaming_content))
    head = table[0]
    assert head[:2] == [RECEIPT_COLUMN, ROW_COLUMN]
    assert [row[:2] for row in table[1:]] == [[number, "5"], [number, "6"], [number, "7"]]
    at = head.index("处罚决定日期")
    assert head[at + 1].startswith(PROBLEM_PREFIX)
    assert table[3][at] == "2026年11月"
    assert "xzcf.jdrq.imprecise" in table[3][at + 1]
    assert table[1][at + 1] == ""
    code_at = next(n for n, title in enumerate(head) if "统一社会信用代码" in title and "行政相对人" in title)
    assert f"建议：{next(iter(seed.COMPANIES))}" in table[1][code_at + 1]


def test_the_workbook_of_the_english_page_says_each_problem_in_english_too(number: str, clerk: Client) -> None:
    chinese, both = (
        cells(b"".join(clerk.get(f"{prefix}/desk/submissions/{number}/quarantined.xlsx").streaming_content))
        for prefix in ("", "/en")
    )
    assert both[0] == chinese[0], "the headings are read back"
    at = both[0].index("处罚决定日期") + 1
    (zh,), (zh_again, en) = chinese[3][at].split("\n"), both[3][at].split("\n")
    assert zh_again == zh
    assert "（xzcf.jdrq.imprecise）" in zh
    assert "(xzcf.jdrq.imprecise)" in en
    assert en.isascii()


def test_a_cell_that_looks_like_a_formula_stays_a_text(number: str) -> None:
    evil = '=cmd|" /C calc"!A0'
    other = seed.hand_in(seed.as_csv([seed.penalty(50, CF_JDRQ="2026年11月", CF_SY=evil, BZ="+1+1")]))
    out = io.BytesIO()
    assert workbook(other, "quarantined", out) == 1
    assert evil in cells(out.getvalue())[1]
    import zipfile

    sheet = zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_refused_rows_give_no_workbook(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        workbook(number, "refused", io.BytesIO())
    assert refused.value.rule == "receipt.no-rows"


def test_a_file_refused_as_a_whole_says_what_where_and_what_to_do(number: str, clerk: Client) -> None:
    bad = seed.hand_in("甲,乙,丙\n1,2,3\n".encode(), name="other.csv")
    assert Submission.objects.get(id=bad).state == "refused"
    text = page(clerk, f"/desk/submissions/{bad}")
    for words in ("整份文件没有接收", "什么问题", "怎么办", "file.layout", "重新上传"):
        assert words in text


def test_the_same_file_again_is_unchanged_and_nothing_waits_twice(number: str, clerk: Client) -> None:
    right = seed.as_csv([seed.penalty(1), seed.penalty(2)])
    again = seed.hand_in(right)
    assert receipts.receipt(again)["unchanged"] == 2
    assert "没有待更正的行" in page(clerk, f"/desk/submissions/{again}")


def test_the_queue_puts_the_most_urgent_first_and_shows_nothing_else(number: str, clerk: Client) -> None:
    late = seed.hand_in(
        seed.as_csv([seed.penalty(60, CF_JDRQ="2026-06-01", CF_XDR_SHXYM=seed.code("91", 9998), CF_XDR_MC="无此公司")])
    )
    text = page(clerk, "/desk/")
    button, overdue = text.split('<h2 id="overdue">')
    assert late in button, "the most urgent one is the button of the page"
    assert number not in button
    assert overdue.index(late) < overdue.index(number)
    assert "澜州市生态环境局已超期" in text
    old = seed.hand_in(
        seed.as_csv([seed.penalty(63, CF_JDRQ="2019-08-01", CF_XDR_SHXYM=seed.code("91", 9997), CF_XDR_MC="无此公司")])
    )
    backlog = page(clerk, "/desk/").split('<h2 id="overdue">')[1]
    assert old in backlog
    assert "还剩 7 个工作日" in backlog, "the term of old files runs from their receipt"
    done = seed.hand_in(seed.as_csv([seed.penalty(61)]))
    assert done not in page(clerk, "/desk/")


def test_submissions_are_listed_newest_first(number: str, clerk: Client) -> None:
    newest = seed.hand_in(seed.as_csv([seed.penalty(62)]))
    text = page(clerk, "/desk/submissions/")
    assert text.index(newest) < text.index(f"{number}<")
    first = receipts.listing(source=seed.BUREAU_CODE, limit=2)
    then = receipts.listing(source=seed.BUREAU_CODE, before=first[-1].id, limit=2)
    assert not {each.id for each in first} & {each.id for each in then}


def test_a_waiting_file_shows_how_far_it_is_with_and_without_scripts(number: str, clerk: Client) -> None:
    from chengxin.operations import progress, uploads

    waiting = uploads.receive(stored=uploads.store([b"x"]), file_name="big.csv", item="xzcf", source=seed.BUREAU_CODE)
    Submission.objects.filter(id=waiting.id).update(state="running")
    progress.write(waiting.id, "checking", 3000, 12000)
    text = page(clerk, f"/desk/submissions/{waiting.id}")
    assert "逐行检查" in text
    assert "3,000 / 12,000" in text
    assert '<noscript><meta http-equiv="refresh"' in text
    address = f"/desk/submissions/{waiting.id}/progress"
    part = clerk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="progress"')
    Submission.objects.filter(id=waiting.id).update(state="done")
    over = clerk.get(address, headers={"HX-Request": "true"})
    assert over["HX-Redirect"] == f"/desk/submissions/{waiting.id}"


@pytest.mark.parametrize("path", ["", "submissions/", "submissions/new", "sources/", "account"])
def test_every_page_of_the_desk_is_there_in_english(number: str, clerk: Client, path: str) -> None:
    text = page(clerk, f"/en/desk/{path}")
    assert '<html lang="en"' in text


def test_the_deadline_counts_working_days_and_knows_the_holidays() -> None:
    from chengxin.operations import deadlines

    # 2025-09-29 is a Monday; 1 to 8 October are days off, 28 September and 11 October are worked
    found = deadlines.of_decision(date(2025, 9, 29), 7, day=date(2025, 10, 13))
    assert found.due == date(2025, 10, 15)
    assert found.left == 2
    assert not found.provisional
    late = deadlines.of_decision(date(2025, 9, 29), 7, day=date(2025, 10, 17))
    assert late.left == -2
    assert deadlines.of_decision(date(2025, 9, 29), 7, day=date(2025, 10, 15)).left == 0
    assert deadlines.of_decision(date(2040, 1, 3), 7, day=date(2040, 1, 3)).provisional


def wrong(n: int, decided: str) -> dict[str, str]:
    """A penalty that waits: its code is another organisation's."""
    return seed.penalty(n, CF_XDR_SHXYM=seed.code("91", 9998), CF_JDRQ=decided)


def test_one_old_decision_does_not_put_off_the_term_of_the_others(clerk: Client) -> None:
    late = today() - timedelta(days=40)
    mixed = seed.hand_in(seed.as_csv([wrong(60, "2019-03-04"), wrong(61, late.isoformat())]))
    text = page(clerk, f"/desk/submissions/{mixed}")
    assert "已超期" in text
    assert f"决定日期{late.year}年{late.month}月{late.day}日" in re.sub(r"<[^>]+>|\s", "", text)
    old = page(clerk, f"/desk/submissions/{seed.hand_in(seed.as_csv([wrong(62, '2019-03-04')]))}")
    assert "历史补报），自收到之日" in old
    assert "自决定之日起" not in old, "the day of the receipt is nobody's decision"


@pytest.mark.parametrize("decided", ["0000-01-01", "9999-12-31"])
def test_a_date_outside_any_calendar_leaves_the_desk_open(clerk: Client, decided: str) -> None:
    number = seed.hand_in(seed.as_csv([seed.penalty(63, CF_JDRQ=decided)]))
    assert Submission.objects.get(id=number).quarantined == 1
    assert number in page(clerk, "/desk/")
    assert "自决定之日起" not in page(clerk, f"/desk/submissions/{number}")


def test_a_receipt_offers_its_proof_to_the_department_and_to_nobody_else(number: str, clerk: Client) -> None:
    assert f"/desk/submissions/{number}/proof" in page(clerk, f"/desk/submissions/{number}")
    file = clerk.get(f"/desk/submissions/{number}/proof").json()
    assert verify.check(file, [verify.parse_key(line) for line in logkey.verifiers()]).faults == []
    assert all(number in entry["leaf"] for entry in file["entries"])
    neighbour = Client()
    neighbour.post("/desk/sign-in", {"username": "neighbour", "password": seed.PASSWORD})
    assert neighbour.get(f"/desk/submissions/{number}/proof").status_code == 404
