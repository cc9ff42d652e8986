"""Working days (工作日): deadlines counted on a calendar of the catalogue."""

from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.model import Calendar
from chengxin.kernel import periods


@dataclass(frozen=True)
class Deadline:
    """The last day of a term of working days; ``provisional`` where it touches a year whose holidays are not known."""

    day: date
    provisional: bool


def due(calendar: Calendar, start: date, working_days: int) -> Deadline:
    """The deadline of a term of ``working_days`` that begins on the day after ``start``."""
    day = periods.add_working_days(start, working_days, calendar.holidays, calendar.workdays)
    unknown = set(range(start.year, day.year + 1)) - calendar.years
    return Deadline(day, bool(unknown))


def is_working_day(calendar: Calendar, day: date) -> bool:
    return periods.is_working_day(day, calendar.holidays, calendar.workdays)
