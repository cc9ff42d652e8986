"""A reader of a record sees when its publication began, when it ends, and why."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from chengxin.catalogue.loader import load
from chengxin.records.model import Record, Version, Window
from chengxin.web.site import windows


def record(window: Window | None, *, item: str = "xzcf", severity: str = "general") -> Record:
    version = Version(7, datetime(2026, 11, 1, tzinfo=UTC), "x", "R-20261101-0001")
    fields = {"CF_CFLB": "罚款", "CF_NR": "罚款"}
    return Record("00" * 16, item, "s", fields, {}, severity, "given", window, "", "x", (version,))


@pytest.fixture(autouse=True)
def in_chinese():
    with translation.override("zh-hans"):
        yield


ORDER_36 = Window(date(2026, 4, 10), date(2026, 7, 10), date(2027, 4, 10), "2026-order36")


@pytest.mark.parametrize(
    ("on", "past", "runs"),
    [
        (date(2026, 4, 10), [True, False, False], [0, 0, 0]),
        (date(2026, 7, 9), [True, False, False], [99, 0, 0]),
        (date(2026, 7, 10), [True, True, False], [100, 0, 0]),
        (date(2027, 4, 9), [True, True, False], [100, 100, 0]),
    ],
)
def test_the_bar_is_filled_as_far_as_the_term_has_run(on, past, runs):
    steps = windows.steps(record(ORDER_36), load(), on)
    assert [step.day for step in steps] == [ORDER_36.starts, ORDER_36.repairable, ORDER_36.ends]
    assert [step.past for step in steps] == past
    assert [step.run for step in steps] == runs


def test_the_first_day_of_repair_is_announced_when_it_has_come():
    before = windows.steps(record(ORDER_36), load(), date(2026, 7, 9))
    after = windows.steps(record(ORDER_36), load(), date(2026, 7, 10))
    assert (before[1].note, after[1].note) == ("", "已可申请")


def test_a_licence_without_end_says_so_and_claims_no_date():
    window = Window(date(2026, 5, 12), None, None, "xzxk-validity")
    steps = windows.steps(record(window, item="xzxk", severity="none"), load(), date(2026, 11, 21))
    assert [step.day for step in steps] == [date(2026, 5, 12), None]


def test_the_reason_names_the_shortest_and_the_longest_term_with_its_articles():
    reason = windows.term_reason(record(ORDER_36), load())
    assert reason.words == "最短公示 3 个月，最长 1 年，期满自动停止公示。"
    assert "fagaiwei-36" in {basis.law for basis in reason.basis}


def test_a_window_that_a_later_regime_shortened_names_that_regime():
    window = Window(date(2025, 10, 1), date(2026, 1, 1), date(2026, 10, 1), "2023-order58")
    reason = windows.term_reason(record(window), load())
    assert "自2026年4月1日起按" in reason.words
    assert {"fagaiwei-58", "fagaiwei-36"} <= {basis.law for basis in reason.basis}


def test_a_record_without_a_window_has_no_dates_and_no_reason():
    assert windows.steps(record(None), load(), date(2026, 11, 21)) == ()
    assert windows.term_reason(record(None), load()) is None


@pytest.mark.parametrize(
    ("count", "words"), [(None, ""), (0, "无最短期限"), (3, "3 个月"), (12, "1 年"), (18, "18 个月")]
)
def test_terms_are_said_in_years_where_they_are_years(count, words):
    assert windows.months(count) == words
