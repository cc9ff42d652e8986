"""Search (查询): the right organisation by code, name, former name, part of a name, initials, with one typo."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.operations import search as searching
from chengxin.web.site import present

SUGGESTIONS = 8
PER_PAGE = 50
PERSON = "personal-number"
"""What an address says was left out of it."""
LONGEST = 200
"""Characters of a question that are looked at; no lawful name is longer."""


@csrf_exempt  # it changes nothing, and a token would make the start page a different one for everybody
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Results for a term; a complete code that is known leads straight to its subject.

    A term that may be a person's number comes by POST: it then stands in no address and in no log of addresses.
    """
    text = (request.POST if request.method == "POST" else request.GET).get("q", "")[:LONGEST].strip()
    if not text and request.GET.get("left_out") != PERSON:
        return HttpResponseRedirect(reverse("site:home"))
    answer = searching.search(text, limit=PER_PAGE, after=request.GET.get("after") or None)
    if answer.explanation is searching.PERSON:
        # the number leaves the address, the browser's history and what the next page is told of this one
        return HttpResponseRedirect(f"{reverse('site:search')}?left_out={PERSON}")
    start = int(answer.next or answer.total) - len(answer.hits)
    before = max(0, start - PER_PAGE) if start else None
    if len(answer.hits) == 1 and answer.hits[0].how == "code":
        return HttpResponseRedirect(reverse("site:subject", args=[answer.hits[0].code]))
    page = render(
        request,
        "site/search.html",
        {
            "q": text,
            "hits": [_hit(hit, text) for hit in answer.hits],
            "problem": answer.code_problem,
            "explanation": answer.explanation if text else searching.PERSON,
            "total": answer.total,
            "floor": answer.total_is_floor,
            "before": before,
            "next": answer.next,
        },
    )
    page["Cache-Control"] = "no-cache"
    page["X-Robots-Tag"] = "noindex"
    return page


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Suggestions for the search box: names in pieces, the matched ones marked."""
    text = request.GET.get("q", "")[:LONGEST].strip()
    hits = [_hit(hit, text) for hit in searching.search(text, limit=SUGGESTIONS).hits] if len(text) >= 2 else []
    if hits:
        status = ngettext("有 %(n)d 条建议，用上下方向键选择。", "有 %(n)d 条建议，用上下方向键选择。", len(hits)) % {
            "n": len(hits)
        }
    else:
        status = _("没有建议。")
    answer = JsonResponse({"hits": hits, "status": status})
    answer["Cache-Control"] = "no-cache"
    return answer


def _hit(hit: searching.Hit, text: str) -> dict[str, Any]:
    other = hit.matched if hit.matched_kind not in ("code", "current") else ""
    return {
        "url": reverse("site:subject", args=[hit.code]),
        "code": hit.code,
        "name": pieces(hit.name, text),
        "other": pieces(other, text),
        "other_kind": _kinds().get(hit.matched_kind, "") if other else "",
        "region": hit.region,
        "status": present.status(hit.status),
        "provisional": hit.provisional,
        "how": hit.how,
    }


def _kinds() -> dict[str, str]:
    return {"former": _("曾用名"), "branch": _("分支机构名称"), "english": _("英文名称")}


def pieces(name: str, text: str) -> list[list[Any]]:
    """The name cut where the asked text occurs in it: ``[["澜州", false], ["青穗", true], …]``.

    The longest stretch of the text that occurs in the name is marked, if it has two characters or more.
    """
    if not name:
        return []
    for length in range(min(len(text), len(name)), 1, -1):
        for start in range(len(text) - length + 1):
            at = name.find(text[start : start + length])
            if at >= 0:
                cut = [[name[:at], False], [name[at : at + length], True], [name[at + length :], False]]
                return [piece for piece in cut if piece[0]]
    return [[name, False]]
