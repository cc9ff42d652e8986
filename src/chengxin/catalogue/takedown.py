"""Take-down (紧急下线): how long the second officer has, and what follows when nobody looks, as dated data."""

from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.catalogue.reading import Section
from chengxin.kernel.text import Text

STAYS, RETURNS = "stays", "returns"


@dataclass(frozen=True)
class TakeDown:
    """A rule of take-downs (紧急下线规则): ``silence`` is ``stays`` (off until someone looks) or ``returns`` (back by itself)."""

    id: str
    title: Text
    basis: tuple[Basis, ...]
    in_force_from: date
    in_force_to: date | None
    hours: int
    silence: str
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed


def takedown(section: Section) -> TakeDown:
    """Read one file of ``takedowns/``."""
    return TakeDown(
        id=section.text("id"),
        title=section.bilingual("title"),
        basis=section.basis(),
        in_force_from=section.given_day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        hours=section.number("hours") or 0,
        silence=section.text("silence", among=(STAYS, RETURNS)),
        **section.common(),
    )
