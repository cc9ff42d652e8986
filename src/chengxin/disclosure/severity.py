"""Severity (失信严重程度): given by the authority, or derived under a named standard, or unclassified.

A decision has the severity of its most serious kind of penalty. Where one kind needs an amount that is missing or that
no confirmed standard judges, the decision stays unclassified, unless another kind in it already makes it serious.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.conditions import SEPARATOR, expression
from chengxin.catalogue.model import Catalogue, Item
from chengxin.catalogue.terms import Amounts, SeverityStandard
from chengxin.records.model import Severity

GIVEN = "given"
"""What ``severity_by`` says where the authority gave the severity itself."""

_NONE = ibis.null("string")
_YUAN_IN_WAN = Decimal(10_000)


def severity(t: ir.Table, item: Item, catalogue: Catalogue, decided: ir.DateValue) -> dict[str, ir.StringValue]:
    """The columns ``severity`` and ``severity_by`` for a table of canonical texts; never NULL."""
    if not item.adverse:
        return {"severity": ibis.literal(Severity.NONE.value), "severity_by": ibis.literal("")}
    by_source = [(_given(t, item, catalogue), GIVEN)]
    for standard in _usable(item, catalogue):
        by_source.append((derived(t, item, standard, decided), standard.id))
    found = ibis.coalesce(*(value for value, _ in by_source), ibis.literal(Severity.UNCLASSIFIED.value))
    by = ibis.cases(*((value.notnull(), source) for value, source in by_source), else_="")
    return {"severity": found, "severity_by": by}


def needed(item: Item, catalogue: Catalogue) -> frozenset[str]:
    """The fields that ``severity`` looks at."""
    if not item.adverse:
        return frozenset()
    fields = {item.role(role) for role in ("severity", "kinds", "procedure")}
    for standard in _usable(item, catalogue):
        for amount in standard.amounts:
            fields |= {amount.field} | (amount.when.fields() if amount.when else set())
    return frozenset(f for f in fields if f is not None)


def _usable(item: Item, catalogue: Catalogue) -> list[SeverityStandard]:
    """Confirmed standards only, what they extend already put in: an unconfirmed text classifies nothing."""
    return [
        _extended(s, catalogue)
        for s in catalogue.standards_of(item.id)
        if s.confirmed and (s.every or item.role("kinds"))
    ]


def _extended(standard: SeverityStandard, catalogue: Catalogue) -> SeverityStandard:
    if not standard.extends:
        return standard
    parent = catalogue.severity_standards[standard.extends]
    judged = {amount.kind for amount in standard.amounts}
    kinds = {k: s for k, s in parent.kinds.items() if k not in judged} | dict(standard.kinds)
    inherited = tuple(a for a in parent.amounts if a.kind not in kinds and a.kind not in judged)
    return SeverityStandard(
        id=standard.id,
        title=standard.title,
        items=standard.items,
        basis=standard.basis,
        in_force_from=standard.in_force_from,
        in_force_to=standard.in_force_to,
        precedence=standard.precedence,
        kinds=kinds,
        procedures=standard.procedures + parent.procedures,
        amounts=standard.amounts + inherited,
    )


def _given(t: ir.Table, item: Item, catalogue: Catalogue) -> ir.StringValue:
    field = item.role("severity")
    codelist = catalogue.codelists.get(item.field(field).codelist or "") if field else None
    if field is None or codelist is None:
        return _NONE
    return t[field].cases(*((v.value, v.means) for v in codelist.values if v.means), else_=_NONE)


def derived(t: ir.Table, item: Item, standard: SeverityStandard, decided: ir.DateValue) -> ir.StringValue:
    """The severity of each row under one standard, NULL where the standard does not say."""
    found = ibis.literal(standard.every) if standard.every else _by_kinds(t, item, standard)
    if standard.in_force_from is not None:
        found = ibis.cases((decided >= ibis.literal(standard.in_force_from), found), else_=_NONE)
    if standard.in_force_to is not None:
        found = ibis.cases((decided <= ibis.literal(standard.in_force_to), found), else_=_NONE)
    return found


def _by_kinds(t: ir.Table, item: Item, standard: SeverityStandard) -> ir.StringValue:
    kinds = t[item.roles["kinds"]]
    amounts = _by_kind(t, standard)
    single = kinds.cases(*standard.kinds.items(), *amounts.items(), else_=_NONE)
    found = ibis.cases((kinds.contains(SEPARATOR), _most_serious(kinds, standard, amounts)), else_=single)
    procedure = item.role("procedure")
    if procedure is not None:
        for rule in standard.procedures:
            # An amount that makes the decision more serious than its procedure allows is believed, not the procedure.
            open_still = found.isnull() | (found == rule.severity)
            lowered = ibis.cases((open_still & _holds_only(kinds, rule.kinds), rule.severity), else_=found)
            found = ibis.cases((t[procedure] == rule.value, lowered), else_=found)
    return found


def _most_serious(
    kinds: ir.StringValue, standard: SeverityStandard, amounts: dict[str, ir.StringValue]
) -> ir.StringValue:
    def holds(severity: str) -> ir.BooleanValue:
        named = [kind for kind, s in standard.kinds.items() if s == severity]
        judged = [_holds_any(kinds, [kind]) & (s == severity) for kind, s in amounts.items()]
        return reduce(or_, [*([_holds_any(kinds, named)] if named else []), *judged], ibis.literal(False))

    unknown = ~_holds_only(kinds, [*standard.kinds, *amounts])
    for kind, judged in amounts.items():
        unknown = unknown | (_holds_any(kinds, [kind]) & judged.isnull())
    return ibis.cases(
        (holds(Severity.SERIOUS), Severity.SERIOUS.value),
        (unknown, _NONE),
        (holds(Severity.GENERAL), Severity.GENERAL.value),
        else_=Severity.MINOR.value,
    )


def _by_kind(t: ir.Table, standard: SeverityStandard) -> dict[str, ir.StringValue]:
    """Kind of penalty → severity by its amount, NULL where the amount is missing; the first entry that fits counts."""
    found: dict[str, ir.StringValue] = {}
    for amount in reversed(standard.amounts):
        value = _judged(t, amount)
        if amount.when is not None:
            value = ibis.cases((expression(amount.when, t), value), else_=found.get(amount.kind, _NONE))
        found[amount.kind] = value
    return found


def _judged(t: ir.Table, amount: Amounts) -> ir.StringValue:
    value = t[amount.field].try_cast("decimal(18,6)")
    return ibis.cases(
        (value >= _wan(amount.serious_from), Severity.SERIOUS.value),
        (value >= _wan(amount.general_from), Severity.GENERAL.value),
        (value.notnull(), Severity.MINOR.value),
        else_=_NONE,
    )


def _wan(yuan: Decimal) -> ir.DecimalScalar:
    return ibis.literal(yuan / _YUAN_IN_WAN, "decimal(18,6)")


def _holds_any(kinds: ir.StringValue, wanted: Sequence[str]) -> ir.BooleanValue:
    """Whether the ";"-joined list holds one of these. A pattern costs a quarter of taking the list apart."""
    return kinds.re_search(f"(?:^|{SEPARATOR})(?:{_either(wanted)})(?:{SEPARATOR}|$)")


def _holds_only(kinds: ir.StringValue, wanted: Sequence[str]) -> ir.BooleanValue:
    """Whether every element of the list is one of these."""
    if not wanted:
        return ibis.literal(False)
    return kinds.re_search(f"^(?:{_either(wanted)})(?:{SEPARATOR}(?:{_either(wanted)}))*$")


def _either(wanted: Sequence[str]) -> str:
    return "|".join(re.escape(kind) for kind in wanted)
