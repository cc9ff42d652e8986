"""Repair rules (信用修复规则): under which conditions a record can be repaired, and what follows from deceit, as data.

How long the shortest term is, the publication regimes say (``terms``); these files say what else must be so, for
applications made from ``in_force_from`` to ``in_force_to``.
"""

from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.catalogue.reading import Section
from chengxin.kernel.text import Text

REQUIREMENTS = ("shortest-term", "performance", "commitment", "other")


@dataclass(frozen=True)
class Requirement:
    """A condition of repair (修复条件); ``shortest-term`` is derived from dates, the others are shown by the applicant."""

    id: str
    title: Text
    basis: tuple[Basis, ...]
    paper: str = ""
    """Paper of the workflow that shows it, empty where none is asked for."""


@dataclass(frozen=True)
class Exclusion:
    """Records that cannot be repaired (不可修复情形)."""

    id: str
    when: Condition
    says: Text
    basis: tuple[Basis, ...]
    confirmed: bool


@dataclass(frozen=True)
class Deceit:
    """What follows from untrue papers or a broken promise (弄虚作假): the longest term again, no repair for a time."""

    barred_months: int
    basis: tuple[Basis, ...]
    confirmed: bool


@dataclass(frozen=True)
class RepairRules:
    """Repair rules (信用修复规则) in force for applications on these days.

    ``needless``: severities that end by themselves without any application.
    """

    id: str
    title: Text
    items: tuple[str, ...]
    basis: tuple[Basis, ...]
    in_force_from: date
    in_force_to: date | None
    precedence: int
    requirements: tuple[Requirement, ...]
    needless: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    deceit: Deceit
    when: Condition | None = None
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed and self.deceit.confirmed and all(e.confirmed for e in self.exclusions)


def repair_rules(section: Section) -> RepairRules:
    """Read one file of ``repair/``."""
    return RepairRules(
        id=section.text("id"),
        title=section.bilingual("title"),
        items=section.texts("items"),
        basis=section.basis(),
        in_force_from=section.given_day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        precedence=section.number("precedence") or 0,
        requirements=tuple(_requirement(part) for part in section.sections("requirements")),
        needless=section.texts("needless"),
        exclusions=tuple(_exclusion(part) for part in section.sections("exclusions", ())),
        deceit=_deceit(section.section("deceit")),
        when=section.condition("when"),
        **section.common(),
    )


def _requirement(part: Section) -> Requirement:
    found = Requirement(
        part.text("id", among=REQUIREMENTS), part.bilingual("title"), part.basis(), part.text("paper", "")
    )
    part.end()
    return found


def _exclusion(part: Section) -> Exclusion:
    when = part.condition("when")
    if when is None:
        raise part.wrong("when", "缺少条件。", "is missing.", "missing-key")
    found = Exclusion(part.text("id"), when, part.bilingual("says"), part.basis(), part.truth("confirmed"))
    part.end()
    return found


def _deceit(part: Section) -> Deceit:
    found = Deceit(part.number("barred_months") or 0, part.basis(), part.truth("confirmed"))
    part.end()
    return found
