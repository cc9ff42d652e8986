"""Two real 双公示 rows: quarantined as sent with each reason; mended, they show when they were public and when no more."""

from datetime import date, timedelta

import pytest
from tests.real import expect_municipal
from tests.real.files import MUNICIPAL, real

ITEMS = ["xzcf", "xzxk"]
MAPPING = {"xzcf": "municipal-penalty", "xzxk": "municipal-licence"}


@pytest.fixture(params=ITEMS)
def item(request) -> str:
    real(MUNICIPAL)
    return request.param


def test_as_sent_the_row_waits_with_every_reason_named(item, hand_in):
    receipt = hand_in(MUNICIPAL, item, None, sheet=expect_municipal.ARRAYS[item], introduce=True)
    assert (receipt["rows"], receipt["quarantined"]) == (1, 1)
    assert receipt["reasons"] == expect_municipal.reasons_as_sent(item)


def test_mended_it_shows_its_window(item, hand_in):
    from chengxin.operations import lookup
    from chengxin.storage.models import Record

    hand_in(MUNICIPAL, item, MAPPING[item], introduce=True)
    id = bytes(Record.objects.get(item=item).id).hex()
    starts, repairable, ends = (day and date.fromisoformat(day) for day in expect_municipal.window(item))
    days = [starts - timedelta(days=1), starts, ends - timedelta(days=1), ends]
    windows = [found and found.window for found in (lookup.record(id, on=day) for day in days)]
    assert [window is not None for window in windows] == [False, True, True, False]
    assert (windows[1].starts, windows[1].repairable, windows[1].ends) == (starts, repairable, ends)


def test_today_neither_is_public_any_more(hand_in):
    from chengxin.kernel.periods import today
    from chengxin.operations import lookup

    real(MUNICIPAL)
    assert not lookup.figures(today()).published
