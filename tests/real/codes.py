"""Codes and names as the expectations judge them: written from GB 32100-2015 and GB 11714-1997, not from the product."""

import re
import unicodedata

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PAIRS = [
    "11",
    "12",
    "13",
    "19",
    "21",
    "29",
    "31",
    "32",
    "33",
    "34",
    "35",
    "39",
    "41",
    "49",
    "51",
    "52",
    "53",
    "59",
    "61",
    "62",
    "69",
    "71",
    "72",
    "79",
    "81",
    "89",
    "91",
    "92",
    "93",
    "A1",
    "A9",
    "N1",
    "N2",
    "N3",
    "N9",
    "Y1",
]
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OLD_NUMBER = re.compile(r"\d{15}|\d{6}NA\d{6}[\dX]")
"""工商注册号: fifteen digits, or the co-operative form with NA."""


def tidy(code: object) -> str:
    """Half-width, upper case, without blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(code))).upper()


def right(code: str) -> bool:
    """Whether an 18-character code holds: alphabet, department and class, division digits, check character."""
    if len(code) != 18 or any(char not in USCC for char in code):
        return False
    if code[:2] not in PAIRS or not code[2:8].isdigit():
        return False
    total = sum(USCC.index(char) * 3**place for place, char in enumerate(code[:17]))
    return (total + USCC.index(code[17])) % 31 == 0


def inner_right(code: str) -> bool:
    """Whether the organisation code inside (characters 9–17) fulfils GB 11714."""
    return organisation_right(code[8:17])


def organisation_right(code: str) -> bool:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    if len(code) != 9 or any(char not in ORGANISATION for char in code):
        return False
    rest = 11 - sum(w * ORGANISATION.index(char) for w, char in zip(weights, code[:8], strict=True)) % 11
    return code[8] == {10: "X", 11: "0"}.get(rest, str(rest))


def old_number_right(code: str) -> bool:
    """Whether the last digit of a 15-digit registration number fulfils ISO 7064 MOD 11,10 (unconfirmed rule)."""
    product = 10
    for digit in code[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(code[14])) % 10 == 1


def plain_name(name: object) -> str:
    """A name for comparison: width, blanks, case and kinds of brackets do not count."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(name))).upper()
    return text.translate(str.maketrans("〔〕［］【】﹝﹞", "()()()()"))
