"""Subjects (信用主体) in the API: who an organisation is, and its public records."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from chengxin.kernel.periods import today
from chengxin.operations import deliveries, lookup, registry
from chengxin.storage.models import Recipient
from chengxin.subjects.identifiers import normalise_code
from chengxin.subjects.model import Subject
from chengxin.web.api import paging
from chengxin.web.api.access import headers_for, reader_of
from chengxin.web.api.paging import AFTER
from chengxin.web.api.problems import not_found
from chengxin.web.api.records import of_record
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import PLAIN, Problem, RecordPage, SubjectShape

router = Router(tags=["subjects 主体"])
_ERRORS = {401: Problem, 404: Problem, 422: Problem, 429: Problem}
MOST = 200
FIRST = (
    "同时给出的公示记录数，按事项、同一事项内决定日期由近到远，与 /records 首页相同 / "
    "how many public records to give along: item by item, newest first within an item, as /records begins"
)


@router.get("/subjects/{code}", response={200: SubjectShape, **_ERRORS}, operation_id="get_subject")
def get_subject(
    request: HttpRequest, code: str, records: Annotated[int, Query(ge=0, le=MOST, description=FIRST)] = 0
) -> HttpResponse:
    """One subject (信用主体) by any code it has or had: 统一社会信用代码, 组织机构代码 or 注册号."""
    subject, reader = _find(code), reader_of(request)
    told = _of_subject(subject)
    if records:
        told["records"] = _page(subject, None, None, records, reader)
    return answer(told, headers=headers_for(reader))


@router.get("/subjects/{code}/records", response={200: RecordPage, **_ERRORS}, operation_id="list_subject_records")
def list_subject_records(
    request: HttpRequest,
    code: str,
    item: Annotated[str | None, Query(pattern=PLAIN, description="信息事项 / item id, e.g. xzcf")] = None,
    after: Annotated[str | None, Query(max_length=400, description=AFTER)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> HttpResponse:
    """Records (信用记录) of a subject that are public today, item by item, newest decision first within an item."""
    reader = reader_of(request)
    return answer(_page(_find(code), item, after, limit, reader), headers=headers_for(reader))


def _page(
    subject: Subject, item: str | None, after: str | None, limit: int, reader: Recipient | None
) -> dict[str, object]:
    day = today()
    position = paging.unseal(after)
    try:
        page, keys = deliveries.delivering(
            reader,
            "subject",
            lambda: lookup.records(subject, item=item, on=day, after=position, limit=limit),
            lambda found: [record.id for record in found.rows],
        )
    except ValueError:
        raise paging.wrong_cursor() from None
    told = [of_record(record, keys.get(record.id)) for record in page.rows]
    return {"on": day, "records": told, "next": paging.seal(page.next)}


def _find(code: str) -> Subject:
    code = normalise_code(code)
    subject = lookup.subject(code) if code.isascii() and code.isalnum() else None
    if subject is None:
        raise not_found()
    return subject


def _of_subject(subject: Subject) -> dict[str, object]:
    own = f"{BASE}/subjects/{subject.id}"
    return {
        "id": subject.id,
        "code": subject.code,
        "name": subject.name,
        "kind": subject.kind,
        "status": subject.status,
        "status_since": subject.status_since,
        "provisional": subject.provisional,
        "names": subject.names,
        "codes": subject.codes,
        "relations": registry.relations(subject),
        "registration": subject.registration,
        "links": {"self": own, "records": f"{own}/records"},
    }
