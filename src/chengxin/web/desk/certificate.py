"""Repair certificate at the desk (信用修复证明): who received the record, when each was told and confirmed; ready to print."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.operations import certificates, held
from chengxin.operations.accounts import Principal
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.records import line


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """The certificate issued last, and the button that issues one of how things stand now."""
    found = held.held(id, scope=who.scope)
    if request.method == "POST":
        certificates.issue(found.id, by=who.source)
        return redirect("desk:certificate", id)
    return show(request, who, "desk/certificate.html", {**line(found), **sheet(found.id)})


@desk_page
@require_safe
def file(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """The same as a file: text as signed, note, proof."""
    found = held.held(id, scope=who.scope)
    issued = certificates.latest(found.id)
    if issued is None:
        return redirect("desk:certificate", id)
    return download(issued)


def sheet(record: str) -> dict[str, Any]:
    """The certificate of a record as the page shows it, to whoever may see it."""
    issued = certificates.latest(record)
    told = issued.certificate if issued else {}
    rows = [
        {**each, **{key: _moment(each[key]) for key in ("first", "last", "told_at", "confirmed_at")}}
        for each in told.get("recipients", [])  # type: ignore[attr-defined]
    ]
    return {"issued": issued, "told": told, "rows": rows}


def download(issued: certificates.Issued) -> HttpResponse:
    """A certificate as a file, to whoever may have it."""
    answer = JsonResponse(certificates.plain(issued), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="certificate-{issued.entry}.json"'
    return answer


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
