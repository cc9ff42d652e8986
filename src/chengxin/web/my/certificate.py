"""Repair certificate for the organisation (信用修复证明): issued when asked for, to print or to download with its proof."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.operations import certificates, own
from chengxin.operations.authorisations import Holder
from chengxin.web.desk.certificate import download, sheet
from chengxin.web.desk.records import line
from chengxin.web.my.access import holder_page, show


@holder_page
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, holder: Holder, id: str) -> HttpResponse:
    """The certificate issued last, and the button that issues one of how things stand now."""
    found = own.record(id, holder.subject)
    if request.method == "POST":
        certificates.issue(found.id, by=found.source)
        return redirect("my:certificate", id)
    return show(request, holder, "my/certificate.html", {**line(found), **sheet(found.id)})


@holder_page
@require_safe
def file(request: HttpRequest, holder: Holder, id: str) -> HttpResponse:
    """The same as a file: text as signed, note, proof."""
    issued = certificates.latest(own.record(id, holder.subject).id)
    return redirect("my:certificate", id) if issued is None else download(issued)
