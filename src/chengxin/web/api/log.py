"""Log (透明日志) in the API: its signed checkpoint, and proofs that anyone can check (RFC 6962; base64 hashes)."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from chengxin.kernel.periods import today
from chengxin.operations import logkey, lookup, proofs, witnessing
from chengxin.web.api.access import SourceToken
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import answer
from chengxin.web.api.shapes import CheckpointShape, ConsistencyShape, InclusionShape, Problem, ProofShape
from chengxin.web.api.submissions import PRIVATE, own_submission

router = Router(tags=["log 日志"])

MOST = 2**63 - 1
"""The largest number a database column for entries can hold."""


@router.get("/checkpoint", response={200: CheckpointShape, 404: Problem, 429: Problem}, operation_id="get_checkpoint")
def get_checkpoint(request: HttpRequest) -> HttpResponse:
    """The published checkpoint (检查点): size and Merkle root of the log, signed (C2SP signed note), with the witnesses'
    cosignatures and whether they are enough under the policy."""
    head = witnessing.head()
    if head is None:
        raise not_found()
    return answer(
        {
            "size": head.size,
            "root": head.root.hex(),
            "note": head.note,
            "keys": logkey.verifiers(),
            "witnesses": [{"name": name, "at": at} for name, at in head.cosigned],
            "quorum": head.quorum,
        }
    )


@router.get(
    "/log/inclusion",
    response={200: InclusionShape, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_inclusion_proof",
)
def get_inclusion(
    request: HttpRequest,
    index: Annotated[int, Query(ge=0, le=MOST)],
    size: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> HttpResponse:
    """Inclusion proof (存在证明): that entry ``index`` (from 0) stands in the log of ``size`` entries, by default in the
    published one. RFC 6962, 2.1.1."""
    return answer(proofs.inclusion(index, size))


@router.get(
    "/log/consistency",
    response={200: ConsistencyShape, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_consistency_proof",
)
def get_consistency(
    request: HttpRequest,
    old: Annotated[int, Query(ge=1, le=MOST)],
    new: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> HttpResponse:
    """Consistency proof (一致性证明): that the log of ``old`` entries is the beginning of the log of ``new``, by default of
    the published one. RFC 6962, 2.1.2."""
    return answer(proofs.consistency(old, new))


@router.get(
    "/log/entries/{index}.tlog-proof",
    response={200: None, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_tlog_proof",
    openapi_extra={"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}},
)
def get_tlog_proof(request: HttpRequest, index: Annotated[int, Path(ge=0, le=MOST)]) -> HttpResponse:
    """The inclusion proof (存在证明) of one entry as text for stock clients (C2SP tlog-proof)."""
    return HttpResponse(proofs.tlog_proof(index), content_type="text/plain; charset=utf-8")


@router.get(
    "/records/{id}/proof",
    response={200: ProofShape, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_record_proof",
)
def get_record_proof(request: HttpRequest, id: str) -> HttpResponse:
    """The proof file (证明文件) of a record that is public today; ``verify.py`` checks it offline."""
    record = lookup.record(id, on=today())
    if record is None:
        raise not_found()
    return answer(proofs.of_record(record))


@router.get(
    "/receipts/{id}/proof",
    response={200: ProofShape, 401: Problem, 404: Problem, 422: Problem, 429: Problem},
    operation_id="get_receipt_proof",
    auth=SourceToken(),
    tags=["receipts 回执"],
)
def get_receipt_proof(request: HttpRequest, id: str) -> HttpResponse:
    """The proof file (证明文件) of a finished submission of this source: its batch stands in the log, which has only
    grown since."""
    submission = own_submission(request, id)
    if submission.state != "done":
        raise not_found()
    return answer(proofs.of_receipt(submission), headers=PRIVATE)
