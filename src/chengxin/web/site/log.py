"""Transparency log (透明日志): how far it reaches, its signed checkpoint, how anyone can check it."""

import gzip

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.ledger import tiles
from chengxin.ledger.merkle import TILE_WIDTH
from chengxin.operations import logkey, logtiles, lookup, witnessing
from chengxin.storage.models import LedgerBatch
from chengxin.web.assets import FOR_EVER


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log in figures and in words. No page says what one of its leaves is about."""
    context = {
        "figures": lookup.figures(today()),
        "head": witnessing.head(),
        "batches": LedgerBatch.objects.count(),
        "keys": logkey.listed(),
        "witnesses": witnessing.keys(),
    }
    answer = render(request, "site/log.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The published checkpoint as text: a C2SP signed note, with the witnesses' cosignatures."""
    head = witnessing.head()
    if head is None:
        raise Http404
    answer = HttpResponse(head.note, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=1"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Every key that has ever signed a checkpoint, as lines for verifiers, each under a remark on its time."""
    lines = [
        f"# {key.kind}, {key.since} – {key.until}{'' if key.signs else ' (signs no longer)'}\n{key.line}\n"
        for key in logkey.listed()
    ]
    answer = HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=60"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def tile(request: HttpRequest, level: str, number: str, width: str | None = None) -> HttpResponse:
    """A tile of hashes or (level ``entries``) a bundle of leaves, in the C2SP tlog-tiles layout.

    What a tile of given width says never changes, so anyone may keep it for ever, and any site may read it.
    """
    try:
        place = tiles.parse_number(number)
        wide = tiles.parse_count(width, TILE_WIDTH) if width else TILE_WIDTH
        if level == "entries":
            body = logtiles.entries(place, wide)
        else:
            body = logtiles.hashes(tiles.parse_count(level, tiles.MOST_LEVELS), place, wide)
    except (ValueError, LookupError):
        raise Http404 from None
    answer = HttpResponse(body, content_type="application/octet-stream")
    answer["Cache-Control"] = FOR_EVER
    answer["Access-Control-Allow-Origin"] = "*"
    if level == "entries":
        _compress(request, answer)
    return answer


def _compress(request: HttpRequest, answer: HttpResponse) -> None:
    """Leaves of one batch are alike but for their digests. Nothing in them is secret, so size tells nobody anything."""
    answer["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.content = gzip.compress(answer.content, mtime=0)
        answer["Content-Encoding"] = "gzip"
