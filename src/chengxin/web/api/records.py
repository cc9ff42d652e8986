"""Records (信用记录) in the API: what one authority decided, while it is public."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chengxin.kernel.periods import today
from chengxin.operations import lookup
from chengxin.records.model import Record
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import Problem, RecordShape

router = Router(tags=["records 记录"])


@router.get(
    "/records/{id}",
    response={200: RecordShape, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_record",
)
def get_record(request: HttpRequest, id: str) -> HttpResponse:
    """One record (信用记录) that is public today. What has ended and what never was answer alike: 404.

    There is no way to ask about an earlier day: it would bring back what has ended.
    """
    record = lookup.record(id, on=today())
    if record is None:
        raise not_found()
    return answer(of_record(record))


def of_record(record: Record) -> dict[str, object]:
    """A record that ``disclosure`` has let through, as the API gives it."""
    return {
        "id": record.id,
        "item": record.item,
        "subject": record.subject,
        "fields": record.fields,
        "original": record.original,
        "severity": record.severity,
        "severity_by": record.severity_by,
        "window": record.window,
        "source": record.source,
        "versions": record.versions,
        "linked": record.linked,
        "contested": record.contested,
        "links": {
            "self": f"{BASE}/records/{record.id}",
            "subject": f"{BASE}/subjects/{record.subject}",
            "proof": f"{BASE}/records/{record.id}/proof",
        },
    }
