"""Error pages (错误页): what happened, whether anything was lost, what to do now."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same words for an address that never was and for one whose publication has ended."""
    response = render(request, "site/not_found.html", status=404)
    response["Cache-Control"] = "no-cache, private"
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of the site, with a number under which the operator finds it in the log."""
    incident = secrets.token_hex(4).upper()
    log.error("incident %s at %s", incident, request.path)
    return render(request, "site/broken.html", {"incident": incident}, status=500)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "site/forbidden.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "site/bad_request.html", status=400)
