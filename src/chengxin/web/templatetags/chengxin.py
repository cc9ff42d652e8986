"""How values are written on pages (页面书写): dates, moments, numbers, digests, bilingual texts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from chengxin.kernel.periods import CHINA, LONG_TERM
from chengxin.kernel.text import Text

register = template.Library()

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def english() -> bool:
    return (get_language() or "").startswith("en")


def day_text(value: date) -> str:
    """2026年8月14日, or 14 August 2026."""
    if english():
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def day(value: object) -> SafeString | str:
    """A date that never breaks over lines; the last day of the national layouts is written 长期."""
    found = as_day(value)
    if found is None:
        return "" if value is None else str(value)
    if found >= LONG_TERM:
        return "long-term" if english() else "长期"
    return format_html('<time datetime="{}">{}</time>', found.isoformat(), day_text(found))


@register.filter
def moment(value: object) -> SafeString | str:
    """A point in time, in China's time: 2026年11月20日 08:00."""
    found = as_moment(value)
    if found is None:
        return "" if value is None else str(value)
    local = found.astimezone(CHINA)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        local.isoformat(timespec="minutes"),
        day_text(local.date()),
        local.strftime("%H:%M"),
    )


@register.filter
def number(value: object) -> str:
    """1204318 → 1,204,318."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def groups(value: str) -> str:
    """A digest in groups of four characters, which people can compare."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


@register.filter
def say(value: object) -> str:
    """A bilingual text in the language of the page; other values as they are."""
    if isinstance(value, Text):
        return value.in_language(get_language() or "zh")
    return "" if value is None else str(value)


@register.filter
def get(mapping: Mapping[str, object], key: str) -> object:
    """The value under a key that is only known when the page is drawn."""
    return mapping.get(key, "")


def as_day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def as_moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


@register.filter
def weekday(value: object) -> str:
    """周一 … 周日, or Mon … Sun: a date with its weekday comes before any countdown."""
    found = as_day(value)
    if found is None:
        return ""
    names = "Mon Tue Wed Thu Fri Sat Sun" if english() else "周一 周二 周三 周四 周五 周六 周日"
    return names.split()[found.weekday()]


@register.filter
def positive(value: int) -> int:
    """The size of a number without its sign."""
    return abs(value)


@register.filter
def yuan(value: str) -> str:
    """An amount stored in 万元 also said in yuan: 0.2 → 2,000."""
    try:
        return f"{Decimal(value) * 10000:,.2f}".rstrip("0").rstrip(".")
    except InvalidOperation:
        return ""


FIELD_TYPES = {
    "text": Text("文本", "text"),
    "code": Text("代码", "code"),
    "date": Text("日期", "date"),
    "decimal": Text("数值", "number"),
    "list": Text("代码表", "list"),
    "multi": Text("代码表，可多选", "list, several"),
}


@register.filter
def fieldtype(value: str) -> str:
    """The type of a field in words."""
    return say(FIELD_TYPES.get(value, value))
