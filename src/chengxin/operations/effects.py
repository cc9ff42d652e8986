"""Effects of a case (办理结果的执行): what a step of a workflow does to records, as acts for the ledger.

A record may be held by several cases at once: suspended by a restructuring and by a silent source. It comes back only
when the last of them lets go, which is why the acts are worked out here and not written in the workflow.
"""

from collections.abc import Mapping, Sequence

from chengxin.operations import matters
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.storage.acts import Standing, standings
from chengxin.storage.models import Case, CaseEvent

Content = Mapping[str, object]

_SUSPENDING = "suspend"


def contents(moves: Sequence[tuple[Case, str, Sequence[str], Mapping[str, object]]]) -> list[Content]:
    """The acts of these steps, in order: (case, act of the workflow, record ids, details to write into the entry).

    An act that would change nothing (a mark that stands already) is left out.
    """
    known = standings(id for _, _, records, _ in moves for id in records)
    found: list[Content] = []
    for case, act, records, details in moves:
        for id in records:
            if id in known:
                found += [
                    {"act": each.value, "record": id, "case": case.id, **details}
                    for each in _acts(case, act, known[id])
                ]
    return found


def _acts(case: Case, act: str, standing: Standing) -> list[Act]:
    marks = standing.marks
    if marks & Mark.ERASED:
        return []
    lets_go = [Act.RESUME] if marks & Mark.SUSPENDED and _suspended_by(case) and not _held(case, standing) else []
    settles = [Act.SETTLE] if marks & Mark.CONTESTED else []
    gone = marks & (Mark.WITHDRAWN | Mark.UNLINKED)
    match act:
        case "contest":
            return [Act.OBJECT]
        case "answer":
            return settles + lets_go
        case "suspend":
            return [] if marks & Mark.SUSPENDED else [Act.SUSPEND]
        case "resume":
            return lets_go
        case "withdraw":
            return ([] if gone else [Act.WITHDRAW]) + settles + lets_go
        case "repair":
            repaired = [] if gone or marks & Mark.REPAIRED else [Act.REPAIR, Act.END_SHARING, Act.LIFT]
            return repaired + lets_go
        case "restore":
            return [Act.RESTORE] if marks & Mark.REPAIRED else []
    raise ValueError(f"no such act: {act}")


def records_of(case: Case) -> list[str]:
    """The records a step of a case acts on: its own, or all adverse ones of the subject.

    What was decided about the subject after they were masked is no part of the plan and stays as it is.
    """
    if case.record:
        return [case.record]
    masked = CaseEvent.objects.filter(case=case, step__in=_suspending_steps(), entry__isnull=False)
    return matters.adverse_of(case.subject, before=masked.values_list("entry", flat=True).order_by("number").first())


def _suspended_by(case: Case) -> bool:
    return CaseEvent.objects.filter(case=case, step__in=_suspending_steps()).exists()


def _held(case: Case, standing: Standing) -> bool:
    """Whether another open case has suspended the same record."""
    others = Case.objects.filter(closed_on__isnull=True, subject=standing.subject, record__in=["", standing.id])
    holding = CaseEvent.objects.filter(case__in=others.exclude(id=case.id), step__in=_suspending_steps())
    return holding.exists()


def _suspending_steps() -> list[str]:
    workflows = catalogue().workflows.values()
    return sorted({step.id for w in workflows for step in w.steps.values() if step.act == _SUSPENDING})
