"""The door (入口): what holds for every answer of the API, written once: limit, host, HEAD, ETag and 304, problems."""

import functools
import hashlib
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.web.api import problems
from chengxin.web.api.limits import Limiter, client_of

View = Callable[..., HttpResponseBase]


def door(view: View, limiter: Limiter) -> View:
    """Wrap one URL's view."""

    @functools.wraps(view)
    def through(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        standing = limiter.take(client_of(request))
        if standing.allowed:
            response = _ask(view, request, *args, **kwargs)
        else:
            response = problems.problem(request, _too_many(limiter))
            response["Retry-After"] = str(standing.resets_in)
        if isinstance(response, HttpResponse):
            response = conditional(request, response)
            limiter.tell(response, standing)
        return response

    return through


def _ask(view: View, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
    try:
        request.get_host()  # pages are asked the same by middleware that the API goes past
    except DisallowedHost:
        return problems.problem(request, _unknown_host())
    head = request.method == "HEAD"
    if head:
        request.method = "GET"  # a HEAD is a GET whose body the server leaves out
    try:
        response = view(request, *args, **kwargs)
    except Exception as exc:  # nothing leaves this API that is not a problem
        response = problems.broken(request, exc)
    finally:
        if head:
            request.method = "HEAD"
    if response.status_code == 405 and response.headers.get("Content-Type") != problems.PROBLEM:
        response = problems.method_not_allowed(request, response.headers.get("Allow", ""))
    return response


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a 200 its ETag; answer 304 when the client holds the same bytes.

    ``no-cache`` means: keep a copy, but ask before each use, so that an end is an end.
    """
    if response.status_code != 200 or request.method not in {"GET", "HEAD"}:
        return response
    if "Cache-Control" not in response:
        response["Cache-Control"] = "no-cache"
    etag = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    response["ETag"] = etag
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in held or etag in (tag.removeprefix("W/") for tag in held):
        fresh = HttpResponse(status=304)
        del fresh["Content-Type"]
        for name in ("ETag", "Cache-Control", "Vary"):
            if name in response:
                fresh[name] = response[name]
        return fresh
    return response


def _unknown_host() -> Refusal:
    return Refusal(
        "api.host",
        Text("本站不以这个主机名提供服务", "this site does not answer under that host name"),
        where=Text("请求头 Host", "header Host"),
        basis="CHENGXIN_HOSTS",
        remedy=Text(
            "请使用公布的网址；运行单位须把该主机名列入 CHENGXIN_HOSTS",
            "use the published address; the operator lists further names in CHENGXIN_HOSTS",
        ),
    )


def _too_many(limiter: Limiter) -> Refusal:
    return Refusal(
        "api.rate",
        Text("请求过于频繁", "too many requests"),
        where=Text(
            f"每 {limiter.seconds} 秒最多 {limiter.requests} 次", f"at most {limiter.requests} in {limiter.seconds} s"
        ),
        remedy=Text(
            "请等到 Retry-After 所示秒数之后再试；需要大量数据时请下载开放数据",
            "wait the seconds given in Retry-After; for bulk use take the open-data files",
        ),
    )
