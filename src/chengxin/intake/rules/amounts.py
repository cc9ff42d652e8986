"""Amounts (金额核查): a decimal in the unit of the field, with as many digits as the layout has, and plausible."""

from collections.abc import Iterator
from dataclasses import replace

import ibis.expr.types as ir

from chengxin.catalogue.conditions import Condition, expression
from chengxin.catalogue.model import Field
from chengxin.intake.normalise_amounts import CANONICAL, TEN_THOUSAND
from chengxin.intake.rules.model import ERROR, WARNING, Explanation, Ground, Quick, Rule, never_null
from chengxin.kernel.text import Text


def rules(ground: Ground) -> Iterator[Rule]:
    for field in ground.fields:
        if field.type == "decimal":
            quick = _quick(field)
            yield from (replace(rule, quick=quick) for rule in _decimal(ground, field))
    fine = ground.of("fine")
    if fine and isinstance(fine.required, Condition):
        yield _positive(ground, fine, fine.required)


def _quick(field: Field) -> Quick:
    """An ordinary amount, as the layout writes it; with fewer digits allowed, the rules are asked one by one."""
    whole, places = (field.digits[0] - field.digits[1], field.digits[1]) if field.digits else (5, 1)
    ordinary = f"^(?:0|[1-9][0-9]{{0,{min(whole, 5) - 1}}})(?:[.][0-9]{{0,{max(places - 1, 0)}}}[1-9])?$"

    def fine(t: ir.Table) -> ir.BooleanValue:
        return t[field.id].isnull() | never_null(t[field.id].re_search(ordinary))

    return Quick(f"{field.id} is an ordinary amount", fine)


def _decimal(ground: Ground, field: Field) -> Iterator[Rule]:
    basis, confirmed = ground.layout(field, "type")
    unit = field.unit or "元"
    like = Text(f"请填数字，单位{unit}", f"Give a plain number in {unit}")
    yield Rule(
        ground.rule_id(field, "form"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}不是数字", f"{field.label.en} is no number"),
        basis,
        Text(f"{like.zh}；没有金额时请留空，不要写“未标明”", f"{like.en}; leave the cell empty when there is none"),
        lambda t: never_null(~t[field.id].re_search(CANONICAL)),
        confirmed,
    )
    yield Rule(
        ground.rule_id(field, "negative"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}是负数", f"{field.label.en} is negative"),
        basis,
        like,
        lambda t: never_null(t[field.id].re_search("^-[0-9]")),
        confirmed,
        lambda value: Explanation(Text("金额不应为负数", "an amount is not negative"), (0,), value[1:]),
    )
    if field.digits:
        yield _digits(ground, field, field.digits)
    if field.unit == TEN_THOUSAND:
        yield _unit(ground, field)


def _digits(ground: Ground, field: Field, digits: tuple[int, int]) -> Rule:
    basis, confirmed = ground.layout(field, "digits")
    total, places = digits
    whole = total - places
    pattern = f"^-?[0-9]{{{whole + 1},}}(?:[.]|$)|^-?[0-9]+[.][0-9]{{{places + 1},}}$"

    def explained(value: str) -> Explanation:
        point = value.find(".")
        tail = range(point + 1 + places, len(value)) if point >= 0 else range(0)
        message = Text(f"小数位数不应超过 {places} 位", f"there are more than {places} decimals")
        if not tail:
            return Explanation(Text(f"整数部分超过 {whole} 位", f"there are more than {whole} digits before the point"))
        return Explanation(message, tuple(tail))

    return Rule(
        ground.rule_id(field, "digits"),
        field.id,
        ERROR,
        Text(
            f"{field.label.zh}的位数过多（整数 {whole} 位、小数 {places} 位以内）",
            f"{field.label.en} has too many digits (at most {whole} before and {places} after the point)",
        ),
        basis,
        Text("请核对金额；不要填写由公式算出的长小数", "Check the amount; long decimals often come from a formula"),
        lambda t: never_null(t[field.id].re_search(pattern)),
        confirmed,
        explained,
    )


def _unit(ground: Ground, field: Field) -> Rule:
    def explained(value: str) -> Explanation:
        message = Text(
            f"{value} 万元即 {value} 0000 元，多半是把元写成了万元".replace(" 0000", "0000")
            if value.isdigit()
            else "金额异常大，多半是把元写成了万元",
            "an unusually large amount: often yuan written where 10,000 yuan is the unit",
        )
        return Explanation(message, tuple(range(len(value))), _shifted(value))

    return Rule(
        ground.rule_id(field, "unit"),
        field.id,
        WARNING,
        Text(
            f"{field.label.zh}达到十亿元（100000 万元）以上，可能误以元为单位",
            f"{field.label.en} is a thousand million yuan or more; the unit may have been mistaken for yuan",
        ),
        "数据质量规则（万元单位合理性）；未经核实",
        Text("请核对单位；金额无误的不必处理", "Check the unit; nothing to do when the amount is right"),
        lambda t: never_null(t[field.id].re_search("^[0-9]{6,}(?:[.][0-9]+)?$")),
        False,
        explained,
    )


def _shifted(value: str) -> str:
    """The amount if it was meant in yuan: the point four places to the left, without trailing zeros."""
    whole, _, rest = value.partition(".")
    return f"{whole[:-4]}.{whole[-4:]}{rest}".rstrip("0").rstrip(".")


def _positive(ground: Ground, field: Field, condition: Condition) -> Rule:
    def violated(t: ir.Table) -> ir.BooleanValue:
        return never_null(t[field.id] == "0") & expression(condition, t)

    return Rule(
        ground.rule_id(field, "positive"),
        field.id,
        ERROR,
        Text("处罚类别含罚款，罚款金额却为 0", "The penalty includes a fine, but its amount is 0"),
        "数据质量规则（罚款金额大于 0）；未经核实",
        Text(
            "请填实际罚款金额；没有罚款的，请更正处罚类别",
            "Give the amount of the fine, or correct the kind of penalty",
        ),
        violated,
        False,
    )
