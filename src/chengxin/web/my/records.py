"""Own records (本单位信息): public or not, with state and reason, term, versions, and what can be asked for from here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.operations import caselists, held, own, repair
from chengxin.operations.authorisations import APPLY, Holder
from chengxin.operations.own import Own
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import State
from chengxin.records.words import NAMES
from chengxin.web.desk import records as desk
from chengxin.web.my import case
from chengxin.web.my.access import holder_page, show
from chengxin.web.site import present


@holder_page
@require_safe
def listing(request: HttpRequest, holder: Holder) -> HttpResponse:
    """All records of the organisation, the latest first, each with its earliest day of repair or why there is none."""
    lines = [_line(each) for each in own.records(holder.subject)]
    return show(request, holder, "my/records.html", {"lines": lines, "most": held.MOST})


@holder_page
@require_safe
def record(request: HttpRequest, holder: Holder, id: str) -> HttpResponse:
    """One record, what was done to it, whether it can be repaired, and the way to apply or object."""
    found = own.record(id, holder.subject)
    item = catalogue().items[found.item]
    party = {item.role(role) for role in present.PARTY}
    labels = {field.id: field.label for field in item.all_fields}
    cases = [row for row in caselists.of_record(found.id) if row.subject == holder.subject]
    context = {
        **desk.line(found),
        "why": own.why(found),
        "facts": present.facts(
            {id: found.fields[id] for id in item.published if id in found.fields and id not in party}, {}, item
        ),
        "explained": repair.explain(found.id) if item.adverse else None,
        "objecting": next((row.id for row in cases if row.kind == "objection" and row.closed_on is None), ""),
        "cases": [case.line(row) for row in cases],
        "editions": [
            (each, [(labels[id], *pair) for id, pair in each.changed.items() if id in item.published and id in labels])
            for each in own.editions(found.id)
        ],
        "received": own.received(found.id),
        "repaired": found.state is State.REPAIRED,
        "history": [(NAMES[past.act], past) for past in held.history(found.id)],
        "public": found.state is State.PUBLISHED,
        "applies": APPLY in holder.scope,
    }
    return show(request, holder, "my/record.html", context)


def _line(each: Own) -> dict[str, Any]:
    return {**desk.line(each.record), "why": each.why, "eligibility": each.eligibility}
