"""Clock of a case (办理期限计算): which terms run, until which day, whether they stand still, whether they were kept.

Everything is worked out from the events and the calendar; no due day is ever counted up by a job.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chengxin.cases.model import Event
from chengxin.catalogue.calendars import is_working_day
from chengxin.catalogue.model import Calendar
from chengxin.catalogue.workflows import Deadline, Workflow

FAR = date(9999, 12, 31)
"""A day that never comes: no term runs, or it stands still."""


@dataclass(frozen=True)
class Term:
    """A term of a case (期限). ``due`` is its last day, None while it stands still; ``used`` and ``days`` are working days.

    ``met`` is the day of the step that kept or ended it, None while it is open. ``provisional``: the holidays of a year
    it touches are not known.
    """

    id: str
    started: date
    days: int
    used: int
    due: date | None
    met: date | None
    provisional: bool

    @property
    def kept(self) -> bool | None:
        """Whether it was met in time; None while it is open. One that was met while standing still was kept."""
        if self.met is None:
            return None
        return self.due is None or self.met <= self.due

    def late_on(self, day: date) -> bool:
        """Whether it is open and over on ``day``."""
        return self.met is None and self.due is not None and self.due < day


def terms(workflow: Workflow, events: Sequence[Event], calendar: Calendar, day: date) -> Mapping[str, Term]:
    """The terms that have started by the last event, by id, as they stand on ``day``."""
    found = {}
    for rule in workflow.deadlines.values():
        term = _term(rule, workflow, events, calendar, day)
        if term is not None:
            found[rule.id] = term
    return found


def due(workflow: Workflow, state: str, running: Mapping[str, Term]) -> date:
    """The day by which the owner of a state has to act; FAR where nothing runs."""
    term = running.get(workflow.states[state].deadline)
    return FAR if term is None or term.due is None or term.met is not None else term.due


def _term(rule: Deadline, workflow: Workflow, events: Sequence[Event], calendar: Calendar, day: date) -> Term | None:
    begun = next((n for n in range(len(events) - 1, -1, -1) if events[n].step in rule.starts), None)
    if begun is None:
        return None
    started, allowed, met = events[begun].day, rule.days, None
    still: list[tuple[date, date]] = []
    standing: date | None = None
    for event in events[begun:]:
        step = workflow.steps.get(event.step)  # reminders are events and no steps
        allowed += (step.extends or {}).get(rule.id, 0) if step else 0
        waits = rule.pauses and workflow.states[event.state].waits
        if waits and standing is None:
            standing = event.day
        elif not waits and standing is not None:
            still.append((standing, event.day))
            standing = None
        if event.number > events[begun].number and event.step in rule.stops:
            met = event.day
            break
    if standing is not None:
        still.append((standing, FAR))
    due, used = _count(started, allowed, still, met or day, calendar)
    years = range(started.year, (due or day).year + 1)
    return Term(rule.id, started, allowed, used, due, met, bool({*years} - calendar.years))


def _count(
    started: date, allowed: int, still: Sequence[tuple[date, date]], until: date, calendar: Calendar
) -> tuple[date | None, int]:
    """The last day of the term, None when it stands still before, and the working days used by ``until``.

    The days of a pause ``(from, to]`` do not count: the day it began is still used, the day it ended is not.
    """
    day, counted, used = started, 0, 0
    while counted < allowed:
        day += timedelta(days=1)
        pause = next((p for p in still if p[0] < day <= p[1]), None)
        if pause is not None:
            if pause[1] == FAR:
                return None, used
            day = pause[1]
        elif is_working_day(calendar, day):
            counted += 1
            used += day <= until
    return day, used
