"""Reporting deadlines (报送期限): by which day the decisions of a file must have been reported and published."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chengxin.catalogue import calendars
from chengxin.catalogue.model import Calendar, Catalogue
from chengxin.kernel.periods import add_months, today
from chengxin.operations.receipts import closing
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Mend, Submission, SubmissionRow

BACKLOG_MONTHS = 12
"""Decisions older than this when their file came in are a backlog (历史补报): whether they were late is a figure of quality,
and the clerk's term for mending runs from the day of the receipt. A day after the receipt is no decision yet."""
SCANNED = 5000
"""Most open rows looked at where the receipt does not carry the earliest decision date itself."""
_DATE = re.compile(r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?:[ T].*)?\s*")
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})\s*")


@dataclass(frozen=True)
class Deadline:
    """When something is due (到期): ``left`` working days from today, 0 = today, negative = overdue.

    ``provisional``: the holidays of a year in the term are not published yet and Monday to Friday were counted.
    """

    since: date
    """The day the term counts from: of the decision, or of the receipt of a backlog."""
    due: date
    left: int
    days: int
    provisional: bool
    backlog: bool = False


def backlog_before(received: date) -> date:
    """The day before which decisions of a file received on this day are a backlog."""
    return add_months(received, -BACKLOG_MONTHS)


def of_submission(found: Submission, *, day: date | None = None) -> Deadline | None:
    """The first deadline of the rows that still wait; None when none waits or none has the date of a decision made.

    Of a decision that is a backlog the term counts from the day of the receipt.
    """
    item = catalogue().items.get(found.item)
    if item is None or item.reporting_days is None or not (field := item.role("decided_on")):
        return None
    received = today(found.received_at)
    recent, backlog = _open(found, field, received)
    terms = [of_decision(recent, item.reporting_days, day=day)] if recent else []
    if backlog:
        terms.append(replace(of_decision(received, item.reporting_days, day=day), backlog=True))
    return min(terms, key=lambda term: term.due, default=None)


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


def _open(found: Submission, field: str, received: date) -> tuple[date | None, bool]:
    """Of the rows that wait: the earliest day of a decision that is no backlog, and whether there is a backlog."""
    before = backlog_before(received)
    untouched = not Mend.objects.filter(submission_id=found.id).exists()
    if untouched and "backlog_open" in found.quality:
        noted = found.quality["earliest_open"]
        return date.fromisoformat(noted) if noted else None, found.quality["backlog_open"]
    waiting = SubmissionRow.objects.filter(submission=found.id, outcome__in=["quarantined", "unlinked"])
    closed = closing(Mend.objects.filter(submission_id=found.id))
    texts = waiting.exclude(row__in=closed.values("row")).order_by("row").values_list("cells", flat=True)[:SCANNED]
    read = (read_date(json.loads(text or "{}").get(field) or "") for text in texts)
    days = [each for each in read if each and each <= received]
    return min((each for each in days if each >= before), default=None), any(each < before for each in days)
