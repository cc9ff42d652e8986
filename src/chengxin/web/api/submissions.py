"""Submissions (报送) in the API: hand in a file, see how far it is, read the rows that need somebody."""

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from chengxin.intake.receipt import OUTCOMES
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import progress, receipts, registry, rulebook, uploads
from chengxin.records.model import SUBJECT_BASE
from chengxin.storage.models import Submission
from chengxin.web.api import paging
from chengxin.web.api.access import SourceToken, source_of
from chengxin.web.api.paging import AFTER
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import PLAIN, Problem, RowPage, SubmissionShape

router = Router(tags=["submissions 报送"], auth=SourceToken())
_LISTED = "quarantined, unlinked, refused；其余结果仅列有警示的行 / of the other outcomes only rows with a warning"
_ERRORS = {401: Problem, 404: Problem, 422: Problem, 429: Problem}
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


@router.post(
    "/submissions",
    response={202: SubmissionShape, 401: Problem, 413: Problem, 422: Problem, 429: Problem},
    operation_id="submit",
)
def submit(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="CSV, XLSX, JSON, NDJSON, Parquet")],
    item: Annotated[str, Form(pattern=PLAIN, description="信息事项 / item id: xzcf, xzxk …")],
    sheet: Annotated[
        str, Form(pattern=PLAIN, description="工作表或数组路径 / sheet of a workbook, path of a JSON array")
    ] = "",
    mapping: Annotated[
        str, Form(pattern=PLAIN, description="本机已有的映射名称 / name of a mapping this installation knows")
    ] = "",
    parent: Annotated[
        str | None, Form(pattern=PLAIN, description="被更正的回执号 / receipt whose rows this file mends")
    ] = None,
) -> HttpResponse:
    """Hand in a file (报送). It is encrypted and queued; the answer says where to look for the receipt."""
    source = source_of(request)
    submission = uploads.receive(
        stored=uploads.stored_of(file),
        file_name=file.name or "",
        item=_item(item, source),
        source=source,
        by=f"api:{source}",
        mapping=_mapping(mapping),
        sheet=sheet,
        parent=parent,
    )
    headers = {**PRIVATE, "Location": f"{BASE}/submissions/{submission.id}"}
    return answer(_of_submission(submission), status=202, headers=headers)


@router.get("/submissions/{id}", response={200: SubmissionShape, **_ERRORS}, operation_id="get_submission")
def get_submission(request: HttpRequest, id: str) -> HttpResponse:
    """How far a submission (报送) of this source is; ``links.receipt`` once it is done."""
    return answer(_of_submission(own_submission(request, id)), headers=PRIVATE)


@router.get("/submissions/{id}/rows", response={200: RowPage, **_ERRORS}, operation_id="list_submission_rows")
def list_submission_rows(
    request: HttpRequest,
    id: str,
    outcome: Annotated[str | None, Query(pattern=f"^({'|'.join(OUTCOMES)})$", description=_LISTED)] = None,
    rule: Annotated[str | None, Query(pattern=PLAIN, description="规则编号 / rule id")] = None,
    after: Annotated[str | None, Query(max_length=400, description=AFTER)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> HttpResponse:
    """Rows that were not simply stored (疑问数据、未关联数据、不予受理), with the rules they broke."""
    own_submission(request, id)
    rows = receipts.rows(id, outcome=outcome, rule=rule, after=paging.row_number(after), limit=limit)
    return answer(
        {
            "rows": [
                {"row": r.row, "outcome": r.outcome, "reasons": r.reasons, "cells": r.sent, "mended": r.mended}
                for r in rows
            ],
            "next": paging.seal(str(rows[-1].row)) if len(rows) == limit else None,
        },
        headers=PRIVATE,
    )


def own_submission(request: HttpRequest, id: str) -> Submission:
    """The submission, if it is this source's; another source's answers like none at all."""
    submission = Submission.objects.filter(pk=id, source_id=source_of(request)).first() if id.isprintable() else None
    if submission is None:
        raise not_found()
    return submission


def _item(item: str, source: str) -> str:
    """The id of an item this source may hand in. Raises Refusal ``item.unknown``, ``api.item``."""
    base = source == settings.OPERATOR_CODE or registry.assigns(source)
    if rulebook.item(item).id in SUBJECT_BASE and not base:
        raise Refusal(
            "api.item",
            Text(
                "登记信息只由信用中心和赋码单位报送",
                "registrations are handed in by the credit centre and the offices that assign codes",
            ),
            where=Text("参数 item", "parameter item"),
            remedy=Text("请报送许可、处罚等事项", "hand in licences, penalties and the like"),
        )
    return item


def _mapping(name: str) -> str:
    """The path of a mapping this installation offers, by its name; a path is never taken from outside.

    Raises Refusal ``upload.mapping``.
    """
    if not name:
        return ""
    offered = {path.stem: str(path) for path in uploads.mappings()}
    if name not in offered:
        listed = "、".join(offered)
        raise Refusal(
            "upload.mapping",
            Text("没有这个对照表", "there is no such mapping"),
            where=Text("参数 mapping", "parameter mapping"),
            remedy=Text(f"现有：{listed or '无'}", f"there are: {listed or 'none'}"),
        )
    return offered[name]


def _of_submission(submission: Submission) -> dict[str, object]:
    own = f"{BASE}/submissions/{submission.id}"
    links = {"self": own}
    if submission.state == "done":
        links |= {"receipt": f"{BASE}/receipts/{submission.id}", "rows": f"{own}/rows"}
    return {
        "id": submission.id,
        "state": submission.state,
        "item": submission.item,
        "source": submission.source_id,
        "file_name": submission.file_name,
        "file_digest": submission.file_digest,
        "file_size": submission.file_size,
        "received_at": submission.received_at,
        "finished_at": submission.finished_at,
        "progress": _progress(submission),
        "problem": submission.problem,
        "links": links,
    }


def _progress(submission: Submission) -> dict[str, object] | None:
    if submission.state != "running":
        return None
    noted = progress.read(submission.id)
    return {"stage": noted.stage, "done": noted.done, "total": noted.total}
