"""Characters (字符): blanks, full-width forms, look-alikes and brackets, as expressions for cells found dirty.

Regular expressions are written so that RE2 (DuckDB) and Java (Spark) read them alike: classes of literal characters,
no look-around. ``translate`` builds its table anew for every row (0.05 µs a pair on DuckDB), so every expression here
is meant for cells that a cheap test has already found dirty, and asks again before it uses a long table.
"""

from collections.abc import Mapping
from typing import cast

import ibis
import ibis.expr.types as ir

from chengxin.subjects.widths import BLANKS, COMPATIBILITY, FULL_WIDTH, RADICALS

_BREAKING = "\\t\\n\\r" + "".join(char for char in BLANKS if char >= " ")
"""Blanks that are no refused control character: a cell with one of those is not to be mended silently. Line breaks
are escaped, because a printer of SQL indents what follows a line break, inside a pattern too."""

BLANK = f"[{_BREAKING}]"
OUTER_BLANKS = f"^{BLANK}+|{BLANK}+$"
FULL = "[\uff01-\uff5e]"
FULL_BUT_BRACKETS = "[\uff01-\uff07\uff0a-\uff3a\uff3c\uff3e-\uff5a\uff5c\uff5e\uff61-\uffef]"
LOOK_ALIKE = "[\u2e80-\u2fdf\uf900-\ufaff]"
CJK = "[\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
"""Characters and their look-alikes, without the punctuation between them."""

OPENING = "([{〔【〖﹝﹙﹛［｛（"
CLOSING = ")]}〕】〗﹞﹚﹜］｝）"
"""Brackets met inside names and around the year of a document number, in all their widths."""

_BRACKETS = "".join("\\" + c if c in "[](){}" else c for c in OPENING + CLOSING)
ANY_BRACKET = f"[{_BRACKETS}]"
NO_BRACKETS = f"[^{_BRACKETS}]+"

MISSING = (
    "/", "//", "\\", "无", "暂无", "空", "未提供", "未填写",
    "N/A", "n/a", "NA", "NULL", "Null", "null", "NONE", "None", "none", "NIL",
)  # fmt: skip
"""What senders write into a cell that has no value, besides dashes."""

NOTHING = "^(?:[-—－](?: ?[-—－])*|" + "|".join(mark.replace("\\", "\\\\") for mark in MISSING) + ")?$"
"""A pattern, not a list: DuckDB turns IN with many constants into a join, which runs on every row, guard or not."""


def without_blanks(value: ir.StringValue) -> ir.StringValue:
    return value.re_replace(f"{BLANK}+", "")


def trimmed(value: ir.StringValue) -> ir.StringValue:
    return value.re_replace(OUTER_BLANKS, "")


def full_to_half(value: ir.StringValue) -> ir.StringValue:
    """Full-width letters, digits, signs and brackets as their ASCII forms."""
    return ibis.cases((value.re_search(FULL), _translate(value, FULL_WIDTH)), else_=value)


def plain(value: ir.StringValue, opening: str, closing: str) -> ir.StringValue:
    """Widths, look-alikes and brackets mended: brackets become the two given, other full-width signs ASCII."""
    brackets = {c: opening for c in OPENING if c != opening} | {c: closing for c in CLOSING if c != closing}
    widths = {full: half for full, half in FULL_WIDTH.items() if full not in OPENING + CLOSING}
    return ibis.cases(
        (value.re_search(LOOK_ALIKE), _translate(value, {**RADICALS, **COMPATIBILITY, **widths, **brackets})),
        (value.re_search(FULL_BUT_BRACKETS), _translate(value, {**widths, **brackets})),
        (value.re_search(ANY_BRACKET), _translate(value, brackets)),
        else_=value,
    )


def says_nothing(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a cell without outer blanks only says that there is nothing."""
    return value.re_search(NOTHING)


def _translate(value: ir.StringValue, table: Mapping[str, str]) -> ir.StringValue:
    return cast(ir.StringValue, value.translate("".join(table), "".join(table.values())))
