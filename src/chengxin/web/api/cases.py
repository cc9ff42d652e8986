"""Cases (办件) in the API: whether a record can be repaired, the cases of the own body, and beginning one."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from chengxin.cases.clock import FAR
from chengxin.cases.model import Actor
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import attachments, casefacts, caselists, cases, lookup, matters, repair
from chengxin.operations.accounts import DECIDER, Principal
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case
from chengxin.web.api import paging
from chengxin.web.api.access import SourceToken, source_of
from chengxin.web.api.case_shapes import CasePage, CaseShape, RepairShape
from chengxin.web.api.paging import AFTER
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import PLAIN, Problem
from chengxin.web.api.submissions import PRIVATE

router = Router(tags=["cases 办件"])
_ERRORS = {401: Problem, 404: Problem, 422: Problem, 429: Problem}


@router.get(
    "/records/{id}/repair",
    response={200: RepairShape, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_repair",
)
def get_repair(request: HttpRequest, id: str) -> HttpResponse:
    """Whether a public record can be repaired (信用修复): from which day, why, with which papers. Free of charge.

    What the rules say of the record. Whether the organisation itself is kept from applying for a time is told to it alone,
    at the entrance.
    """
    if lookup.record(id, on=today()) is None:
        raise not_found()
    told = repair.explain(id, public=True)
    found = told.eligibility
    return answer(
        {
            "record": id,
            "state": found.state,
            "since": found.since,
            "ends": found.ends,
            "says": found.says.to_dict(),
            "basis": found.cited.to_dict(),
            "conditions": [
                {"id": each.requirement.id, "title": each.requirement.title.to_dict(), "met": each.met}
                for each in found.checks
            ],
            "papers": [{"id": paper.id, "title": paper.title.to_dict()} for paper in told.papers],
            "working_days": told.days,
            "fee": "0",
        }
    )


@router.get("/cases", response={200: CasePage, **_ERRORS}, operation_id="list_cases", auth=SourceToken())
def list_cases(
    request: HttpRequest,
    view: Annotated[str, Query(pattern=PLAIN, description="todo, second, overdue, all, done")] = "todo",
    after: Annotated[str | None, Query(max_length=400, description=AFTER)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """The cases routed to this source (办件列表), the most urgent first."""
    page = caselists.listing(_who(request), view, after=paging.unseal(after) or "", limit=limit)
    body = {"cases": [_of_case(row) for row in page.rows], "next": paging.seal(page.next)}
    return answer(body, headers=PRIVATE)


@router.get("/cases/{id}", response={200: CaseShape, **_ERRORS}, operation_id="get_case", auth=SourceToken())
def get_case(request: HttpRequest, id: str) -> HttpResponse:
    """One case (办件) routed to this source, with what was done so far and the terms as they stand today."""
    return answer(_whole(_own(request, id)), headers=PRIVATE)


@router.post(
    "/cases",
    response={201: CaseShape, 401: Problem, 413: Problem, 422: Problem, 429: Problem},
    operation_id="start_case",
    auth=SourceToken(),
)
def start_case(
    request: HttpRequest,
    kind: Annotated[str, Form(pattern=PLAIN, description="repair, revocation")],
    record: Annotated[str, Form(pattern=PLAIN, description="信息编号 / record id of this source")],
    statement: Annotated[str, Form(pattern=PLAIN, max_length=4000)] = "",
    ground: Annotated[str, Form(pattern=PLAIN)] = "",
    paper: Annotated[
        list[str] | None, Form(description="材料编号，与文件一一对应 / paper ids, one for each file")
    ] = None,
    file: Annotated[list[UploadedFile] | None, File(description="PDF, PNG, JPEG, OFD; ≤ 20 MiB")] = None,
) -> HttpResponse:
    """Begin a case (登记办件) about a record of this source, for the organisation at its counter or of its own motion."""
    source = source_of(request)
    held = matters.matters([record]).get(record)
    if held is None or matters.body_of(held) != source:
        raise not_found()
    papers, files = paper or [], file or []
    if len(papers) != len(files):
        raise Refusal(
            "api.papers",
            Text("材料编号与文件的个数不一致", "there must be one paper id for each file"),
            where=Text("参数 paper、file", "parameters paper, file"),
            remedy=Text("每个文件写明是哪一种材料", "say of each file which paper it is"),
        )
    taken = cases.start(
        kind=kind,
        actor=Actor(f"api:{source}", source, decides=True),
        record=record,
        statement=statement,
        ground=ground,
        files=[attachments.of_upload(each, id) for id, each in zip(papers, files, strict=True)],
    )
    headers = {**PRIVATE, "Location": f"{BASE}/cases/{taken.case}"}
    return answer(_whole(_own(request, taken.case)), status=201, headers=headers)


def _who(request: HttpRequest) -> Principal:
    source = source_of(request)
    return Principal(f"api:{source}", source, source, DECIDER)


def _own(request: HttpRequest, id: str) -> Case:
    try:
        return caselists.case(id if id.isprintable() else "", _who(request))
    except Refusal:
        raise not_found() from None


def _of_case(row: Case) -> dict[str, Any]:
    state = catalogue().workflows[row.workflow].states[row.state]
    return {
        "id": row.id,
        "kind": row.kind,
        "record": row.record,
        "subject": row.subject,
        "name": row.name,
        "document": row.document,
        "state": row.state,
        "title": state.title.to_dict(),
        "owner": state.owner,
        "due": None if row.due == FAR else row.due,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "outcome": row.outcome,
        "late": row.late,
        "links": {"self": f"{BASE}/cases/{row.id}"},
    }


def _whole(row: Case) -> dict[str, Any]:
    actor = Actor(f"api:{row.body}", row.body)
    facts = casefacts.of([row], actor, today())[row.id]
    events = facts.case.events if facts.case else ()
    return _of_case(row) | {
        "events": [
            {"number": e.number, "step": e.step, "state": e.state, "at": e.at, "role": e.role, "ground": e.ground}
            for e in events
        ],
        "terms": [
            {"id": t.id, "due": t.due, "days": t.days, "used": t.used, "met": t.met, "provisional": t.provisional}
            for t in facts.terms.values()
        ],
    }
