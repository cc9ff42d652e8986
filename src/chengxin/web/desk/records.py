"""Records at the desk (在库信息): what a source handed in, ended or not; withdrawing it, and taking it off in haste."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import held, takedown, withdrawal
from chengxin.operations.accounts import Principal
from chengxin.operations.held import Held
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import GONE, Mark, State
from chengxin.records.words import NAMES, WORDS
from chengxin.resolution import linking
from chengxin.web.desk.access import desk_page, show
from chengxin.web.site import present
from chengxin.web.site.wording import say

COLOURS = {State.PUBLISHED: "blue", State.REPAIRED: "green", State.TAKEN_DOWN: "amber"}


@desk_page
@require_safe
def records(request: HttpRequest, who: Principal) -> HttpResponse:
    """The records of one subject that this person may see, found by the subject's code."""
    code = request.GET.get("code", "").strip()
    found = held.of_subject(code, scope=who.scope) if code else []
    return show(request, who, "desk/records.html", {"code": code, "lines": [line(each) for each in found]})


@desk_page
@require_safe
def record(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """One record: its state, what was done to it and by whom, and what this person may do about it."""
    found = held.held(id, scope=who.scope)
    item = catalogue().items[found.item]
    party = {item.role(role) for role in present.PARTY}
    shown = [id for id in item.published if id not in party]
    taken_down = Mark.TAKEN_DOWN in found.marks
    downs = [each for each in takedown.downs() if each.record == found.id] if taken_down else []
    context = {
        **line(found),
        "facts": present.facts({id: found.fields[id] for id in shown if id in found.fields}, {}, item),
        "history": [(NAMES[past.act], past) for past in held.history(found.id)],
        "may_withdraw": found.source == who.source and not found.marks & GONE,
        "may_take_down": who.sees_all and found.state is State.PUBLISHED,
        "down": downs[0] if downs else None,
        "may_look": who.sees_all and taken_down,
        "is_repaired": Mark.REPAIRED in found.marks,
        "is_adverse": item.adverse,
    }
    return show(request, who, "desk/record.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """Withdraw a record: grounds, document, date, reason; what follows stands above the button."""
    found = held.held(id, scope=who.scope)
    grounds = withdrawal.grounds(found.item)
    said = {name: request.POST.get(name, "") for name in ("ground", "document", "decided_on", "reason")}
    problem = None
    if request.method == "POST":
        try:
            withdrawal.withdraw(
                record=id,
                ground=said["ground"],
                document=said["document"],
                decided_on=_date(said["decided_on"]),
                reason=said["reason"],
                by=who.source,
                officer=who.user,
            )
        except Refusal as refusal:
            problem = refusal
        else:
            messages.info(request, _("已撤回：该信息不再公示，撤回公告已发布。"))
            return redirect("desk:record", id)
    context = {**line(found), "grounds": grounds.values, "said": said, "problem": problem}
    return show(request, who, "desk/withdraw.html", context, status=422 if problem else 200)


def line(found: Held) -> dict[str, Any]:
    """A record as lists and headings of the desk show it."""
    item = catalogue().items[found.item]

    def role(name: str) -> str:
        return found.fields.get(item.role(name) or "", "")

    tags = [present.Tag(say(WORDS[found.state]), COLOURS.get(found.state, ""))]
    if found.contested:
        tags.append(present.Tag(_("异议处理中"), "violet"))
    return {
        "record": found,
        "item": item.title,
        "number": role("document_no"),
        "title": role("title") or role("violation") or role("content"),
        "authority": role("authority_name") or found.source_name,
        "decided_on": role("decided_on"),
        "tags": [*tags, *present.linked_tags(found.linked)],
        "way": linking.WAYS.get(found.linked),
    }


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal(
            "withdrawal.decided-on",
            Text("日期未填或写法不对", "the date is missing or not written as a date"),
            remedy=Text("请按 2026-11-20 的写法填写", "write it as 2026-11-20"),
        ) from None
