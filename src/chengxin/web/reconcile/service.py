"""The service (名称核对服务): manifest, query batches, suggestions, property proposals and previews, for any origin.

Read by programs on other sites, so every answer allows them; nothing here depends on who asks, and nothing is stored.
"""

import json
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import lookup, rulebook
from chengxin.operations.search import search
from chengxin.web.api import problems
from chengxin.web.api.rendering import answer
from chengxin.web.reconcile.extension import extended
from chengxin.web.reconcile.queries import BATCH, answered, unreadable
from chengxin.web.reconcile.vocabulary import ANY, TYPES, both, described, properties
from chengxin.web.site.answers import ROBOTS

VERSIONS = ["0.1", "0.2"]
PREVIEW = {"width": 430, "height": 320}
SUGGESTED = 10
_FRAMED = "default-src 'none'; style-src 'self'; frame-ancestors *"
"""Tools show previews in a frame of theirs; a preview holds no script, no form and nothing of who looks at it."""

View = Callable[..., HttpResponse]


def open_to_all(view: View) -> View:
    """For programs on other sites: cross-origin requests allowed, no cookie looked at, refusals as problems."""

    @csrf_exempt
    @wraps(view)
    def through(request: HttpRequest, **given: str) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response["Access-Control-Allow-Headers"] = "Content-Type"
        else:
            try:
                response = view(request, **given)
            except Refusal as refusal:
                response = problems.problem(request, refusal)
        response["Access-Control-Allow-Origin"] = "*"
        response["X-Robots-Tag"] = ROBOTS
        return response

    return through


@open_to_all
def service(request: HttpRequest) -> HttpResponse:
    """Without a question the manifest; with ``queries`` or ``extend`` (form field, or members of a JSON body) answers."""
    asked = _asked(request)
    if "queries" in asked:
        return answer(answered(asked["queries"]))
    if "extend" in asked:
        return answer(extended(asked["extend"]))
    return answer(manifest(request))


@open_to_all
def suggest_entity(request: HttpRequest) -> HttpResponse:
    """Subjects whose code or name begins with, or holds, what was typed so far."""
    cursor = request.GET.get("cursor", "")
    found = search(request.GET.get("prefix", ""), limit=SUGGESTED, after=cursor or None)
    hits = [
        {
            "id": hit.subject,
            "name": hit.name,
            "description": " · ".join(filter(None, (hit.code, hit.region, hit.status))),
            "notable": [described(hit.kind)],
        }
        for hit in found.hits
    ]
    return answer({"result": hits})


@open_to_all
def suggest_property(request: HttpRequest) -> HttpResponse:
    """Properties whose id or name holds what was typed."""
    wanted = request.GET.get("prefix", "").lower()
    named = [{"id": each.id, "name": both(each.name)} for each in properties().values()]
    return answer({"result": [each for each in named if wanted in each["id"].lower() + each["name"].lower()]})


@open_to_all
def suggest_type(request: HttpRequest) -> HttpResponse:
    """Types whose id or name holds what was typed."""
    wanted = request.GET.get("prefix", "").lower()
    named = [described(id) for id in TYPES]
    return answer({"result": [each for each in named if wanted in each["id"].lower() + each["name"].lower()]})


@open_to_all
def propose(request: HttpRequest) -> HttpResponse:
    """Properties a table of subjects can be extended by."""
    limit = request.GET.get("limit", "")
    offered = [{"id": each.id, "name": both(each.name)} for each in properties().values()]
    kept = offered[: int(limit)] if limit.isascii() and limit.isdigit() and len(limit) < 6 else offered
    return answer({"type": request.GET.get("type", ANY), "properties": kept})


@xframe_options_exempt
@open_to_all
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """One subject at a glance, for a frame in somebody's tool."""
    found = lookup.subject(code)
    catalogue = rulebook.catalogue()
    counts = lookup.published_counts(found, today()) if found else {}
    context = {
        "subject": found,
        "kind": TYPES[found.kind] if found else None,
        "counts": [(catalogue.items[item].title, count) for item, count in counts.items() if item in catalogue.items],
        "site_name": settings.SITE_NAME,
    }
    response = render(request, "reconcile/preview.html", context, status=200 if found else 404)
    response["Content-Security-Policy"] = _FRAMED
    return response


def manifest(request: HttpRequest) -> dict[str, object]:
    """What this service offers, and where."""
    root = request.build_absolute_uri("/").rstrip("/")
    own = f"{root}/reconcile"
    return {
        "versions": VERSIONS,
        "name": f"{settings.SITE_NAME} · 主体名称核对 Organisations",
        "identifierSpace": f"{root}/subject/",
        "schemaSpace": f"{root}/rules/items/djxx",
        "documentation": f"{root}/rules/",
        "defaultTypes": [described(ANY)],
        "view": {"url": f"{root}/subject/{{{{id}}}}"},
        "preview": {"url": f"{own}/preview/{{{{id}}}}", **PREVIEW},
        "suggest": {
            "entity": {"service_url": own, "service_path": "/suggest/entity"},
            "property": {"service_url": own, "service_path": "/suggest/property"},
            "type": {"service_url": own, "service_path": "/suggest/type"},
        },
        "extend": {
            "propose_properties": {"service_url": own, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": BATCH,
    }


def _asked(request: HttpRequest) -> dict[str, object]:
    """What was sent: form fields hold JSON as text, a JSON body holds it as it is."""
    if request.method == "POST" and request.content_type == "application/json":
        body = _json(request.body.decode("utf-8", "replace"), "body")
        if not isinstance(body, dict):
            raise unreadable("body")
        return body
    given = request.POST if request.method == "POST" else request.GET
    return {name: _json(str(given[name]), name) for name in ("queries", "extend") if name in given}


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise unreadable(where) from None
