"""Take-downs at the desk (紧急下线): one officer of the centre takes a record off, another one looks at it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.catalogue.takedown import TakeDown
from chengxin.kernel.periods import add_months, today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import held, takedown
from chengxin.operations.accounts import Principal
from chengxin.operations.rulebook import catalogue
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.records import line

MONTHS = 12
SETTLED = 50
"""Settled take-downs listed; the figures count all of the last months."""


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """Take a mistaken publication off at once; a second officer has to look at it."""
    takedown.officer(who)
    context: dict[str, Any] = {**line(held.held(id, scope=None)), "rule": _rule()}
    if request.method == "POST":
        context["reason"] = request.POST.get("reason", "")
        try:
            takedown.take_down(record=id, officer=who.user, by=who.source, reason=context["reason"])
        except Refusal as refusal:
            return show(request, who, "desk/take_down.html", {**context, "problem": refusal}, status=422)
        messages.info(request, _("已下线，任何页面和接口都不再显示。请另一名信用中心人员复核。"))
        return redirect("desk:record", id)
    return show(request, who, "desk/take_down.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def second_look(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """The second officer's look at a take-down: confirm it, or put the record back."""
    takedown.officer(who)
    found = held.held(id, scope=None)
    down = next((each for each in takedown.downs() if each.record == id), None)
    context: dict[str, Any] = {**line(found), "down": down, "own": down is not None and down.officer == who.user}
    if request.method == "POST":
        look = takedown.confirm if request.POST.get("decision") == "confirm" else takedown.put_back
        context["reason"] = request.POST.get("reason", "")
        try:
            look(record=id, officer=who.user, by=who.source, reason=context["reason"])
        except Refusal as refusal:
            return show(request, who, "desk/second_look.html", {**context, "problem": refusal}, status=422)
        messages.info(request, _("已复核，并记入日志。"))
        return redirect("desk:record", id)
    return show(request, who, "desk/second_look.html", context)


@desk_page
@require_safe
def take_downs(request: HttpRequest, who: Principal) -> HttpResponse:
    """Take-downs that wait for the second look, and those of the last year with their figures."""
    takedown.officer(who)
    since = add_months(today(), -MONTHS)
    found = takedown.downs(since=since)
    context = {
        "waiting": takedown.standing_open(),
        "settled": [each for each in found if each.state in ("confirmed", "undone")][:SETTLED],
        "figures": takedown.figures(since, date.max),
        "rule": _rule(),
    }
    return show(request, who, "desk/take_downs.html", context)


def _rule() -> TakeDown:
    return catalogue().takedown_on(today())
