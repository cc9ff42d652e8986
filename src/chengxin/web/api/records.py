"""Records (信用记录) in the API: what one authority decided, while it is public."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chengxin.kernel.periods import today
from chengxin.operations import deliveries, lookup
from chengxin.records.model import Record
from chengxin.web.api.access import headers_for, reader_of
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import Problem, RecordShape

router = Router(tags=["records 记录"])


@router.get(
    "/records/{id}",
    response={200: RecordShape, 401: Problem, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_record",
)
def get_record(request: HttpRequest, id: str) -> HttpResponse:
    """One record (信用记录) that is public today. What has ended and what never was answer alike: 404.

    With a recipient's key the delivery is recorded, and the record carries its withdrawal key (撤回键).
    There is no way to ask about an earlier day: it would bring back what has ended.
    """
    reader = reader_of(request)
    record, keys = deliveries.delivering(
        reader, "record", lambda: lookup.record(id, on=today()), lambda found: [found.id] if found else []
    )
    if record is None:
        raise not_found()
    return answer(of_record(record, keys.get(record.id)), headers=headers_for(reader))


def of_record(record: Record, withdrawal_key: str | None = None) -> dict[str, object]:
    """A record that ``disclosure`` has let through, as the API gives it; with its withdrawal key to a recipient."""
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
        **({"withdrawal_key": withdrawal_key} if withdrawal_key else {}),
        "links": {
            "self": f"{BASE}/records/{record.id}",
            "subject": f"{BASE}/subjects/{record.subject}",
            "proof": f"{BASE}/records/{record.id}/proof",
        },
    }
