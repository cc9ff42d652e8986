"""Checkpoint (检查点) in the API: the signed state of the log, for anyone who watches it."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chengxin.storage.models import LedgerBatch
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import answer
from chengxin.web.api.shapes import CheckpointShape, Problem

router = Router(tags=["log 日志"])


@router.get("/checkpoint", response={200: CheckpointShape, 404: Problem, 429: Problem}, operation_id="get_checkpoint")
def get_checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint (检查点): size and Merkle root of the log, signed (C2SP signed note)."""
    batch = LedgerBatch.objects.order_by("-first_seq").first()
    if batch is None:
        raise not_found()
    return answer({"size": batch.first_seq + batch.size, "root": batch.root, "note": batch.checkpoint})
