"""Reporting deadlines (报送期限): by which day the decisions of a file must have been reported and published."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta

from chengxin.catalogue import calendars
from chengxin.catalogue.model import Calendar, Catalogue
from chengxin.kernel.periods import add_months, today
from chengxin.operations.receipts import closing
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Mend, Submission, SubmissionRow

BACKLOG_MONTHS = 12
"""Decisions older than this when their file came in are a backlog (历史补报): whether they were late is a figure of quality,
and the clerk's term for mending runs from the day of the receipt."""
SCANNED = 5000
"""Most open rows looked at where the receipt does not carry the earliest decision date itself."""
_DATE = re.compile(r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?:[ T].*)?\s*")
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})\s*")


@dataclass(frozen=True)
class Deadline:
    """When something is due (到期): ``left`` working days from today, 0 = today, negative = overdue.

    ``provisional``: the holidays of a year in the term are not published yet and Monday to Friday were counted.
    """

    decided: date
    """The day the term counts from: of the decision, or of the receipt of a backlog."""
    due: date
    left: int
    days: int
    provisional: bool


def of_submission(found: Submission, *, day: date | None = None) -> Deadline | None:
    """The deadline of the earliest decision among the rows that still wait; None when none waits or none has a date.

    Of a backlog, the term counts from the day of the receipt.
    """
    item = catalogue().items.get(found.item)
    if item is None or item.reporting_days is None or not (field := item.role("decided_on")):
        return None
    decided = _earliest(found, field)
    if decided is None:
        return None
    received = today(found.received_at)
    backlog = decided < add_months(received, -BACKLOG_MONTHS)
    return of_decision(received if backlog else decided, item.reporting_days, day=day)


def of_decision(decided: date, days: int, *, day: date | None = None) -> Deadline:
    """The deadline ``days`` working days after the day of the decision, seen from ``day`` (default: today)."""
    here = day or today()
    calendar = working_calendar(catalogue())
    due = calendars.due(calendar, decided, days)
    return Deadline(decided, due.day, working_days_between(here, due.day, calendar), days, due.provisional)


def working_calendar(loaded: Catalogue) -> Calendar:
    """The calendar of working days in force: of several (an overlay's and the national one) the last loaded."""
    return list(loaded.calendars.values())[-1]


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """Working days from the day after ``start`` to ``end``; negative when ``end`` lies before ``start``."""
    sign, first, last = (1, start, end) if start <= end else (-1, end, start)
    count, at = 0, first
    while at < last:
        at += timedelta(days=1)
        count += calendars.is_working_day(calendar, at)
    return sign * max(count, 1 if sign < 0 else 0)


def read_date(text: str) -> date | None:
    """A date as clerks write it, None when it is none; the strict reading is the business of ``intake``."""
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _earliest(found: Submission, field: str) -> date | None:
    waiting = SubmissionRow.objects.filter(submission=found.id, outcome__in=["quarantined", "unlinked"])
    untouched = not Mend.objects.filter(submission_id=found.id).exists()
    noted = found.quality.get("earliest_open")
    if noted and untouched:
        return date.fromisoformat(noted)
    closed = closing(Mend.objects.filter(submission_id=found.id))
    texts = waiting.exclude(row__in=closed.values("row")).order_by("row").values_list("cells", flat=True)[:SCANNED]
    dates = (read_date(json.loads(text or "{}").get(field) or "") for text in texts)
    return min((each for each in dates if each), default=None)
