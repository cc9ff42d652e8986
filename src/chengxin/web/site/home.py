"""Home (首页): find an organisation, and what the platform holds today."""

from datetime import date
from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.catalogue.model import Catalogue
from chengxin.kernel.periods import add_months, today
from chengxin.operations import lookup, rulebook
from chengxin.web.site import charts, present

MONTHS_AHEAD = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search box, live figures, and when records will stop being public by themselves."""
    day = today()
    figures, catalogue = lookup.figures(day), rulebook.catalogue()
    published = [
        {"id": id, "title": present.say(item.title), "count": figures.published.get(id, 0)}
        for id, item in sorted(catalogue.items.items(), key=lambda pair: not pair[1].adverse)
        if item.publicity == "public" and id != lookup.REGISTRATION
    ]
    answer = render(
        request,
        "site/home.html",
        {"figures": figures, "published": published, "charts": _charts(catalogue, day), "today": day},
    )
    answer["Cache-Control"] = "no-cache"
    return answer


def _charts(catalogue: Catalogue, day: date) -> list[charts.Bars]:
    first = day.replace(day=1)
    months = [add_months(first, n) for n in range(MONTHS_AHEAD + 1)]
    drawn = []
    for id, item in catalogue.items.items():
        if item.publicity != "public" or not item.adverse:
            continue
        ends = lookup.endings(id, day, months[-1])
        if not ends:
            continue
        counts = [sum(count for end, count in ends.items() if start <= end < stop) for start, stop in pairwise(months)]
        title = _("今后 12 个月，有 %(n)s 条%(item)s信息自动停止公示") % {
            "n": f"{sum(counts):,}",
            "item": present.say(item.title),
        }
        labels = [charts.month(start) for start in months[:-1]]
        drawn.append(
            charts.bars(
                title, _("单位：条。按公示期届满的月份；经修复的会更早停止。"), list(zip(labels, counts, strict=True))
            )
        )
    return drawn
