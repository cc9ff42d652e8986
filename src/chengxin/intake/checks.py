"""Checks (数据核查): every rule of an item as an expression with a stable id, in both languages, with its source.

All failing rules of all rows are found: ``judge`` turns the rules into bit masks, ``decode`` turns a row's masks back
into rules, ``explain`` says for one value what exactly is wrong and what was probably meant.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Catalogue, Item
from chengxin.intake.rules import amounts, codes, control, dates, lists, persons, presence
from chengxin.intake.rules.model import ERROR, REFUSAL, WARNING, Explanation, Ground, Rule, all_of

__all__ = [
    "ERROR",
    "MASK_BITS",
    "REFUSAL",
    "WARNING",
    "Explanation",
    "Rule",
    "decode",
    "explain",
    "judge",
    "mask_names",
    "reference",
    "reference_page",
    "rules",
    "sound",
]

MASK_BITS = 60
"""Rules in one mask: fits a signed 64-bit integer on every engine."""

_FAMILIES = (persons, control, presence, lists, dates, amounts, codes)


def rules(
    item: Item, catalogue: Catalogue, day: date, *, sole_traders: bool = True, agencies: Sequence[str] = ()
) -> tuple[Rule, ...]:
    """Every rule for rows of an item, judged as of ``day``, in the order of the fields.

    ``sole_traders`` false refuses rows about 个体工商户. ``agencies`` are up to four codes of agencies that most rows
    will carry (the sender's own): masks need not compute their check characters for every row; results are the same.
    The order is the order of bits in ``masks``.
    """
    ground = Ground(item, catalogue, day, sole_traders, tuple(agencies))
    places = {field.id: place for place, field in enumerate(item.stored_fields)}
    found = [rule for family in _FAMILIES for rule in family.rules(ground)]
    return tuple(sorted(found, key=lambda rule: places.get(rule.field, -1)))


def judge(normalised: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """The table with ``mask0``, ``mask1`` … added: bit k of mask m is set where rule ``m * MASK_BITS + k`` is violated.

    What several rules share (which fault a code has first) is worked out once, in a select of its own: engines do not
    find out by themselves that branches of a CASE repeat it.
    """
    shared = {rule.fault.key: rule.fault for rule in rules if rule.fault}
    columns = {key: f"fault{number}" for number, key in enumerate(shared)}
    staged = normalised.mutate(**{columns[key]: fault.of(normalised) for key, fault in shared.items()})
    found: dict[str, ir.IntegerValue] = {}
    for start in range(0, len(rules), MASK_BITS):
        part = rules[start : start + MASK_BITS]
        bits = [
            _violated(staged, rule, columns).ifelse(ibis.literal(1 << k, "int64"), 0) for k, rule in enumerate(part)
        ]
        found[f"mask{start // MASK_BITS}"] = reduce(add, bits).cast("int64")
    return staged.mutate(**found).drop(*columns.values())


def sound(cells: ir.Table, rules: Sequence[Rule]) -> ir.BooleanValue:
    """Whether canonical cells break no rule, asked cheaply; never null.

    Where it is true every mask of ``judge`` is 0. It may be false where a row is in order all the same: a quick test
    that fails is not followed by the rules it stands for.
    """
    tests: dict[str, ir.BooleanValue] = {}
    for rule in rules:
        if rule.quick:
            tests[rule.quick.key] = rule.quick.fine(cells)
        elif rule.fault:
            tests[rule.fault.key] = rule.fault.of(cells).isnull()
        else:
            tests[rule.id] = ~rule.violated(cells)
    return ibis.cases((all_of([ibis.literal(True), *tests.values()]), True), else_=False)


def mask_names(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The columns that ``judge`` adds."""
    return tuple(f"mask{number}" for number in range(-(-len(rules) // MASK_BITS)))


def _violated(staged: ir.Table, rule: Rule, columns: Mapping[str, str]) -> ir.BooleanValue:
    if rule.fault:
        return (staged[columns[rule.fault.key]] == rule.fault.name).fill_null(False)
    return rule.violated(staged)


def decode(masks: Mapping[str, int] | Sequence[int], rules: Sequence[Rule]) -> list[Rule]:
    """The rules a row breaks, from its masks (in the order of ``masks``)."""
    values = list(masks.values()) if isinstance(masks, Mapping) else list(masks)
    return [rule for k, rule in enumerate(rules) if values[k // MASK_BITS] >> (k % MASK_BITS) & 1]


def explain(rule: Rule, value: str) -> Explanation:
    """What is wrong with this value under this rule: message, wrong characters, and the value probably meant."""
    return rule.explained(value) if rule.explained else Explanation(rule.message)


_PAGE_HEAD = """# Rules of the checks 核查规则

Written from the rules themselves; a test compares. 本页由规则生成。

An `error` quarantines the row (疑问数据), a `warning` is counted and stops nothing, a `refusal` keeps only the row number
and the rule. All rules that a row breaks are reported, for all rows. The id of a rule is stable: item, field without the
prefix of the layout, check. 未经核实 marks rules whose value nobody has compared with its source yet.

Examples of rows that break each rule, and of rows that do not, lie in `tests/spec/checks`.
"""


def reference_page(catalogue: Catalogue) -> str:
    """``docs/reference/rules.md``: the rules of every item. Texts do not depend on the day."""
    parts = [reference(item, catalogue, date.max) for _, item in sorted(catalogue.items.items())]
    return "\n".join([_PAGE_HEAD, *parts])


def reference(item: Item, catalogue: Catalogue, day: date) -> str:
    """The rules of an item as a Markdown table, for the manual."""
    lines = [
        f"## {item.title.zh} `{item.id}` · {item.title.en}",
        "",
        "| 规则 rule | 数据项 field | 级别 level | 说明 message | 依据 basis |",
        "|---|---|---|---|---|",
    ]
    for rule in rules(item, catalogue, day, sole_traders=False):
        message = f"{rule.message.zh}<br>{rule.message.en}"
        cells = (f"`{rule.id}`", rule.field or "—", rule.level, message, rule.basis)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
