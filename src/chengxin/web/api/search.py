"""Search (检索) in the API: organisations by code, name, part of a name, pinyin initials, with one typing error."""

import re
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import search as searching
from chengxin.subjects.identifiers import check_citizen_id, check_uscc
from chengxin.web.api import paging
from chengxin.web.api.paging import AFTER
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import PLAIN, Problem, Question, SearchShape

router = Router(tags=["search 检索"])
TEXT = "代码、名称、名称的一部分或拼音首字母 / code, name, part of a name, pinyin initials"
_ERRORS = {422: Problem, 429: Problem}
_EIGHTEEN = re.compile(r"(?<![0-9A-Z])[1-9]\d{16}[\dX](?![0-9A-Z])", re.IGNORECASE)


@router.get("/search", response={200: SearchShape, **_ERRORS}, operation_id="search")
def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=200, pattern=PLAIN, description=TEXT)],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    after: Annotated[str | None, Query(max_length=400, description=AFTER)] = None,
) -> HttpResponse:
    """Find organisations (检索). Texts with a personal number are refused: they would stay in address logs."""
    _refuse_personal_numbers(q, in_address=True)
    return _find(q, limit, after)


@router.post("/search", response={200: SearchShape, **_ERRORS}, operation_id="search_by_post")
def search_by_post(request: HttpRequest, question: Question) -> HttpResponse:
    """The same search (检索) with the text in the body, so that it stands in no address or access log."""
    _refuse_personal_numbers(question.q, in_address=False)
    return _find(question.q, question.limit, question.after)


def _find(q: str, limit: int, after: str | None) -> HttpResponse:
    found = searching.search(q, limit=limit, after=paging.unseal(after))
    problem = found.code_problem
    return answer(
        {
            "query": found.query,
            "hits": [
                {
                    "subject": hit.subject,
                    "code": hit.code,
                    "name": hit.name,
                    "status": hit.status,
                    "region": hit.region,
                    "kind": hit.kind,
                    "provisional": hit.provisional,
                    "matched": hit.matched,
                    "matched_kind": hit.matched_kind,
                    "how": hit.how,
                    "links": {"subject": f"{BASE}/subjects/{hit.subject}"},
                }
                for hit in found.hits
            ],
            "next": paging.seal(found.next),
            "total": found.total,
            "total_is_floor": found.total_is_floor,
            "explanation": None if found.explanation is None else found.explanation.to_dict(),
            "code_problem": None
            if problem is None
            else {
                "rule": problem.rule,
                "position": problem.position,
                "message": problem.message.to_dict(),
                "suggestion": problem.suggestion,
            },
        }
    )


def _refuse_personal_numbers(q: str, *, in_address: bool) -> None:
    """Organisations are found by their own codes; a person's number is neither searched for nor repeated.

    Few organisation codes are also well-formed personal numbers. In an address such a text is refused, since it may be
    a person's; in a body it is taken as the code.
    """
    numbers = [match.group().upper() for match in _EIGHTEEN.finditer(re.sub(r"\s", "", q))]
    personal = [number for number in numbers if check_citizen_id(number).ok]
    if not in_address:
        personal = [number for number in personal if not check_uscc(number).ok]
    if personal:
        raise Refusal(
            "api.personal-number",
            Text("检索内容含有公民身份号码", "the text holds a citizen's identity number"),
            where=Text("参数 q", "parameter q"),
            basis="个人信息保护法第六条",
            remedy=Text(
                "本平台不按个人身份号码提供信息，地址中也不应出现个人号码；请用组织的统一社会信用代码或名称检索，"
                "代码恰与身份号码同形时请用 POST /api/v1/search",
                "this platform answers nothing by a person's number, and none belongs into an address; use the "
                "organisation's code or name, by POST /api/v1/search when the code happens to look like such a number",
            ),
        )
