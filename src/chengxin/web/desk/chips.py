"""Deadline chip (期限标签): the date first, then how much time is left, and who is late."""

from dataclasses import dataclass
from datetime import date

from chengxin.kernel.text import Text
from chengxin.operations.deadlines import Deadline

WEEKDAYS = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SOON = 2


@dataclass(frozen=True)
class Chip:
    """``tone`` is ``red`` (overdue), ``amber`` (two working days or fewer) or ``neutral``."""

    due: date
    weekday: Text
    left: Text
    tone: str
    days: int
    provisional: bool


def chip(deadline: Deadline | None, source: str) -> Chip | None:
    """The chip of a deadline; ``source`` is the name of the body that has to act."""
    if deadline is None:
        return None
    at = deadline.due.weekday()
    return Chip(
        deadline.due,
        Text(f"周{WEEKDAYS[at]}", WEEKDAYS_EN[at]),
        _left(deadline.left, source),
        "red" if deadline.left < 0 else "amber" if deadline.left <= SOON else "neutral",
        deadline.days,
        deadline.provisional,
    )


def _left(left: int, source: str) -> Text:
    if left < 0:
        return Text(f"{source}已超期 {-left} 个工作日", f"{source} is {_working_days(-left)} late")
    if left == 0:
        return Text("今天到期", "Due today")
    return Text(f"还剩 {left} 个工作日", f"{_working_days(left)} left")


def _working_days(n: int) -> str:
    return "1 working day" if n == 1 else f"{n} working days"
