"""Identifiers (主体代码): normalise and check the codes of a subject, one by one.

统一社会信用代码 (GB 32100-2015), 组织机构代码 (GB 11714-1997), 工商注册号 (GS 15-2006) and, only to recognise and
refuse them, 公民身份号码 (GB 11643-1999). ``identifiers_bulk`` holds the same rules as expressions over a table; a
property test keeps the two equal. Rules and messages are data: ``data/code_rules.tsv``, ``data/usc_codes.tsv``.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from chengxin.kernel.text import Text
from chengxin.subjects.widths import ASCII_UPPER, BLANKS, FULL_WIDTH

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
USCC_PLACEHOLDER = "00000000000000000X"
"""How a sole trader without a code is written in the national layouts: seventeen zeros and X."""
NO_ORGANISATION = "0" * 9
"""What stands in the place of an organisation code where there is none."""
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_CHECKS = "0X987654321"
"""Check character by ``sum % 11``."""
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
DIGITS = "0123456789"
SOLE_TRADER_DIGITS = "6789"
"""Seventh digit of a sole trader's registration number; not confirmed from the standard's text."""
DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
LOOK_ALIKES = str.maketrans("OIZS", "0125")

CODE_TABLE: Mapping[int, str | None] = {
    **{ord(wide): plain.translate(ASCII_UPPER) for wide, plain in FULL_WIDTH.items()},
    **ASCII_UPPER,
    **dict.fromkeys(map(ord, BLANKS + DASHES), None),
}


@dataclass(frozen=True)
class CodeRule:
    """A rule about codes: ``level`` is ``error`` or ``warning``; ``confirmed`` says whether its source was read."""

    id: str
    level: str
    confirmed: bool
    basis: str
    message: Text


@dataclass(frozen=True)
class Warned:
    """A rule that a passing code breaks without being wrong for it."""

    rule: str
    message: Text


@dataclass(frozen=True)
class Check:
    """What checking one code gave. ``rule`` is the first rule that failed, "" when ``ok``.

    ``position`` counts from 1 and is None where the whole code is meant; ``suggestion`` is a code that passes every
    rule and that the text was probably meant to be: a proposal to a person, never applied by itself.
    """

    ok: bool
    rule: str
    position: int | None
    message: Text
    suggestion: str | None = None
    warnings: tuple[Warned, ...] = ()


def _table(name: str) -> list[dict[str, str]]:
    text = (files("chengxin.subjects") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


CODE_RULES: Mapping[str, CodeRule] = {
    row["rule"]: CodeRule(
        row["rule"], row["level"], row["confirmed"] == "true", row["basis"], Text(row["zh"], row["en"])
    )
    for row in _table("code_rules.tsv")
}
DEPARTMENTS: Mapping[str, Text] = {
    row["department"]: Text(row["department_zh"], row["department_en"]) for row in _table("usc_codes.tsv")
}
"""The 12 registering departments (登记管理部门) by the first character."""
CLASSES: Mapping[str, Text] = {
    row["department"] + row["class"]: Text(row["class_zh"], row["class_en"]) for row in _table("usc_codes.tsv")
}
"""The 36 lawful pairs of department and class of body (机构类别)."""


def normalise_code(text: str) -> str:
    """Upper-case half-width form without blanks, hyphens and invisible characters; "" when nothing is left."""
    return text.translate(CODE_TABLE)


def check_uscc(text: str) -> Check:
    """Check a 统一社会信用代码 as written; give ``normalise_code(text)`` to forgive width, blanks and case."""
    if fault := _uscc_fault(text):
        return _failed(text, *fault, _uscc_fault)
    expected = organisation_check(text[8:16])
    warnings = () if text[16] == expected else (_warned("uscc.inner", expected),)
    return Check(True, "", None, Text("", ""), warnings=warnings)


def check_organisation_code(text: str) -> Check:
    """Check a 组织机构代码 of 9 characters, written without the hyphen."""
    if fault := _organisation_fault(text):
        return _failed(text, *fault, _organisation_fault)
    return Check(True, "", None, Text("", ""))


def check_registration_no(text: str) -> Check:
    """Check a 工商注册号. Its check digit is only a warning: the rule is not confirmed from the standard's text."""
    if fault := _registration_fault(text):
        return _failed(text, *fault, _registration_fault)
    expected = registration_check(text[:14]) if text[6:8] != "NA" else text[14]
    warnings = () if text[14] == expected else (_warned("registration.check", expected),)
    return Check(True, "", None, Text("", ""), warnings=warnings)


def check_citizen_id(text: str) -> Check:
    """Whether the text is a 公民身份号码: for recognising and refusing it. The message never repeats the number."""
    if fault := _citizen_fault(text):
        return Check(False, fault[0], fault[1], CODE_RULES[fault[0]].message)
    return Check(True, "", None, Text("", ""))


def is_sole_trader_number(text: str) -> bool:
    """Whether a 15-digit 工商注册号 is one of a sole trader (个体工商户) by its seventh digit."""
    return _registration_fault(text) is None and text[6] in SOLE_TRADER_DIGITS


def uscc_check(first17: str) -> str:
    """The 18th character (ISO 7064 MOD 31-3) for 17 characters of the alphabet."""
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(first17, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """The 9th character of an organisation code."""
    pairs = zip(first8, ORGANISATION_WEIGHTS, strict=True)
    return ORGANISATION_CHECKS[sum(ORGANISATION_ALPHABET.index(char) * weight for char, weight in pairs) % 11]


def registration_check(first14: str) -> str:
    """The 15th digit of a registration number (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in first14:
        product = ((product + int(digit) + 9) % 10 + 1) * 2 % 11
    return str((11 - product) % 10)


Fault = tuple[str, int | None]


def _uscc_fault(code: str) -> Fault | None:
    if code == USCC_PLACEHOLDER:
        return "uscc.placeholder", None
    if len(code) != 18:
        return "uscc.length", None
    if position := _first_outside(code, USCC_ALPHABET):
        return "uscc.alphabet", position
    if code[0] not in DEPARTMENTS:
        return "uscc.department", 1
    if code[:2] not in CLASSES:
        return "uscc.class", 2
    if position := _first_outside(code[2:8], DIGITS):
        return "uscc.division", position + 2
    if code[17] != uscc_check(code[:17]):
        return "uscc.check", 18
    return None


def _organisation_fault(code: str) -> Fault | None:
    if len(code) != 9:
        return "organisation.length", None
    if position := _first_outside(code[:8], ORGANISATION_ALPHABET):
        return "organisation.alphabet", position
    if code[8] not in DIGITS + "X":
        return "organisation.alphabet", 9
    if code == NO_ORGANISATION:
        return "organisation.placeholder", None
    if code[8] != organisation_check(code[:8]):
        return "organisation.check", 9
    return None


def _registration_fault(code: str) -> Fault | None:
    if len(code) != 15:
        return "registration.length", None
    if code[6:8] == "NA":
        position = _first_outside(code[:6], DIGITS)
        if not position and (serial := _first_outside(code[8:14], DIGITS)):
            position = serial + 8
        if not position and code[14] not in DIGITS + "X":
            position = 15
    else:
        position = _first_outside(code, DIGITS)
    if position:
        return "registration.alphabet", position
    if code == "0" * 15:
        return "registration.placeholder", None
    return None


def _citizen_fault(code: str) -> Fault | None:
    if len(code) != 18:
        return "citizen.length", None
    if position := _first_outside(code[:17], DIGITS):
        return "citizen.alphabet", position
    if code[0] == "0":
        return "citizen.alphabet", 1
    if code[17] not in DIGITS + "X":
        return "citizen.alphabet", 18
    year, month, day = int(code[6:10]), int(code[10:12]), int(code[12:14])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month == 2:
        last = 29 if leap else 28
    else:
        last = 30 if month in (4, 6, 9, 11) else 31
    if not (1850 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= last):
        return "citizen.birth", 7
    total = sum(int(char) * weight for char, weight in zip(code[:17], CITIZEN_WEIGHTS, strict=True))
    if code[17] != CITIZEN_CHECKS[total % 11]:
        return "citizen.check", 18
    return None


def _first_outside(code: str, alphabet: str) -> int:
    """Position, from 1, of the first character outside the alphabet; 0 when there is none."""
    return next((i for i, char in enumerate(code, 1) if char not in alphabet), 0)


def _failed(text: str, rule: str, position: int | None, fault: Callable[[str], Fault | None]) -> Check:
    """The explained failure; ``fault`` is asked again to see whether a likely correction passes."""
    char = text[position - 1] if position else ""
    suggestion = _suggest(text, fault)
    hint = _hint(text, char, suggestion)
    expected = ""
    if rule == "uscc.check":
        expected = uscc_check(text[:17])
    elif rule == "organisation.check":
        expected = organisation_check(text[:8])
    named = _named(char)
    department = DEPARTMENTS.get(text[:1], Text("", ""))
    message = CODE_RULES[rule].message.format(
        length=len(text),
        position=position,
        char=char,
        char_zh=named.zh,
        char_en=named.en,
        char_bare=f" {char}" if char.isascii() and char.isalnum() else "这个字符",
        department=text[:1],
        department_zh=department.zh,
        department_en=department.en,
        expected=expected,
        hint_zh=hint.zh,
        hint_en=hint.en,
    )
    return Check(False, rule, position, message, suggestion)


def _suggest(text: str, fault: Callable[[str], Fault | None]) -> str | None:
    plain = normalise_code(text)
    for candidate in (plain, plain.translate(LOOK_ALIKES), plain[:18]):
        if candidate != text and fault(candidate) is None:
            return candidate
    return None


def _hint(text: str, char: str, suggestion: str | None) -> Text:
    """What to add to a message: the correction that passes, or what the text seems to be instead."""
    if suggestion is not None:
        if digit := {"O": "0", "I": "1", "Z": "2", "S": "5"}.get(char):
            return Text(f"；改为数字 {digit} 后校验通过", f"; with the digit {digit} the code passes")
        if len(text) == 22 and suggestion == text[:18]:
            return Text(
                "；这像是排污许可证编号，其前 18 位才是代码",
                "; this looks like a discharge permit number, whose first 18 characters are the code",
            )
        return Text(f"；改为 {suggestion} 后校验通过", f"; {suggestion} passes")
    if len(text) == 15 and _registration_fault(text) is None:
        return Text("，像是工商注册号，请填入注册号一栏", "; it looks like a registration number and belongs there")
    if len(text) == 9 and _organisation_fault(text) is None:
        return Text("，像是组织机构代码，请填入该栏", "; it looks like an organisation code and belongs there")
    if len(text) == 18 and _uscc_fault(text) is None:
        return Text(
            "，像是统一社会信用代码，请填入该栏", "; it looks like a unified social credit code and belongs there"
        )
    if len(text) == 13 and not _first_outside(text, DIGITS):
        return Text("，像是 2007 年以前的 13 位注册号", "; it looks like a 13-digit number from before 2007")
    return Text("", "")


def _named(char: str) -> Text:
    if char in ASCII_UPPER_LETTERS:
        return Text(f"字母 {char}", f"the letter {char}")
    if char and char in DIGITS:
        return Text(f"数字 {char}", f"the digit {char}")
    if char and ord(char) in ASCII_UPPER:
        return Text(f"小写字母 {char}", f"the lower-case letter {char}")
    if char and char in BLANKS:
        return Text("空白字符", "a blank")
    return Text(f"“{char}”", f"“{char}”")


def _warned(rule: str, expected: str) -> Warned:
    return Warned(rule, CODE_RULES[rule].message.format(expected=expected))


ASCII_UPPER_LETTERS = tuple(ASCII_UPPER.values())
