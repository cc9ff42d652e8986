"""Content security policy (内容安全策略): what a page of this site may load, which is only the site itself; odd addresses."""

from collections.abc import Callable

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


def _holds_nul(request: HttpRequest) -> bool:
    return NUL in request.path or "%00" in request.META.get("QUERY_STRING", "")
