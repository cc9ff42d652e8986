"""Catalogue (目录): what laws, item lists, layouts and terms say, as read-only values.

Nothing here decides anything. Loading and its strictness are in ``loader``, judging what was loaded in ``check``,
conditions (条件) in ``conditions``, publication terms (公示期限规则) in ``terms``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chengxin.catalogue.assignments import Assignment
from chengxin.catalogue.conditions import Condition, holds
from chengxin.catalogue.laws import NO_TEXT, Article, Basis, Law, Rank
from chengxin.catalogue.repair import RepairRules
from chengxin.catalogue.takedown import TakeDown
from chengxin.catalogue.terms import Regime, SeverityStandard
from chengxin.catalogue.workflows import Workflow
from chengxin.kernel.periods import in_force
from chengxin.kernel.text import Text

__all__ = [
    "Article",
    "Assignment",
    "Basis",
    "Calendar",
    "Catalogue",
    "Code",
    "Codelist",
    "Condition",
    "Field",
    "Item",
    "Law",
    "Layout",
    "Overlay",
    "Rank",
    "Regime",
    "SeverityStandard",
]


@dataclass(frozen=True)
class Field:
    """A field (数据项) of an item.

    ``length`` counts characters; ``digits`` is (total, after the point) of a decimal; ``required`` is ``always``,
    ``never`` or a condition. ``personal``: ``drop`` = never leaves the mapping; ``hide`` = stored but not shown where
    the subject is one of ``hide_for`` (kinds of subject), or never shown where ``hide_for`` is empty.
    ``unconfirmed`` names the attributes nobody has checked against the national text.
    """

    id: str
    label: Text
    type: str = "text"
    length: int | None = None
    digits: tuple[int, int] | None = None
    unit: str = ""
    required: str | Condition = "never"
    codelist: str | None = None
    personal: str = ""
    hide_for: tuple[str, ...] = ()
    pattern: str = ""
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed


@dataclass(frozen=True)
class Item:
    """An item (目录事项) that may be recorded: its fields, who supplies it, on what basis, and whether it is public.

    ``fields`` are the fields of the national layout in its order; ``supplement`` are the platform's own optional
    fields (severity as given by the authority …), no part of the 28 or 30. ``roles`` say which field plays which part.
    ``published`` are the fields a public page may show, in the order of the national report. ``key`` are the fields that
    tell the records of one subject apart where documents have no numbers (a relation: its kind and the other subject).
    """

    id: str
    title: Text
    section: Text
    fields: tuple[Field, ...]
    supplement: tuple[Field, ...]
    roles: Mapping[str, str]
    publicity: str
    adverse: bool
    basis: tuple[Basis, ...]
    source_authority: Text
    reporting_days: int | None
    published: tuple[str, ...]
    key: tuple[str, ...] = ()
    acts_on: str = ""
    """Id of the item whose records the rows of this one act on; "" where rows state records of their own."""
    act: str = ""
    """What such a row does (``records.model.Act``)."""
    edition: str = ""
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Every field a sender may fill in, those included that are dropped."""
        return self.fields + self.supplement

    @property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that leave the mapping: all but those that are dropped as personal."""
        return tuple(f for f in self.all_fields if f.personal != "drop")

    def field(self, id: str) -> Field:
        """The field with this id; KeyError when the item has none."""
        for candidate in self.all_fields:
            if candidate.id == id:
                return candidate
        raise KeyError(f"{self.id}: {id}")

    def role(self, role: str) -> str | None:
        """Id of the field that plays this part, None when no field does."""
        return self.roles.get(role)


@dataclass(frozen=True)
class Code:
    """A value (代码值) of a code list: ``value`` is what is stored, ``aliases`` are other spellings met in the field."""

    value: str
    label: Text
    aliases: tuple[str, ...] = ()
    means: str = ""
    mark: str = ""
    confirmed: bool = True


@dataclass(frozen=True)
class Codelist:
    """A code list (代码表). Values that begin with ``detail`` ("其他-") name their own kind and also belong to it."""

    id: str
    title: Text
    values: tuple[Code, ...]
    detail: str = ""
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed and all(v.confirmed for v in self.values)

    @property
    def aliases(self) -> Mapping[str, str]:
        """Every accepted spelling that is not itself a value → the value to store."""
        return {alias: v.value for v in self.values for alias in v.aliases}

    def canonical(self, text: str) -> str | None:
        """The value to store for a spelling, or None when it does not belong to the list."""
        if any(text == v.value for v in self.values):
            return text
        if self.detail and text.startswith(self.detail) and text[len(self.detail) :].strip():
            return text
        return self.aliases.get(text)

    def meaning(self, value: str) -> str:
        """What the platform's code knows a value as (``minor``), empty when nothing."""
        return next((v.means for v in self.values if v.value == value), "")


@dataclass(frozen=True)
class Layout:
    """A layout (数据表式): which headers of a file carry which field.

    ``headers``: field → alternative headers (one of them carries the field). ``joined``: field → several columns, each
    with its alternatives, whose values are joined with ";". ``values``: field → translation of the sender's values.
    ``stand_ins``: fields that this layout fills with something of a similar but not the same meaning; they are
    recorded as approximate. ``drop``: headers that are recognised and not stored.
    """

    id: str
    item: str
    title: Text
    headers: Mapping[str, tuple[str, ...]]
    joined: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed


@dataclass(frozen=True)
class Calendar:
    """A calendar of working days (工作日历). ``years`` are those whose adjusted holidays are known.

    ``holidays`` are days off, ``workdays`` are weekend days worked (调休). In other years Monday to Friday count,
    and a deadline computed from them is provisional.
    """

    id: str
    title: Text
    years: frozenset[int]
    holidays: Mapping[date, str]
    workdays: frozenset[date]
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed


@dataclass(frozen=True)
class Catalogue:
    """Everything that was loaded, by id, with one digest (64 hex characters) over all of it.

    ``overlays`` are the regional folders that were laid over the national data: id → title and basis.
    """

    laws: Mapping[str, Law]
    items: Mapping[str, Item]
    layouts: Mapping[str, Layout]
    codelists: Mapping[str, Codelist]
    regimes: Mapping[str, Regime]
    severity_standards: Mapping[str, SeverityStandard]
    calendars: Mapping[str, Calendar]
    workflows: Mapping[str, Workflow]
    repair: Mapping[str, RepairRules]
    takedowns: Mapping[str, TakeDown]
    assignments: Mapping[str, Assignment]
    overlays: Mapping[str, "Overlay"]
    digest: str

    def layouts_of(self, item: str) -> tuple[Layout, ...]:
        return tuple(layout for layout in self.layouts.values() if layout.item == item)

    def regimes_of(self, item: str) -> tuple[Regime, ...]:
        """The regimes that name this item, the one that takes precedence first."""
        found = [regime for regime in self.regimes.values() if item in regime.items]
        return tuple(sorted(found, key=lambda r: (-r.precedence, r.in_force_from, r.id)))

    def standards_of(self, item: str) -> tuple[SeverityStandard, ...]:
        """The severity standards for this item, the one that takes precedence first."""
        found = [s for s in self.severity_standards.values() if item in s.items]
        return tuple(sorted(found, key=lambda s: (-s.precedence, s.id)))

    def workflow_of(self, kind: str, day: date) -> Workflow:
        """The workflow under which a case of this kind that begins on ``day`` runs; KeyError when there is none."""
        found = [w for w in self.workflows.values() if w.kind == kind and in_force(day, w.in_force_from, w.in_force_to)]
        if not found:
            raise KeyError(f"no workflow for {kind} on {day}")
        return min(found, key=lambda w: (-w.precedence, w.id))

    def takedown_on(self, day: date) -> TakeDown:
        """The rule of take-downs on a day, the one that came into force last; KeyError when there is none."""
        found = [t for t in self.takedowns.values() if in_force(day, t.in_force_from, t.in_force_to)]
        if not found:
            raise KeyError(f"take-down on {day}")
        return max(found, key=lambda t: (t.in_force_from, t.id))

    def repair_of(self, item: str, row: Mapping[str, str | None], day: date) -> RepairRules | None:
        """The repair rules for a record of ``item`` with these fields that is applied for on ``day``."""
        found = [r for r in self.repair.values() if item in r.items and in_force(day, r.in_force_from, r.in_force_to)]
        fitting = [r for r in found if r.when is None or holds(r.when, row)]
        return min(fitting, key=lambda r: (-r.precedence, r.id), default=None)


@dataclass(frozen=True)
class Overlay:
    """A regional folder (地方补充目录) laid over the national data, with the basis it rests on."""

    id: str
    title: Text
    region: str
    basis: tuple[Basis, ...]
    confirmed: bool
    note: Text = NO_TEXT
