"""Facts of cases (办理事实): everything that conditions look at, gathered for one case or for thousands at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.conf import settings

from chengxin.cases import clock, repair
from chengxin.cases.conditions import Facts
from chengxin.cases.model import Actor, Event, Matter
from chengxin.cases.model import Case as CaseValue
from chengxin.catalogue.model import Calendar
from chengxin.catalogue.workflows import Workflow
from chengxin.operations import matters
from chengxin.operations.deadlines import working_calendar
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Attachment, Case, CaseEvent, SubjectCode

_MANY = 1000


def calendar() -> Calendar:
    """The calendar of working days in force."""
    return working_calendar(catalogue())


def at_start(
    row: Case, flow: Workflow, actor: Actor, day: date, matter: Matter | None, papers: Mapping[str, datetime]
) -> Facts:
    """The facts of a case that is only about to begin."""
    return Facts(
        workflow=flow,
        actor=actor,
        day=day,
        body=row.body,
        subject=row.subject,
        codes=matters.codes_of(row.subject),
        matter=matter,
        eligibility=_eligibility(matter, day, _barred([row.subject], day)),
        papers=papers,
        silence_suspends=settings.SUSPEND_ON_SILENCE,
    )


def of(rows: Sequence[Case], actor: Actor, day: date) -> Mapping[str, Facts]:
    """The facts of these cases by number."""
    ids = [row.id for row in rows]
    histories = _histories(ids)
    papers: dict[str, dict[str, datetime]] = defaultdict(dict)
    for case, paper, at in _in_parts(Attachment.objects.values_list("case_id", "paper", "at"), "case_id__in", ids):
        papers[case][paper] = max(at, papers[case].get(paper, at))
    subjects = list({row.subject for row in rows})
    codes: dict[str, set[str]] = {subject: {subject} for subject in subjects}
    for subject, code in _in_parts(SubjectCode.objects.values_list("subject", "code"), "subject__in", subjects):
        codes[subject].add(code)
    known = matters.matters([row.record for row in rows if row.record])
    barred = _barred(subjects, day)
    found = {}
    for row in rows:
        flow = catalogue().workflows[row.workflow]
        events = histories[row.id]
        matter = known.get(row.record)
        if matter is not None and len(rows) == 1:
            matter = replace(matter, changed_at=matters.changed_at(row.record))
        found[row.id] = Facts(
            workflow=flow,
            actor=actor,
            day=day,
            body=row.body,
            subject=row.subject,
            codes=frozenset(codes[row.subject]),
            case=CaseValue(row.id, row.workflow, row.record, row.subject, row.body, events),
            matter=matter,
            eligibility=_eligibility(matter, day, barred),
            papers=papers[row.id],
            terms=clock.terms(flow, events, calendar(), day),
            silence_suspends=settings.SUSPEND_ON_SILENCE,
        )
    return found


def history(number: str) -> tuple[Event, ...]:
    """The events of a case in order."""
    return _histories([number])[number]


def barred(subject: str, day: date) -> date | None:
    """The first day on which a subject may ask for repair again after deceit, None where nothing bars it on ``day``."""
    return _barred([subject], day).get(subject)


def _histories(ids: Sequence[str]) -> Mapping[str, tuple[Event, ...]]:
    fields = list(Event.__dataclass_fields__)
    found: dict[str, list[Event]] = {id: [] for id in ids}
    rows = _in_parts(CaseEvent.objects.order_by("case_id", "number").values("case_id", *fields), "case_id__in", ids)
    for row in rows:
        found[row.pop("case_id")].append(Event(**row))
    return {id: tuple(events) for id, events in found.items()}


def _barred(subjects: Sequence[str], day: date) -> dict[str, date]:
    """Subject → end of its bar, from the repairs of it that were undone."""
    undone = _in_parts(
        Case.objects.filter(kind="revocation", outcome="revoked").values_list("subject", "record", "closed_on"),
        "subject__in",
        subjects,
    )
    found: dict[str, date] = {}
    for subject, record, on in undone:
        matter = matters.matters([record]).get(record)
        rules = catalogue().repair_of(matter.item, matter.fields, on) if matter else None
        until = repair.barred_until(rules, on) if rules else on
        if until > day:
            found[subject] = max(until, found.get(subject, until))
    return found


def _eligibility(matter: Matter | None, day: date, barred: Mapping[str, date]) -> repair.Eligibility | None:
    if matter is None:
        return None
    return repair.eligibility(matter, day=day, catalogue=catalogue(), barred_until=barred.get(matter.subject))


def _in_parts(query, name: str, values: Sequence[str]):  # type: ignore[no-untyped-def]
    """The rows of a query for many values: SQLite takes a limited number of parameters."""
    for start in range(0, len(values), _MANY):
        yield from query.filter(**{name: values[start : start + _MANY]})
