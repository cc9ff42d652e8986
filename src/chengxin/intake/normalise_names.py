"""Names and document numbers (名称与文号): blanks, widths, look-alikes and brackets mended, the wording untouched."""

import ibis
import ibis.expr.types as ir

from chengxin.intake import characters as chars

CLEAN_NAME = "^[0-9A-Za-z一-鿿·（）]+$"
CLEAN_NAMES = "^[0-9A-Za-z一-鿿·（）]+(?:;[0-9A-Za-z一-鿿·（）]+)*$"
CLEAN_NUMBER = "^[0-9A-Za-z一-鿿]+〔[12][0-9]{3}〕[0-9A-Za-z一-鿿-]+$"


def clean_name(value: ir.StringValue) -> ir.BooleanValue:
    """Whether ``name`` would leave the cell as it is: one cheap pass over short text."""
    return _clean(value, CLEAN_NAME)


def name(value: ir.StringValue) -> ir.StringValue:
    """A name without the traces of typing and copying.

    With a CJK character in it: no blanks or line breaks, brackets as （）, as registers write them. Without one (a
    foreign name): one blank between words, ASCII brackets. Upper and lower case stay.
    """
    foreign = chars.trimmed(chars.plain(value, "(", ")").re_replace(f"{chars.BLANK}+", " "))
    chinese = chars.without_blanks(chars.plain(value, "（", "）"))
    return ibis.cases((value.re_search(chars.CJK), chinese), else_=foreign)


def clean_names(value: ir.StringValue) -> ir.BooleanValue:
    return _clean(value, CLEAN_NAMES)


def names(value: ir.StringValue) -> ir.StringValue:
    """Several names joined with ";" (also written ；): each mended, empty places left out."""
    parts = value.re_replace(f"{chars.BLANK}*[;；]+{chars.BLANK}*", ";")
    return name(parts).re_replace(";+", ";").re_replace("^;|;$", "")


def clean_number(value: ir.StringValue) -> ir.BooleanValue:
    """Whether ``document_number`` would leave the cell as it is."""
    return value.re_search(CLEAN_NUMBER)


def document_number(value: ir.StringValue) -> ir.StringValue:
    """A document number (文号) without blanks, with 〔〕 around the year and （） elsewhere.

    （2019）, (2019), [2019], ﹝2019〕 and the like become 〔2019〕. 第 and 号 stay: they are how the authority writes
    its number; the key of the record (``document_key``) does not depend on them.
    """
    rounded = chars.without_blanks(chars.plain(value, "（", "）"))
    return rounded.re_replace("（([12][0-9]{3})年?）", r"〔\1〕")


def document_key(number: ir.StringValue) -> ir.StringValue:
    """The form of a normalised document number that goes into the key of a record; null stays null.

    澜环罚〔2019〕第12号, 澜环罚〔2019〕12号 and 澜环罚〔2019〕12 are one number: 第 before a digit is left out, 号 is put
    at the end where it lacks, letters are upper case, long dashes are "-".
    """
    core = number.upper().re_replace("第([0-9])", r"\1").re_replace("[‐-―−]", "-")
    ended = ibis.cases((core.endswith("号"), core), else_=core + ibis.literal("号"))
    return ibis.cases((number.re_search("^[^a-z第‐-―−]*号$"), number), else_=ended)


def name_kinds(value: ir.StringValue) -> dict[str, ir.BooleanValue]:
    """Which kinds of dirt a changed name or document number had."""
    return {
        "whitespace": value.re_search(chars.BLANK),
        "width": value.re_search(chars.FULL_BUT_BRACKETS),
        "radical": value.re_search(chars.LOOK_ALIKE),
    }


def _clean(value: ir.StringValue, pattern: str) -> ir.BooleanValue:
    """Marks for "nothing" have at most four characters: only short names are asked twice."""
    clean = value.re_search(pattern)
    return ibis.cases((value.length() > 4, clean), (clean, ~chars.says_nothing(value)), else_=False)
