"""Amounts (金额): thousands separators, units and capital numerals (大写金额) as plain exact decimals.

Three steps, because an expression that repeats its input in every branch grows with each step: ``tidied`` on the
cell, ``numerals`` on what came out, ``amount`` on both.
"""

from functools import reduce

import ibis
import ibis.expr.types as ir

from chengxin.intake import characters as chars

CANONICAL = "^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)[.][0-9]*[1-9])$"
TEN_THOUSAND = "万元"

_NUMBER = "^(-?[0-9]{1,15}(?:[.][0-9]{1,8})?)"
_UNITS = {
    "": 0,
    "元": 0,
    "圆": 0,
    "块": 0,
    "百": 2,
    "千": 3,
    "千元": 3,
    "万": 4,
    "万元": 4,
    "万圆": 4,
    "亿": 8,
    "亿元": 8,
}
"""Unit as written → power of ten in yuan; a bare number is in the unit of the field."""

_FIGURES = "〇零壹一弌贰二两貳弍叁三叄參弎肆四伍五陆六陸柒七漆捌八玖九拾十佰百仟千阡万萬亿億元圆圓角分"
_LETTERS = "0011122222333334455666777889 9TTBBKKKWWEEYYYJF".replace(" ", "")

SPELT = "[壹贰貳叁叄參肆伍陆陸柒捌玖拾佰仟零一二两三四五六七八九十百千][零壹贰叁肆伍陆柒捌玖拾佰仟一二两三四五六七八九十百千万萬亿億元圆圓角分]"
"""Two numerals in a row, or one and its unit: what the cell of an amount in words shows before it is mended."""

_SECTION = "(?:[1-9]K)?0*(?:[1-9]B)?0*(?:[1-9]?T)?0*[1-9]?0*"
IN_WORDS = f"^(?:{_SECTION}E)?(?:{_SECTION}W)?{_SECTION}Y*(?:[1-9]J)?0*(?:[1-9]F)?$"
"""Capital numerals after ``numerals``: up to 9999 亿, 角 and 分; 元 written twice (元元整) is met in the field."""


def clean_amount(value: ir.StringValue) -> ir.BooleanValue:
    return value.re_search(CANONICAL)


def tidied(value: ir.StringValue) -> ir.StringValue:
    """Without blanks, currency signs, thousands separators (where they part groups of three), 整 and 正."""
    bare = chars.full_to_half(chars.without_blanks(value))
    bare = bare.re_replace("^(?:人民币|RMB|CNY|¥|￥|:|大写|[(]大写[)])+", "").re_replace("(?:元)?(?:整|正)$", "元")
    grouped = bare.re_search("^-?[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)?[^0-9,.]*$")
    return ibis.cases((grouped, bare.replace(",", "")), else_=bare)


def numerals(tidy: ir.StringValue) -> ir.StringValue:
    """Capital and ordinary Chinese numerals as letters (1W4K3B2T6Y), null where the cell is none."""
    letters = tidy.translate(_FIGURES, _LETTERS)
    # a ten without a digit before it is one ten
    for before in ("0", "E", "W", "K", "B"):
        letters = letters.replace(f"{before}T", f"{before}1T")
    letters = letters.re_replace("^T", "1T")
    # 三万五 means 35,000 in speech and 30,005 in form: not for a machine to decide
    doubtful = letters.re_search("[EWKB][1-9](?:Y|$)")
    shaped = letters.re_search(IN_WORDS) & letters.re_search("[0-9][KBTWEYJF]") & ~doubtful
    return ibis.cases((tidy.re_search(f"^[{_FIGURES}]+$"), ibis.cases((shaped, letters), else_=ibis.null("string"))))


def amount(tidy: ir.StringValue, letters: ir.StringValue, unit: str) -> ir.StringValue:
    """Canonical text of the amount in ``unit`` (万元 or 元); what is no amount stays as tidied.

    Exact: no floating point. 12.50万元 in a field of 万元 is 12.5, 5000元 is 0.5.
    """
    field_power = 4 if unit == TEN_THOUSAND else 0
    rules: list[tuple[ir.BooleanValue, ir.StringValue]] = [
        (tidy.re_search(f"{_NUMBER}$"), _shifted(tidy.re_extract(_NUMBER, 1), 0)),
    ]
    for power in sorted(set(_UNITS.values())):
        written = "|".join(name for name, value in _UNITS.items() if name and value == power)
        rules.append(
            (tidy.re_search(f"{_NUMBER}(?:{written})$"), _shifted(tidy.re_extract(_NUMBER, 1), power - field_power))
        )
    rules.append((letters.notnull(), _shifted(_cents(letters), -field_power - 2)))
    return ibis.cases(*rules, else_=tidy)


def amounts_in_words(values: list[str], unit: str = "元") -> list[str | None]:
    """The amounts (canonical text in ``unit``) that texts in capital numerals name; None where one names none."""
    table = ibis.memtable({"value": values}, schema={"value": "string"})
    tidy = table.mutate(tidy=tidied(table.value))
    spelt = tidy.mutate(letters=numerals(tidy.tidy))
    result = spelt.select(amount=ibis.cases((spelt.letters.notnull(), amount(spelt.tidy, spelt.letters, unit))))
    return [None if value is None else str(value) for value in result.to_pyarrow()["amount"].to_pylist()]


def _shifted(number: ir.StringValue, power: int) -> ir.StringValue:
    """A number as text times ten to the ``power``: the point is moved in the text, so that nothing can be rounded."""
    moved = number
    if power > 0:
        pointed = ibis.cases((number.contains("."), number), else_=number + ibis.literal(".")) + ibis.literal(
            "0" * power
        )
        moved = pointed.re_replace(f"^(-?[0-9]+)[.]([0-9]{{{power}}})([0-9]*)$", r"\1\2.\3")
    elif power < 0:
        padded = number.re_replace("^(-?)", r"\1" + "0" * -power)
        moved = padded.re_replace(f"^(-?[0-9]+)([0-9]{{{-power}}})[.]?([0-9]*)$", r"\1.\2\3")
    short = (
        moved.re_replace("([.][0-9]*[1-9])0+$", r"\1").re_replace("[.]0*$", "").re_replace("^(-?)0+([0-9])", r"\1\2")
    )
    return ibis.cases((short == "-0", "0"), else_=short)


def _cents(letters: ir.StringValue) -> ir.StringValue:
    hundred_million = letters.re_extract("^([^EWYJF]*)E", 1)
    ten_thousand = letters.re_extract("^(?:[^E]*E)?([^EWYJF]*)W", 1)
    ones = letters.re_extract("^(?:.*[EW])?([^EWYJF]*)(?:Y|$)", 1)
    whole = _section(hundred_million) * 100_000_000 + _section(ten_thousand) * 10_000 + _section(ones)
    cents = _digit(letters, "([1-9])J") * 10 + _digit(letters, "([1-9])F")
    return (whole * 100 + cents).cast("string")


def _section(section: ir.StringValue) -> ir.IntegerValue:
    """Value of up to four digits written with K, B and T (thousand, hundred, ten)."""
    places = {"([1-9])K": 1000, "([1-9])B": 100, "([1-9])T": 10, "([1-9])0*$": 1}
    return reduce(lambda a, b: a + b, [_digit(section, pattern) * value for pattern, value in places.items()])


def _digit(text: ir.StringValue, pattern: str) -> ir.IntegerValue:
    return text.re_extract(pattern, 1).nullif("").try_cast("int64").fill_null(0)
