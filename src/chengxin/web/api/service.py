"""The API (接口) put together: one NinjaAPI, one router per noun."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from chengxin.web.api import (
    authorisations,
    cases,
    log,
    match,
    notices,
    problems,
    receipts,
    recipients,
    records,
    search,
    subjects,
    submissions,
    withdrawn,
)
from chengxin.web.api.problems import PROBLEM
from chengxin.web.api.rendering import BASE, JSON, OrjsonRenderer, answer
from chengxin.web.api.shapes import IndexShape, Problem

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
VERSION = "1.5.0"
"""Of the contract in docs/openapi.json: additions raise the second number, anything else is a new /api/v2."""


class Api(NinjaAPI):
    """NinjaAPI whose document says that every error is a problem (RFC 9457), those no view declares included."""

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**how)
        for verbs in schema["paths"].values():
            for operation in verbs.values():
                answers = operation["responses"]
                answers["default"] = {"description": "Problem", "content": {JSON: {"schema": _PROBLEM}}}
                for status, told in answers.items():
                    if status == "default" or int(status) >= 400:
                        told["content"] = {PROBLEM: told["content"].pop(JSON)}
        return schema


api = Api(
    title="诚信 Chengxin API",
    version=VERSION,
    description="公共信用信息查询与报送接口 / public-credit information: look-up and submission. "
    "Errors are application/problem+json (RFC 9457).",
    urls_namespace="api-v1",
    docs_url=None,  # the interactive page would load scripts from elsewhere
    renderer=OrjsonRenderer(),
)
problems.register(api)
for part in (
    subjects,
    records,
    cases,
    search,
    match,
    submissions,
    receipts,
    log,
    notices,
    recipients,
    withdrawn,
    authorisations,
):
    api.add_router("", part.router)


@api.get("/", response={200: IndexShape, 429: Problem}, operation_id="index", tags=["index 目录"])
def index(request: HttpRequest) -> HttpResponse:
    """Where to begin (目录)."""
    return answer(
        {
            "name": settings.SITE_NAME,
            "version": VERSION,
            "links": {
                "openapi": f"{BASE}/openapi.json",
                "search": f"{BASE}/search?q=",
                "match": f"{BASE}/match",
                "reconcile": "/reconcile",
                "submissions": f"{BASE}/submissions",
                "checkpoint": f"{BASE}/checkpoint",
                "changes": f"{BASE}/changes",
                "withdrawn": f"{BASE}/withdrawn",
            },
        }
    )
