"""Home (首页): find an organisation, and what the platform holds today."""

from datetime import date, timedelta
from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.catalogue.model import Catalogue
from chengxin.kernel.periods import add_months, today
from chengxin.operations import lookup, rulebook
from chengxin.web.site import charts, sections
from chengxin.web.site.wording import say

MONTHS = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search box, live figures, what lies behind the links, and the coming and going of records by month."""
    day = today()
    figures, catalogue = lookup.figures(day), rulebook.catalogue()
    published = [
        {"id": item.id, "title": say(item.title), "count": figures.published.get(item.id, 0)}
        for item in sections.published(catalogue)
    ]
    answer = render(
        request,
        "site/home.html",
        {"figures": figures, "published": published, "charts": _charts(catalogue, day), "today": day},
    )
    answer["Cache-Control"] = "no-cache"
    return answer


def _charts(catalogue: Catalogue, day: date) -> list[charts.Bars]:
    """For each adverse item: what became public over the last months, and what will stop by itself over the next."""
    first = day.replace(day=1)
    drawn = []
    for item in sections.published(catalogue):
        if not item.adverse:
            continue
        names = {"item": say(item.title)}
        behind = [add_months(first, n) for n in range(1 - MONTHS, 2)]
        ahead = [add_months(first, n) for n in range(MONTHS + 1)]
        opened = lookup.movements(item.id, behind[0], min(behind[-1], day + timedelta(days=1)))
        closing = lookup.movements(item.id, day + timedelta(days=1), ahead[-1])
        if opened:
            counts = _by_month(behind, [(one.day, one.opening) for one in opened])
            said = {**names, "n": f"{sum(counts):,}"}
            title = (
                _("近 12 个月列入%(item)s的信息，有 %(n)s 条进入公示") % said
                if sections.is_list(item)
                else _("近 12 个月作出的%(item)s，有 %(n)s 条进入公示") % said
            )
            drawn.append(_bars(title, _("单位：条。按公示期起算的月份。"), behind, counts))
        if closing:
            counts = _by_month(ahead, [(one.day, one.closing) for one in closing])
            said = {**names, "n": f"{sum(counts):,}"}
            title = (
                _("今后 12 个月，有 %(n)s 条列入%(item)s的信息自动停止公示") % said
                if sections.is_list(item)
                else _("今后 12 个月，有 %(n)s 条%(item)s自动停止公示") % said
            )
            drawn.append(_bars(title, _("单位：条。按公示期届满的月份；经修复的会更早停止。"), ahead, counts))
    return drawn


def _by_month(months: list[date], counts: list[tuple[date, int]]) -> list[int]:
    return [sum(count for day, count in counts if start <= day < stop) for start, stop in pairwise(months)]


def _bars(title: str, subtitle: str, months: list[date], counts: list[int]) -> charts.Bars:
    return charts.bars(title, subtitle, list(zip([charts.month(day) for day in months], counts, strict=False)))
