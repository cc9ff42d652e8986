"""Transparency log (透明日志): how far it reaches, its signed checkpoint, how anyone can check it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.operations import logkey, lookup
from chengxin.storage.models import LedgerBatch


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log in figures and in words. No page says what one of its leaves is about."""
    last = LedgerBatch.objects.order_by("-first_seq").first()
    context = {
        "figures": lookup.figures(today()),
        "last": last,
        "batches": LedgerBatch.objects.count(),
        "verifier": logkey.verifier() if last else "",
    }
    answer = render(request, "site/log.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint as text: a C2SP signed note."""
    last = LedgerBatch.objects.order_by("-first_seq").values_list("checkpoint", flat=True).first()
    if last is None:
        raise Http404
    answer = HttpResponse(last, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
