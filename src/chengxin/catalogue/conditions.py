"""Condition (适用条件): a yes-or-no question about the fields of one row, written as data.

In a data file::

    {field: CF_CFLB, contains: [罚款]}          the ";"-joined list holds one of these
    {field: CF_XDR_LB, in: [个体工商户]}          the value is one of these
    {field: CF_CFJG, mentions: [市场监督管理]}     the text holds one of these anywhere
    {field: CF_FR_ZJLX, filled: true}
    {all: [...]}   {any: [...]}   {not: {...}}

It can be asked of one row (``holds``) and of a table (``expression``), with the same answer; an empty cell answers no.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

SEPARATOR = ";"
"""Between the elements of a field that holds several values."""


@dataclass(frozen=True)
class Condition:
    """``op`` is one of ``in``, ``contains``, ``mentions``, ``filled``, ``all``, ``any``, ``not``."""

    op: str
    field: str = ""
    values: tuple[str, ...] = ()
    parts: tuple["Condition", ...] = ()

    def fields(self) -> frozenset[str]:
        """Every field the condition looks at."""
        own = frozenset({self.field} if self.field else ())
        return own.union(*(part.fields() for part in self.parts))


def holds(condition: Condition, row: Mapping[str, str | None]) -> bool:
    """Whether the condition holds for one row of canonical texts."""
    value = row.get(condition.field) or ""
    match condition.op:
        case "in":
            return value in condition.values
        case "contains":
            elements = value.split(SEPARATOR) if value else []
            return any(wanted in elements for wanted in condition.values)
        case "mentions":
            return any(wanted in value for wanted in condition.values)
        case "filled":
            return value != ""
        case "all":
            return all(holds(part, row) for part in condition.parts)
        case "any":
            return any(holds(part, row) for part in condition.parts)
        case "not":
            return not holds(condition.parts[0], row)
    raise ValueError(f"unknown condition {condition.op!r}")


def expression(condition: Condition, table: ir.Table) -> ir.BooleanValue:
    """The same question of every row of a table; never NULL."""
    if condition.parts:
        parts = [expression(part, table) for part in condition.parts]
        if condition.op == "not":
            return ~parts[0]
        return reduce(and_ if condition.op == "all" else or_, parts)
    value = table[condition.field]
    if condition.op == "filled":
        return (value.coalesce("") != "").cast("boolean")
    if condition.op == "in":
        return value.isin(condition.values).coalesce(ibis.literal(False))
    if condition.op == "contains":
        return contains_any(value, condition.values)
    if condition.op == "mentions":
        return reduce(or_, [value.contains(wanted) for wanted in condition.values]).coalesce(ibis.literal(False))
    raise ValueError(f"unknown condition {condition.op!r}")


def contains_any(value: ir.StringValue, wanted: tuple[str, ...]) -> ir.BooleanValue:
    """Whether a ";"-joined list holds one of the wanted elements; never NULL.

    A single value is compared as a whole; only lists are searched, which is the rare and the dear case.
    """
    padded = ibis.literal(SEPARATOR) + value + ibis.literal(SEPARATOR)
    found: ir.BooleanValue = reduce(or_, [padded.contains(f"{SEPARATOR}{w}{SEPARATOR}") for w in wanted])
    listed = ibis.cases((value.contains(SEPARATOR), found), else_=value.isin(wanted))
    return listed.coalesce(ibis.literal(False))
