"""A mistaken publication goes off at once; a second officer confirms or undoes it; the wrong minutes are counted."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.databases import Place
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import lookup, notices, sources, takedown, withdrawal
from chengxin.operations.submit import submit

CENTRE = "operator"


@pytest.fixture(scope="module")
def records(database: Place, tmp_path_factory) -> list[str]:
    """Numbers of records that are public today, one for each test."""
    folder: Path = tmp_path_factory.mktemp("takedown")
    sources.ensure(CENTRE)
    sources.ensure(SOURCE)
    submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source=CENTRE)
    submit(path=write_csv(folder / "p.csv", [penalty(n) for n in range(1, 7)]), item="xzcf", source=SOURCE)
    found = lookup.records(lookup.subject(uscc(100)), on=today()).rows
    return [each.id for each in sorted(found, key=lambda each: each.fields["CF_WSH"])]


def _is_public(record: str) -> bool:
    return lookup.record(record, on=today()) is not None


def test_one_officer_takes_it_down_and_only_another_confirms(records: list[str]) -> None:
    record = records[0]
    began = timezone.now()
    takedown.take_down(record=record, officer="wang", by=CENTRE, reason="张冠李戴")
    assert not _is_public(record)
    assert timezone.now() - began < timedelta(minutes=1)
    with pytest.raises(Refusal, match=r"takedown\.same-officer"):
        takedown.confirm(record=record, officer="wang", by=CENTRE, reason="属实")
    takedown.confirm(record=record, officer="li", by=CENTRE, reason="属实")
    with pytest.raises(Refusal, match=r"takedown\.settled"):
        takedown.confirm(record=record, officer="zhao", by=CENTRE, reason="属实")
    with pytest.raises(Refusal, match=r"takedown\.same-officer"):
        takedown.put_back(record=record, officer="wang", by=CENTRE, reason="改主意")
    assert not _is_public(record)
    (down,) = [each for each in takedown.downs() if each.record == record]
    assert (down.state, down.officer, down.second) == ("confirmed", "wang", "li")
    assert down.shown_minutes >= 1  # it stood in public since it was handed in, and a minute begun counts


def test_what_was_right_goes_back(records: list[str]) -> None:
    record = records[1]
    takedown.take_down(record=record, officer="wang", by=CENTRE, reason="疑似重复")
    with pytest.raises(Refusal, match=r"takedown\.same-officer"):
        takedown.put_back(record=record, officer="wang", by=CENTRE, reason="没有重复")
    takedown.put_back(record=record, officer="li", by=CENTRE, reason="没有重复")
    assert _is_public(record)
    figures = takedown.figures(today(), today() + timedelta(days=1))
    assert (figures.undone, figures.off_minutes >= 1) == (1, True)


def test_silence_leaves_it_off_and_counts_as_late(records: list[str]) -> None:
    record = records[2]
    takedown.take_down(record=record, officer="wang", by=CENTRE, reason="文号有误")
    (waiting,) = takedown.standing_open()
    assert (waiting.record, waiting.state) == (record, "open")
    tomorrow = timezone.now() + timedelta(hours=25)
    (late,) = takedown.standing_open(now=tomorrow)
    assert late.state == "late"
    assert takedown.settle_silence(now=tomorrow) == 0  # the rule in force: it stays off
    assert not _is_public(record)
    assert takedown.figures(today(), today() + timedelta(days=1), now=tomorrow).late == 1


def test_where_the_rule_says_so_silence_brings_it_back(records: list[str], monkeypatch) -> None:
    from dataclasses import replace

    from chengxin.catalogue.model import Catalogue

    record, rule = records[3], Catalogue.takedown_on
    monkeypatch.setattr(Catalogue, "takedown_on", lambda self, day: replace(rule(self, day), silence="returns"))
    takedown.take_down(record=record, officer="wang", by=CENTRE, reason="金额有误")
    assert takedown.settle_silence() == 0
    assert takedown.settle_silence(now=timezone.now() + timedelta(hours=25)) >= 1
    assert _is_public(record)


def test_a_reason_is_asked_for(records: list[str]) -> None:
    with pytest.raises(Refusal, match=r"takedown\.reason"):
        takedown.take_down(record=records[4], officer="wang", by=CENTRE, reason="  ")
    assert _is_public(records[4])


def test_the_notice_of_a_withdrawal_names_no_party(records: list[str]) -> None:
    withdrawal.withdraw(
        record=records[5],
        ground="依法撤销",
        document="澜环撤〔2026〕3号",
        decided_on=today() - timedelta(days=1),
        reason=f"澜州青穗食品有限公司（{uscc(100)}，原澜州青穗副食品有限公司）的排放数据系设备故障所致，证据不足。",
        by=SOURCE,
        officer="zhou",
    )
    assert not _is_public(records[5])
    (notice,) = notices.notices().rows
    assert (notice.ground.zh, notice.document, notice.on_time) == ("决定已被撤销", "澜环撤〔2026〕3号", True)
    assert notice.reason == "当事人（当事人，原当事人）的排放数据系设备故障所致，证据不足。"
    (figures,) = notices.figures(today(), today() + timedelta(days=1))
    assert (figures.withdrawn, figures.dated, figures.on_time) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"ground": "心情不好"}, "withdrawal.ground"),
        ({"document": " "}, "withdrawal.ground-document"),
        ({"reason": ""}, "withdrawal.ground-reason"),
        ({"reason": "长" * 501}, "withdrawal.too-long"),
        ({"decided_on": today() + timedelta(days=1)}, "withdrawal.decided-on"),
        ({"by": CENTRE}, "record.not-held"),
    ],
)
def test_a_withdrawal_without_its_reasons_is_refused(records: list[str], changed, rule: str) -> None:
    given = {
        "record": records[4],
        "ground": "撤销",
        "document": "澜环撤〔2026〕4号",
        "decided_on": today(),
        "reason": "证据不足。",
        "by": SOURCE,
    }
    with pytest.raises(Refusal, match=rule):
        withdrawal.withdraw(**(given | changed))
    assert _is_public(records[4])
