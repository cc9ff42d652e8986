"""Wording (用语): dates, articles and bilingual texts in the language of the page."""

from datetime import date

from django.utils.translation import get_language

from chengxin.kernel.text import Text

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
    """Whether the page is in English; Chinese is the default."""
    return (get_language() or "").startswith("en")


def say(text: Text) -> str:
    """A bilingual text in the language of the page."""
    return text.en if english() else text.zh


def day_text(value: date) -> str:
    """2026年8月14日, or 14 August 2026."""
    if english():
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def article_name(number: int) -> str:
    """第四十八条, or Article 48."""
    if english():
        return f" Article {number}"
    digits, words = "零一二三四五六七八九", ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            words += ("" if number // 10 == 1 and place == 10 else digits[digit]) + unit
        elif words and number % place:
            words = words.rstrip("零") + "零"
    return f"第{words}条"
