"""Problems (问题说明): every error is application/problem+json (RFC 9457) with rule, basis and what to do next."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

PROBLEM = "application/problem+json"
TYPE = "urn:chengxin:problem:"
log = logging.getLogger(__name__)

STATUS: Mapping[str, int] = {
    "api.host": 400,
    "api.not-found": 404,
    "record.not-held": 404,
    "api.method": 405,
    "api.parameter": 422,
    "api.cursor": 422,
    "api.personal-number": 422,
    "api.token": 401,
    "api.rate": 429,
    "api.broken": 500,
    "changes.too-old": 416,
    "upload.too-large": 413,
    "upload.disk": 503,
}
"""HTTP status of a rule; a refusal under any other rule is 422: understood, and not done, with the reason."""

_NOT_FOUND = Refusal(
    "api.not-found",
    Text("没有找到，或者现在不公示", "not found, or not published now"),
    basis="公示期届满的信息与从未存在的信息对外答复相同",
    remedy=Text(
        "请核对地址中的代码或编号；已届满的信息不再对外提供",
        "check the code or number in the address; what has ended is no longer given out",
    ),
)


def not_found() -> Refusal:
    """The one refusal for what is not there: an ended record and one that never was answer alike."""
    return _NOT_FOUND


def problem(request: HttpRequest, refusal: Refusal, *, status: int | None = None, **more: Any) -> HttpResponse:
    """The refusal as problem+json; ``title`` and ``detail`` in the caller's language, the members in both."""
    status = status or STATUS.get(refusal.rule, 422)
    language = get_language_from_request(request)
    told = refusal.to_dict()
    body = {
        "type": TYPE + refusal.rule,
        "title": refusal.what.in_language(language),
        "status": status,
        "detail": refusal.remedy.in_language(language),
        "instance": request.path,
        **told,
        **more,
    }
    response = HttpResponse(orjson.dumps(body), status=status, content_type=PROBLEM)
    response["Vary"] = "Accept-Language"
    response["Content-Language"] = "zh-CN" if language.startswith("zh") else "en"
    response["Cache-Control"] = "no-store"
    return response


def broken(request: HttpRequest, exc: Any) -> HttpResponse:
    """An error of ours: logged with a number, told without detail."""
    number = uuid.uuid4().hex[:12]
    log.error("API error %s at %s", number, request.path, exc_info=exc)
    refusal = Refusal(
        "api.broken",
        Text("平台内部出错，未作任何更改", "the platform failed; nothing was changed"),
        where=Text(f"错误编号 {number}", f"error number {number}"),
        remedy=Text(
            "请稍后重试；仍出错时把错误编号告诉运行单位", "try again later; if it stays, report the error number"
        ),
    )
    return problem(request, refusal, status=500, error=number)


def wrong_parameter(request: HttpRequest, errors: list[dict[str, Any]]) -> HttpResponse:
    """A parameter or body that is not as described; ``errors`` says where and what, never the value sent."""
    if isinstance(refusal := getattr(request, "upload_refused", None), Refusal):
        return problem(request, refusal)  # the file is missing because it could not be taken
    places = [{"at": "/".join(str(part) for part in e["loc"]), "kind": e["type"], "say": e["msg"]} for e in errors]
    listed = "、".join(place["at"] for place in places)
    refusal = Refusal(
        "api.parameter",
        Text("请求的参数不符合接口说明", "a parameter is not as the API describes it"),
        where=Text(listed, listed.replace("、", ", ")),
        remedy=Text("请对照 openapi.json 中的说明修改", "compare with openapi.json and correct it"),
    )
    return problem(request, refusal, errors=places)


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    refusal = Refusal(
        "api.method",
        Text(f"此地址不接受 {request.method}", f"this address does not take {request.method}"),
        remedy=Text(f"可用的方法：{allowed}", f"methods it takes: {allowed}"),
    )
    response = problem(request, refusal)
    response["Allow"] = allowed
    return response


def _no_token(request: HttpRequest, exc: Any) -> HttpResponse:
    refusal = Refusal(
        "api.token",
        Text("需要有效的接口令牌", "a valid API token is needed"),
        where=Text("请求头 Authorization", "header Authorization"),
        remedy=Text(
            "以 Authorization: Bearer <令牌> 发送；没有令牌、令牌到期或已吊销时，请向信用中心申请",
            "send Authorization: Bearer <token>; ask the credit centre for one if yours is missing, expired or revoked",
        ),
    )
    response = problem(request, refusal)
    response["WWW-Authenticate"] = 'Bearer realm="chengxin"'
    return response


def _http_error(request: HttpRequest, exc: Any) -> HttpResponse:
    refusal = Refusal(
        "api.parameter",
        Text("无法读取这个请求", "the request cannot be read"),
        remedy=Text("请对照 openapi.json 中的说明修改", "compare with openapi.json and correct it"),
    )
    return problem(request, refusal, status=exc.status_code)


def _refused(request: HttpRequest, exc: Any) -> HttpResponse:
    return problem(request, exc)


def _invalid(request: HttpRequest, exc: Any) -> HttpResponse:
    return wrong_parameter(request, exc.errors)


def register(api: NinjaAPI) -> None:
    """Turn every exception of a view into a problem."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(Http404, lambda request, exc: problem(request, not_found()))
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _no_token)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, broken)
