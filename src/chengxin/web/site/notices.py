"""Notices page (撤回公告): what sources took back and why, without a name; and how fast they did."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import add_months, today
from chengxin.operations import notices as operations
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import Act
from chengxin.web.site import present

MONTHS = 12


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Notices by pages of fifty, newest first."""
    asked = request.GET.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked)):
        raise Http404
    day, page = today(), int(asked)
    found, loaded = operations.notices(page), catalogue()
    if page > 1 and not found.rows:
        raise Http404
    forms = [item for item in loaded.items.values() if item.act == Act.WITHDRAW]
    figures = operations.figures(add_months(day, -MONTHS), day + timedelta(days=1)) if page == 1 else []
    cited = [present.cited(each, loaded) for item in forms for each in item.basis]
    basis = list({(each.title, each.article): each for each in cited}.values())
    context = {
        "notices": found.rows,
        "page": page,
        "next": found.next,
        "figures": figures,
        "basis": basis,
        "marked": any(not each.confirmed for each in basis),
        "days": max((item.reporting_days or 0 for item in forms), default=0),
        "confirmed": all(item.confirmed for item in forms),
    }
    answer = render(request, "site/notices.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer
