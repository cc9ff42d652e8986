"""Recipients (信息接收单位) in the API: the feed of changes, what became of what they received, confirming it."""

from typing import Annotated

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from chengxin.kernel.periods import today
from chengxin.operations import agency, certificates, changes, held, notifications, webhooks
from chengxin.operations.changes import Line
from chengxin.web.api.access import RecipientKey, SourceToken, headers_for, reader_of, recipient_of, source_of
from chengxin.web.api.log import MOST as LARGEST
from chengxin.web.api.problems import not_found
from chengxin.web.api.records import of_record
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import Problem, TextShape
from chengxin.web.api.submissions import PRIVATE

router = Router(tags=["recipients 接收单位"])
NDJSON = "application/x-ndjson"
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
_AFTER = "已读到的条目数：上次答复的 after，或全量文件的 Chengxin-Changes-After / entries read so far"


class NotificationShape(Schema):
    """What became of a record that was received (变动通知); ``entry`` is what to confirm it by."""

    entry: int
    record: str
    act: str = Field(description="withdraw, repair, suspend … or correct: docs/reference/changes.md")
    title: TextShape
    said: dict[str, str] = Field(description="what a withdrawal said in public, by field; else empty")
    made_at: str
    told_at: str | None
    acknowledged_at: str | None


class NotificationPage(Schema):
    """Notifications that wait to be confirmed (待确认的变动通知), oldest first."""

    notifications: list[NotificationShape]
    webhook_key: str = Field(description="public key that signs webhooks, whpk_…")


class Entries(Schema):
    """Which notifications are confirmed (确认)."""

    entries: list[int] = Field(max_length=notifications.MOST)


class Confirmed(Schema):
    """How many were open and are confirmed now."""

    confirmed: int


class Rows(Schema):
    """Records as they are shown (展示的信息), by column: record, or subject_code and document_no; fields by id."""

    rows: list[dict[str, str]] = Field(max_length=agency.MOST)


class FindingShape(Schema):
    """A row of an agency's list that must go or differs (核查结果)."""

    row: int
    record: str
    verdict: str = Field(description="gone, different")
    fields: list[str]


class CheckShape(Schema):
    """What a list of shown records was found to be (展示信息核查)."""

    shown: int
    gone: int
    different: int
    digest: str
    findings: list[FindingShape]


@router.get(
    "/changes",
    response={200: None, 401: Problem, 416: Problem, 422: Problem, 429: Problem},
    operation_id="list_changes",
    openapi_extra={"responses": {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}}},
)
def list_changes(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=LARGEST, description=_AFTER)],
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> HttpResponse:
    """Changes (变更流) since an entry of the log, one JSON object a line, the last one ``{"after": …}`` to go on with.

    Everybody gets records that are public today; with a recipient's key also what became of records it received. 416 when
    the cursor is too old: take the snapshot at /data.
    """
    reader = reader_of(request)
    page = changes.read(after, recipient=reader, on=today(), limit=limit)
    lines = [orjson.dumps(_of_line(line), option=_OPTIONS) for line in page.lines]
    lines.append(orjson.dumps({"after": page.after}, option=_OPTIONS))
    response = HttpResponse(b"".join(lines), content_type=NDJSON, headers=headers_for(reader))
    response["Link"] = f'<{BASE}/changes?after={page.after}&limit={limit}>; rel="next"'
    return response


@router.get(
    "/notifications",
    response={200: NotificationPage, 401: Problem, 422: Problem, 429: Problem},
    operation_id="list_notifications",
    auth=RecipientKey(),
)
def list_notifications(
    request: HttpRequest, after: Annotated[int, Query(ge=-1, le=LARGEST, description="上一页最后的 entry")] = -1
) -> HttpResponse:
    """Notifications (变动通知) this recipient has not confirmed, oldest first, at most a thousand. Being asked for counts as
    being told."""
    recipient = recipient_of(request)
    notifications.make()
    found = notifications.waiting(recipient, after=after)
    notifications.reached(recipient, [each.entry for each in found], "pull")
    told = [webhooks.plain(each) for each in found]
    return answer({"notifications": told, "webhook_key": webhooks.public_key()}, headers=PRIVATE)


@router.post(
    "/notifications/acknowledgement",
    response={200: Confirmed, 401: Problem, 422: Problem, 429: Problem},
    operation_id="acknowledge_notifications",
    auth=RecipientKey(),
)
def acknowledge(request: HttpRequest, said: Entries) -> HttpResponse:
    """Confirm (确认) that what these notifications ask for has been done. Again does no harm."""
    confirmed = notifications.acknowledge(recipient_of(request), said.entries, by="api")
    return answer({"confirmed": confirmed}, headers=PRIVATE)


@router.post(
    "/agency-checks",
    response={200: CheckShape, 401: Problem, 422: Problem, 429: Problem},
    operation_id="check_shown_records",
    auth=RecipientKey(),
)
def check_shown(request: HttpRequest, said: Rows) -> HttpResponse:
    """Check (核查) a list of the records this organisation shows: which must go, which differ. The result is kept as evidence
    of the day; the list is not."""
    return answer(agency.plain(agency.check_rows(said.rows, recipient=recipient_of(request))), headers=PRIVATE)


@router.get(
    "/records/{id}/certificate",
    response={200: dict, 401: Problem, 404: Problem, 429: Problem},
    operation_id="get_repair_certificate",
    auth=SourceToken(),
)
def get_certificate(request: HttpRequest, id: str) -> HttpResponse:
    """The repair certificate (信用修复证明) of a record of this source, as issued last, with its proof."""
    found = held.held(id, scope=source_of(request))
    issued = certificates.latest(found.id)
    if issued is None:
        raise not_found()
    return answer(certificates.plain(issued), headers=PRIVATE)


def _of_line(line: Line) -> dict[str, object]:
    if line.told is not None:
        return {"type": "told", **webhooks.plain(line.told)}
    assert line.record is not None
    return {"type": "record", "entry": line.entry, **of_record(line.record, line.key)}
