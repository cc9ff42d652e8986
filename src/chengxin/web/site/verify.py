"""Verify (核验): what can be checked here, and how to check it without this site."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.operations import lookup


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Explains the check; a record number given in the form leads to the record."""
    number = "".join(request.GET.get("number", "").split()).lower()
    problem = False
    if number:
        if len(number) == 32 and lookup.record(number, on=today()) is not None:
            return HttpResponseRedirect(reverse("site:record", args=[number]))
        problem = True
    context = {"number": number, "problem": problem, "figures": lookup.figures(today())}
    answer = render(request, "site/verify.html", context, status=404 if problem else 200)
    answer["Cache-Control"] = "no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer
