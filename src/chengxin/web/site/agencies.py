"""Agencies page (机构更新情况): how fast those who show records to others follow when one must go."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import add_months, today
from chengxin.operations import agency

MONTHS = 12


@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency with the lags of the last twelve months and what the last probe found."""
    day = today()
    scores = agency.scores(add_months(day, -MONTHS), day + timedelta(days=1))
    answer = render(request, "site/agencies.html", {"scores": scores})
    answer["Cache-Control"] = "no-cache"
    return answer
