"""A person decides whom an unlinked row speaks of, and takes it back: what becomes of the row, the record and the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.desk_seed import as_csv, hand_in, penalty

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import judged, judgements, lookup, receipts
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
        seed.companies(tmp_path_factory.mktemp("register"))
        traders = [{"DJ_MC": name, "DJ_ZCH": number} for number, name in ((SUBJECT, NAME), (OTHER, OTHER_NAME))]
        hand_in(as_csv(traders), item="djxx", source=seed.CENTRE_CODE)
        yield


def unlinked(n: int, **other: str) -> str:
    """A receipt with one row that names nobody the base knows: a trader without a code; gives its number."""
    number = hand_in(
        as_csv([penalty(n, **{**WITHOUT_CODE, "CF_XDR_GSZC": "990100600000099", "CF_XDR_MC": MISSPELT, **other})])
    )
    assert [row.outcome for row in receipts.unlinked_rows(number)] == ["unlinked"], receipts.rows(number)
    return number


def of_subject(n: int, **other: str) -> dict[str, str]:
    """The same row as it should have been written."""
    return penalty(n, **{**WITHOUT_CODE, "CF_XDR_GSZC": SUBJECT, "CF_XDR_MC": NAME, **other})


def same(number: str, subject: str = SUBJECT, row: int = 2) -> judgements.Outcome:
    return judgements.judge(
        submission=number, row=row, verdicts={subject: Verdict.SAME}, reason="登记档案一致", by="clerk"
    )


def judgement_of(number: str) -> int:
    return Judgement.objects.filter(submission=number, verdict="same").latest("id").id


def revoke(number: str, reason: str = "认错了主体") -> judgements.Outcome:
    return judgements.revoke(judgement=judgement_of(number), reason=reason, by="officer", acting=seed.CENTRE_CODE)


def test_same_makes_the_row_a_record_of_that_subject_and_says_so() -> None:
    number = unlinked(101)
    done = same(number)
    assert (done.effect, done.outcome) == ("linked", "accepted")
    assert receipts.open_count(number) == 0
    shown = lookup.record(done.record, on=today())
    assert shown is not None
    assert (shown.subject, shown.linked) == (SUBJECT, "judgement")


def test_a_row_decided_is_decided_once() -> None:
    number = unlinked(102)
    same(number)
    with pytest.raises(Refusal) as refused:
        same(number, OTHER)
    assert refused.value.rule == "judgement.row"


def test_a_revoked_judgement_ends_the_record_by_an_entry_and_the_row_waits_again() -> None:
    number = unlinked(103)
    record = same(number).record
    done = revoke(number)
    assert (done.effect, done.record) == ("ended", record)
    assert lookup.record(record, on=today()) is None
    assert [row.row for row in receipts.unlinked_rows(number)] == [2]
    assert receipts.open_count(number) == 1
    effect = JudgementEffect.objects.filter(record=record).latest("id")
    assert effect.effect == "ended"
    assert effect.seq is not None, "whoever received the record is told by this entry"


def test_after_a_revocation_the_row_may_go_to_another_subject_or_to_the_same_one_again() -> None:
    number = unlinked(104)
    first = same(number).record
    revoke(number)
    second = same(number, OTHER)
    assert second.outcome == "accepted"
    assert second.record != first
    revoke(number)
    third = same(number)
    assert third.record == first
    assert lookup.record(first, on=today()) is not None


def test_a_judged_row_that_corrected_a_record_gives_way_to_the_statement_before() -> None:
    hand_in(as_csv([of_subject(105, CF_NR="没收违法所得二万元", CF_NR_WFFF="2")]))
    number = unlinked(105, CF_NR="没收违法所得三万元", CF_NR_WFFF="3")
    done = same(number)
    assert done.outcome == "corrected"
    assert revoke(number).effect == "restated"
    shown = lookup.record(done.record, on=today())
    assert shown is not None
    assert (shown.fields["CF_NR"], shown.linked) == ("没收违法所得二万元", "legacy")


def test_a_record_that_was_stated_with_its_number_since_stays() -> None:
    number = unlinked(106)
    record = same(number).record
    hand_in(as_csv([of_subject(106)]))
    assert revoke(number).effect == "left"
    shown = lookup.record(record, on=today())
    assert shown is not None
    assert shown.linked == "legacy"


def test_no_judgement_puts_a_valid_code_on_somebody_else() -> None:
    number = hand_in(as_csv([penalty(107, CF_XDR_SHXYM=seed.code("91", 9107), CF_XDR_MC=MISSPELT)]))
    with pytest.raises(Refusal) as refused:
        same(number, next(iter(seed.COMPANIES)))
    assert refused.value.rule == "judgement.code"


@pytest.mark.parametrize(
    ("verdicts", "reason", "rule"),
    [
        ({}, "查过档案", "judgement.nothing"),
        ({SUBJECT: Verdict.SAME, OTHER: Verdict.SAME}, "查过档案", "judgement.two"),
        ({SUBJECT: Verdict.SAME}, " ", "judgement.reason"),
        ({"无此主体": Verdict.SAME}, "查过档案", "judgement.subject"),
    ],
)
def test_what_is_no_judgement_is_refused_and_leaves_nothing(verdicts, reason: str, rule: str) -> None:
    number = unlinked(108)
    with pytest.raises(Refusal) as refused:
        judgements.judge(submission=number, row=2, verdicts=verdicts, reason=reason, by="clerk")
    assert refused.value.rule == rule
    assert judged.of_row(number, 2) == []


def test_different_and_unsure_leave_the_row_open_and_stay_known_for_the_name() -> None:
    number = unlinked(109, CF_XDR_MC="澜州孤名食品有限公司")
    verdicts = {SUBJECT: Verdict.DIFFERENT, OTHER: Verdict.UNSURE}
    done = judgements.judge(submission=number, row=2, verdicts=verdicts, reason="经营地址不同", by="clerk")
    assert done.effect == ""
    assert len(receipts.unlinked_rows(number)) == 1
    assert {one.subject: one.verdict for one in judged.of_names(["澜州孤名食品有限公司"])} == verdicts
    first = Judgement.objects.get(submission=number, subject=SUBJECT).id
    judgements.revoke(judgement=first, reason="地址已核实", by="clerk", acting=seed.BUREAU_CODE)
    assert [one.subject for one in judged.of_names(["澜州孤名食品有限公司"])] == [OTHER]
    with pytest.raises(Refusal) as refused:
        judgements.revoke(judgement=first, reason="再撤一次", by="clerk", acting=seed.BUREAU_CODE)
    assert refused.value.rule == "judgement.gone"


def test_a_row_mended_until_only_the_subject_is_missing_can_be_judged() -> None:
    from chengxin.operations import mending

    row = penalty(
        110, **{**WITHOUT_CODE, "CF_XDR_GSZC": "990100600000099", "CF_XDR_MC": MISSPELT, "CF_JDRQ": "2026年11月"}
    )
    number = hand_in(as_csv([row]))
    assert receipts.unlinked_rows(number) == []
    mending.mend(submission=number, row=2, values={"CF_JDRQ": seed.DECIDED.isoformat()}, by="clerk")
    assert [row.row for row in receipts.unlinked_rows(number)] == [2]
    assert same(number).outcome == "accepted"
    revoke(number)
    assert [row.row for row in receipts.unlinked_rows(number)] == [2], "it waits as it did before it was judged"


def test_a_judgement_whose_process_died_before_the_deed_is_carried_out_later() -> None:
    number = unlinked(111)
    real = judgements.submit_rows
    judgements.submit_rows = lambda **_: (_ for _ in ()).throw(OSError("power cut"))  # type: ignore[assignment]
    try:
        with pytest.raises(OSError, match="power cut"):
            same(number)
    finally:
        judgements.submit_rows = real
    assert judgements.settle_unsettled() == 1
    assert receipts.open_count(number) == 0
    assert judgements.settle_unsettled() == 0


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
    same(unlinked(112 + hash(statement) % 7))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_erased_row_leaves_no_name_in_the_judgements() -> None:
    number = unlinked(120)
    record = same(number).record
    assert judged.forget(record, submissions_rows=[(number, 2)]) == 1
    assert Judgement.objects.get(submission=number).name == ""


def test_pairs_are_given_as_training_data_without_who_judged(tmp_path: Path) -> None:
    number = unlinked(121, CF_XDR_MC="澜州样本食品有限公司")
    company, name = next(iter(seed.COMPANIES.items()))
    judgements.judge(
        submission=number,
        row=2,
        verdicts={company: Verdict.DIFFERENT, SUBJECT: Verdict.DIFFERENT},
        scores={company: 0.81},
        reason="字号不同",
        by="clerk",
    )
    (pair,) = (one for one in judged.training() if one.name == "澜州样本食品有限公司")
    assert (pair.subject_name, pair.subject_code, pair.label, pair.score) == (name, company, "different", 0.81)
    for ending in judged.FORMATS:
        written = judged.write_training(tmp_path / f"pairs{ending}")
        assert written == len(judged.training()) > 0
        assert b"clerk" not in (tmp_path / f"pairs{ending}").read_bytes()
    with pytest.raises(Refusal) as refused:
        judged.write_training(tmp_path / "pairs.docx")
    assert refused.value.rule == "judgement.format"


def test_the_ledger_alone_gives_the_same_records_again() -> None:
    assert Record.objects.exists()
    found = rebuild()
    assert found["equal"], found
