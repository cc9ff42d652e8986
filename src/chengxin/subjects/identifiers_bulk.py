"""Identifiers over a table (主体代码批量校验): the rules of ``identifiers`` as Ibis expressions.

Each ``*_rule`` gives the id of the first failing rule, or null where the code passes or is null. Codes are expected in
canonical form (``identifiers.normalise_code`` or ``normalise_code_bulk``). Only functions that DuckDB and Spark share.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from chengxin.subjects import identifiers as one
from chengxin.subjects.identifiers import DIGITS, ORGANISATION_ALPHABET, USCC_ALPHABET

_USCC_SHAPE = f"^(?:{'|'.join(one.CLASSES)})[0-9]{{6}}[{USCC_ALPHABET}]{{10}}"


def normalise_code_bulk(value: ir.StringValue) -> ir.StringValue:
    """``normalise_code`` as an expression; a blank text becomes "", null stays null."""
    mapped = {chr(code): plain for code, plain in one.CODE_TABLE.items() if plain is not None}
    gone = "".join(chr(code) for code, plain in one.CODE_TABLE.items() if plain is None)
    translated = value.translate("".join(mapped) + gone, "".join(mapped.values()))
    return ibis.cases((value.re_search("[^0-9A-Z]"), translated), else_=value)


def uscc_rule(value: ir.StringValue) -> ir.StringValue:
    """First failing rule of a 统一社会信用代码."""
    shaped = (value.length() == 18) & value.re_search(_USCC_SHAPE)
    total = _weighted(value, 0, (*one.USCC_WEIGHTS, 1), USCC_ALPHABET)
    return ibis.cases(
        # a code of the right shape can only fail its check: all but a few rows of a file end here
        (shaped, _unless(total % 31 == 0, "uscc.check")),
        (value == one.USCC_PLACEHOLDER, "uscc.placeholder"),
        (value.length() != 18, "uscc.length"),
        (value.re_search(f"[^{USCC_ALPHABET}]"), "uscc.alphabet"),
        # patterns, not lists: DuckDB makes a join over all rows of a list of more than five constants
        (~value.re_search(f"^[{''.join(one.DEPARTMENTS)}]"), "uscc.department"),
        (~value.re_search(f"^(?:{'|'.join(one.CLASSES)})"), "uscc.class"),
        (value.notnull(), "uscc.division"),
        else_=ibis.null("string"),
    )


def uscc_ok(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a 统一社会信用代码 passes; false for null."""
    return value.notnull() & uscc_rule(value).isnull()


def uscc_warning(value: ir.StringValue) -> ir.StringValue:
    """``uscc.inner`` where a code of the right shape fails the check of the organisation code inside it, else null."""
    return ibis.cases(
        (~_has_inner(value), ibis.null("string")),
        (~_organisation_passes(value, 8), "uscc.inner"),
        else_=ibis.null("string"),
    )


def uscc_inner_ok(value: ir.StringValue) -> ir.BooleanValue:
    """Whether the organisation code inside a code of the right shape passes its check; false for null."""
    return ibis.cases((_has_inner(value), _organisation_passes(value, 8)), else_=False)


def organisation_rule(value: ir.StringValue) -> ir.StringValue:
    """First failing rule of a 组织机构代码."""
    return ibis.cases(
        (value.length() != 9, "organisation.length"),
        (value.substr(0, 8).re_search("[^0-9A-Z]"), "organisation.alphabet"),
        (value.substr(8, 1).re_search("[^0-9X]"), "organisation.alphabet"),
        (value == one.NO_ORGANISATION, "organisation.placeholder"),
        (~_organisation_passes(value, 0), "organisation.check"),
        else_=ibis.null("string"),
    )


def organisation_ok(value: ir.StringValue) -> ir.BooleanValue:
    return value.notnull() & organisation_rule(value).isnull()


def registration_rule(value: ir.StringValue) -> ir.StringValue:
    """First failing rule of a 工商注册号; its check digit is a warning, see ``registration_warning``."""
    return ibis.cases(
        (value.length() != 15, "registration.length"),
        (value.substr(6, 2) == "NA", _unless(value.re_search("^[0-9]{6}NA[0-9]{6}[0-9X]"), "registration.alphabet")),
        (value.re_search("[^0-9]"), "registration.alphabet"),
        (value == "0" * 15, "registration.placeholder"),
        else_=ibis.null("string"),
    )


def registration_ok(value: ir.StringValue) -> ir.BooleanValue:
    return value.notnull() & registration_rule(value).isnull()


def registration_warning(value: ir.StringValue) -> ir.StringValue:
    """``registration.check`` where 15 digits fail ISO 7064 MOD 11,10 (rule not confirmed), else null."""
    product: ir.IntegerValue = ibis.literal(10, "int64")
    for index in range(14):
        product = ((product + _value(value, index, DIGITS) + 9) % 10 + 1) * 2 % 11
    return ibis.cases(
        (value.length() != 15, ibis.null("string")),
        (value.re_search("[^0-9]"), ibis.null("string")),
        ((product + _value(value, 14, DIGITS)) % 10 != 1, "registration.check"),
        else_=ibis.null("string"),
    )


def registration_sole_trader(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a registration number is one of a sole trader (个体工商户); false for null and for anything else."""
    shaped = (value.length() == 15) & ~value.re_search("[^0-9]")
    return (shaped & value.substr(6, 1).isin(list(one.SOLE_TRADER_DIGITS))).fill_null(False)


def citizen_rule(value: ir.StringValue) -> ir.StringValue:
    """First failing rule of a 公民身份号码; null (passes) means: this is a person's number, refuse the row."""
    year = _number(value, 6, 4)
    month = value.substr(10, 2)
    day = value.substr(12, 2)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases(
        ((month == "02") & leap, "29"),
        (month == "02", "28"),
        (month.isin(["04", "06", "09", "11"]), "30"),
        else_="31",
    )
    born = year.between(1850, 2099) & month.between("01", "12") & day.between("01", last)
    total = _weighted(value, 0, (*one.CITIZEN_WEIGHTS, 1), DIGITS + "X")
    return ibis.cases(
        (value.length() != 18, "citizen.length"),
        (value.substr(0, 17).re_search("[^0-9]"), "citizen.alphabet"),
        (value.substr(0, 1) == "0", "citizen.alphabet"),
        (value.substr(17, 1).re_search("[^0-9X]"), "citizen.alphabet"),
        (~born, "citizen.birth"),
        (total % 11 != 1, "citizen.check"),
        else_=ibis.null("string"),
    )


def citizen_ok(value: ir.StringValue) -> ir.BooleanValue:
    """Whether the text is a citizen's identity number; false for null."""
    return value.notnull() & citizen_rule(value).isnull()


def _has_inner(value: ir.StringValue) -> ir.BooleanValue:
    return (value.length() == 18) & ~value.re_search(f"[^{USCC_ALPHABET}]")


def _organisation_passes(value: ir.StringValue, start: int) -> ir.BooleanValue:
    check = _value(value, start + 8, DIGITS + "X")
    return (check >= 0) & ((_weighted(value, start, one.ORGANISATION_WEIGHTS, ORGANISATION_ALPHABET) + check) % 11 == 0)


def _weighted(value: ir.StringValue, start: int, weights: Sequence[int], alphabet: str) -> ir.IntegerValue:
    """Sum of character values times weights. Only for text whose length and alphabet were checked before."""
    total: ir.IntegerValue = _value(value, start, alphabet) * weights[0]
    for index, weight in enumerate(weights[1:], start + 1):
        total = total + _value(value, index, alphabet) * weight
    return total


def _number(value: ir.StringValue, start: int, digits: int) -> ir.IntegerValue:
    """A run of digits as a number; a cast would stop the whole query on a row that a guard is meant to keep out."""
    return _weighted(value, start, [10**power for power in reversed(range(digits))], DIGITS)


def _value(value: ir.StringValue, index: int, alphabet: str) -> ir.IntegerValue:
    return ibis.literal(alphabet).find(value.substr(index, 1))


def _unless(passes: ir.BooleanValue, rule: str) -> ir.StringValue:
    return ibis.cases((passes, ibis.null("string")), else_=rule)
