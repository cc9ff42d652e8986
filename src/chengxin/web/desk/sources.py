"""Sources (报送单位): how timely, complete and right each one reports, as tables first and bars beside them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import Period, add_months, today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import quality
from chengxin.operations.accounts import Principal
from chengxin.operations.quality import Figures, Share
from chengxin.storage.models import Source
from chengxin.web.desk.access import desk_page, show

MONTHS = 12
MEASURES = (
    ("timeliness", Text("及时", "On time"), Text("在规定的工作日内报送", "reported within the working days allowed")),
    ("completeness", Text("完整", "Complete"), Text("必填项已填", "required cells filled")),
    ("accuracy", Text("准确", "Right"), Text("首次上传未被隔离", "not set aside at first")),
    ("effective", Text("有效载入", "Stored"), Text("已入库（含更正后）", "stored, mended rows included")),
)


@desk_page
@require_safe
def source(request: HttpRequest, who: Principal, code: str) -> HttpResponse:
    """The figures of one source: the last twelve months together, then month by month."""
    found = Source.objects.filter(code=code).first()
    if found is None or not who.may_see(code):
        raise Refusal(
            "receipt.unknown",
            Text("没有这个报送单位，或不归本单位查看。", "There is no such source, or it is not yours to see."),
        )
    by_month = quality.months(code, MONTHS)
    year = Period(by_month[0].period.starts, by_month[-1].period.ends)
    whole = quality.figures(code, year)
    context = {
        "source": found,
        "whole": whole,
        "measures": [_measure(whole, *measure) for measure in MEASURES],
        "months": [{"starts": each.period.starts, "figures": each} for each in reversed(by_month) if each.files],
        "until": today(),
    }
    return show(request, who, "desk/source.html", context)


@desk_page
@require_safe
def sources(request: HttpRequest, who: Principal) -> HttpResponse:
    """All sources of the last twelve months; a clerk sees the own one only."""
    first = add_months(today().replace(day=1), 1 - MONTHS)
    found = quality.all_figures(Period(first, None))
    if not who.sees_all:
        found = [each for each in found if each.source == who.source]
    silent = Source.objects.exclude(code__in=[each.source for each in found])
    silent = silent if who.sees_all else silent.filter(code=who.source)
    context = {"figures": found, "silent": silent.order_by("code"), "from": first, "until": today()}
    return show(request, who, "desk/sources.html", context)


def _measure(figures: Figures, name: str, words: Text, meaning: Text) -> dict[str, object]:
    share: Share = getattr(figures, name)
    return {"words": words, "meaning": meaning, "share": share, "width": round((share.percent or 0) * 10)}
