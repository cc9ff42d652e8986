"""Receipts (回执) in the API: what became of every row of a submission."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chengxin.operations import receipts
from chengxin.web.api.access import SourceToken
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import answer
from chengxin.web.api.shapes import Problem, ReceiptShape
from chengxin.web.api.submissions import PRIVATE, own_submission

router = Router(tags=["receipts 回执"], auth=SourceToken())


@router.get(
    "/receipts/{id}",
    response={200: ReceiptShape, 401: Problem, 404: Problem, 429: Problem},
    operation_id="get_receipt",
)
def get_receipt(request: HttpRequest, id: str) -> HttpResponse:
    """The receipt (回执) of a finished submission of this source, the same object ``chengxin submit --json`` prints."""
    submission = own_submission(request, id)
    if submission.state != "done":
        raise not_found()
    return answer(receipts.summary(submission), headers=PRIVATE)
