"""Findings (校核问题) at the desk: the tasks of the office that assigned the codes, one by one with evidence and history."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import findings as tasks
from chengxin.operations.accounts import Principal
from chengxin.operations.findings import Finding
from chengxin.storage.models import Source
from chengxin.subjects.crosscheck import CHECKS, STATES, STEPS, State
from chengxin.web.desk.access import desk_page, show
from chengxin.web.site.identity import SCHEMES

LABELS = {
    "code": Text("代码", "Code"),
    "name": Text("名称", "Name"),
    "former": Text("先前的名称", "Earlier name"),
    "status": Text("登记状态", "Registration status"),
    "status_since": Text("状态日期", "Day of the status"),
    "decisions": Text("此后的决定", "Decisions after it"),
    "first_on": Text("最早一件", "The first"),
    "last_on": Text("最近一件", "The last"),
    "source": Text("登记单位", "Registered by"),
    "day": Text("登记入库", "Registered on"),
    "related": Text("关联主体代码", "Code of the related subject"),
    "since": Text("自", "Since"),
    "places": Text("涉及区划", "Divisions"),
    "count": Text("数量", "Count"),
}
"""What the evidence says, in the order in which it is shown."""


NOBODY = "-"
"""How an address asks for findings that no recorded office is answerable for."""


@dataclass(frozen=True)
class Choice:
    """One thing a person may do about a finding."""

    id: str
    words: Text
    hint: Text


TAKE = Choice(
    "take", Text("开始核实", "Take it up"), Text("其他人会看到有人在核实", "Others see that somebody is on it")
)
NOTE = Choice(
    "note", Text("补充说明", "Add a note"), Text("写入处理记录，状态不变", "Kept in the history; nothing else changes")
)
EXPLAIN = Choice(
    "explain",
    Text("说明理由，不作问题", "Explain why it is no fault"),
    Text("证据不变就不再列出；证据有变化会重新列出", "Not listed again while the evidence stays the same"),
)
REOPEN = Choice("reopen", Text("重新列为问题", "Open it again"), Text("原来的说明保留", "The explanation is kept"))
ASSIGN = Choice(
    "assign", Text("转交其他单位", "Hand it to another office"), Text("由该单位继续处理", "It becomes theirs")
)


@desk_page
@require_safe
def findings(request: HttpRequest, who: Principal) -> HttpResponse:
    """Open findings of the own office (an officer's: of all), by rule; states other than open are one link away."""
    rule, state = request.GET.get("rule", ""), request.GET.get("state", "")
    after, asked = request.GET.get("after", "0"), request.GET.get("owner", "")
    owner = who.scope if who.scope is not None or not asked else asked.removeprefix(NOBODY)
    page = tasks.listed(owner=owner, rule=rule, state=state, after=int(after) if after.isdigit() else 0)
    counted = tasks.counts(owner=owner)
    context = {
        "rows": page.rows,
        "next": page.next,
        "counts": [(CHECKS[id], n) for id, n in sorted(counted.items(), key=lambda pair: -pair[1])],
        "open": sum(counted.values()),
        "rule": CHECKS.get(rule),
        "state": state if state in set(State) else "",
        "states": [(each.value, STATES[each]) for each in (State.EXPLAINED, State.GONE)],
        "last": next(iter(tasks.runs(1)), None),
        "under_way": tasks.under_way(),
        "office": tasks.office_name(owner) if who.sees_all and owner is not None else None,
        "kept": f"&owner={quote(asked)}" if who.sees_all and asked else "",
    }
    return show(request, who, "desk/findings.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: HttpRequest, who: Principal, id: int) -> HttpResponse:
    """One finding: what was found, under which rule, what has been done, what may be done now."""
    found = tasks.finding(id, owner=who.scope)
    problem = None
    if request.method == "POST":
        try:
            return _act(request, who, found)
        except Refusal as refusal:
            problem = refusal
    context = {
        "finding": found,
        "state": STATES[found.state],
        "facts": _facts(found),
        "subjects": found.detail.get("subjects") or (),
        "rows": found.detail.get("rows") or (),
        "history": [(STEPS[event.act], event) for event in found.history],
        "choices": _choices(who, found),
        "offices": Source.objects.order_by("name") if who.sees_all else (),
        "problem": problem,
        "chosen": request.POST.get("step", ""),
        "note": request.POST.get("note", ""),
    }
    return show(request, who, "desk/finding.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, who: Principal, found: Finding) -> HttpResponseRedirect:
    step, note = request.POST.get("step", ""), request.POST.get("note", "")
    allowed = {choice.id for choice in _choices(who, found)}
    if step not in allowed:
        raise Refusal(
            "finding.step",
            Text("没有选择怎样处理。", "Nothing was chosen to do."),
            remedy=Text("请选择一项。", "Choose one."),
        )
    if step == ASSIGN.id:
        tasks.assign(found.id, owner=request.POST.get("owner", ""), by=who.user, note=note)
    else:
        {"take": tasks.take, "note": tasks.note, "explain": tasks.explain, "reopen": tasks.reopen}[step](
            found.id, by=who.user, note=note, owner=who.scope
        )
    return redirect(reverse("desk:finding", args=[found.id]))


def _choices(who: Principal, found: Finding) -> list[Choice]:
    if found.state is State.GONE:
        return [NOTE]
    if found.state is State.EXPLAINED:
        return [REOPEN, NOTE]
    first = [TAKE] if found.state is State.OPEN else []
    return [*first, EXPLAIN, NOTE, *([ASSIGN] if who.sees_all else [])]


def _facts(found: Finding) -> list[tuple[Text, Any, bool]]:
    """(label, value, whether it is a code) of the evidence; lists of subjects and rows are shown by themselves."""
    shown = []
    for key, label in LABELS.items():
        value = found.detail.get(key)
        if value in (None, "", []):
            continue
        if key == "code" and (scheme := found.detail.get("scheme")):
            label = SCHEMES[scheme]
        if key == "source":
            value = Source.objects.filter(code=value).values_list("name", flat=True).first() or value
        shown.append((label, "、".join(value) if isinstance(value, list) else value, key in ("code", "related")))
    return shown
