"""What is no judgement is refused; what is none that links leaves the row open; what was half done is finished later."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.desk_seed import as_csv, hand_in, penalty
from tests.integration.test_judgements import MISSPELT, NAME, OTHER, OTHER_NAME, SUBJECT, revoke, same, unknown

from chengxin.kernel.refusal import Refusal
from chengxin.operations import judged, judgements, mending, receipts
from chengxin.resolution.judgement import Verdict
from chengxin.storage.models import Judgement

COMPANY, COMPANY_NAME = next(iter(seed.COMPANIES.items()))


@pytest.fixture(scope="module", autouse=True)
def base(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        traders = [{"DJ_MC": name, "DJ_ZCH": number} for number, name in ((SUBJECT, NAME), (OTHER, OTHER_NAME))]
        hand_in(as_csv(traders), item="djxx", source=seed.CENTRE_CODE)
        yield


@pytest.fixture(scope="module")
def number(base: None) -> str:
    """Rows without a subject: 2 and 5 misspelt, 3 with a valid code nobody knows, 4 and 6 with names of nobody, 7 with
    a month for a date besides."""
    rows = [
        unknown(2),
        penalty(103, CF_XDR_SHXYM=seed.code("91", 9107), CF_XDR_MC=MISSPELT, CF_XDR_GSZC="", CF_NR_WFFF=""),
        unknown(4) | {"CF_XDR_MC": "澜州孤名食品有限公司"},
        unknown(5),
        unknown(6) | {"CF_XDR_MC": "澜州样本食品有限公司"},
        unknown(7) | {"CF_JDRQ": "2026年11月"},
    ]
    found = hand_in(as_csv(rows))
    assert [row.row for row in receipts.unlinked_rows(found)] == [2, 3, 4, 5, 6]
    return found


def test_no_judgement_puts_a_valid_code_on_somebody_else(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        same(number, 3, COMPANY)
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
def test_what_is_no_judgement_is_refused_and_leaves_nothing(number: str, verdicts, reason: str, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        judgements.judge(submission=number, row=2, verdicts=verdicts, reason=reason, by="clerk")
    assert refused.value.rule == rule
    assert judged.of_row(number, 2) == []


def test_different_and_unsure_leave_the_row_open_and_stay_known_for_the_name(number: str) -> None:
    verdicts = {SUBJECT: Verdict.DIFFERENT, OTHER: Verdict.UNSURE}
    done = judgements.judge(submission=number, row=4, verdicts=verdicts, reason="经营地址不同", by="clerk")
    assert done.effect == ""
    assert 4 in [row.row for row in receipts.unlinked_rows(number)]
    assert {one.subject: one.verdict for one in judged.of_names(["澜州孤名食品有限公司"])} == verdicts
    first = Judgement.objects.get(submission=number, subject=SUBJECT, row=4).id
    judgements.revoke(judgement=first, reason="地址已核实", by="clerk", acting=seed.BUREAU_CODE)
    assert [one.subject for one in judged.of_names(["澜州孤名食品有限公司"])] == [OTHER]
    for id, rule in ((first, "judgement.gone"), (0, "judgement.unknown")):
        with pytest.raises(Refusal) as refused:
            judgements.revoke(judgement=id, reason="再撤一次", by="clerk", acting=seed.BUREAU_CODE)
        assert refused.value.rule == rule


def test_a_judgement_whose_process_died_before_the_deed_is_carried_out_later(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(**_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(judgements, "submit_rows", power_cut)
        with pytest.raises(OSError, match="power cut"):
            same(number, 5)
    assert judgements.settle_unsettled() == 0, "it may still be under way"
    assert judgements.settle_unsettled(older_than=timedelta()) == 1
    assert 5 not in [row.row for row in receipts.unlinked_rows(number)]
    assert judgements.settle_unsettled(older_than=timedelta()) == 0


def test_pairs_are_given_as_training_data_without_who_judged(number: str, tmp_path: Path) -> None:
    judgements.judge(
        submission=number,
        row=6,
        verdicts={COMPANY: Verdict.DIFFERENT, SUBJECT: Verdict.DIFFERENT},
        scores={COMPANY: 0.81},
        reason="字号不同",
        by="clerk",
    )
    (pair,) = (one for one in judged.training() if one.name == "澜州样本食品有限公司")
    assert (pair.subject_name, pair.subject_code, pair.label, pair.score) == (COMPANY_NAME, COMPANY, "different", 0.81)
    for ending in judged.FORMATS:
        written = judged.write_training(tmp_path / f"pairs{ending}")
        assert written == len(judged.training()) > 0
        assert b"clerk" not in (tmp_path / f"pairs{ending}").read_bytes()
    with pytest.raises(Refusal) as refused:
        judged.write_training(tmp_path / "pairs.docx")
    assert refused.value.rule == "judgement.format"


def test_a_row_mended_until_only_the_subject_is_missing_can_be_judged(number: str) -> None:
    mending.mend(submission=number, row=7, values={"CF_JDRQ": seed.DECIDED.isoformat()}, by="clerk")
    assert 7 in [row.row for row in receipts.unlinked_rows(number)]
    assert same(number, 7).outcome == "accepted"
    revoke(number, 7)
    assert 7 in [row.row for row in receipts.unlinked_rows(number)], "it waits as it did before it was judged"
