"""What a lawyer would keep on paper of a few records and of who received them: everything the law says, written a second time
and in another way than in ``records``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from chengxin.kernel.periods import add_months
from chengxin.records.fold import Mark, State
from chengxin.records.model import Act

STEPS = (
    *(Act.OBJECT, Act.SETTLE, Act.SUSPEND, Act.RESUME, Act.TAKE_DOWN, Act.CONFIRM, Act.PUT_BACK, Act.UNLINK),
    *(Act.REPAIR, Act.END_SHARING, Act.LIFT, Act.RESTORE),
)
"""Acts that are entered one by one; a source states and withdraws by file."""
_NEEDS = {
    Act.SETTLE: Mark.CONTESTED,
    Act.RESUME: Mark.SUSPENDED,
    Act.CONFIRM: Mark.TAKEN_DOWN,
    Act.PUT_BACK: Mark.TAKEN_DOWN,
    Act.END_SHARING: Mark.REPAIRED,
    Act.LIFT: Mark.REPAIRED,
    Act.RESTORE: Mark.REPAIRED,
}
_SETS = {
    Act.OBJECT: Mark.CONTESTED,
    Act.SUSPEND: Mark.SUSPENDED,
    Act.TAKE_DOWN: Mark.TAKEN_DOWN,
    Act.UNLINK: Mark.UNLINKED,
    Act.REPAIR: Mark.REPAIRED,
    Act.END_SHARING: Mark.UNSHARED,
    Act.LIFT: Mark.LIFTED,
}
_UNDOES = {Act.SETTLE: Mark.CONTESTED, Act.RESUME: Mark.SUSPENDED, Act.PUT_BACK: Mark.TAKEN_DOWN}


def after(marks: Mark, act: Act) -> Mark | None:
    """What stands against a record after an act, None where the act cannot come."""
    if (need := _NEEDS.get(act)) and need not in marks:
        return None
    if act is Act.RESTORE:
        return marks & ~(Mark.REPAIRED | Mark.UNSHARED | Mark.LIFTED)
    if act not in _SETS:
        return marks & ~_UNDOES.get(act, Mark.NONE)
    once = act is not Act.OBJECT and _SETS[act] in marks
    gone = act is Act.REPAIR and marks & (Mark.WITHDRAWN | Mark.UNLINKED)
    return None if once or gone else marks | _SETS[act]


def after_all(marks: Mark, steps: Sequence[Act]) -> Mark | None:
    """What stands after several acts that come together, None where not all of them can."""
    left: Mark | None = marks
    for step in steps:
        left = None if left is None else after(left, step)
    return left


@dataclass
class Decision:
    """One decision: its record (hex id), its day and certificate as stated last, and what stands against it."""

    record: str
    decided: date
    certificate: str
    marks: Mark = Mark.NONE

    @property
    def ends(self) -> date:
        """General severity under the regime of 2026-04-01: public for a year from the day of the decision."""
        return add_months(self.decided, 12)

    def public(self, day: date) -> bool:
        off = Mark.SUSPENDED | Mark.TAKEN_DOWN | Mark.REPAIRED | Mark.WITHDRAWN | Mark.UNLINKED
        return not self.marks & off and self.decided <= day < self.ends

    def state(self, day: date) -> State:
        """The one word for it: what says most about why it is off comes first."""
        for name in ("withdrawn", "unlinked", "taken-down", "repaired", "suspended"):
            if Mark[name.replace("-", "_").upper()] in self.marks:
                return State(name)
        if day < self.decided:
            return State.COMING
        return State.PUBLISHED if day < self.ends else State.EXPIRED


@dataclass
class Reader:
    """A recipient: which records it ever received, what it has to be told about them in order (record, what happened),
    and how far it has read the feed: entries of the log, and how much of what it had to be told."""

    code: str
    received: set[str] = field(default_factory=set)
    owed: list[tuple[str, str]] = field(default_factory=list)
    cursor: int = 0
    read: int = 0

    def owe(self, record: str, *acts: str) -> None:
        """Something happened to a record. A second look that confirms changes nothing for whoever holds it."""
        if record in self.received:
            self.owed += [(record, act) for act in acts if act != Act.CONFIRM]
