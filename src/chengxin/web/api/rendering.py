"""Answers (应答) as JSON: orjson, so Chinese stays Chinese and dates and dataclasses need no second look.

The views hand over finished dictionaries; the declared schemas are the contract in OpenAPI and are checked by tests,
not by a second pass over every answer.
"""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja.renderers import BaseRenderer

JSON = "application/json"
BASE = "/api/v1"
"""Path of this version; a change that breaks a client gets a new one."""
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class OrjsonRenderer(BaseRenderer):
    """What ninja itself has to render goes the same way."""

    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=_OPTIONS)


def answer(data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON answer that ninja passes on untouched."""
    return HttpResponse(orjson.dumps(data, option=_OPTIONS), status=status, content_type=JSON, headers=headers)
