"""Periods (期限): half-open spans of days, months that end well, working days, and "today" in China."""

import calendar
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
LONG_TERM = date(2099, 12, 31)
"""长期: the day by which the national layouts write "no end"."""


def today(now: datetime | None = None) -> date:
    """The calendar day in Asia/Shanghai; give ``now`` (aware) to ask for another moment."""
    return (now or datetime.now(CHINA)).astimezone(CHINA).date()


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later; a day that the month lacks becomes its last day.

    This is the end-of-month rule "clip"; which rule a regime uses is catalogue data.
    """
    month0 = day.year * 12 + day.month - 1 + months
    year, month = divmod(month0, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True)
class Period:
    """A span of days ``[starts, ends)``: ``starts`` is inside, ``ends`` is the first day outside, None = open."""

    starts: date
    ends: date | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starts <= day and (self.ends is None or day < self.ends)


def in_force(day: date, starts: date | None, ends: date | None) -> bool:
    """Whether something with a first day and a last day (both inside, None = open) is in force on ``day``."""
    return (starts is None or starts <= day) and (ends is None or day <= ends)


def add_working_days(day: date, count: int, holidays: Container[date], workdays: Container[date]) -> date:
    """The day on which a term of ``count`` working days that starts after ``day`` ends.

    ``holidays`` are weekdays off, ``workdays`` are weekend days worked (调休); both are calendar data.
    """
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays, workdays):
            count -= 1
    return day


def earliest_in_time(day: date, count: int, holidays: Container[date], workdays: Container[date]) -> date:
    """The earliest start whose term of ``count`` (> 0) working days has not ended before ``day``.

    The inverse of :func:`add_working_days`: one comparison of dates then judges a whole file.
    """
    start, passed = day, 0
    while True:
        passed += start < day and is_working_day(start, holidays, workdays)
        if passed == count:
            return start
        start -= timedelta(days=1)


def is_working_day(day: date, holidays: Container[date], workdays: Container[date]) -> bool:
    if day in workdays:
        return True
    return day.weekday() < 5 and day not in holidays
