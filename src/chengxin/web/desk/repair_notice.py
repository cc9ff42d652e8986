"""Repair notice (信用修复告知书): what the authority hands over with its decision (两书同达), ready to print.

Made from the catalogue on the day it is asked for, and kept nowhere: the same day gives the same paper.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.operations import held, repair
from chengxin.operations.accounts import Principal
from chengxin.operations.held import Held
from chengxin.operations.rulebook import catalogue
from chengxin.web.desk.access import desk_page, own_submission, show
from chengxin.web.desk.records import line
from chengxin.web.site import present

PAGE = 50
CAN = ("open", "later", "barred")
"""States of eligibility in which the conditions of repair are worth reading."""


@desk_page
@require_safe
def repair_notice(request: HttpRequest, who: Principal, id: str) -> HttpResponse:
    """The notice for one record."""
    context = {"notices": [_notice(held.held(id, scope=who.scope))], "back": id, "today": today()}
    return show(request, who, "desk/repair_notice.html", context)


@desk_page
@require_safe
def repair_notices(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """The notices of all records that a submission stated, fifty at a time, each on a sheet of its own."""
    submission = own_submission(who, number)
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) else 1
    ids = held.of_batch(submission.batch, item=submission.item, limit=PAGE + 1, offset=(page - 1) * PAGE)
    context = {
        "notices": [_notice(held.held(id, scope=who.scope)) for id in ids[:PAGE]],
        "submission": submission,
        "next": page + 1 if len(ids) > PAGE else None,
        "today": today(),
    }
    return show(request, who, "desk/repair_notice.html", context)


def _notice(found: Held) -> dict[str, Any]:
    explained = repair.explain(found.id)
    eligibility = explained.eligibility
    basis = [present.cited(each, catalogue()) for each in eligibility.basis]
    return {
        **line(found),
        "eligibility": eligibility,
        "can": eligibility.state in CAN,
        "basis": basis,
        "marked": any(not each.confirmed for each in basis),
        "checks": eligibility.checks,
        "papers": explained.papers,
        "days": explained.days,
        "unconfirmed": eligibility.rules is not None and not eligibility.rules.confirmed,
    }
