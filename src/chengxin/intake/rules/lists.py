"""Code lists (代码表取值): a value belongs to the list of its field."""

from collections.abc import Iterator

import ibis.expr.types as ir
from rapidfuzz import fuzz, process

from chengxin.catalogue.model import Codelist, Field
from chengxin.intake.normalise_codes import SEPARATOR, list_pattern, value_pattern
from chengxin.intake.rules.model import ERROR, Explanation, Ground, Rule, never_null
from chengxin.kernel.text import Text

_ALIKE = 70
"""Similarity (0–100) from which a value of the list is proposed."""


def rules(ground: Ground) -> Iterator[Rule]:
    for field in ground.fields:
        if field.codelist:
            yield _value(ground, field, ground.catalogue.codelists[field.codelist])


def _value(ground: Ground, field: Field, codelist: Codelist) -> Rule:
    basis, confirmed = ground.layout(field, "codelist")
    pattern = list_pattern(codelist) if field.type == "multi" else value_pattern(codelist)
    known = [code.value for code in codelist.values]
    choices = "、".join([*known, f"{codelist.detail}（种类）"] if codelist.detail else known)
    joined = (
        Text("；多项用英文分号连接", "; several joined with a semicolon") if field.type == "multi" else Text("", "")
    )

    def violated(t: ir.Table) -> ir.BooleanValue:
        return never_null(~t[field.id].re_search(pattern))

    def explained(value: str) -> Explanation:
        return _explained(value, codelist, field)

    return Rule(
        ground.rule_id(field, "value"),
        field.id,
        ERROR,
        Text(
            f"{field.label.zh}不在“{codelist.title.zh}”代码表中",
            f"{field.label.en} is not in the list “{codelist.title.en}”",
        ),
        f"{basis}；代码表 {codelist.id}" + ("" if codelist.confirmed else "（部分未经核实）"),
        Text(f"可填：{choices}{joined.zh}", f"Possible: {choices}{joined.en}"),
        violated,
        confirmed and codelist.confirmed,
        explained,
    )


def _explained(value: str, codelist: Codelist, field: Field) -> Explanation:
    elements = value.split(SEPARATOR) if field.type == "multi" else [value]
    marked: list[int] = []
    proposed: list[str | None] = []
    unknown: list[str] = []
    at = 0
    for element in elements:
        canonical = codelist.canonical(element)
        if canonical != element:
            unknown.append(element)
            marked += range(at, at + len(element))
            canonical = canonical or _nearest(element, codelist)
        proposed.append(canonical)
        at += len(element) + 1
    message = Text(
        f"“{'”“'.join(unknown)}”不在“{codelist.title.zh}”代码表中",
        f"not in the list “{codelist.title.en}”: {', '.join(unknown)}",
    )
    complete = [p for p in proposed if p]
    suggestion = SEPARATOR.join(complete) if len(complete) == len(elements) else None
    return Explanation(message, tuple(marked), suggestion)


def _nearest(element: str, codelist: Codelist) -> str | None:
    found = process.extractOne(element, [c.value for c in codelist.values], scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return str(found[0]) if found else None
