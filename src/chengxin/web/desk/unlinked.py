"""Unlinked rows at the desk (待确认主体): the queue, and one row beside its candidates, to be judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import deadlines, judgements, reasons, rulebook, unlinked
from chengxin.operations.accounts import Principal
from chengxin.operations.judgements import Outcome
from chengxin.operations.reasons import Explained
from chengxin.operations.receipts import NO_SUBJECT, Reason
from chengxin.operations.resolve import NAME_KINDS
from chengxin.operations.unlinked import Comparison, Side
from chengxin.resolution.judgement import WORDS, Verdict
from chengxin.web.desk.access import desk_page, own_submission, show
from chengxin.web.desk.chips import chip
from chengxin.web.desk.submissions import item_title

VERDICT = "verdict-"
"""Prefix of the form fields that carry a verdict, by subject."""
CHOICES = (Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE)
PARTS: Mapping[str, Text] = {
    "code": Text("代码", "Code"),
    "name": Text("名称", "Name"),
    "place": Text("行政区划", "Place"),
    "brand": Text("字号", "Brand"),
    "trade": Text("行业", "Trade"),
    "form": Text("组织形式", "Legal form"),
    "bracket": Text("括号内容", "In brackets"),
    "branch": Text("分支", "Branch"),
}
VERDICTS: Mapping[str, Text] = {
    "same": Text("相同", "same"),
    "similar": Text("相近", "similar"),
    "different": Text("不同", "different"),
    "missing": Text("一方没有", "only one has it"),
}
WHY: Mapping[str, Text] = {
    "folded": Text("写法不同", "another spelling"),
    "doubled": Text("重字", "a character doubled"),
    "sound": Text("同音", "sounds alike"),
    "shape": Text("形近", "looks alike"),
}
SHOWN_FACTS = ("document_no", "content", "decided_on", "authority_name")
"""Roles of the row that help to tell whom it speaks of."""


@desk_page
@require_safe
def rows(request: HttpRequest, who: Principal) -> HttpResponse:
    """Rows that lack nothing but a subject, those of the oldest receipt first."""
    waiting, more = unlinked.queue(source=who.scope, after=request.GET.get("after", ""))
    context = {
        "rows": [
            {
                "each": one,
                "item": item_title(one.submission.item),
                "why": [rule.message for rule in _why(one.submission.item, one.reasons)[0]],
                "percent": None if one.score is None else round(one.score * 100),
            }
            for one in waiting
        ],
        "more": more,
        "total": unlinked.waiting_count(who.scope),
        "counted": unlinked.COUNTED,
    }
    return show(request, who, "desk/unlinked.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, who: Principal, number: str, row: int) -> HttpResponse:
    """One row beside its candidates: same, different or unsure for each, and why."""
    found = own_submission(who, number)
    code = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            done = judgements.judge(
                submission=number,
                row=row,
                verdicts=_verdicts(request),
                scores=_scores(number, row, code),
                reason=request.POST.get("reason", ""),
                by=who.user,
            )
        except Refusal as refusal:
            if refusal.rule == "judgement.row":
                raise
            problem = refusal
        else:
            messages.info(request, said(row, done))
            return redirect("desk:unlinked")
    try:
        compared = unlinked.compare(submission=number, row=row, code=code)
    except Refusal as refusal:
        if refusal.rule != "subject.unknown":
            raise
        problem = refusal
        compared = unlinked.compare(submission=number, row=row)
    deadline = deadlines.of_submission(found)
    why, hints = _why(found.item, compared.row.reasons)
    context = {
        "comparison": compared,
        "row": compared.row,
        "item": item_title(found.item),
        "why": why,
        "hints": hints,
        "facts": _facts(compared),
        "lines": [_line(side, request) for side in compared.sides],
        "possible": [side for side in compared.sides if not side.against],
        "chip": chip(deadline, found.source.name),
        "history": [{"one": one, "words": WORDS[one.verdict]} for one in compared.history],
        "reason": request.POST.get("reason", ""),
        "code": code,
        "problem": problem,
    }
    return show(request, who, "desk/compare.html", context, status=422 if problem else 200)


def said(row: int, done: Outcome) -> str:
    """One sentence about what came of a judgement."""
    if not done.effect:
        return _("第 %(row)d 行的判断已记录，该行仍待确认主体。") % {"row": row}
    if done.effect == "kept-out":
        return _("第 %(row)d 行的判断已记录，但该行还有其他问题，没有入库。") % {"row": row}
    return _("第 %(row)d 行已归到所选主体并入库；判断可以撤销。") % {"row": row}


@dataclass(frozen=True)
class Part:
    """How one part of the names compares, in words."""

    label: Text
    verdict: Text
    why: Text | None
    differs: bool


def _line(side: Side, request: HttpRequest) -> dict[str, object]:
    parts = [
        Part(
            PARTS.get(each["part"], Text(each["part"], each["part"])),
            VERDICTS[each["verdict"]],
            WHY.get(each.get("why", "")),
            each["verdict"] != "same",
        )
        for each in side.reasons
    ]
    chosen = request.POST.get(f"{VERDICT}{side.subject.id}", side.said.verdict if side.said else "")
    choices = [choice for choice in CHOICES if not (side.against and choice is Verdict.SAME)]
    return {
        "side": side,
        "parts": parts,
        "percent": None if side.score is None else round(side.score * 100),
        "kind": NAME_KINDS.get(side.name_kind),
        "former": [name.text for name in side.subject.names if name.kind == "former" and name.text != side.name],
        "address": _registered(side, "address"),
        "choices": [{"id": choice, "words": WORDS[choice], "chosen": choice == chosen} for choice in choices],
        "before": [{"one": one, "words": WORDS[one.verdict]} for one in side.before],
        "said": {"one": side.said, "words": WORDS[side.said.verdict]} if side.said else None,
    }


def _registered(side: Side, role: str) -> str:
    field = rulebook.catalogue().items["djxx"].role(role)
    return side.subject.registration.get(field or "", "")


def _facts(compared: Comparison) -> list[tuple[Text, str]]:
    item = rulebook.item(compared.submission.item)
    fields = [item.role(role) for role in SHOWN_FACTS]
    return [
        (item.field(field).label, compared.row.cells[field])
        for field in fields
        if field and compared.row.cells.get(field)
    ]


def _why(item: str, broken: Iterable[Reason]) -> tuple[list[Explained], list[Explained]]:
    """Why the row waits, and what else was noted about it."""
    known = [reasons.explain(item, reason.rule, reason.field) for reason in broken]
    return [one for one in known if one.id in NO_SUBJECT], [one for one in known if one.id not in NO_SUBJECT]


def _verdicts(request: HttpRequest) -> dict[str, Verdict]:
    given = {key[len(VERDICT) :]: str(value) for key, value in request.POST.items() if key.startswith(VERDICT)}
    return {subject: Verdict(value) for subject, value in given.items() if value in set(CHOICES)}


def _scores(number: str, row: int, code: str) -> dict[str, float]:
    """The scores of the candidates as they are shown."""
    try:
        compared = unlinked.compare(submission=number, row=row, code=code)
    except Refusal:
        return {}
    return {side.subject.id: side.score for side in compared.sides if side.score is not None}
