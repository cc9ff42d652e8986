"""Withdrawal set (撤回集) in the API: which records may no longer be shown, to be asked offline by who received them."""

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengxin.operations import logkey, withdrawn
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import Problem

router = Router(tags=["withdrawn 撤回集"])
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}
_MINUTES = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


class FileShape(Schema):
    """A file of the set (撤回集文件); ``note`` is a signed note over its length and SHA-256."""

    name: str
    kind: str
    since: int
    until: int
    at: str
    size: int
    digest: str
    note: str
    url: str


class FilesShape(Schema):
    """The newest full file and all deltas since (撤回集), in the order to apply them; and the keys that sign."""

    files: list[FileShape]
    keys: list[str]


@router.get("/withdrawn", response={200: FilesShape, 429: Problem}, operation_id="list_withdrawal_set")
def list_files(request: HttpRequest) -> HttpResponse:
    """The files of the withdrawal set (撤回集). docs/reference/withdrawal-set.md says how to read them."""
    told = [{**vars(each), "url": f"{BASE}/withdrawn/{each.name}"} for each in withdrawn.files()]
    return answer({"files": told, "keys": logkey.verifiers()}, headers=_MINUTES)


@router.get(
    "/withdrawn/{name}",
    response={200: None, 404: Problem, 429: Problem},
    operation_id="get_withdrawal_set",
    openapi_extra={
        "responses": {
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_file(request: HttpRequest, name: str) -> HttpResponse:
    """One file of the withdrawal set (撤回集). What a name stands for never changes."""
    data = withdrawn.file(name)
    if data is None:
        raise not_found()
    return HttpResponse(data, content_type="application/octet-stream", headers=_FOREVER)
