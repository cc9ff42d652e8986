"""Erasures at the desk (依法删除): one officer of the centre proposes, another reads the same and confirms or rejects."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.catalogue.laws import Basis
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import backups, erasure, held
from chengxin.operations.accounts import Principal
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Erasure
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.records import line
from chengxin.web.site import present

COLOURS = {erasure.PROPOSED: "amber", erasure.REJECTED: "grey", erasure.ERASED: "amber", erasure.PURGED: "green"}


@desk_page
@require_safe
def erasures(request: HttpRequest, who: Principal) -> HttpResponse:
    """What waits for a second officer, what was erased, and what is left to do about it."""
    erasure.officer(who.user)
    found = [_row(each) for each in erasure.listing()]
    context = {
        "waiting": [each for each in found if each["state"] == erasure.PROPOSED],
        "decided": [each for each in found if each["state"] != erasure.PROPOSED],
        "lost": erasure.lost(),
        "backups": [each for each in backups.listing() if each.holds and not each.destroyed],
    }
    return show(request, who, "desk/erasures.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """Propose that a record be erased, or decide on what another officer proposed."""
    erasure.officer(who.user)
    found = held.held(id, scope=None)
    proposed = erasure.waiting(id)
    said = {name: request.POST.get(name, "") for name in ("basis", "paper")}
    problem = None
    if request.method == "POST":
        try:
            message = _decide(request, who, id, proposed, said)
        except Refusal as refusal:
            problem = refusal
        else:
            messages.info(request, message)
            return redirect("desk:erasures")
    context: dict[str, Any] = {
        **line(found),
        "proposed": proposed,
        "own": proposed is not None and proposed.proposed_by == who.user,
        "basis": _cited(proposed) if proposed else None,
        "laws": [law for _, law in sorted(catalogue().laws.items()) if law.articles],
        "said": said,
        "problem": problem,
    }
    return show(request, who, "desk/erase.html", context, status=422 if problem else 200)


def _decide(request: HttpRequest, who: Principal, id: str, proposed: Erasure | None, said: dict[str, str]) -> str:
    if proposed is None:
        erasure.propose(record=id, basis=erasure.basis_of(said["basis"]), paper=said["paper"], by=who.user)
        return _("已提出，请另一名信用中心人员确认。确认前信息照常公示。")
    if request.POST.get("decision") == "reject":
        erasure.reject(record=id, by=who.user)
        return _("已退回，信息没有变化。")
    erasure.confirm(record=id, basis=erasure.basis_of(f"{proposed.law}/{proposed.article}"), by=who.user)
    return _("已删除，任何页面和接口都不再答复。处理进程正在清除文件和数据库中的残留。")


def _row(order: Erasure) -> dict[str, Any]:
    state = erasure.state(order)
    item = catalogue().items.get(order.item)
    return {
        "order": order,
        "state": state,
        "colour": COLOURS[state],
        "basis": _cited(order),
        "item": item.title if item else Text(order.item, order.item),
        "left": [Text(**each) for each in order.left],
    }


def _cited(order: Erasure) -> list[present.Cited]:
    return [present.cited(Basis(order.law, order.article), catalogue())]
