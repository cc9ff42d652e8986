"""Judgements at the desk (判断记录): who said what about which row, what came of it, and taking it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import judged, judgements
from chengxin.operations.accounts import Principal
from chengxin.resolution.judgement import WORDS, Verdict
from chengxin.storage.models import Judgement
from chengxin.web.desk.access import desk_page, show

LISTED = 50
EFFECTS = {
    "linked": Text("该行已入库", "the row was stored"),
    "kept-out": Text("该行还有其他问题，没有入库", "the row has other faults and was not stored"),
    "ended": Text("据此入库的信息已停止公示和共享，该行重新待确认", "the record ended, the row waits again"),
    "restated": Text("恢复为此前报送的内容，该行重新待确认", "what was stated before holds again, the row waits again"),
    "left": Text("该信息另有报送为据，继续有效", "the record stands on other statements"),
}


@desk_page
@require_safe
def listing(request: HttpRequest, who: Principal) -> HttpResponse:
    """Judgements, newest first, of one's own source or of all."""
    before = request.GET.get("before", "")
    found = judged.listing(source=who.scope, before=int(before) if before.isdecimal() else None, limit=LISTED + 1)
    shown = found[:LISTED]
    context = {
        "lines": [_line(each) for each in shown],
        "more": shown[-1].id if len(found) > LISTED else None,
    }
    return show(request, who, "desk/judgements.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, who: Principal, id: int) -> HttpResponse:
    """What taking a judgement back will do, and the reason for it; then it is done."""
    found = _own(who, id)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            done = judgements.revoke(
                judgement=id, reason=request.POST.get("reason", ""), by=who.user, acting=who.source
            )
        except Refusal as refusal:
            if refusal.rule == "judgement.gone":
                raise
            problem = refusal
        else:
            messages.info(request, _("判断已撤销。") + (_said(done.effect) if done.effect else ""))
            return redirect("desk:judgements")
    context = {"line": _line(found), "problem": problem, "reason": request.POST.get("reason", "")}
    return show(request, who, "desk/revoke.html", context, status=422 if problem else 200)


@desk_page
@require_safe
def pairs(request: HttpRequest, who: Principal) -> HttpResponse:
    """The judged pairs of all sources as training and test data, for the centre only."""
    if not who.sees_all:
        raise _unknown("pairs.csv")
    response = HttpResponse(judged.training_file(judged.training(), ".csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="judged-pairs.csv"'
    return response


def _line(each: Judgement) -> dict[str, object]:
    effect = each.effects.all()[:1]
    taken_back = getattr(each, "revoked_by", None)
    subject = judged.subject_name(each.subject)
    return {
        "each": each,
        "words": WORDS[each.verdict],
        "subject": subject,
        "effect": EFFECTS.get(effect[0].effect) if effect else None,
        "record": effect[0].record if effect else "",
        "taken_back": taken_back,
        "can_revoke": taken_back is None and each.verdict != Verdict.REVOKED,
        "linked": bool(effect) and effect[0].effect == "linked",
    }


def _said(effect: str) -> str:
    from chengxin.web.templatetags.chengxin import say

    return say(EFFECTS[effect])


def _own(who: Principal, id: int) -> Judgement:
    """The judgement if this person may see it; another source's looks like one that does not exist."""
    found = Judgement.objects.select_related("submission").filter(id=id).first()
    if found is None or not who.may_see(found.submission.source_id) or found.verdict == Verdict.REVOKED:
        raise _unknown(str(id))
    return found


def _unknown(where: str) -> Refusal:
    return Refusal(
        "receipt.unknown",
        Text("没有这个判断。", "There is no such judgement."),
        where=Text(where, where),
        remedy=Text("请从判断记录中选择。", "Choose one from the list of judgements."),
    )
