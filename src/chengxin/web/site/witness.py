"""Witness (见证方) on the web: where other logs show us their checkpoints (C2SP tlog-witness)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chengxin.ledger.witness import MOST_BYTES, Verdict
from chengxin.operations import watching


@csrf_exempt  # no session: what counts is the signature under the checkpoint
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """Cosign a checkpoint of a log we know; 404 where we are no witness at all."""
    if not watching.logs():
        raise Http404
    body = request.read(MOST_BYTES + 1)
    try:
        if len(body) > MOST_BYTES:
            raise ValueError("the request is too long")
        told = watching.add_checkpoint(body.decode(), now=timezone.now())
    except ValueError as error:
        told = watching.Answer(Verdict.MALFORMED, f"{error}\n")
    answer = HttpResponse(told.body, status=told.status, content_type=told.media)
    answer["Cache-Control"] = "no-store"
    return answer
