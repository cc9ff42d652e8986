"""Assignment of codes (赋码分工): which registering department may assign which classes of code, as dated data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.catalogue.reading import Section
from chengxin.kernel.text import Text


@dataclass(frozen=True)
class Department:
    """A registering department (登记管理部门): ``title`` as the standard names it, ``authority`` who does it today."""

    department: str
    title: Text
    authority: Text
    classes: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True)
class Assignment:
    """Who assigns the codes of one scheme from ``in_force_from`` to ``in_force_to`` (last day, None while in force)."""

    id: str
    title: Text
    scheme: str
    basis: tuple[Basis, ...]
    in_force_from: date | None
    in_force_to: date | None
    departments: Mapping[str, Department]
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed and all(one.confirmed for one in self.departments.values())


def assignment(section: Section) -> Assignment:
    """One file of ``assignments``. Raises Refusal as every reader does."""
    departments: dict[str, Department] = {}
    for part in section.sections("departments"):
        one = Department(
            department=part.text("department"),
            title=part.bilingual("title"),
            authority=part.bilingual("authority"),
            classes=part.texts("classes"),
            confirmed=part.truth("confirmed", True),
        )
        part.end()
        if one.department in departments:
            raise section.wrong(
                "departments", f"部门重复：{one.department}。", f"{one.department} stands twice.", "duplicate"
            )
        departments[one.department] = one
    return Assignment(
        id=section.text("id"),
        title=section.bilingual("title"),
        scheme=section.text("scheme", among=("uscc",)),
        basis=section.basis(),
        in_force_from=section.day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        departments=departments,
        **section.common(),
    )
