"""Codes and code-list values (代码与代码表取值): one spelling for each."""

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Codelist
from chengxin.intake import characters as chars

SEPARATOR = ";"
_SEPARATORS = "[;；,，、|｜/]+"
_SHIELD = 0xE000
"""Private-use characters stand for list values that hold a separator themselves while a list is taken apart."""


def clean_code(value: ir.StringValue) -> ir.BooleanValue:
    """Whether the cell is canonical; with a digit in it, so that NULL and NA do not pass for codes."""
    return value.re_search("^[0-9A-Z]*[0-9][0-9A-Z]*$")


def tidy_code(value: ir.StringValue) -> ir.StringValue:
    return chars.full_to_half(chars.without_blanks(value))


def code(tidy: ir.StringValue) -> ir.StringValue:
    """A code in upper-case ASCII without blanks, dashes and dots (MA-3COKJY.73 is typing, not part of any code)."""
    return tidy.upper().re_replace("[-.·‐-―−]", "").nullif("")


def clean_value(value: ir.StringValue, codelist: Codelist | None) -> ir.BooleanValue:
    if codelist is None:
        return ibis.literal(False)
    return value.re_search(value_pattern(codelist))


def tidy_value(value: ir.StringValue) -> ir.StringValue:
    return chars.without_blanks(chars.plain(value, "（", "）"))


def listed(tidy: ir.StringValue, codelist: Codelist | None) -> ir.StringValue:
    """A value of a code list by its official spelling; what the list does not know stays (blanks and widths mended)."""
    return tidy if codelist is None else _joined(_official(_padded(tidy), codelist))


def clean_values(value: ir.StringValue, codelist: Codelist | None) -> ir.BooleanValue:
    if codelist is None:
        return ibis.literal(False)
    return value.re_search(list_pattern(codelist))


def several(tidy: ir.StringValue, codelist: Codelist | None) -> ir.StringValue:
    """Several values of a list joined with ";", whatever the sender put between them."""
    spellings = [] if codelist is None else [*(v.value for v in codelist.values), *codelist.aliases]
    shielded = [text for text in sorted(spellings, key=len, reverse=True) if any(c in text for c in "、,/|;")]
    for index, text in enumerate(shielded):
        tidy = tidy.replace(text, chr(_SHIELD + index))
    tidy = tidy.re_replace(_SEPARATORS, SEPARATOR)
    for index, text in enumerate(shielded):
        tidy = tidy.replace(chr(_SHIELD + index), text)
    return _joined(_padded(tidy) if codelist is None else _official(_padded(tidy), codelist))


def list_pattern(codelist: Codelist) -> str:
    """Pattern of one or several values of a list, official spelling, joined with ";"."""
    choices = [v.value for v in codelist.values]
    if codelist.detail:
        choices.append(f"{codelist.detail}[^;]+")
    return f"^({'|'.join(choices)})(;({'|'.join(choices)}))*$"


def value_pattern(codelist: Codelist) -> str:
    """Pattern of exactly one value of a list, official spelling."""
    choices = [v.value for v in codelist.values]
    if codelist.detail:
        choices.append(f"{codelist.detail}.+")
    return f"^({'|'.join(choices)})$"


def _padded(value: ir.StringValue) -> ir.StringValue:
    """ ";a;;b;": every element between separators of its own, so that it can be replaced as a whole."""
    return ibis.literal(SEPARATOR) + value.replace(SEPARATOR, SEPARATOR * 2) + ibis.literal(SEPARATOR)


def _joined(padded: ir.StringValue) -> ir.StringValue:
    return padded.re_replace(f"{SEPARATOR}+", SEPARATOR).re_replace(f"^{SEPARATOR}|{SEPARATOR}$", "")


def _official(padded: ir.StringValue, codelist: Codelist) -> ir.StringValue:
    """Each element by its official spelling. Plain text functions: list functions differ between engines."""
    if codelist.detail:
        stem = codelist.detail.rstrip("-")
        # 其他（责令改正）, 其他：责令改正 and 其他——责令改正 are ways to write 其他-责令改正
        padded = padded.re_replace(f";{stem}[-‐-―−:：（]+([^（）;]+)）?;", rf";{codelist.detail}\1;")
    for alias, value in codelist.aliases.items():
        padded = padded.replace(f";{alias};", f";{value};")
    return padded
