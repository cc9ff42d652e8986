"""Authorisations at the entrance (授权管理): those of the organisation, handing in a letter, taking one back."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import attachments, authorisations, matters
from chengxin.operations.authorisations import MANAGE, MOST_DAYS, SCOPES, Holder
from chengxin.storage.models import Authorisation
from chengxin.web.my.access import person_page, show
from chengxin.web.site.present import Tag
from chengxin.web.site.wording import say

STATES = {
    "waiting": (Text("待核对", "Waiting to be checked"), "amber"),
    "refused": (Text("已退回", "Refused"), ""),
    "ended": (Text("已撤销", "Revoked"), ""),
    "over": (Text("已到期", "Term ended"), ""),
    "holds": (Text("有效", "In force"), "blue"),
}
WAYS = {
    authorisations.LETTER: Text("授权委托书", "letter of authorisation"),
    authorisations.IDENTITY: Text("统一身份认证", "identity provider"),
}


@dataclass(frozen=True)
class Line:
    """An authorisation as lists show it."""

    row: Authorisation
    name: str
    tag: Tag
    scopes: tuple[Text, ...]
    way: Text
    revocable: bool


def line(row: Authorisation, name: str = "") -> Line:
    """An authorisation with the words a list needs."""
    state = authorisations.state(row)
    word, colour = STATES[state]
    return Line(
        row,
        name or matters.names([row.subject]).get(row.subject, row.subject),
        Tag(say(word), colour),
        tuple(SCOPES[id] for id in row.scope.split()),
        WAYS[row.way],
        state in ("waiting", "holds"),
    )


@person_page
@require_safe
def listing(request: HttpRequest, user: User, holder: Holder | None) -> HttpResponse:
    """Who acts or acted for the organisation, for whoever manages that; else what this person asked for, and how many others act."""
    manages = holder is not None and MANAGE in holder.scope
    rows = authorisations.of_subject(holder.subject) if holder else []
    others = {row.user_id for row in rows if authorisations.state(row) == "holds"} - {user.pk}
    rows = [row for row in rows if manages or row.user_id == user.pk]
    mine = [row for row in authorisations.of_user(user) if holder is None or row.subject != holder.subject]
    context = {
        "lines": [line(row) for row in rows],
        "mine": [line(row) for row in mine],
        "manages": manages,
        "others": 0 if manages else len(others),
        "user_id": user.pk,
    }
    return show(request, holder, "my/authorisations.html", context)


@person_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, user: User, holder: Holder | None) -> HttpResponse:
    """Hand in a letter: for which organisation, who, what for, until when."""
    given = request.POST
    problem = None
    if request.method == "POST":
        try:
            authorisations.ask(
                user=user,
                code=given.get("code", ""),
                person=given.get("person", ""),
                scope=given.getlist("scope"),
                until=_day(given.get("until", "")),
                letter=_letter(request),
            )
        except Refusal as refusal:
            problem = refusal
        else:
            messages.success(request, _("授权书已收到，核对后即可办事。"))
            return redirect("my:authorisations")
    context = {
        "code": given.get("code", holder.subject if holder else ""),
        "person": given.get("person", ""),
        "until": given.get("until", (today() + timedelta(days=180)).isoformat()),
        "latest": today() + timedelta(days=MOST_DAYS),
        "scopes": [
            {"id": id, "title": title, "checked": id in given.getlist("scope") if given else id != MANAGE}
            for id, title in SCOPES.items()
        ],
    }
    return show(request, holder, "my/authorisation_new.html", context, problem)


@person_page
@require_POST
def revoke(request: HttpRequest, user: User, holder: Holder | None, id: int) -> HttpResponse:
    """Take an authorisation back, or give the own one up."""
    authorisations.revoke(id=id, by=holder or user, reason=request.POST.get("reason", ""))
    messages.success(request, _("已撤销，即时生效。"))
    return redirect("my:authorisations")


def _letter(request: HttpRequest) -> attachments.Given:
    file = request.FILES.get("letter")
    if file is None:
        raise Refusal(
            "authorisation.letter",
            Text("请上传授权委托书。", "Upload the letter of authorisation."),
            basis=authorisations.BASIS,
            remedy=Text(
                "由本单位签字或者盖章，扫描或拍照。", "Signed or sealed by the organisation, scanned or photographed."
            ),
        )
    return attachments.of_upload(file, "letter")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal(
            "authorisation.until",
            Text("授权期限未填或写法不对。", "The last day is missing or not written as a date."),
            basis=authorisations.BASIS,
            remedy=Text("请按 2026-11-20 的写法填写。", "Write it as 2026-11-20."),
        ) from None
