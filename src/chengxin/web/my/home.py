"""Home of the entrance (办事首页): what needs this organisation now; and, without an authorisation, how to prove one."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from chengxin.operations import authorisations, caselists, own
from chengxin.operations.authorisations import Holder
from chengxin.records.fold import State
from chengxin.web.my import authorisation, case
from chengxin.web.my.access import ACTING, acting_for, person_page, show


@person_page
@require_safe
def home(request: HttpRequest, user: User, holder: Holder | None) -> HttpResponse:
    """Cases that wait for the organisation first, then those under way, then what it may do."""
    if holder is None:
        rows = [authorisation.line(row) for row in authorisations.of_user(user)]
        return show(request, None, "my/welcome.html", {"lines": rows})
    cases = [case.line(row) for row in caselists.of_subject(holder.subject) if row.closed_on is None]
    records = own.records(holder.subject)
    context = {
        "able": acting_for(request)[1],
        "waiting": [each for each in cases if each.yours],
        "running": [each for each in cases if not each.yours],
        "public": sum(each.record.state is State.PUBLISHED for each in records),
        "hidden": sum(each.record.state is not State.PUBLISHED for each in records),
        "open": [each for each in records if each.eligibility and each.eligibility.open],
    }
    return show(request, holder, "my/home.html", context)


@person_page
@require_POST
def act_for(request: HttpRequest, user: User, holder: Holder | None) -> HttpResponse:
    """Choose which of several organisations to act for."""
    request.session[ACTING] = request.POST.get("subject", "")
    return redirect("my:home")
