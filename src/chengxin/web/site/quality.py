"""Source quality (数据质量): how timely and right each source hands in, as a public table first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import Period, add_months, today
from chengxin.operations import quality as figures
from chengxin.web.site import charts

MONTHS = 12


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """All sources over the last twelve months, each figure as n of N."""
    day = today()
    period = Period(add_months(day.replace(day=1), 1 - MONTHS), None)
    found = figures.all_figures(period)
    judged = [(one.name, one.timeliness.n / one.timeliness.of) for one in found if one.timeliness.of]
    late = sum(1 for _name, share in judged if share < 1)
    chart = None
    if judged:
        title = (
            _("%(late)s 家单位有信息未在目录规定的工作日内报送") % {"late": late}
            if late
            else _("各单位均在目录规定的工作日内报送")
        )
        subtitle = _("及时率，占写明决定日期的行数，近 12 个月")
        chart = charts.bars(title, subtitle, sorted(judged, key=lambda pair: pair[1]), most=1, label=190)
    answer = render(request, "site/quality.html", {"sources": found, "period": period, "chart": chart})
    answer["Cache-Control"] = "no-cache"
    return answer
