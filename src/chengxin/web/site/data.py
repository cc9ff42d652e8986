"""Open data (开放数据): what is public today, to take away in three formats, with what each column means."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.operations import deliveries, export, lookup, recipients, rulebook
from chengxin.storage.models import Recipient
from chengxin.web.site import answers, sections

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What can be downloaded, how much it is, and the terms."""
    catalogue, day = rulebook.catalogue(), today()
    figures = lookup.figures(day)
    counts = export.counts(figures, day)
    tables = [
        {
            "item": item,
            "count": counts.get(item.id, 0),
            "left_out": figures.published.get(item.id, 0) - counts.get(item.id, 0),
            "fields": [item.field(name) for name in export.columns(item.id)[len(export.FIXED) :]],
        }
        for item in sections.published(catalogue)
    ]
    context = {"tables": tables, "formats": export.FORMATS, "figures": figures, "today": day}
    answer = render(request, "site/data.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def download(request: HttpRequest, item: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """One file, written while it is sent. It states the day it speaks of; tomorrow's may hold less.

    With a recipient's key the delivery is written down. Changes since are read from ``Chengxin-Changes-After`` on.
    """
    day, after = today(), deliveries.log_size()
    reader, known = _reader(request)
    if not known:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="chengxin"'})
    try:
        body = export.stream(item, form, day, recipient=reader)
    except KeyError:
        raise Http404 from None
    answer = StreamingHttpResponse(body, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{item}-{day.isoformat()}.{form}"'
    answer["Chengxin-Changes-After"] = str(after)
    answer["Cache-Control"] = "private, no-cache" if reader else "no-cache"
    answer["Vary"] = "Authorization"
    answer["X-Robots-Tag"] = answers.ROBOTS
    return answer


def _reader(request: HttpRequest) -> tuple[Recipient | None, bool]:
    """Whose key came with the request, and whether it is one, or there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":  # a password of a proxy in front is no key of ours
        return None, True
    found = recipients.reader(key=key.strip(), now=datetime.now(UTC))
    return found, found is not None
