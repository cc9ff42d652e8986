"""Rule (核查规则): one question about a row, with its stable id, its source and what to do when it fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Catalogue, Field, Item
from chengxin.kernel.text import Text

Violated = Callable[[ir.Table], ir.BooleanValue]

ERROR, WARNING, REFUSAL = "error", "warning", "refusal"
UNCONFIRMED = Text("（未经核实）", " (unconfirmed)")


@dataclass(frozen=True)
class Explanation:
    """What is wrong with one value. ``marked`` are the wrong characters, counted from 0; ``suggestion`` is a value
    that would pass and that was probably meant: a proposal to a person, never applied by itself."""

    message: Text
    marked: tuple[int, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True)
class Quick:
    """A cheap test shared by several rules: where ``fine`` holds, none of them is violated; never null.

    Rows are mostly fine, so a first look asks this once and leaves the rules themselves to the other rows.
    """

    key: str
    fine: Violated


@dataclass(frozen=True)
class Fault:
    """One expression that names the first thing wrong with a cell, shared by the rules that each stand for one name."""

    key: str
    of: Callable[[ir.Table], ir.StringValue]
    name: str

    def found(self, t: ir.Table) -> ir.BooleanValue:
        return never_null(self.of(t) == self.name)


@dataclass(frozen=True)
class Rule:
    """One check. ``level``: an ``error`` quarantines the row, a ``warning`` does not, a ``refusal`` keeps nothing of it.

    ``field`` is the field at fault, "" where the row as a whole is. ``violated`` is true where the row breaks the rule
    and never null. ``basis`` names layout, standard or law; ``confirmed`` is false where nobody has checked the value
    behind the rule against its source.
    """

    id: str
    field: str
    level: str
    message: Text
    basis: str
    remedy: Text
    violated: Violated
    confirmed: bool = True
    explained: Callable[[str], Explanation] | None = None
    quick: Quick | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class Ground:
    """What rules are made from: the item, the catalogue it stands in, and the day on which rows are judged."""

    item: Item
    catalogue: Catalogue
    day: date
    sole_traders: bool = True
    agencies: tuple[str, ...] = ()
    """Codes of agencies that are known to be sound, mostly the sender's own."""

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.item.stored_fields

    def of(self, role: str) -> Field | None:
        """The stored field that plays a role, None where the item has none."""
        id = self.item.role(role)
        return next((field for field in self.fields if field.id == id), None) if id else None

    def role(self, field: Field) -> str:
        return next((role for role, id in self.item.roles.items() if id == field.id), "")

    def rule_id(self, field: Field, check: str) -> str:
        """``xzcf.jdrq.future``: item, field without the layout's prefix, check."""
        short = field.id
        for prefix in ("CF_", "XK_", "DJ_", "GX_"):
            short = short.removeprefix(prefix)
        return f"{self.item.id}.{short.lower()}.{check}"

    def layout(self, field: Field, attribute: str) -> tuple[str, bool]:
        """Basis of what the layout says about a field, and whether that attribute is confirmed."""
        confirmed = attribute not in field.unconfirmed
        return self._named(field) + ("" if confirmed else UNCONFIRMED.zh), confirmed

    def means(self, role: str) -> Mapping[str, str]:
        """What the platform knows the values of a coded field as: ``organisation`` → 法人及非法人组织."""
        field = self.of(role)
        if field is None or field.codelist is None:
            return {}
        return {code.means: code.value for code in self.catalogue.codelists[field.codelist].values if code.means}

    def _named(self, field: Field) -> str:
        if field in self.item.supplement:
            return f"{self.item.title.zh}·本平台补充数据项 {field.id}"
        if any("数据标准" in basis.article for basis in self.item.basis):
            # the notice that brought the standard has not all the data items of its present edition
            mark = UNCONFIRMED.zh if "edition" in self.item.unconfirmed else ""
            return f"{self.item.edition}{mark} {field.id}"
        return f"{self.item.title.zh}·本平台自定数据项 {field.id}"


def never_null(condition: ir.BooleanValue) -> ir.BooleanValue:
    """A condition over cells that may be null: no value breaks no rule but the one that asks for it."""
    return condition.fill_null(ibis.literal(False))


def any_of(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(or_, conditions)


def all_of(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(and_, conditions)
