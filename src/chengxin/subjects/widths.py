"""Character widths and look-alikes (全角半角与形近字): the tables that codes and names are normalised with.

Every table maps one character to one character or to nothing, so that ``str.translate`` and SQL's ``translate`` give
the same result.
"""

import csv
import unicodedata
from collections.abc import Mapping
from importlib.resources import files

FULL_WIDTH: Mapping[str, str] = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
"""Full-width forms (全角) of the visible ASCII characters."""

ASCII_UPPER: Mapping[int, str] = {code: chr(code - 32) for code in range(ord("a"), ord("z") + 1)}

_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_DIRECTION = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x2070))))
BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace()) + _INVISIBLE + _DIRECTION
"""Every blank, line break, zero-width and direction character; Unicode has no blanks above U+3000."""


def _radicals() -> dict[str, str]:
    text = (files("chengxin.subjects") / "data" / "radicals.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["look_alike"]: row["ideograph"] for row in rows}


def _compatible(first: int, last: int) -> dict[str, str]:
    """What Unicode's compatibility form (NFKC) makes of a range, where that is one other character."""
    pairs = ((chr(code), unicodedata.normalize("NFKC", chr(code))) for code in range(first, last + 1))
    return {char: plain for char, plain in pairs if len(plain) == 1 and plain != char}


RADICALS: Mapping[str, str] = {**_compatible(0x2F00, 0x2FDF), **_radicals()}
"""部首形近字: Kangxi radicals and the radicals supplement, as exports from PDF put them in place of characters.

Source: Unicode NFKC for the Kangxi block, EquivalentUnifiedIdeograph (Unicode 14.0) for the supplement, which NFKC
leaves as it is.
"""

COMPATIBILITY: Mapping[str, str] = {
    **_compatible(0xF900, 0xFAFF),
    **_compatible(0xFF61, 0xFFEF),
}
"""Compatibility ideographs and half-width forms (兼容汉字、半角片假名)."""
