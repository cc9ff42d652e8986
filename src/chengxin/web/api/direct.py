"""The direct way (直通) to the API: past the middleware that only pages need.

The API has no session, no cookie, no form token, no language in its addresses and no messages; carrying each request
through all of that costs more than the answer itself. Stands right behind SecurityMiddleware in MIDDLEWARE.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLResolver
from django.urls.resolvers import RoutePattern

from chengxin.web.api.rendering import BASE

_PREFIX = f"{BASE}/"


class DirectApi:
    """Answers addresses below /api/v1/ itself and passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._pages = get_response
        self._api = URLResolver(RoutePattern(""), "chengxin.web.api.urls")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(_PREFIX):
            return self._pages(request)
        found = self._api.resolve(request.path_info.removeprefix(_PREFIX))
        request.resolver_match = found
        answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return answer
