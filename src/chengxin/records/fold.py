"""Fold (归并): the one definition of what acts make of a record — its marks, its days off, whether an act may come now.

A record's standing is a set of marks. Each act sets some and clears some, in the order of the log; nothing else counts.
Whether it is public on a day is the window's affair and the marks' together (``disclosure.publication``).
``records.bulk`` says the same for a table of acts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntFlag, StrEnum

from chengxin.kernel.periods import Period
from chengxin.records.model import Act


class Mark(IntFlag):
    """What acts have left on a record (状态标记)."""

    NONE = 0
    CONTESTED = 1  # 异议处理中
    SUSPENDED = 2  # 暂停公示
    TAKEN_DOWN = 4  # 紧急下线
    REPAIRED = 8  # 已修复
    WITHDRAWN = 16  # 已撤回
    UNLINKED = 32  # 已撤销归集
    ERASED = 64  # 已删除
    UNSHARED = 128  # 停止共享使用
    LIFTED = 256  # 解除措施


OFF = Mark.SUSPENDED | Mark.TAKEN_DOWN | Mark.REPAIRED | Mark.WITHDRAWN | Mark.UNLINKED | Mark.ERASED
"""Marks any one of which keeps a record from the public, whatever its window."""
UNUSABLE = OFF | Mark.UNSHARED
"""Marks any one of which forbids handing the record to anybody."""


@dataclass(frozen=True)
class Effect:
    """What an act does (效力): marks it sets and clears, marks it needs to be there and marks that stand against it."""

    sets: Mark = Mark.NONE
    clears: Mark = Mark.NONE
    needs: Mark = Mark.NONE
    bars: Mark = Mark.ERASED


GONE = Mark.ERASED | Mark.WITHDRAWN | Mark.UNLINKED
"""Marks any one of which says that the record does not stand any more."""

EFFECTS: Mapping[Act, Effect] = {
    # the door lets a statement about a withdrawn record in only with the source's certificate
    Act.STATE: Effect(clears=Mark.WITHDRAWN | Mark.UNLINKED),
    Act.WITHDRAW: Effect(sets=Mark.WITHDRAWN, bars=GONE),
    Act.REINSTATE: Effect(clears=Mark.WITHDRAWN | Mark.UNLINKED, needs=Mark.WITHDRAWN),
    Act.UNLINK: Effect(sets=Mark.UNLINKED, bars=Mark.ERASED | Mark.UNLINKED),
    Act.OBJECT: Effect(sets=Mark.CONTESTED),
    Act.SETTLE: Effect(clears=Mark.CONTESTED, needs=Mark.CONTESTED),
    Act.SUSPEND: Effect(sets=Mark.SUSPENDED, bars=Mark.ERASED | Mark.SUSPENDED),
    Act.RESUME: Effect(clears=Mark.SUSPENDED, needs=Mark.SUSPENDED),
    Act.TAKE_DOWN: Effect(sets=Mark.TAKEN_DOWN, bars=Mark.ERASED | Mark.TAKEN_DOWN),
    Act.CONFIRM: Effect(needs=Mark.TAKEN_DOWN),
    Act.PUT_BACK: Effect(clears=Mark.TAKEN_DOWN, needs=Mark.TAKEN_DOWN),
    Act.REPAIR: Effect(sets=Mark.REPAIRED, bars=GONE | Mark.REPAIRED),
    Act.END_SHARING: Effect(sets=Mark.UNSHARED, needs=Mark.REPAIRED, bars=Mark.ERASED | Mark.UNSHARED),
    Act.LIFT: Effect(sets=Mark.LIFTED, needs=Mark.REPAIRED, bars=Mark.ERASED | Mark.LIFTED),
    Act.RESTORE: Effect(clears=Mark.REPAIRED | Mark.UNSHARED | Mark.LIFTED, needs=Mark.REPAIRED),
    Act.ERASE: Effect(sets=Mark.ERASED),
}


@dataclass(frozen=True)
class Done:
    """An act as it stands in the log: number of its entry, what, on which day in China."""

    seq: int
    act: Act
    day: date


def marks(acts: Iterable[Done]) -> Mark:
    """The marks after these acts, which come in the order of the log."""
    found = Mark.NONE
    for done in acts:
        found = after(found, done.act)
    return found


def after(before: Mark, act: Act) -> Mark:
    """The marks after one more act."""
    effect = EFFECTS[act]
    return (before & ~effect.clears) | effect.sets


def may(act: Act, before: Mark) -> bool:
    """Whether the act may come while these marks stand."""
    effect = EFFECTS[act]
    return effect.needs & before == effect.needs and not effect.bars & before


class State(StrEnum):
    """What a record is on a day (公示状态): always exactly one. Being contested comes on top of it."""

    PUBLISHED = "published"  # 公示中
    COMING = "coming"  # 尚未起算
    EXPIRED = "expired"  # 公示期满
    WITHHELD = "withheld"  # 不公示
    SUSPENDED = "suspended"  # 暂停公示
    REPAIRED = "repaired"  # 已修复
    TAKEN_DOWN = "taken-down"  # 紧急下线
    UNLINKED = "unlinked"  # 已撤销归集
    WITHDRAWN = "withdrawn"  # 已撤回
    ERASED = "erased"  # 已删除


_FIRST = (
    *((Mark.ERASED, State.ERASED), (Mark.WITHDRAWN, State.WITHDRAWN), (Mark.UNLINKED, State.UNLINKED)),
    *((Mark.TAKEN_DOWN, State.TAKEN_DOWN), (Mark.REPAIRED, State.REPAIRED), (Mark.SUSPENDED, State.SUSPENDED)),
)
"""Of several marks the one that says most about why a record is off."""


def state(found: Mark, starts: date | None, ends: date | None, day: date) -> State:
    """The state on a day of a record with these marks and this window (no start: it is withheld)."""
    for mark, named in _FIRST:
        if found & mark:
            return named
    if starts is None:
        return State.WITHHELD
    if day < starts:
        return State.COMING
    return State.EXPIRED if ends is not None and ends <= day else State.PUBLISHED


def days_off(acts: Iterable[Done]) -> tuple[Period, ...]:
    """The spans of days ``[first day off, first day on again)`` that acts took a record from the public.

    A day on which it went off and came back counts as a day on.
    """
    spans: list[Period] = []
    found, since = Mark.NONE, None
    for done in acts:
        found = after(found, done.act)
        if since is None and found & OFF:
            since = done.day
        elif since is not None and not found & OFF:
            spans += [Period(since, done.day)] if since < done.day else []
            since = None
    return (*spans, Period(since, None)) if since is not None else tuple(spans)


Counts = dict[date, tuple[int, int]]
"""Day → how many windows open and how many close on it."""


def window_counts(starts: date | None, ends: date | None, off: Sequence[Period]) -> Counts:
    """What a record with this window and these spans off adds to the numbers of openings and closings by day."""
    counts: Counts = {}

    def count(day: date | None, opening: int, closing: int) -> None:
        if day is not None:
            before = counts.get(day, (0, 0))
            counts[day] = (before[0] + opening, before[1] + closing)

    if starts is None:
        return {}
    count(starts, 1, 0)
    count(ends, 0, 1)
    for span in off:
        first = max(span.starts, starts)
        last = ends if span.ends is None else span.ends if ends is None else min(span.ends, ends)
        if last is not None and first >= last:
            continue
        # the span takes a piece out of the window: at its edges nothing opens or closes any more
        count(first, -1, 0) if first == starts else count(first, 0, 1)
        count(last, 0, -1) if last == ends else count(last, 1, 0)
    return {day: both for day, both in sorted(counts.items()) if both != (0, 0)}
