"""Terms of cases: counting with jumps over pauses says the same as looking at every single day."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chengxin.cases import clock
from chengxin.cases.model import Event
from chengxin.catalogue.calendars import is_working_day
from chengxin.catalogue.loader import load

FLOW = load().workflows["repair"]
CALENDAR = load().calendars["cn"]
FIRST = date(2026, 1, 1)


def event(number: int, step: str, source: str, state: str, day: date) -> Event:
    return Event(
        number, step, source, state, datetime(day.year, day.month, day.day, 4, tzinfo=UTC), "li", "authority", ""
    )


@given(start=st.integers(0, 500), gaps=st.lists(st.integers(0, 12), max_size=6))
def test_a_day_counts_when_it_is_worked_and_the_clock_does_not_stand_still(start: int, gaps: list[int]) -> None:
    """``gaps`` are days between events that by turns stop the clock and let it go on."""
    day = FIRST + timedelta(days=start)
    events = [event(1, "submit", "", "submitted", day)]
    pauses: list[tuple[date, date]] = []
    for number, gap in enumerate(gaps, start=2):
        day += timedelta(days=gap)
        if number % 2 == 0:
            events.append(event(number, "ask", "submitted", "supplement", day))
            pauses.append((day, clock.FAR))
        else:
            events.append(event(number, "supplement", "supplement", "submitted", day))
            pauses[-1] = (pauses[-1][0], day)
    term = clock.terms(FLOW, events, CALENDAR, day)["answer"]
    counted, at = 0, events[0].day
    while counted < 10 and at < date(2029, 1, 1):
        at += timedelta(days=1)
        still = any(since < at <= until for since, until in pauses)
        counted += is_working_day(CALENDAR, at) and not still
    assert term.due == (at if counted == 10 else None)
    assert term.used <= term.days == 10
    assert term.due is None or term.due > term.started
