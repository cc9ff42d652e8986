"""Presence, length and form (必填、长度与格式): what the layout says about every field."""

from collections.abc import Iterator

import ibis.expr.types as ir

from chengxin.catalogue.conditions import Condition, expression
from chengxin.catalogue.model import Field
from chengxin.intake.rules.model import ERROR, Explanation, Ground, Rule, Violated, never_null
from chengxin.kernel.text import Text

_OWN_LENGTH = frozenset(
    {"code", "former_code", "related_code", "authority_code", "source_code", "organisation_code", "registration_no"}
)
"""Roles whose own check names the length."""


def rules(ground: Ground) -> Iterator[Rule]:
    for field in ground.fields:
        if field.required != "never":
            yield _required(ground, field)
        if field.length and field.type in ("text", "code", "multi") and ground.role(field) not in _OWN_LENGTH:
            yield _length(ground, field)
        if field.pattern:
            yield _pattern(ground, field)


def said(condition: Condition, ground: Ground) -> Text:
    """A condition in words: 处罚类别 含 罚款."""
    label = ground.item.field(condition.field).label if condition.field else Text("", "")
    values = Text("、".join(condition.values), ", ".join(condition.values))
    parts = [said(part, ground) for part in condition.parts]
    match condition.op:
        case "in":
            return Text(f"{label.zh}为{values.zh}", f"{label.en} is {values.en}")
        case "contains" | "mentions":
            return Text(f"{label.zh}含{values.zh}", f"{label.en} holds {values.en}")
        case "filled":
            return Text(f"{label.zh}已填", f"{label.en} is given")
        case "not":
            if condition.parts[0].op == "filled":
                other = ground.item.field(condition.parts[0].field).label
                return Text(f"{other.zh}未填", f"{other.en} is not given")
            return Text(f"并非{parts[0].zh}", f"not: {parts[0].en}")
        case _:
            zh, en = ("且", " and ") if condition.op == "all" else ("或", " or ")
            return Text(zh.join(p.zh for p in parts), en.join(p.en for p in parts))


def _required(ground: Ground, field: Field) -> Rule:
    basis, confirmed = ground.layout(field, "required")
    if isinstance(field.required, Condition):
        condition = field.required
        when = said(condition, ground)
        message = Text(f"{when.zh}时，{field.label.zh}必填", f"{field.label.en} is required when {when.en}")

        def violated(t: ir.Table) -> ir.BooleanValue:
            return t[field.id].isnull() & expression(condition, t)
    else:
        message = Text(f"{field.label.zh}必填，这里是空的", f"{field.label.en} is required and is empty here")

        def violated(t: ir.Table) -> ir.BooleanValue:
            return t[field.id].isnull()

    remedy = Text(f"请补填{field.label.zh}；“无”“—”等视为空", f"Fill in {field.label.en}; 无 and — count as empty")
    return Rule(ground.rule_id(field, "required"), field.id, ERROR, message, basis, remedy, violated, confirmed)


def _length(ground: Ground, field: Field) -> Rule:
    basis, confirmed = ground.layout(field, "length")
    limit = field.length or 0
    message = Text(f"{field.label.zh}超过 {limit} 个字", f"{field.label.en} is longer than {limit} characters")
    remedy = Text(
        f"请压缩到 {limit} 字以内，或检查是否填错了列", f"Shorten it to {limit}, or see whether columns were mixed up"
    )

    def explained(value: str) -> Explanation:
        over = Text(f"{message.zh}：共 {len(value)} 个字", f"{message.en}: it has {len(value)}")
        return Explanation(over, tuple(range(limit, len(value))))

    return Rule(
        ground.rule_id(field, "length"),
        field.id,
        ERROR,
        message,
        basis,
        remedy,
        lambda t: never_null(t[field.id].length() > limit),
        confirmed,
        explained,
    )


def _pattern(ground: Ground, field: Field) -> Rule:
    basis, confirmed = ground.layout(field, "pattern")
    violated: Violated = lambda t: never_null(~t[field.id].re_search(field.pattern))  # noqa: E731
    return Rule(
        ground.rule_id(field, "pattern"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}的格式不符", f"{field.label.en} does not have the required form"),
        basis,
        Text(f"请按格式填写：{field.pattern}", f"Write it in this form: {field.pattern}"),
        violated,
        confirmed,
    )
