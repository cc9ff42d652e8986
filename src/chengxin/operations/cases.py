"""Cases (办件): begin one, take a step, read lists. One transaction each: event, letter, state and effect on the record.

``casefacts`` gathers what conditions look at; what a step may do is said once, in ``cases.workflow``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chengxin.cases import clock, permissions, workflow
from chengxin.cases.conditions import Facts, proposal
from chengxin.cases.model import CLOCK, Actor, Event
from chengxin.cases.workflow import Move
from chengxin.catalogue.workflows import Workflow
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import acts, attachments, casefacts, caselists, effects, letters, matters
from chengxin.operations.attachments import Given
from chengxin.operations.rulebook import catalogue
from chengxin.storage import sequencing
from chengxin.storage.models import Case, CaseEvent, Source
from chengxin.subjects.free_text import without_persons

CENTRE = "centre"
"""Stands in ``Case.acting`` for the credit centre, whatever its code."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken (已办理): the case, the state it is in now, the number of its event."""

    case: str
    state: str
    event: int


def start(
    *,
    kind: str,
    actor: Actor,
    record: str = "",
    subject: str = "",
    statement: str = "",
    ground: str = "",
    files: Sequence[Given] = (),
    now: datetime | None = None,
) -> Taken:
    """Begin a case of ``kind`` about a record (32 hex characters) or, where the workflow says so, a whole subject (id).

    Raises Refusal: ``case.kind``, ``case.record``, ``case.open-already``, those of the workflow's first step
    (``repair.later`` …), ``attachment.*``.
    """
    without_persons(statement, *(each.name for each in files))
    moment = now or timezone.now()
    day = today(moment)
    try:
        flow = catalogue().workflow_of(kind, day)
    except KeyError:
        raise _no_kind(kind) from None
    matter = matters.matter(record) if flow.about == "record" else None
    about = matter.subject if matter else subject
    body = matters.body_of(matter) if matter else _centre(actor)
    concerned = bool(permissions.roles(actor, body=body, subject=about))
    if matter and not concerned and actor.organisation != body:
        raise matters.unknown(record)  # whoever it does not concern is not told that there is such a record
    with transaction.atomic():
        # two applications at the same moment: the constraint would refuse the second one without a word
        open_now = Case.objects.filter(closed_on__isnull=True, kind=kind, subject=about, record=record).first()
        if open_now is not None and concerned:
            raise _open_already(open_now)
        case = Case(
            id=caselists.next_number(flow.prefix, day),
            kind=kind,
            workflow=flow.id,
            record=record,
            subject=about,
            item=matter.item if matter else "",
            name=matters.names([about]).get(about, about),
            document=matters.document_of(matter) if matter else "",
            body=body,
            opened_on=day,
            due=clock.FAR,
            state="",
            events=0,
            statement=statement,
        )
        given = {each.paper: moment for each in files}
        facts = casefacts.at_start(case, flow, actor, day, matter, given)
        move = workflow.take(facts, flow.first, reason=statement, ground=ground)
        case.save(force_insert=True)
        for each in files:
            attachments.keep(case.id, each, by=actor.name, at=moment)
        return _write([(case, facts, move)], actor, statement, "", moment)[0]


def step(
    *,
    number: str,
    step: str,
    actor: Actor,
    reason: str = "",
    ground: str = "",
    document: str = "",
    files: Sequence[Given] = (),
    seen: int | None = None,
    now: datetime | None = None,
) -> Taken:
    """Take a step in a case. ``seen`` is the number of events its page showed: whoever is second is told.

    Raises Refusal: ``case.unknown``, ``case.moved``, those of ``cases.workflow.take``, of its conditions, of the acts.
    """
    return step_many(
        numbers=[number],
        step=step,
        actor=actor,
        reason=reason,
        ground=ground,
        document=document,
        files=files,
        seen=None if seen is None else {number: seen},
        now=now,
    )[0]


def step_many(
    *,
    numbers: Sequence[str],
    step: str,
    actor: Actor,
    reason: str = "",
    ground: str = "",
    document: str = "",
    files: Sequence[Given] = (),
    seen: Mapping[str, int] | None = None,
    now: datetime | None = None,
) -> list[Taken]:
    """Take the same step in many cases of one kind, all or none, as one batch of the ledger."""
    without_persons(reason, document, *(each.name for each in files))
    moment = now or timezone.now()
    day = today(moment)
    with transaction.atomic():
        if any(w.steps[step].act for w in catalogue().workflows.values() if step in w.steps):
            sequencing.session()  # before the rows, as everybody else does: then nobody waits in a circle
        rows = locked(numbers)
        for row in rows:
            if seen is not None and seen.get(row.id, row.events) != row.events:
                raise _moved(row)
        gathered = casefacts.of(rows, actor, day)
        given = dict.fromkeys((each.paper for each in files), moment)
        moves = []
        for row in rows:
            facts = replace(gathered[row.id], papers={**gathered[row.id].papers, **given})
            moves.append((row, facts, workflow.take(facts, step, reason=reason, ground=ground)))
        for row, each in product(rows, files):  # after the step was allowed: a stranger's file is never kept
            attachments.keep(row.id, each, by=actor.name, at=moment)
        return _write(moves, actor, reason, document, moment)


def note(row: Case, event: str, *, term: str, to: str, moment: datetime) -> None:
    """Write down something that is no step: ``remind`` or ``escalate`` of a term, to a role; in the caller's transaction."""
    row.events += 1
    CaseEvent.objects.create(
        case=row,
        number=row.events,
        step=event,
        source=row.state,
        state=row.state,
        at=moment,
        actor=CLOCK.name,
        role="clock",
        organisation="",
        ground=term,
        document=to,
    )
    row.save(update_fields=["events", "escalated", "late"])


def hand_in(*, number: str, actor: Actor, files: Sequence[Given], now: datetime | None = None) -> None:
    """Add papers to an open case without taking a step. Raises Refusal ``case.unknown``, ``case.closed``, ``attachment.*``."""
    without_persons(*(each.name for each in files))
    moment = now or timezone.now()
    with transaction.atomic():
        (row,) = locked([number])
        if not permissions.roles(actor, body=row.body, subject=row.subject):
            raise caselists.unknown(number)
        if row.closed_on is not None:
            raise Refusal(
                "case.closed",
                Text("该事项已办结，不再收取材料。", "The case is closed and takes no more papers."),
                where=Text(number, number),
                remedy=Text("可以重新申请。", "A new application can be made."),
            )
        for each in files:
            attachments.keep(row.id, each, by=actor.name, at=moment)


def forget(record: str, *, submissions_rows: Sequence[tuple[str, int]] = ()) -> int:
    """Empty every text that cases hold about an erased record; who did what and when stays. Returns the rows emptied."""
    rows = list(Case.objects.filter(record=record))
    for row in rows:
        attachments.forget(row.id)
    emptied = CaseEvent.objects.filter(case__in=rows).update(reason="", letter=None, document="")
    emptied += Case.objects.filter(record=record).update(name="", document="", statement="", subject="")
    return emptied


def _write(
    moves: Sequence[tuple[Case, Facts, Move]], actor: Actor, reason: str, document: str, moment: datetime
) -> list[Taken]:
    """Events, letters, acts and the new rows of cases."""
    entered = _enter(moves, actor, reason, moment)
    bodies = dict(Source.objects.filter(code__in={row.body for row, _, _ in moves}).values_list("code", "name"))
    events, changed, taken = [], [], []
    for row, facts, move in moves:
        event = Event(
            number=row.events + 1,
            step=move.step.id,
            source=move.source,
            state=move.state,
            at=moment,
            actor=actor.name,
            role=move.role,
            organisation=actor.organisation,
            reason=reason,
            ground=move.ground.id if move.ground else "",
            document=document,
        )
        history = (*(facts.case.events if facts.case else ()), event)
        running = clock.terms(facts.workflow, history, casefacts.calendar(), facts.day)
        letter = letters.written(row, facts, move, reason, bodies.get(row.body, row.body), running)
        _advance(row, facts.workflow, event, running)
        events.append(
            CaseEvent(
                case=row,
                letter=letter,
                entry=entered.get(row.id),
                **{name: getattr(event, name) for name in Event.__dataclass_fields__},
            )
        )
        changed.append(row)
        taken.append(Taken(row.id, event.state, event.number))
    CaseEvent.objects.bulk_create(events, batch_size=1000)
    _store(changed)
    return taken


def _enter(moves: Sequence[tuple[Case, Facts, Move]], actor: Actor, reason: str, moment: datetime) -> dict[str, int]:
    """Enter the acts of the steps; returns the number of each case's first entry."""
    wanted = []
    for row, facts, move in moves:
        if move.step.act:
            proposed = proposal(facts)
            said = reason or (proposed.reason if proposed else "")
            details = {"step": move.step.id, "reason": said or None}
            wanted.append((row, move.step.act, effects.records_of(row), details))
    contents = effects.contents(wanted)
    if not contents:
        return {}
    by = actor.organisation or settings.OPERATOR_CODE or "platform"
    first = acts.enter(contents, by=by, at=moment).first_seq
    found: dict[str, int] = {}
    for place, content in enumerate(contents):
        found.setdefault(str(content["case"]), first + place)
    return found


def _advance(row: Case, flow: Workflow, event: Event, running: Mapping[str, clock.Term]) -> None:
    state = flow.states[event.state]
    row.events, row.state = event.number, event.state
    row.due = clock.due(flow, event.state, running)
    row.stage = _stage(flow, event.state)
    row.acting = {"centre": CENTRE, "authority": row.body}.get(state.owner, "")
    row.late = row.late or any(term.kept is False for term in running.values())
    row.used = max((term.used for term in running.values()), default=0)
    if event.source != event.state:
        row.escalated = False
    if event.role in ("authority", "centre"):
        row.handler = event.actor
    if state.final:
        row.closed_on, row.outcome = event.day, state.outcome


def _stage(flow: Workflow, state: str) -> str:
    if flow.states[state].final:
        return "closed"
    if flow.states[state].owner == "applicant":
        return "wait"
    second = any("another_person" in step.needs for step in flow.steps_from(state))
    return "second" if second else "work"


def _store(rows: Iterable[Case]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE credit_case SET state = %s, stage = %s, acting = %s, handler = %s, due = %s, closed_on = %s, "
            "outcome = %s, events = %s, escalated = %s, late = %s, used = %s WHERE id = %s",
            [
                (
                    row.state,
                    row.stage,
                    row.acting,
                    row.handler,
                    row.due,
                    row.closed_on,
                    row.outcome,
                    row.events,
                    row.escalated,
                    row.late,
                    row.used,
                    row.id,
                )
                for row in rows
            ],
        )


def locked(numbers: Sequence[str]) -> list[Case]:
    """The rows, held until the transaction ends. Raises Refusal ``case.unknown``."""
    found = {row.id: row for row in Case.objects.select_for_update().filter(id__in=numbers).order_by("id")}
    for number in numbers:
        if number not in found:
            raise caselists.unknown(number)
    return [found[number] for number in dict.fromkeys(numbers)]


def _centre(actor: Actor) -> str:
    return actor.organisation if actor.centre else settings.OPERATOR_CODE


def _moved(row: Case) -> Refusal:
    last = CaseEvent.objects.filter(case=row).order_by("-number").first()
    flow = catalogue().workflows[row.workflow]
    state = flow.states[row.state].title
    who = last.actor if last else ""
    return Refusal(
        "case.moved",
        Text(f"{who}已先一步办理，现在的状态是“{state.zh}”。", f"{who} was first; the case is now “{state.en}”."),
        where=Text(row.id, row.id),
        basis="同一事项只办理一次",
        remedy=Text("请刷新页面，查看办理经过后再决定。", "Reload the page and look at what was done."),
    )


def _open_already(row: Case) -> Refusal:
    return Refusal(
        "case.open-already",
        Text(f"同一事项正在办理：{row.id}。", f"The same matter is being dealt with: {row.id}."),
        where=Text(row.id, row.id),
        basis="同一事项只办理一次",
        remedy=Text("请在该办件中补充材料或查看进度。", "Add papers to that case, or see where it stands."),
    )


def _no_kind(kind: str) -> Refusal:
    known = sorted({w.kind for w in catalogue().workflows.values()})
    return Refusal(
        "case.kind",
        Text(f"没有“{kind}”这种办理事项。", f"There is no kind of case “{kind}”."),
        basis="办理流程文件",
        remedy=Text(f"现有：{'、'.join(known)}。", f"There are: {', '.join(known)}."),
    )
