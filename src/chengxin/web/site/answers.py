"""Answers about subjects and records (查询应答): never stored by search engines, checked again at every visit.

An end of publication must be an end: pages carry ``noindex, noarchive`` and ``no-cache`` with an ETag of what they say.
"""

import hashlib
from collections.abc import Mapping

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response

ROBOTS = "noindex, noarchive"


def fresh(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """Draw a page that a browser must ask for again each time; 304 when it has not changed."""
    response = render(request, template, context)
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache, private"
    response["X-Robots-Tag"] = ROBOTS
    conditional = get_conditional_response(request, etag=etag, response=response)
    return conditional if isinstance(conditional, HttpResponse) else response


def proof(file: Mapping[str, object], name: str) -> HttpResponse:
    """A proof file to be saved; no cache on the way keeps it."""
    answer = HttpResponse(orjson.dumps(file, option=orjson.OPT_INDENT_2), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="proof-{name}.json"'
    answer["Cache-Control"] = "no-cache, private"
    answer["X-Robots-Tag"] = ROBOTS
    return answer
