"""How values are written on pages (页面书写): dates, moments, numbers, digests, bilingual texts."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from chengxin.kernel.periods import CHINA, LONG_TERM, today
from chengxin.kernel.text import Text
from chengxin.web.site import present, wording
from chengxin.web.site.wording import article_name, day_text, english

register = template.Library()


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
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def duration(seconds: float) -> str:
    """A length of time in the unit people would use: 40 秒, 12 分钟, 3 小时, 2 天."""
    whole = max(0, round(seconds))
    if whole < 120:
        return ngettext("%(n)s 秒", "%(n)s 秒", whole) % {"n": whole}
    if whole < 7200:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", whole // 60) % {"n": whole // 60}
    if whole < 172_800:
        return ngettext("%(n)s 小时", "%(n)s 小时", whole // 3600) % {"n": whole // 3600}
    return ngettext("%(n)s 天", "%(n)s 天", whole // 86_400) % {"n": whole // 86_400}


@register.filter
def groups(value: str) -> str:
    """A digest in groups of four characters, which people can compare."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


@register.filter
def say(value: object) -> str:
    """A bilingual text in the language of the page; other values as they are."""
    if isinstance(value, Text):
        return wording.say(value)
    return "" if value is None else str(value)


@register.filter
def hans(value: str) -> SafeString | str:
    """On an English page Chinese stretches of a text are marked as such, so that a screen reader changes its voice."""
    if not english():
        return value
    parts = _HAN.split(value)  # every second part is Chinese
    return format_html_join(
        "", "{}", ((format_html('<span lang="zh-Hans">{}</span>', p) if n % 2 else p,) for n, p in enumerate(parts))
    )


_HAN = re.compile(r"([《“〔（]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u301f\uff00-\uff60“”·]*)")


@register.filter
def is_chinese(value: str) -> bool:
    """Whether a text is written in Chinese; for drawings, whose texts hold no marks within."""
    return bool(_HAN.search(value))


@register.filter
def status(value: str) -> SafeString | str:
    """A registration status (登记状态) in the language of the page; as sent where the code list does not know it."""
    return hans(present.status(value))


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
def over(value: date) -> bool:
    """Whether a last day (期限) has passed."""
    return value < today()


@register.filter
def positive(value: int) -> int:
    """The size of a number without its sign."""
    return abs(value)


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


ATTRIBUTES = {
    "detail": Text("“其他”后面写明种类的写法", "how a kind is named behind “other”"),
    "amounts": Text("金额", "amounts"),
    "applies_by": Text("按哪一日适用", "which day decides what applies"),
    "articles": Text("条款", "articles"),
    "basis": Text("依据", "basis"),
    "codelist": Text("代码表", "code list"),
    "counting": Text("期限计算", "how terms are counted"),
    "digits": Text("位数", "digits"),
    "edition": Text("版本", "edition"),
    "fields": Text("数据项", "fields"),
    "in_force_from": Text("施行日期", "in force from"),
    "in_force_to": Text("失效日期", "in force to"),
    "issued": Text("发布日期", "date of issue"),
    "kinds": Text("处罚种类", "kinds of penalty"),
    "length": Text("长度", "length"),
    "number": Text("文号", "number"),
    "pattern": Text("格式", "pattern"),
    "precedence": Text("优先顺序", "precedence"),
    "procedures": Text("处罚程序", "procedures"),
    "publicity": Text("公开属性", "publicity"),
    "rank": Text("效力位阶", "rank"),
    "reporting_days": Text("报送期限", "reporting term"),
    "required": Text("是否必填", "whether required"),
    "self_stop": Text("自动停止", "ending by itself"),
    "terms": Text("期限", "terms"),
    "title": Text("名称", "title"),
    "transition": Text("过渡规则", "transition"),
    "type": Text("类型", "type"),
    "values": Text("代码值", "values"),
    "when": Text("适用范围", "scope"),
}


@register.filter
def attributes(names: tuple[str, ...]) -> str:
    """Names of attributes nobody has checked yet, in words."""
    return ("、" if not english() else ", ").join(say(ATTRIBUTES.get(name, name)) for name in names)


@register.filter
def article(value: int) -> str:
    """第四十八条, or Article 48."""
    return article_name(value).strip()
