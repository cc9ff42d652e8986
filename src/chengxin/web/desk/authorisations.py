"""Letters of authorisation at the desk (授权书核对): the queue, the check of one, and all of an organisation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.operations import authorisations, lookup, matters
from chengxin.operations.accounts import Principal
from chengxin.operations.authorisations import SCOPES
from chengxin.web.desk.access import desk_page, show

SHOWN = 100


@desk_page
@require_safe
def listing(request: HttpRequest, who: Principal) -> HttpResponse:
    """Letters that wait, the oldest first; with a code, everything of that organisation."""
    code = request.GET.get("code", "").strip()
    rows = []
    if who.sees_all:
        subject = lookup.subject(code) if code else None
        rows = (
            authorisations.of_subject(subject.id) if subject else [] if code else list(authorisations.waiting()[:SHOWN])
        )
    names = matters.names({row.subject for row in rows})
    lines = [(row, names.get(row.subject, row.subject), authorisations.state(row)) for row in rows]
    return show(request, who, "desk/authorisations.html", {"lines": lines, "code": code})


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def authorisation(request: HttpRequest, who: Principal, id: int) -> HttpResponse:
    """One letter beside what the base says of the organisation; then grant, refuse, or later take back."""
    row = authorisations.checked(id=id, who=who)
    problem = None
    if request.method == "POST":
        reason, what = request.POST.get("reason", ""), request.POST.get("what", "")
        try:
            if what == "revoke":
                authorisations.revoke(id=id, by=who, reason=reason)
            else:
                authorisations.decide(id=id, grant=what == "grant", who=who, reason=reason)
        except Refusal as refusal:
            problem = refusal
        else:
            messages.success(request, _("已办理，即时生效。"))
            return redirect("desk:authorisations")
    subject = lookup.subject(row.subject)
    context = {
        "row": row,
        "subject": subject,
        "state": authorisations.state(row),
        "scopes": [SCOPES[name] for name in row.scope.split()],
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "own": who.source in matters.codes_of(row.subject),
    }
    return show(request, who, "desk/authorisation.html", context, status=422 if problem else 200)


@desk_page
@require_safe
def letter(request: HttpRequest, who: Principal, id: int) -> HttpResponse:
    """Download the letter; never shown inside a page of this site."""
    found = authorisations.letter(id=id, who=who)
    answer = HttpResponse(found.data, content_type=found.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="authorisation-{id}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
