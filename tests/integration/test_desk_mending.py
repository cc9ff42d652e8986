"""Putting rows right: at the desk, in bulk after a look, and in the file."""

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.mended import heading, mended

from chengxin.kernel.periods import Period
from chengxin.kernel.refusal import Refusal
from chengxin.operations import mending, quality, receipts
from chengxin.operations.submit import submit
from chengxin.operations.workbook import workbook
from chengxin.storage.models import LedgerItem, Mend, Record, Submission, SubmissionRow

FIRST, SECOND = list(seed.COMPANIES)[:2]
CODE = "CF_XDR_SHXYM"


@pytest.fixture(scope="module", autouse=True)
def desk(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
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


def test_a_mended_row_is_stored_and_the_first_receipt_stays_as_it_was(number: str) -> None:
    before = receipts.receipt(number)
    result = mending.mend(submission=number, row=5, values={CODE: FIRST}, by="clerk")
    assert result.stored
    assert result.reasons == ()
    assert receipts.receipt(number) == before
    (row,) = receipts.rows(number, only=[5])
    assert row.mended == result.outcome
    assert row.sent[CODE] == seed.letter_for_zero(FIRST)
    assert receipts.open_count(number) == 3
    assert receipts.mended_count(number) == 1
    assert Submission.objects.get(id=result.into).parent_id == number
    assert Submission.objects.get(id=result.into).accepted + Submission.objects.get(id=result.into).unchanged == 1


def test_every_mend_says_who_changed_what_from_what_to_what(number: str) -> None:
    mending.mend(submission=number, row=7, values={"CF_JDRQ": "2026-11-31"}, by="clerk")
    mending.mend(submission=number, row=7, values={"CF_JDRQ": "2026-11-12"}, by="officer")
    first, second = Mend.objects.filter(submission_id=number, row=7).order_by("id")
    assert (first.by, first.before, first.after) == ("clerk", {"CF_JDRQ": "2026年11月"}, {"CF_JDRQ": "2026-11-31"})
    assert first.outcome == "quarantined"
    assert (second.by, second.before) == ("officer", {"CF_JDRQ": "2026-11-31"})
    assert second.outcome in receipts.STORED


def test_a_row_that_is_still_wrong_stays_open_with_its_new_reasons(number: str) -> None:
    result = mending.mend(submission=number, row=7, values={"CF_JDRQ": "2031-01-01"}, by="clerk")
    assert result.outcome == "quarantined"
    assert [reason.rule for reason in result.reasons] == ["xzcf.jdrq.future"]
    (row,) = receipts.rows(number, only=[7], open_only=True)
    assert [reason.rule for reason in row.reasons] == ["xzcf.jdrq.future"]
    assert row.cells["CF_JDRQ"] == "2031-01-01"


def test_of_several_rows_mended_at_once_each_keeps_its_own_outcome(number: str) -> None:
    changes = {5: {CODE: FIRST}, 7: {"CF_JDRQ": "2031-01-01"}, 8: {CODE: SECOND}}
    results = {each.row: each for each in mending.mend_rows(submission=number, changes=changes, by="clerk")}
    assert results[5].stored
    assert results[7].outcome == "quarantined"
    assert results[8].outcome == "quarantined", "a known code with a foreign name"
    open_rows = {row.row: [reason.rule for reason in row.reasons] for row in receipts.rows(number, open_only=True)}
    assert open_rows[7] == ["xzcf.jdrq.future"]
    assert open_rows[8] == ["subject.1001"]
    assert 5 not in open_rows


def test_nothing_is_mended_twice_and_nothing_without_a_change(number: str) -> None:
    mending.mend(submission=number, row=5, values={CODE: FIRST}, by="clerk")
    with pytest.raises(Refusal) as twice:
        mending.mend(submission=number, row=5, values={CODE: SECOND}, by="clerk")
    assert twice.value.rule == "mend.row"
    with pytest.raises(Refusal) as idle:
        mending.mend(submission=number, row=6, values={CODE: seed.letter_for_zero(SECOND)}, by="clerk")
    assert idle.value.rule == "mend.nothing"


def test_of_a_row_that_turns_out_to_be_about_a_person_nothing_is_kept(number: str) -> None:
    mending.mend(submission=number, row=7, values={"CF_JDRQ": "2031-01-01", "CF_FRDB": "乙某某"}, by="clerk")
    result = mending.mend(
        submission=number, row=7, values={"CF_XDR_LB": "自然人", CODE: "", "CF_XDR_MC": "丙某某"}, by="clerk"
    )
    assert result.outcome == "refused"
    assert SubmissionRow.objects.get(submission=number, row=7).cells is None
    kept = json.dumps(
        [
            *Mend.objects.filter(submission_id=number, row=7).values_list("before", "after"),
            *SubmissionRow.objects.filter(submission=result.into).values_list("cells"),
        ],
        ensure_ascii=False,
    )
    assert "某" not in kept
    assert 7 not in [row.row for row in receipts.rows(number, open_only=True)]


def mended_workbook(number: str, change: dict[str, dict[str, str]], without: tuple[str, ...] = ()) -> bytes:
    """The workbook of a receipt as it is sent back."""
    sent = io.BytesIO()
    workbook(number, "quarantined", sent)
    return mended(sent.getvalue(), change, without)


def test_rows_mended_in_the_file_are_closed_on_the_first_receipt(number: str) -> None:
    data = mended_workbook(number, {"5": {heading(CODE): FIRST}, "7": {heading("CF_JDRQ"): "2031-01-01"}}, ("6",))
    records = Record.objects.count()
    again = seed.hand_in(data, name="mended.xlsx", parent=number)
    child = Submission.objects.get(id=again)
    assert (child.rows, child.quarantined) == (2, 1)
    rows = {row.row: row for row in receipts.rows(number, outcome="quarantined")}
    assert rows[5].mended == "stored"
    assert rows[5].into == again
    assert rows[6].mended == "", "a row that was not sent back stays open"
    assert rows[7].mended == receipts.RESENT, "it is open on the new receipt instead"
    assert receipts.open_count(number) == 2
    assert receipts.open_count(again) == 1
    assert Record.objects.count() - records <= 1
    mend = Mend.objects.get(submission_id=number, row=5)
    assert mend.before == {CODE: seed.letter_for_zero(FIRST)}
    assert mend.after == {CODE: FIRST}
    assert mending.settle(again) == 0, "noted once"


NUMBER = "410101198503099992"
"""Of a citizen nobody is: its check character is wrong."""


def told_of(number: str) -> str:
    """All that is kept of the mends of a receipt, and what its page says."""
    kept = Mend.objects.filter(submission_id=number).values_list("before", "after")
    return json.dumps(list(kept), ensure_ascii=False)


def test_a_citizens_number_typed_while_mending_is_kept_nowhere(number: str, clerk: Client) -> None:
    typed = {"field-BZ": f"证{NUMBER}", "field-CF_FRDB": f"林{NUMBER}", "field-CF_JDRQ": NUMBER}
    answer = clerk.post(f"/desk/submissions/{number}/rows/7/check", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert NUMBER not in answer.content.decode()
    assert Mend.objects.filter(submission_id=number, row=7).exists()
    assert NUMBER not in told_of(number)
    assert NUMBER not in clerk.get(f"/desk/submissions/{number}").content.decode()


def test_a_citizens_number_in_a_mended_file_is_kept_nowhere(number: str, clerk: Client) -> None:
    numbers = {heading("BZ"): f"证ID{NUMBER}", heading("CF_JDRQ"): NUMBER, heading("CF_WSH"): f"环罚{NUMBER}号"}
    again = seed.hand_in(mended_workbook(number, {"7": numbers}), name="mended.xlsx", parent=number)
    assert Mend.objects.get(submission_id=number, row=7).into_id == again
    assert NUMBER not in told_of(number)
    assert NUMBER not in clerk.get(f"/desk/submissions/{again}").content.decode()


def test_of_a_row_that_the_mended_file_makes_one_about_a_person_nothing_is_kept(number: str) -> None:
    person = {heading("CF_XDR_LB"): "自然人", heading(CODE): "", heading("CF_XDR_MC"): "丙某某"}
    again = seed.hand_in(mended_workbook(number, {"7": person}), name="mended.xlsx", parent=number)
    assert Submission.objects.get(id=again).refused == 1
    assert "某某" not in told_of(number)
    assert SubmissionRow.objects.get(submission=number, row=7).cells is None


@pytest.fixture
def waiting_with_a_stand_in(tmp_path: Path) -> str:
    """A receipt with two open rows without a kind of party, whose decision date is the day of publication instead."""
    rows = [seed.penalty(800 + n, **seed.PUBLISHED, CF_XDR_LB="") for n in range(2)]
    columns = [f"  {field}: {{from: {field}}}" for field in rows[0] if field != "CF_JDRQ"]
    columns.append("  CF_JDRQ: {stand_in: {from: CF_JDRQ}}")
    mapped, file = tmp_path / "old.yaml", tmp_path / "old.csv"
    mapped.write_text("\n".join(["item: xzcf", "title: 旧表", "columns:", *columns]) + "\n")
    file.write_bytes(seed.as_csv(rows))
    return submit(path=file, item="xzcf", source=seed.BUREAU_CODE, mapping=mapped).submission


KIND = "法人及非法人组织"


def standing(n: int) -> tuple[str, str]:
    """Why the record of this decision is withheld, and what it states that something else stands in for."""
    latest = LedgerItem.objects.filter(content__contains=f"〔2026〕{n}号").latest("seq")
    return Record.objects.get(latest=latest.seq).withheld or "", json.loads(latest.content).get("approximate", "")


def test_a_date_that_stood_in_for_another_still_starts_no_clock_after_the_row_was_mended(
    waiting_with_a_stand_in: str,
) -> None:
    number, filled = waiting_with_a_stand_in, {"CF_XDR_LB": KIND}
    assert not mending.mend(submission=number, row=2, values={"CF_XDR_LB": "谁"}, by="clerk").stored
    assert mending.mend(submission=number, row=2, values=filled, by="clerk").stored
    assert standing(800) == ("stand-in-date", "CF_JDRQ")
    right = (seed.DECIDED - timedelta(days=1)).isoformat()
    assert mending.mend(submission=number, row=3, values=filled | {"CF_JDRQ": right}, by="clerk").stored
    assert standing(801) == ("", ""), "now it is the day of the decision"


def test_a_date_that_stood_in_for_another_still_starts_no_clock_after_the_file_was_mended(
    waiting_with_a_stand_in: str,
) -> None:
    number, filled = waiting_with_a_stand_in, {heading("CF_XDR_LB"): KIND}
    again = seed.hand_in(mended_workbook(number, {"2": filled, "3": {**filled, "替代项": ""}}), name="mended.xlsx")
    assert Submission.objects.get(id=again).quarantined == 0
    assert "替代项" not in Submission.objects.get(id=again).reading["unused"]
    assert standing(800) == ("stand-in-date", "CF_JDRQ")
    assert standing(801) == ("", ""), "the clerk took the mark away"


def test_a_mended_file_handed_in_as_a_new_one_closes_the_rows_of_the_receipt_it_names(number: str) -> None:
    again = seed.hand_in(mended_workbook(number, {"5": {heading(CODE): FIRST}}, ("6", "7")), name="mended.xlsx")
    assert Submission.objects.get(id=again).parent_id == number
    assert {row.row: row.mended for row in receipts.rows(number, outcome="quarantined")}[5] == "stored"


def test_a_file_that_settles_late_is_settled_on_the_next_start(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from chengxin.operations import worker

    data = mended_workbook(number, {"5": {heading(CODE): FIRST}}, ("6", "7"))
    with monkeypatch.context() as crash:
        crash.setattr(worker, "settle", lambda number: None)  # as if the process had died right after the commit
        seed.hand_in(data, name="mended.xlsx", parent=number)
    assert receipts.open_count(number) == 4
    assert mending.settle_unsettled() == 1
    assert receipts.open_count(number) == 3


def test_a_file_without_row_numbers_closes_nothing(number: str) -> None:
    again = seed.hand_in(
        seed.as_csv([seed.penalty(4, CF_XDR_SHXYM=FIRST, CF_XDR_MC=seed.COMPANIES[FIRST])]), parent=number
    )
    assert Submission.objects.get(id=again).state == "done"
    assert receipts.open_count(number) == 4


def test_the_same_file_again_waits_on_one_receipt_only_and_counts_once() -> None:
    file = seed.bad_file(mark=1)
    number = seed.hand_in(file)
    mending.mend(submission=number, row=5, values={CODE: FIRST}, by="clerk")
    counted = quality.figures(seed.BUREAU_CODE, Period(date(2020, 1, 1), None))
    again = seed.hand_in(file)
    assert Submission.objects.get(id=again).parent_id == number
    assert receipts.open_count(number) == 0
    assert receipts.open_count(again) == 3
    (mended_before,) = receipts.rows(again, only=[5])
    assert mended_before.mended in receipts.STORED
    assert quality.figures(seed.BUREAU_CODE, Period(date(2020, 1, 1), None)) == counted
    assert any(number in note["zh"] for note in Submission.objects.get(id=again).reading["notes"])


def test_a_mended_file_handed_in_again_as_it_was_waits_on_the_last_receipt_only(number: str) -> None:
    data = mended_workbook(number, {"7": {heading("CF_JDRQ"): "2031-01-01"}}, ("5", "6"))
    first = seed.hand_in(data, name="mended.xlsx", parent=number)
    again = seed.hand_in(data, name="mended.xlsx", parent=number)
    assert Submission.objects.get(id=again).parent_id == first
    assert [receipts.open_count(each) for each in (number, first, again)] == [3, 0, 1]


def test_the_first_file_once_more_after_its_rows_went_on_makes_none_wait_twice(number: str) -> None:
    data = seed.bad_file(mark=9)
    first = seed.hand_in(data)
    half = mended_workbook(first, {"5": {heading(CODE): FIRST}})
    seed.hand_in(half, name="mended.xlsx")
    second = seed.hand_in(half, name="mended.xlsx")
    again = seed.hand_in(data)
    assert receipts.open_count(second) == 2
    waits = [row.row for row in receipts.rows(again, outcome="quarantined", open_only=True)]
    assert waits == [], "they wait on the mended file's receipt"
    with pytest.raises(Refusal, match=r"receipt.no-rows") as refused:
        workbook(first, "quarantined", io.BytesIO())
    into = receipts.rows(first, only=[6])[0].into
    assert into in refused.value.remedy.zh


def test_a_mended_file_that_was_sent_to_another_receipt_first_still_mends_its_own(number: str) -> None:
    data = mended_workbook(number, {"5": {heading(CODE): FIRST}}, ("6", "7"))
    other = seed.hand_in(seed.bad_file())
    astray = seed.hand_in(data, name="mended.xlsx", parent=other)
    assert receipts.open_count(number) == 4
    again = seed.hand_in(data, name="mended.xlsx", parent=number)
    assert [Submission.objects.get(id=each).parent_id for each in (astray, again)] == [other, number]
    assert receipts.open_count(number) == 3
