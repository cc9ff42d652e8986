"""A department withdraws a penalty: it is gone, its reasons are public, and it does not come back by being sent again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import Databases, Place
from tests.integration.paper import AUTHORITY, REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.kernel.periods import today
from chengxin.operations import lookup, sources
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.storage.models import Record, RecordAct, SubmissionRow


def withdrawal(number: int = 1, **changed: str) -> dict[str, str]:
    """One row of a file of withdrawals."""
    row = {
        "CH_XDR_MC": "澜州青穗食品有限公司",
        "CH_XDR_SHXYM": uscc(100),
        "CH_YWSH": f"澜环罚〔2026〕{number}号",
        "CH_CFJGDM": AUTHORITY,
        "CH_QX": "撤销",
        "CH_WSH": "澜环撤〔2026〕3号",
        "CH_JDRQ": "2026-11-20",
        "CH_LY": "经行政复议，原处罚决定认定澜州青穗食品有限公司排放超标的证据不足，予以撤销。",
    }
    return row | changed


@pytest.fixture(scope="module")
def filled(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("sent")
    sources.ensure("operator")
    sources.ensure(SOURCE)
    submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source="operator")
    submit(path=write_csv(folder / "p.csv", [penalty(n) for n in (1, 2, 3)]), item="xzcf", source=SOURCE)
    return database


@pytest.fixture
def published(filled: Place, databases: Databases, tmp_path: Path) -> Iterator[Path]:
    """Three penalties, public today; the folder for further files."""
    with databases.copy(filled):
        yield tmp_path


def _send(folder: Path, item: str, *rows: dict[str, str], source: str = SOURCE):
    return submit(path=write_csv(folder / "sent.csv", rows), item=item, source=source)


def _shown() -> list[str]:
    found = lookup.records(lookup.subject(uscc(100)), on=today()).rows
    return sorted(each.fields["CF_WSH"] for each in found)


def test_a_file_of_withdrawals_goes_through_the_same_door_with_a_receipt_for_every_row(published: Path) -> None:
    receipt = _send(
        published,
        "xzcf-withdrawal",
        withdrawal(1),
        withdrawal(9),  # nobody handed in such a penalty
        withdrawal(1, CH_WSH="澜环撤〔2026〕4号"),  # withdrawn a row above
        withdrawal(2, CH_QX="想撤"),  # no ground the law knows
    )
    assert receipt.outcomes == receipt.outcomes | {"accepted": 1, "unchanged": 1, "quarantined": 2}
    assert receipt.reasons["record.unknown"] == 1
    assert _shown() == ["澜环罚〔2026〕2号", "澜环罚〔2026〕3号"]
    again = _send(published, "xzcf-withdrawal", withdrawal(1))
    assert again.outcomes["unchanged"] == 1
    assert rebuild()["equal"]
    assert _shown() == ["澜环罚〔2026〕2号", "澜环罚〔2026〕3号"]


def test_only_the_source_withdraws(published: Path) -> None:
    sources.ensure("another")
    receipt = _send(published, "xzcf-withdrawal", withdrawal(1), source="another")
    assert (receipt.outcomes["quarantined"], receipt.reasons["record.other-source"]) == (1, 1)
    assert len(_shown()) == 3


def test_what_was_withdrawn_comes_back_only_with_a_new_certificate_of_its_source(published: Path) -> None:
    _send(published, "xzcf-withdrawal", withdrawal(1))
    same, changed = penalty(1), penalty(1, CF_NR="没收违法所得二万元", CF_NR_WFFF="2")
    for row in (same, changed):
        receipt = _send(published, "xzcf", row)
        assert (receipt.outcomes["quarantined"], receipt.reasons) == (1, {"record.withdrawn": 1})
    reasons = SubmissionRow.objects.order_by("-submission").values_list("reasons", flat=True)[0]
    assert "BC_HFSL" in reasons
    certified = changed | {"BC_HFSL": "澜环证〔2026〕1号"}
    assert _send(published, "xzcf", certified).outcomes["corrected"] == 1
    assert "澜环罚〔2026〕1号" in _shown()
    assert list(RecordAct.objects.order_by("seq").values_list("act", flat=True)) == ["withdraw", "reinstate"]
    # the same certificate does not serve twice
    _send(published, "xzcf-withdrawal", withdrawal(1, CH_WSH="澜环撤〔2026〕9号"))
    assert _send(published, "xzcf", certified).reasons == {"record.withdrawn": 1}
    assert "澜环罚〔2026〕1号" not in _shown()
    figures = lookup.figures(today()).published["xzcf"]
    assert rebuild()["equal"]
    assert (lookup.figures(today()).published["xzcf"], figures) == (2, 2)


def test_a_correction_does_not_undo_what_was_done_to_a_record(published: Path) -> None:
    from chengxin.operations import acts
    from chengxin.records.model import Act

    record = lookup.records(lookup.subject(uscc(100)), on=today()).rows[0]
    acts.on_record(Act.REPAIR, record.id, by=SOURCE)
    number = int(record.fields["CF_WSH"][-2])
    receipt = _send(published, "xzcf", penalty(number, CF_JDRQ="2026-09-01"))
    assert receipt.outcomes["corrected"] == 1
    assert lookup.record(record.id, on=today()) is None
    assert lookup.figures(today()).published["xzcf"] == 2
    assert Record.objects.get(id=bytes.fromhex(record.id)).starts.isoformat() == "2026-09-01"
    assert rebuild()["equal"]
    acts.on_record(Act.RESTORE, record.id, by=SOURCE)
    assert lookup.record(record.id, on=today()) is not None
    assert lookup.figures(today()).published["xzcf"] == 3


def test_an_unlinked_record_may_be_stated_again_by_the_same_words(published: Path) -> None:
    from chengxin.operations import acts

    record = lookup.records(lookup.subject(uscc(100)), on=today()).rows[0]
    acts.unlink(record.id, by="operator", reason="linked to the wrong organisation")
    assert len(_shown()) == 2
    receipt = _send(published, "xzcf", *(penalty(n) for n in (1, 2, 3)))
    assert (receipt.outcomes["corrected"], receipt.outcomes["unchanged"]) == (1, 2)
    assert len(_shown()) == 3
    assert rebuild()["equal"]
