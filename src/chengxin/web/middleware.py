"""Content security policy (内容安全策略): what a page of this site may load, which is only the site itself; text nobody can mean."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from chengxin.web.site import errors

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""No inline script or style, no eval, no font, no frame, no other host."""

NUL = "\x00"
"""No name, code or number holds this character, and PostgreSQL takes no text that does."""

OWN_BODIES = ("/api/", "/reconcile")
"""Addresses whose views read and judge the body themselves."""

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=()"


class ContentSecurityPolicy:
    """Sends the policy with every answer of the site, errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = errors.bad_request(request) if _holds_nul(request) else self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class FormText:
    """Answers 400 to a form whose text holds NUL. Stands behind the check for forgery, which has read the form already.

    The API reads bodies of its own and says the same as a problem.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or request.path.startswith(OWN_BODIES):
            return None
        texts = [text for name, values in request.POST.lists() for text in (name, *values)]
        return errors.bad_request(request) if any(NUL in text for text in texts) else None


def _holds_nul(request: HttpRequest) -> bool:
    return NUL in request.path or "%00" in request.META.get("QUERY_STRING", "")
