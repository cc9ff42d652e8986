"""Withdrawals (撤回) in the API: a source takes its record back; anyone reads the notices."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from chengxin.operations import notices, withdrawal
from chengxin.web.api.access import SourceToken, source_of
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import EnteredShape, NoticePage, Problem, WithdrawalShape

router = Router(tags=["withdrawals 撤回"])
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


@router.get("/notices", response={200: NoticePage, 422: Problem, 429: Problem}, operation_id="list_notices")
def list_notices(
    request: HttpRequest,
    page: Annotated[int, Query(ge=1, le=100_000, description="页码，每页五十条 / page, fifty notices each")] = 1,
) -> HttpResponse:
    """Notices of withdrawal (撤回公告), newest first: authority, document, reasons; never a party's name."""
    found = notices.notices(page)
    following = None if found.next is None else int(found.next)
    return answer({"notices": [_of_notice(each) for each in found.rows], "next": following})


@router.post(
    "/records/{id}/withdrawal",
    response={201: EnteredShape, 401: Problem, 404: Problem, 422: Problem, 429: Problem},
    operation_id="withdraw_record",
    auth=SourceToken(),
)
def withdraw_record(request: HttpRequest, id: str, said: WithdrawalShape) -> HttpResponse:
    """Withdraw a record (撤回) that this source handed in: it is gone when the answer comes, and its notice stands."""
    source = source_of(request)
    entered = withdrawal.withdraw(
        record=id,
        ground=said.ground,
        document=said.document,
        decided_on=said.decided_on,
        reason=said.reason,
        by=source,
        officer=f"api:{source}",
    )
    body = {"batch": entered.batch, "size": entered.size, "root": entered.root, "links": {"notices": f"{BASE}/notices"}}
    return answer(body, status=201, headers=PRIVATE)


def _of_notice(notice: notices.Notice) -> dict[str, object]:
    def when(day: date | None) -> str | None:
        return None if day is None else day.isoformat()

    return {
        "day": when(notice.day),
        "kind": notice.kind.to_dict(),
        "authority": notice.authority,
        "authority_code": notice.authority_code,
        "again": notice.again,
        "ground": notice.ground.to_dict(),
        "document": notice.document,
        "decided_on": when(notice.decided_on),
        "reason": notice.reason,
        "on_time": notice.on_time,
    }
