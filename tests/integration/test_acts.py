"""What is done to a published record is in the log, and counts at once wherever the record is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from tests.databases import Databases, Place
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import acts, lookup, sources
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.records.model import Act
from chengxin.storage.models import Record, RecordAct


@pytest.fixture(scope="module")
def filled(database: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("sent")
    sources.ensure("operator")
    sources.ensure(SOURCE)
    submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source="operator")
    submit(path=write_csv(folder / "penalties.csv", [penalty(1), penalty(2)]), item="xzcf", source=SOURCE)
    subject = lookup.subject(uscc(100))
    return lookup.records(subject, on=today()).rows[0].id


@pytest.fixture
def record(filled: str, database: Place, databases: Databases) -> Iterator[str]:
    """The number of a record that is public today."""
    with databases.copy(database):
        yield filled


def _published() -> int:
    return lookup.figures(today()).published.get("xzcf", 0)


def test_a_withdrawn_record_is_gone_at_once_and_stays_gone_after_a_rebuild(record: str) -> None:
    assert (_published(), lookup.record(record, on=today()) is not None) == (2, True)
    entered = acts.on_record(Act.WITHDRAW, record, by=SOURCE, reason="revoked")
    assert lookup.record(record, on=today()) is None
    assert (_published(), len(lookup.records(lookup.subject(uscc(100)), on=today()).rows)) == (1, 1)
    found = verify_log()
    assert (found["size"], found["root"], found["findings"]) == (entered.size, entered.root, [])
    assert rebuild()["equal"]
    assert lookup.record(record, on=today()) is None


def test_a_repair_undone_brings_the_record_back_until_its_longest_term(record: str) -> None:
    before = lookup.record(record, on=today())
    acts.enter([{"act": a, "record": record} for a in ("repair", "end-sharing", "lift")], by=SOURCE)
    assert lookup.record(record, on=today()) is None
    acts.on_record(Act.RESTORE, record, by=SOURCE)
    assert lookup.record(record, on=today()) == before
    assert [each.act for each in RecordAct.objects.order_by("seq")] == ["repair", "end-sharing", "lift", "restore"]
    assert _published() == 2
    assert rebuild()["equal"]


def test_what_cannot_follow_is_refused_and_leaves_nothing(record: str) -> None:
    size = verify_log()["size"]
    with pytest.raises(Refusal, match=r"act\.not-now"):
        acts.enter([{"act": "suspend", "record": record}, {"act": "restore", "record": record}], by=SOURCE)
    with pytest.raises(Refusal, match=r"act\.unknown-record"):
        acts.on_record(Act.REPAIR, "0" * 32, by=SOURCE)
    with pytest.raises(Refusal, match=r"act\.unknown-record"):
        acts.standing_of("no number")
    assert (verify_log()["size"], RecordAct.objects.count()) == (size, 0)


def test_an_act_belongs_to_the_transaction_around_it(record: str) -> None:
    with transaction.atomic():
        acts.on_record(Act.SUSPEND, record, by=SOURCE)
        assert lookup.record(record, on=today()) is None
        transaction.set_rollback(True)
    assert lookup.record(record, on=today()) is not None
    assert Record.objects.exclude(marks=0).count() == 0


def test_an_act_takes_a_number_of_the_same_series_as_a_file(record: str, tmp_path: Path) -> None:
    entered = acts.on_record(Act.OBJECT, record, by="operator")
    after = submit(path=write_csv(tmp_path / "more.csv", [penalty(3)]), item="xzcf", source=SOURCE).submission
    assert int(after[-4:]) == int(entered.batch[-4:]) + 1
    assert lookup.record(record, on=today()) is not None
