"""Clock (到期办理): reminders, escalation, and the steps that follow from silence; ``reminders`` sends the mails.

Run by ``chengxin work`` every few minutes and by ``chengxin cases clock``; running it twice does nothing twice, and
running it late changes nothing but the moment of the reminder: due days are worked out from events and the calendar.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chengxin.cases.clock import Term
from chengxin.cases.conditions import Facts
from chengxin.cases.model import CLOCK
from chengxin.cases.workflow import offers
from chengxin.kernel.periods import add_working_days, today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import casefacts, cases, reminders
from chengxin.operations.deadlines import working_days_between
from chengxin.operations.reminders import ESCALATE, REMIND
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case

log = logging.getLogger("chengxin.clock")


@dataclass
class Ticked:
    """What the clock did (到期办理结果): reminders written, terms escalated, steps taken."""

    reminded: int = 0
    escalated: int = 0
    taken: int = 0


def tick(*, now: datetime | None = None) -> Ticked:
    """Look at every open case that is due soon or over, once."""
    moment = now or timezone.now()
    done = Ticked()
    for number in _candidates(today(moment)):
        try:
            with transaction.atomic():
                _one(number, moment, done)
        except Refusal as refusal:
            log.warning("case %s: the clock could not go on: %s", number, refusal.rule)
    return done


def _candidates(day: date) -> list[str]:
    """Open cases due within the longest reminder, and late ones that nobody was told of yet or that silence moves on."""
    flows = catalogue().workflows.values()
    ahead = max(d.remind for w in flows for d in w.deadlines.values())
    calendar = casefacts.calendar()
    horizon = add_working_days(day, ahead, calendar.holidays, calendar.workdays)
    moving = {w.kind for w in flows if any(d.silence for d in w.deadlines.values())}
    wanted = Q(due__lte=horizon) & (Q(due__gte=day) | Q(escalated=False) | Q(kind__in=moving))
    found = Case.objects.filter(wanted, closed_on__isnull=True).order_by("due", "id")
    return list(found.values_list("id", flat=True))


def _one(number: str, moment: datetime, done: Ticked) -> None:
    (row,) = cases.locked([number])
    day = today(moment)
    facts = casefacts.of([row], CLOCK, day)[number]
    if row.closed_on is not None or facts.case is None:
        return
    for offer in offers(facts):
        if not offer.against and offer.step.needs and not _is_silence(facts, offer.step.id):
            # a step of the clock with a condition of its own: publication ended by itself meanwhile
            cases.step(number=number, step=offer.step.id, actor=CLOCK, now=moment)
            done.taken += 1
            return
    rule = facts.workflow.deadlines[facts.workflow.states[row.state].deadline]
    term = facts.terms.get(rule.id)
    if term is None or term.due is None or term.met is not None:
        return
    if not term.late_on(day):
        if working_days_between(day, term.due, casefacts.calendar()) <= rule.remind and not _noted(facts, REMIND, term):
            _note(row, REMIND, rule.id, facts.workflow.states[row.state].owner, moment)
            done.reminded += 1
        return
    if not _noted(facts, ESCALATE, term):
        row.escalated = row.late = True
        _note(row, ESCALATE, rule.id, rule.escalate, moment)
        done.escalated += 1
    silence = next((o for o in offers(facts) if o.step.id == rule.silence and not o.against), None)
    if silence is not None:
        cases.step(number=number, step=silence.step.id, actor=CLOCK, now=moment)
        done.taken += 1


def _note(row: Case, event: str, term: str, to: str, moment: datetime) -> None:
    """Write it into the case, and queue the mails about it in the same transaction."""
    cases.note(row, event, term=term, to=to, moment=moment)
    if to:
        reminders.queue(row, to=to, moment=moment)


def _is_silence(facts: Facts, step: str) -> bool:
    return any(deadline.silence == step for deadline in facts.workflow.deadlines.values())


def _noted(facts: Facts, event: str, term: Term) -> bool:
    events = facts.case.events if facts.case else ()
    return any(e.step == event and e.ground == term.id and e.day >= term.started for e in events)
