"""Addresses (地址) of the API below /api/v1/, each behind the door; an unknown address is a problem too."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from chengxin.web.api import problems
from chengxin.web.api.door import door
from chengxin.web.api.limits import limiter
from chengxin.web.api.service import api

_LIMITER = limiter()
app_name = "api-v1"


def _behind_the_door(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, door(pattern.callback, _LIMITER), pattern.default_args, pattern.name)


@csrf_exempt
def _nowhere(request: HttpRequest) -> HttpResponse:
    return problems.problem(request, problems.not_found())


urlpatterns = [_behind_the_door(p) for p in api.urls[0] if isinstance(p, URLPattern)] + [
    re_path(r"", door(_nowhere, _LIMITER))
]
