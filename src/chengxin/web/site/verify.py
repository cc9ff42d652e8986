"""Verify (核验): what can be checked here, and how to check it without this site."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.ledger import verify as program
from chengxin.operations import logkey, lookup


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Explains the check; a record number given in the form leads to the record."""
    number = "".join(request.GET.get("number", "").split()).lower()
    problem = False
    if number:
        if len(number) == 32 and lookup.record(number, on=today()) is not None:
            return HttpResponseRedirect(reverse("site:record", args=[number]))
        problem = True
    context = {"number": number, "problem": problem, "verifier": logkey.verifier()}
    answer = render(request, "site/verify.html", context, status=404 if problem else 200)
    answer["Cache-Control"] = "no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def verify_program(request: HttpRequest) -> HttpResponse:
    """The one file with which anyone checks a proof without this site."""
    answer = HttpResponse(Path(program.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.py"'
    answer["Cache-Control"] = "no-cache"
    return answer
