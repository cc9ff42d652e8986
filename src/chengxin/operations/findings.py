"""Findings (校核问题): the tasks that the cross-check leaves, and what people do about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Count, Max

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage.models import Crosscheck, FindingEvent, Source
from chengxin.storage.models import Finding as Stored
from chengxin.subjects.crosscheck import CHECKS, STATES, Check, State, Step
from chengxin.subjects.free_text import without_persons

PAGE = 50
OPEN = (State.OPEN, State.TAKEN)
_BASIS = "《意见》（十九）：健全赋码数据共享与校核机制"


@dataclass(frozen=True)
class Event:
    """One thing that happened to a finding; ``by`` is "" where the cross-check itself did it."""

    at: datetime
    by: str
    act: Step
    note: str


@dataclass(frozen=True)
class Finding:
    """A finding with its evidence; ``owner`` is the code of the office whose task it is, "" for the credit centre."""

    id: int
    rule: str
    code: str
    department: str
    owner: str
    owner_name: str
    state: State
    detail: Mapping[str, Any]
    first_at: datetime
    last_at: datetime
    history: Sequence[Event] = ()

    @property
    def check(self) -> Check:
        return CHECKS[self.rule]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Listed:
    """A page of findings, oldest first; ``next`` is the id to go on after, None on the last page."""

    rows: Sequence[Finding]
    next: int | None


def listed(*, owner: str | None = None, rule: str = "", state: str = "", after: int = 0, limit: int = PAGE) -> Listed:
    """Findings of one owner (code, "" = the credit centre) or all (None); without a state those that are open."""
    found = Stored.objects.filter(id__gt=after, state__in=[state] if state in set(State) else list(OPEN))
    if owner is not None:
        found = found.filter(owner=owner)
    if rule:
        found = found.filter(rule=rule)
    rows = list(found.order_by("id")[: limit + 1])
    names = _names(row.owner for row in rows)
    shown = [_finding(row, names) for row in rows[:limit]]
    return Listed(shown, shown[-1].id if len(rows) > limit else None)


def counts(*, owner: str | None = None) -> Mapping[str, int]:
    """How many findings are open, by rule; rules without any are left out."""
    found = Stored.objects.filter(state__in=list(OPEN))
    if owner is not None:
        found = found.filter(owner=owner)
    return dict(found.values("rule").annotate(n=Count("id")).order_by().values_list("rule", "n"))


def finding(id: int, *, owner: str | None = None) -> Finding:
    """One finding with its history. Raises Refusal ``finding.unknown``, for another office's as for none at all."""
    row = Stored.objects.filter(pk=id).first()
    if row is None or owner not in (None, row.owner):
        raise Refusal(
            "finding.unknown",
            Text("没有这个校核问题，或不归本单位处理。", "There is no such finding, or it is not yours to handle."),
            where=Text(str(id), str(id)),
            remedy=Text("请从校核问题列表打开。", "Open it from the list of findings."),
        )
    history = [
        Event(_moment(event.at), event.by, Step(event.act), event.note)
        for event in FindingEvent.objects.filter(finding=id).order_by("number")
    ]
    return _finding(row, _names([row.owner]), history)


def take(id: int, *, by: str, note: str = "", owner: str | None = None) -> Finding:
    """Say that somebody is checking it. Raises ``finding.unknown``, ``finding.closed``."""
    return _step(id, Step.TAKEN, by=by, note=note, owner=owner, state=State.TAKEN)


def note(id: int, *, by: str, note: str, owner: str | None = None) -> Finding:
    """Add a note to its history. Raises ``finding.unknown``, ``finding.reason`` (nothing was said)."""
    return _step(id, Step.NOTED, by=by, note=_said(note), owner=owner)


def explain(id: int, *, by: str, note: str, owner: str | None = None) -> Finding:
    """Say why it is no fault; it stays so while the evidence stays the same.

    Raises ``finding.unknown``, ``finding.closed``, ``finding.reason`` (an explanation needs words).
    """
    return _step(id, Step.EXPLAINED, by=by, note=_said(note), owner=owner, state=State.EXPLAINED)


def reopen(id: int, *, by: str, note: str, owner: str | None = None) -> Finding:
    """Make an explained finding a task again. Raises ``finding.unknown``, ``finding.closed``, ``finding.reason``."""
    return _step(id, Step.REOPENED, by=by, note=_said(note), owner=owner, state=State.OPEN, among=(State.EXPLAINED,))


def assign(id: int, *, owner: str, by: str, note: str = "") -> Finding:
    """Hand a finding to another office (code). Raises ``finding.unknown``, ``finding.closed``, ``finding.owner``."""
    if not Source.objects.filter(code=owner).exists():
        raise Refusal(
            "finding.owner",
            Text(f"没有代码为 {owner} 的单位。", f"No source has the code {owner}."),
            remedy=Text("请选择已登记的单位。", "Choose a registered source."),
        )
    return _step(id, Step.ASSIGNED, by=by, note=note, owner=None, state=State.OPEN, to=owner)


@transaction.atomic
def _step(
    id: int,
    step: Step,
    *,
    by: str,
    note: str,
    owner: str | None,
    state: State | None = None,
    among: Sequence[State] = OPEN,
    to: str | None = None,
) -> Finding:
    """One step: the finding's row is locked, so that two people do not both close it; the event is appended."""
    without_persons(note)
    if connection.vendor == "postgresql":
        Stored.objects.select_for_update().filter(pk=id).first()
    now = finding(id, owner=owner)
    if state is not None and now.state not in among:
        raise Refusal(
            "finding.closed",
            Text(f"这个校核问题{STATES[now.state].zh}，不能这样处理。", "In its present state this cannot be done."),
            where=Text(str(id), str(id)),
            basis=_BASIS,
            remedy=Text("请刷新页面查看现在的状态。", "Reload the page to see its state."),
        )
    changed = ({"state": state.value} if state else {}) | ({"owner": to} if to is not None else {})
    if changed:
        Stored.objects.filter(pk=id).update(**changed)
    last = FindingEvent.objects.filter(finding=id).aggregate(last=Max("number"))["last"] or 0
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    FindingEvent.objects.create(finding=id, number=last + 1, at=at, by=by, act=step.value, note=note.strip())
    return finding(id)


def office_name(owner: str) -> str:
    """The name of the office with this code; "" is the credit centre's own share, which has no name."""
    return _names([owner]).get(owner, owner)


def runs(limit: int = 24) -> list[Crosscheck]:
    """The last runs that were finished, newest first."""
    return list(Crosscheck.objects.filter(state="done").order_by("-id")[:limit])


def under_way() -> bool:
    """Whether a run waits or is under way."""
    return Crosscheck.objects.filter(state__in=("asked", "running")).exists()


def _said(note: str) -> str:
    if not note.strip():
        raise Refusal(
            "finding.reason",
            Text("没有写明理由。", "No reason was given."),
            basis=_BASIS,
            remedy=Text("请写明核实的依据和结论。", "Say what you checked and what came of it."),
        )
    return note


def _names(codes: Any) -> Mapping[str, str]:
    return dict(Source.objects.filter(code__in=set(codes)).values_list("code", "name"))


def _finding(row: Stored, names: Mapping[str, str], history: Sequence[Event] = ()) -> Finding:
    return Finding(
        id=row.id,
        rule=row.rule,
        code=row.code,
        department=row.department,
        owner=row.owner,
        owner_name=names.get(row.owner, row.owner),
        state=State(row.state),
        detail=orjson.loads(row.detail),
        first_at=_moment(row.first_at),
        last_at=_moment(row.last_at),
        history=tuple(history),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
