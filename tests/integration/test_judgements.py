"""A person decides whom an unlinked row speaks of, and takes it back: what becomes of the row, the record and the log."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.desk_seed import as_csv, hand_in, penalty

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import judgements, lookup, receipts
from chengxin.operations.rebuild import rebuild
from chengxin.resolution.judgement import Verdict
from chengxin.storage.models import Judgement, JudgementEffect, Record
from chengxin.subjects.identifiers import USCC_PLACEHOLDER

SUBJECT, NAME = "990100600000015", "澜州市东城区青穗餐饮店"
OTHER, OTHER_NAME = "990100600000023", "澜州市西城区大河餐饮店"
MISSPELT = "澜州市东城区青稳餐饮店"
WITHOUT_CODE = {"CF_XDR_LB": "个体工商户", "CF_XDR_SHXYM": USCC_PLACEHOLDER, **seed.PUBLISHED}


@pytest.fixture(scope="module", autouse=True)
def base(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        traders = [{"DJ_MC": name, "DJ_ZCH": number} for number, name in ((SUBJECT, NAME), (OTHER, OTHER_NAME))]
        hand_in(as_csv(traders), item="djxx", source=seed.CENTRE_CODE)
        yield


@pytest.fixture(scope="module")
def number(base: None) -> str:
    """A receipt of rows that name nobody the base knows: a trader without a code, its old number and name misspelt."""
    rows = [unknown(n) for n in range(2, 8)]
    rows[3] |= {"CF_NR": "没收违法所得三万元", "CF_NR_WFFF": "3"}
    found = hand_in(as_csv(rows))
    assert [row.row for row in receipts.unlinked_rows(found)] == [2, 3, 4, 5, 6, 7]
    return found


def unknown(n: int) -> dict[str, str]:
    return penalty(100 + n, **{**WITHOUT_CODE, "CF_XDR_GSZC": "990100600000099", "CF_XDR_MC": MISSPELT})


def right(n: int, **other: str) -> dict[str, str]:
    """The same row as it should have been written."""
    return unknown(n) | {"CF_XDR_GSZC": SUBJECT, "CF_XDR_MC": NAME, **other}


def same(number: str, row: int, subject: str = SUBJECT) -> judgements.Outcome:
    verdicts = {subject: Verdict.SAME}
    return judgements.judge(submission=number, row=row, verdicts=verdicts, reason="登记档案一致", by="clerk")


def revoke(number: str, row: int) -> judgements.Outcome:
    made = Judgement.objects.filter(submission=number, row=row, verdict="same").latest("id").id
    return judgements.revoke(judgement=made, reason="认错了主体", by="officer", acting=seed.CENTRE_CODE)


def test_same_makes_the_row_a_record_of_that_subject_and_says_so(number: str) -> None:
    done = same(number, 2)
    assert (done.effect, done.outcome) == ("linked", "accepted")
    assert 2 not in [row.row for row in receipts.unlinked_rows(number)]
    shown = lookup.record(done.record, on=today())
    assert shown is not None
    assert (shown.subject, shown.linked) == (SUBJECT, "judgement")
    with pytest.raises(Refusal) as refused:
        same(number, 2, OTHER)
    assert refused.value.rule == "judgement.row", "a row decided is decided once"


def test_a_revoked_judgement_ends_the_record_by_an_entry_and_the_row_waits_again(number: str) -> None:
    before = receipts.open_count(number)
    first = same(number, 3).record
    done = revoke(number, 3)
    assert (done.effect, done.record) == ("ended", first)
    assert lookup.record(first, on=today()) is None
    assert receipts.open_count(number) == before
    effect = JudgementEffect.objects.filter(record=first).latest("id")
    assert effect.seq is not None, "whoever received the record is told by this entry"
    # the row may go to another subject, and after that to the first one again
    second = same(number, 3, OTHER)
    assert second.outcome == "accepted"
    assert second.record != first
    revoke(number, 3)
    assert same(number, 3).record == first
    assert lookup.record(first, on=today()) is not None


def test_a_judged_row_that_corrected_a_record_gives_way_to_the_statement_before(number: str) -> None:
    hand_in(as_csv([right(5, CF_NR="没收违法所得二万元", CF_NR_WFFF="2")]))
    done = same(number, 5)
    assert done.outcome == "corrected"
    assert revoke(number, 5).effect == "restated"
    shown = lookup.record(done.record, on=today())
    assert shown is not None
    assert (shown.fields["CF_NR"], shown.linked) == ("没收违法所得二万元", "legacy")


def test_a_record_that_was_stated_with_its_number_since_stays(number: str) -> None:
    record = same(number, 6).record
    hand_in(as_csv([right(6, CF_SY="经复核，事实不变")]))
    assert revoke(number, 6).effect == "left"
    shown = lookup.record(record, on=today())
    assert shown is not None
    assert shown.linked == "legacy"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE judgement SET verdict = 'different'",
        "UPDATE judgement SET name = 'anything'",
        "DELETE FROM judgement",
        "UPDATE judgement_effect SET effect = 'left'",
        "DELETE FROM judgement_effect",
    ],
)
def test_the_database_lets_nobody_edit_a_judgement(statement: str) -> None:
    assert JudgementEffect.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_content_can_be_blanked_when_it_is_erased(number: str) -> None:
    made = Judgement.objects.filter(submission=number, row=2)
    made.update(name="", code="", norm="")
    assert made.get().name == ""


def test_the_ledger_alone_gives_the_same_records_again(number: str) -> None:
    assert Record.objects.exists()
    found = rebuild()
    assert found["equal"], found
