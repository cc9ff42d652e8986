"""Open data (开放数据): what is public today, to take away in three formats, with what each column means."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.operations import export, lookup, rulebook
from chengxin.web.site import answers

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
    tables = [
        {
            "item": catalogue.items[id],
            "count": figures.published.get(id, 0),
            "fields": [catalogue.items[id].field(name) for name in export.columns(id)[len(export.FIXED) :]],
        }
        for id in export.items()
    ]
    context = {"tables": tables, "formats": export.FORMATS, "figures": figures, "today": day}
    answer = render(request, "site/data.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def download(request: HttpRequest, item: str, form: str) -> StreamingHttpResponse:
    """One file, written while it is sent. It states the day it speaks of; tomorrow's may hold less."""
    day = today()
    try:
        body = export.stream(item, form, day)
    except KeyError:
        raise Http404 from None
    answer = StreamingHttpResponse(body, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{item}-{day.isoformat()}.{form}"'
    answer["Cache-Control"] = "no-cache"
    answer["X-Robots-Tag"] = answers.ROBOTS
    return answer
