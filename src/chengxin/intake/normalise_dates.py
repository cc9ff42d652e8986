"""Dates (日期): every form met, as YYYY-MM-DD; what names no single day stays as it is and is found by the checks."""

import ibis
import ibis.expr.types as ir

from chengxin.intake import characters as chars
from chengxin.kernel.periods import LONG_TERM

CANONICAL = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LONG = "^(?:长期|长期有效|永久|永久有效|无固定期限|无期限|无限期|不限期)$"
"""Words for a validity without end; the national layouts write it 2099-12-31."""

IMPRECISE = (
    "^(?:[0-9]{4}[-/.年][0-9]{1,2}月?|[0-9]{4}年?|[12][0-9]{3}(?:0[1-9]|1[0-2])|[0-9]{1,2}[-/.][0-9]{4}"
    "|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-/. ]?(?:[0-9]{2}|[0-9]{4})"
    "|[0-9]{2}[-/. ]?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|[〇零一二三四五六七八九]{4}年[一二三四五六七八九十]{0,2}月?)$"
)
"""A year or a month without a day (2019年8月, 2019-08, 201908, Oct-17, which Excel makes of 2017-10)."""

_SLASHED = "^[0-9]{4}/[0-9]{2}/[0-9]{2}$"
_PARTS = "^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]*[0-9]{1,2}[:时].*)?$"
_COMPACT = "^([12][0-9]{3})(0[1-9]|1[0-2])([0-3][0-9])(?:[0-9]{6})?$"
_ZULU = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}.*Z$"
_SERIAL = "^[2-7][0-9]{4}(?:[.][0-9]+)?$"
"""A day number; its fraction is the time of day, which is left out as it is of a date-time."""
_WHOLE = "^([0-9]+)"
_SECONDS = "^(?:[6-9][0-9]{8}|[1-3][0-9]{9})$"
_MILLISECONDS = "^(?:[6-9][0-9]{11}|[1-3][0-9]{12})$"
_WORDS = "^[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日$"

_SERIAL_1904 = "^[1-7][0-9]{4}(?:[.][0-9]+)?$"
_DAYS_TO_1904 = 1462
_UNIX_DAY_OF_EXCEL_ZERO = -25569
_CHINA_SECONDS = 8 * 3600
_DAY_SECONDS = 86400


def clean_date(value: ir.StringValue) -> ir.BooleanValue:
    return value.re_search(CANONICAL)


def tidy_date(value: ir.StringValue) -> ir.StringValue:
    """Widths and blanks mended: the outer ones and those around the signs between the parts."""
    tidy = chars.full_to_half(chars.trimmed(value))
    return tidy.re_replace(f"{chars.BLANK}*([-/.年月日:]){chars.BLANK}*", r"\1")


def date(tidy: ir.StringValue, *, may_be_long: bool) -> ir.StringValue:
    """The day as YYYY-MM-DD where the tidied cell names one; else the cell as tidied.

    Understood: 2019年8月1日, 2019/8/1, 2019.8.1, 2019-08-01 00:00:00, 20190801, 二〇一九年八月一日, Excel's day number
    (20000 to 79999: 1954 to 2118) with or without a time of day behind the point, seconds and milliseconds since 1970,
    which name a day in Asia/Shanghai. Words for "no end" become 2099-12-31 where the field is the end of something
    (``may_be_long``). The day itself is not judged here: 2019/2/30 becomes 2019-02-30, which the checks then name.
    """
    rules: list[tuple[ir.BooleanValue, ir.StringValue]] = [
        (tidy.re_search(_SLASHED), tidy.replace("/", "-")),
        (tidy.re_search(_ZULU), _days(_zulu_days(tidy))),
        (tidy.re_search(_PARTS), _padded(tidy.re_replace(_PARTS, r"\1-\2-\3"))),
        (tidy.re_search(_COMPACT), tidy.re_replace(_COMPACT, r"\1-\2-\3")),
        (tidy.re_search(_SERIAL), _days(_number(tidy, _SERIAL) + _UNIX_DAY_OF_EXCEL_ZERO)),
        (tidy.re_search(_SECONDS), _days((_number(tidy, _SECONDS) + _CHINA_SECONDS) // _DAY_SECONDS)),
        (tidy.re_search(_MILLISECONDS), _days((_number(tidy, _MILLISECONDS) // 1000 + _CHINA_SECONDS) // _DAY_SECONDS)),
        (tidy.re_search(_WORDS), _in_words(tidy)),
    ]
    if may_be_long:
        rules.append((tidy.re_search(LONG), ibis.literal(LONG_TERM.isoformat())))
    return ibis.cases(*rules, else_=tidy)


def _padded(value: ir.StringValue) -> ir.StringValue:
    """YYYY-M-D with two digits each for month and day."""
    return value.re_replace("-([0-9])-", r"-0\1-").re_replace("-([0-9])$", r"-0\1")


def _number(value: ir.StringValue, pattern: str) -> ir.IntegerValue:
    """The whole number where the cell has the pattern, else null: engines may cast before they look at the condition.

    Its fraction is cut off in the text: a cast would round the evening to the next day.
    """
    whole = value.re_extract(_WHOLE, 1)
    return ibis.cases((value.re_search(pattern), whole), else_=ibis.null("string")).try_cast("int64")


def _days(days: ir.IntegerValue) -> ir.StringValue:
    # DuckDB makes a timestamp of date + interval, and its text is longer than a day
    return (ibis.date("1970-01-01") + days.as_interval("D")).cast("string").left(10)


def _zulu_days(value: ir.StringValue) -> ir.IntegerValue:
    """Days since 1970 in China of a moment written in UTC: from 16:00 on it is the next day there."""
    day = value.left(10).try_cast("date")
    late = value.substr(11, 2) >= "16"
    return day.delta(ibis.date("1970-01-01"), unit="day") + late.ifelse(1, 0)


def _in_words(value: ir.StringValue) -> ir.StringValue:
    digits = value.translate("〇零○一二三四五六七八九", "000123456789")
    tens = (
        digits.re_replace("([1-9])十([1-9])", r"\1\2")
        .re_replace("([1-9])十", r"\10")
        .re_replace("十([1-9])", r"1\1")
        .replace("十", "10")
    )
    return _padded(tens.re_replace(_PARTS, r"\1-\2-\3"))


def from_1904(value: ir.StringValue) -> ir.StringValue:
    """A day number that counts from 1904-01-01 as one that counts like Excel's others; any other cell as it is."""
    moved = (_number(value, _SERIAL_1904) + _DAYS_TO_1904).cast("string") + value.re_replace(_WHOLE, "")
    return ibis.cases((value.re_search(_SERIAL_1904), moved), else_=value)


def national(value: ir.StringValue) -> ir.StringValue:
    """A cell in the spelling of the national layouts (2026/08/14) with dashes; any other cell as it is.

    Slashes are how the layouts ask for a date: to keep each as a change would double what is stored of a good file.
    """
    asked = value.like("____/__/__") & value.re_search("^[0-9]{4}/[0-9]{2}/[0-9]{2}$")
    return ibis.cases((asked, value.replace("/", "-")), else_=value)
