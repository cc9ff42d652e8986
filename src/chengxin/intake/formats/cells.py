"""Cells (单元格): one text for a value that a workbook, JSON or Parquet file holds as something else than text."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import orjson

from chengxin.intake.formats.refusals import refuse

EXACT_FLOAT = 2**53
"""From here on a number in a workbook is no longer exact: an 18-digit code typed as a number has lost its end."""

MAX_DEPTH = 64
"""Levels of lists and objects in a file; a table of records has two or three."""
_MAX_EXPONENT = 60
_DIGITS = 15
"""Decimal digits that every double keeps."""


def cell_text(value: object) -> str | None:
    """The canonical text of a cell value, None for nothing.

    Whole numbers have no ``.0``, numbers no exponent, dates are ISO (with a time of day only where it is not
    midnight), lists and objects are JSON. Text stays as it is, also when it looks like a formula.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return nested_text(value)


def float_text(value: float) -> str | None:
    """The number in 15 significant digits, as spreadsheets show it; no exponent, no ``.0``; nothing for NaN and infinity.

    What lies beyond is the noise of binary fractions: 0.1 + 0.2 is 0.30000000000000004. Whole numbers are written whole.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if value.is_integer() and abs(value) < EXACT_FLOAT:
        return str(int(value))
    return plain(Decimal(repr(value) if value.is_integer() else f"{value:.{_DIGITS}g}"))


def plain(value: Decimal) -> str:
    """A decimal without exponent; one so large or small that it cannot be an amount keeps its exponent."""
    if not value.is_finite():
        return str(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) > _MAX_EXPONENT:
        return str(value)
    text = format(value, "f")
    return text.removesuffix(".0") if text.endswith(".0") else text


def number_text(text: str) -> str:
    """A number as written in JSON: untouched, but for exponents, which are written out."""
    return plain(Decimal(text)) if "e" in text or "E" in text else text


def nested_text(value: object) -> str:
    """A list or an object as compact JSON. Raises Refusal ``file.nested``."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:  # what came out of a file is refused for its depth only
        raise refuse("file.nested", limit=MAX_DEPTH) from None


def _moment(value: datetime) -> str:
    if value.time() == time(0, 0) and value.tzinfo is None:
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds" if not value.microsecond else "auto")
