"""Natural persons (自然人): rows about them are refused, their numbers are kept nowhere."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Field
from chengxin.intake.normalise import erases
from chengxin.intake.normalise_texts import may_hold_number
from chengxin.intake.rules.model import ERROR, REFUSAL, Explanation, Ground, Quick, Rule, any_of, never_null
from chengxin.intake.whole_rows import impersonal, joined
from chengxin.kernel.text import Text
from chengxin.subjects import identifiers_bulk
from chengxin.subjects.free_text import CITIZEN_NUMBER, DIGITS

NATURAL = "person.natural"
SOLE_TRADER = "person.sole-trader"
PERSONAL = ".personal"
"""How the ids of rules end that find a citizen's number in a cell."""
_BASIS = "《个人信息保护法》第六条、第十三条；本平台不收集自然人信息"
_CODES = ("registration_no", "organisation_code", "tax_no", "institution_no", "social_no")


def rules(ground: Ground) -> Iterator[Rule]:
    if any(ground.of(role) for role in ("code", "party_kind", "registration_no")):
        yield _natural(ground)
    if not ground.sole_traders:
        yield _sole_trader(ground)
    fields = [field for field in ground.fields if ground.role(field) in _CODES or _kept_as_sent(ground, field)]
    quick = Quick("citizens' numbers", lambda t: impersonal(joined([t[field.id] for field in fields])))
    for field in fields:
        yield _number(ground, field, quick)


def _kept_as_sent(ground: Ground, field: Field) -> bool:
    """Whether words of the sender's own are stored as they are; out of other texts normalisation takes the numbers."""
    if field.codelist:
        return bool(ground.catalogue.codelists[field.codelist].detail)
    return field.type in ("text", "multi") and not erases(field, ground.item, ground.catalogue)


def is_citizen_number(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a cell holds something of the shape of a citizen's number, mistyped ones included; false for null.

    Names mostly hold no digit, and finding that out is cheap.
    """
    digits = any_of([value.contains(digit) for digit in DIGITS])
    return ibis.cases((~digits, False), (may_hold_number(value), value.re_search(CITIZEN_NUMBER)), else_=False)


def _natural(ground: Ground) -> Rule:
    code, kind = ground.of("code"), ground.of("party_kind")
    person = ground.means("party_kind").get("person")
    others = [field for role in _CODES if (field := ground.of(role))]

    def violated(t: ir.Table) -> ir.BooleanValue:
        signs: list[ir.BooleanValue] = []
        if kind and person:
            signs.append(never_null(t[kind.id] == person))
        given = t["person_id_given"].fill_null(False)
        for field in [code, *others] if code else others:
            given = given & t[field.id].isnull()
        signs.append(given)
        if code:
            number = is_citizen_number(t[code.id])
            signs.append(ibis.cases((number, ~identifiers_bulk.uscc_ok(t[code.id])), else_=False))
        return any_of(signs)

    return Rule(
        NATURAL,
        "",
        REFUSAL,
        Text("这一行是自然人的信息，不予接收", "This row is about a natural person and is not taken"),
        _BASIS,
        Text(
            "只保留行号和本规则，内容不保存。请从文件中删除自然人的行；若其实是个体工商户，请填类别和统一社会信用代码",
            "Only the row number and this rule are kept. Take rows about persons out of the file; "
            "for a sole trader give the kind and the unified social credit code",
        ),
        violated,
    )


def _sole_trader(ground: Ground) -> Rule:
    code, kind, registration = ground.of("code"), ground.of("party_kind"), ground.of("registration_no")
    trader = ground.means("party_kind").get("sole_trader")

    def violated(t: ir.Table) -> ir.BooleanValue:
        signs: list[ir.BooleanValue] = [ibis.literal(False)]
        if kind and trader:
            signs.append(never_null(t[kind.id] == trader))
        if code:
            signs.append(never_null(t[code.id].startswith("92")))
        if registration:
            signs.append(identifiers_bulk.registration_sole_trader(t[registration.id]))
        return any_of(signs)

    return Rule(
        SOLE_TRADER,
        "",
        REFUSAL,
        Text("本平台未开通个体工商户信息，这一行不予接收", "This installation does not take sole traders"),
        "本平台设置（个体工商户开关）",
        Text("请从文件中删除个体工商户的行", "Take rows about sole traders out of the file"),
        violated,
    )


def _number(ground: Ground, field: Field, quick: Quick) -> Rule:
    return Rule(
        ground.rule_id(field, PERSONAL.removeprefix(".")),
        field.id,
        ERROR,
        Text(f"{field.label.zh}中有公民身份号码", f"{field.label.en} holds a citizen's number"),
        "《个人信息保护法》第六条；身份号码不保存",
        Text("请删除其中的身份号码", "Take the number out"),
        lambda t: never_null(is_citizen_number(t[field.id])),
        True,
        # never repeated in a message
        lambda value: Explanation(Text("身份号码不予显示", "the number is not shown")),
        quick,
    )
