"""Repair (信用修复): explained before anyone applies, and decided for many records at once. No fee is known to the platform."""

from dataclasses import dataclass
from datetime import date

from chengxin.cases.model import Matter
from chengxin.cases.repair import Eligibility, eligibility
from chengxin.catalogue.workflows import Paper
from chengxin.kernel.periods import today
from chengxin.operations import casefacts, matters
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case

KIND = "repair"


@dataclass(frozen=True)
class Explained:
    """What an organisation is told before it applies (修复告知): can it, from when, with what, how long, at no charge.

    ``running`` is the number of an application under way, else empty. ``days`` are working days by term.
    """

    matter: Matter
    eligibility: Eligibility
    papers: tuple[Paper, ...]
    days: dict[str, int]
    running: str


def explain(record: str, *, day: date | None = None, public: bool = False) -> Explained:
    """What can be said of repairing a record on a day. Raises Refusal ``case.record``.

    ``public``: what anybody may know, from the record and the rules alone. That an organisation was found to deceive, and
    that it has applied, is told only to itself and to those who decide.
    """
    on = day or today()
    matter = matters.matter(record)
    flow = catalogue().workflow_of(KIND, max(on, _first_day()))
    barred = None if public else casefacts.barred(matter.subject, on)
    found = eligibility(matter, day=on, catalogue=catalogue(), barred_until=barred)
    asked = {r.paper for r in found.rules.requirements} if found.rules else set()
    running = Case.objects.filter(kind=KIND, record=record, closed_on__isnull=True).values_list("id", flat=True)
    return Explained(
        matter,
        found,
        tuple(paper for paper in flow.papers.values() if paper.id in asked),
        {deadline.id: deadline.days for deadline in flow.deadlines.values()},
        "" if public else running.first() or "",
    )


def _first_day() -> date:
    return min(flow.in_force_from for flow in catalogue().workflows.values() if flow.kind == KIND)
