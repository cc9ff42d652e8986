"""Codes (代码核查): check characters, the placeholder, and whether code and kind of party fit together."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Field
from chengxin.intake.rules.model import (
    ERROR,
    UNCONFIRMED,
    WARNING,
    Explanation,
    Fault,
    Ground,
    Quick,
    Rule,
    all_of,
    any_of,
    never_null,
)
from chengxin.kernel.text import Text
from chengxin.subjects import identifiers, identifiers_bulk
from chengxin.subjects.identifiers import CODE_RULES, NO_ORGANISATION, USCC_PLACEHOLDER, Check

_PARTY_ROLES = ("code", "former_code", "related_code")
_USCC_ROLES = (*_PARTY_ROLES, "authority_code", "source_code")
_USCC_CHECKS = ("length", "alphabet", "department", "class", "division", "check")
_GENERAL: dict[str, Text] = {
    "length": Text("应为 18 位", "has not 18 characters"),
    "alphabet": Text("含有代码中不使用的字符", "holds a character the code does not use"),
    "department": Text("第 1 位不是登记管理部门代码", "does not begin with a registering department"),
    "class": Text("第 2 位不是该登记管理部门下的机构类别", "has no lawful class of body in position 2"),
    "division": Text("第 3–8 位不是 6 位行政区划码", "has no division code in positions 3–8"),
    "check": Text("校验码不符", "fails its check character"),
    "placeholder": Text("是占位代码，不是真实代码", "is a placeholder, no real code"),
    "inner": Text("所含组织机构代码的校验码不符", "holds an organisation code that fails its own check"),
}
_ORGANISATION = {
    "length": Text("应为 9 位", "has not 9 characters"),
    "alphabet": Text("含有不应出现的字符", "holds a character that does not belong there"),
    "placeholder": Text("各位全为 0", "is all zeros"),
    "check": Text("校验码不符", "fails its check character"),
}
_REGISTRATION = {
    "form": Text("不是 15 位注册号（旧式号码可以保留）", "is no registration number of 15 digits (old ones may stay)"),
    "check": Text("校验码不符（核对无误的不必处理）", "fails its check digit (nothing to do when it is right)"),
}
_COMPARE = Text("请对照证照逐位核对", "Compare it with the certificate, character by character")


def rules(ground: Ground) -> Iterator[Rule]:
    for role in _USCC_ROLES:
        if field := ground.of(role):
            yield from _uscc(ground, field, role)
    if field := ground.of("organisation_code"):
        yield from _organisation(ground, field)
    if field := ground.of("registration_no"):
        yield from _registration(ground, field)
    yield from _kind(ground)
    for role in ("former_code", "related_code"):
        if (own := ground.of("code")) and (other := ground.of(role)):
            yield _itself(ground, own, other)


def _itself(ground: Ground, own: Field, other: Field) -> Rule:
    return Rule(
        ground.rule_id(other, "itself"),
        other.id,
        ERROR,
        Text(f"{other.label.zh}与{own.label.zh}相同", f"{other.label.en} is the same as {own.label.en}"),
        "数据质量规则（主体不能是自身的关联主体，代码不能换成自身）；未经核实",
        Text(f"请核对{other.label.zh}；没有的请留空", f"Check {other.label.en}; leave it empty where there is none"),
        lambda t: never_null(t[own.id] == t[other.id]),
        False,
    )


def _uscc(ground: Ground, field: Field, role: str) -> Iterator[Rule]:
    quick = _quick_party(field) if role in _PARTY_ROLES else _quick_agencies(ground)
    for check in _USCC_CHECKS if role == "code" else (*_USCC_CHECKS, "placeholder"):
        fault = Fault(f"{field.id} uscc", lambda t: identifiers_bulk.uscc_rule(t[field.id]), f"uscc.{check}")
        yield _code_rule(ground, field, check, _GENERAL[check], fault, quick, identifiers.check_uscc)
    if role == "code":
        fault = Fault(f"{field.id} inner", lambda t: identifiers_bulk.uscc_warning(t[field.id]), "uscc.inner")
        inside = _quick_inside(ground)
        yield _code_rule(ground, field, "inner", _GENERAL["inner"], fault, inside, identifiers.check_uscc)


def _quick_inside(ground: Ground) -> Quick:
    """One test for the organisation code inside the party's code and the same one given by itself."""
    code, organisation = ground.of("code"), ground.of("organisation_code")

    def fine(t: ir.Table) -> ir.BooleanValue:
        tests = []
        if code:
            tests.append(t[code.id].isnull() | identifiers_bulk.uscc_inner_ok(t[code.id]))
        if organisation and code:
            given = t[organisation.id]
            same = (given != NO_ORGANISATION) & (given == t[code.id].substr(8, 9))
            tests.append(given.isnull() | never_null(same))
        elif organisation:
            tests.append(t[organisation.id].isnull() | identifiers_bulk.organisation_ok(t[organisation.id]))
        return all_of(tests)

    return Quick("organisation codes", fine)


def _null(field: Field) -> Quick:
    return Quick(f"{field.id} is null", lambda t: t[field.id].isnull())


def _quick_party(field: Field) -> Quick:
    return Quick(f"{field.id} is a code", lambda t: _fine(t[field.id]))


def _quick_agencies(ground: Ground) -> Quick:
    """One test for both agencies' codes: most rows are sent by the authority itself, and a check costs 0.7 µs."""
    fields = [field for role in ("authority_code", "source_code") if (field := ground.of(role))]
    sound = [code for code in ground.agencies if identifiers.check_uscc(code).ok][:4]

    def fine(t: ir.Table) -> ir.BooleanValue:
        first, last = t[fields[0].id], t[fields[-1].id]
        known = any_of([ibis.literal(False), *(first == code for code in sound)])
        one = ibis.cases((known, True), else_=_fine(first))
        return one & ibis.cases((first.identical_to(last), True), else_=_fine(last))

    return Quick("codes of agencies", fine)


def _fine(value: ir.StringValue) -> ir.BooleanValue:
    return value.isnull() | identifiers_bulk.uscc_ok(value)


def _code_rule(
    ground: Ground,
    field: Field,
    check: str,
    general: Text,
    fault: Fault,
    quick: Quick,
    scalar: Callable[[str], Check],
) -> Rule:
    known = CODE_RULES[fault.name]
    return Rule(
        ground.rule_id(field, check),
        field.id,
        WARNING if known.level == "warning" else ERROR,
        Text(f"{field.label.zh}{general.zh}", f"{field.label.en} {general.en}"),
        known.basis + ("" if known.confirmed else UNCONFIRMED.zh),
        _COMPARE,
        fault.found,
        known.confirmed,
        lambda value: explained(scalar(value), fault.name),
        quick,
        fault,
    )


def explained(found: Check, code_rule: str) -> Explanation:
    """The scalar check's words: which position is wrong, and the code that was probably meant."""
    if found.ok:
        warned = next((w for w in found.warnings if w.rule == code_rule), None)
        return Explanation(warned.message if warned else CODE_RULES[code_rule].message)
    marked = () if found.position is None else (found.position - 1,)
    return Explanation(found.message, marked, found.suggestion)


def _organisation(ground: Ground, field: Field) -> Iterator[Rule]:
    for check, general in _ORGANISATION.items():
        fault = Fault(
            f"{field.id} organisation",
            lambda t: identifiers_bulk.organisation_rule(t[field.id]),
            f"organisation.{check}",
        )
        quick = _quick_inside(ground)
        yield _code_rule(ground, field, check, general, fault, quick, identifiers.check_organisation_code)


def _registration(ground: Ground, field: Field) -> Iterator[Rule]:
    """Warnings only: old numbers of 13 digits and with suffixes are about, and the check digit is not confirmed."""
    shape = Fault(
        f"{field.id} registration", lambda t: identifiers_bulk.registration_rule(t[field.id]), "registration.length"
    )
    rule = _code_rule(
        ground, field, "form", _REGISTRATION["form"], shape, _null(field), identifiers.check_registration_no
    )

    def misshapen(t: ir.Table) -> ir.BooleanValue:
        return t[field.id].notnull() & shape.of(t).notnull()

    yield replace(rule, level=WARNING, violated=misshapen, fault=None)
    digit = Fault(
        f"{field.id} digit", lambda t: identifiers_bulk.registration_warning(t[field.id]), "registration.check"
    )
    yield _code_rule(
        ground, field, "check", _REGISTRATION["check"], digit, _null(field), identifiers.check_registration_no
    )


def _kind(ground: Ground) -> Iterator[Rule]:
    """Code and kind of party: 92 is a sole trader, and only one without a code may write the placeholder."""
    code, kind = ground.of("code"), ground.of("party_kind")
    trader = ground.means("party_kind").get("sole_trader", "")
    if code and kind and trader:
        yield _mismatch(ground, code, kind, trader)
    if code:
        yield _placeholder(ground, code, kind, trader)


def _mismatch(ground: Ground, code: Field, kind: Field, trader: str) -> Rule:
    def violated(t: ir.Table) -> ir.BooleanValue:
        differ = t[code.id].startswith("92") != (t[kind.id] == trader)
        return ibis.cases((t[code.id] == USCC_PLACEHOLDER, False), else_=never_null(differ))

    return Rule(
        ground.rule_id(kind, "code"),
        kind.id,
        ERROR,
        Text(
            f"{kind.label.zh}与代码不符：92 开头的是{trader}，其他不是",
            f"{kind.label.en} does not fit the code: codes that begin with 92 are sole traders, others are not",
        ),
        "双公示核查规则（行政相对人代码_1 不正确）",
        Text(f"请更正{kind.label.zh}或代码", f"Correct {kind.label.en} or the code"),
        violated,
    )


def _placeholder(ground: Ground, code: Field, kind: Field | None, trader: str) -> Rule:
    def violated(t: ir.Table) -> ir.BooleanValue:
        placeholder = never_null(t[code.id] == USCC_PLACEHOLDER)
        return placeholder if kind is None else placeholder & ~never_null(t[kind.id] == trader)

    return Rule(
        ground.rule_id(code, "placeholder"),
        code.id,
        ERROR,
        Text(
            "17 个 0 加 X 只用于没有代码的个体工商户", "Seventeen zeros and X are only for sole traders without a code"
        ),
        "双公示数据标准（行政相对人代码_1 填写说明）",
        Text("请填真实的统一社会信用代码", "Give the real unified social credit code"),
        violated,
    )
