"""Proof of a receipt (回执证明文件): the file with which a department shows later what it handed in, and when."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.operations import proofs
from chengxin.operations.accounts import Principal
from chengxin.web.desk.access import desk_page, own_submission
from chengxin.web.site import answers


@desk_page
@require_safe
def proof(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """The proof file of a receipt of this department; 404 where nothing was entered into the log yet."""
    found = own_submission(who, number)
    try:
        file = proofs.of_receipt(found)
    except (Refusal, ValueError):
        raise Http404 from None
    return answers.proof(file, found.id)
