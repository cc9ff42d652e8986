"""Lists of cases (办件列表) at the desk, by due day, and their figures."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.cases.clock import FAR
from chengxin.kernel.periods import today
from chengxin.kernel.text import Text
from chengxin.operations import casefacts, casefigures, caselists, notices, takedown
from chengxin.operations.accounts import Principal
from chengxin.operations.deadlines import Deadline, working_days_between
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case, Source
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.chips import Chip, chip

PERIOD = 90
"""Days the figures look back when nothing else is asked for."""


@dataclass(frozen=True)
class Line:
    """A case as a list shows it; ``chip`` is None where no term runs."""

    case: Case
    kind: Text
    state: Text
    chip: Chip | None
    body: str


@desk_page
@require_safe
def cases(request: HttpRequest, who: Principal) -> HttpResponse:
    """One list of cases, the most urgent first, fifty a page; the others as links with their numbers."""
    view = request.GET.get("view", "todo")
    page = caselists.listing(who, view, after=request.GET.get("after", ""))
    counts = caselists.counts(who)
    context = {
        "view": view,
        "lines": lines(page.rows),
        "more": page.next,
        "views": [
            {"id": id, "name": name, "count": _counted(counts.get(id)), "current": id == view} for id, name in _views()
        ],
    }
    return show(request, who, "desk/cases.html", context)


@desk_page
@require_safe
def figures(request: HttpRequest, who: Principal) -> HttpResponse:
    """Cases by kind, age, outcome and authority, over the last months."""
    day = today()
    since = _day(request.GET.get("since", "")) or day - timedelta(days=PERIOD)
    until = (_day(request.GET.get("until", "")) or day) + timedelta(days=1)
    found = casefigures.figures(since=since, until=until, day=day, body=who.scope)
    kinds = {flow.kind: flow for flow in catalogue().workflows.values()}
    outcomes = {s.outcome: s.title for flow in kinds.values() for s in flow.states.values() if s.final}
    context = {
        "found": found,
        "last": until - timedelta(days=1),
        "ages": casefigures.AGES,
        "withdrawals": [each for each in notices.figures(since, until) if who.scope in (None, each.source)],
        "downs": takedown.figures(since, until) if who.sees_all else None,
        "kinds": [
            {
                "title": kinds[each.kind].title,
                "figures": each,
                "outcomes": [(outcomes.get(id, Text(id, id)), n) for id, n in each.outcomes.items()],
            }
            for each in found.kinds
        ],
    }
    return show(request, who, "desk/case_figures.html", context)


def lines(rows: tuple[Case, ...]) -> list[Line]:
    """Cases with the words a list needs."""
    names = dict(Source.objects.filter(code__in={row.body for row in rows}).values_list("code", "name"))
    flows = catalogue().workflows
    return [
        Line(
            row,
            flows[row.workflow].title,
            flows[row.workflow].states[row.state].title,
            due_chip(row, names.get(row.body, row.body)),
            names.get(row.body, row.body),
        )
        for row in rows
    ]


def due_chip(row: Case, body: str) -> Chip | None:
    """The chip of a case's due day: who is late is the body, the centre or the applicant."""
    if row.due == FAR or row.closed_on is not None:
        return None
    calendar = casefacts.calendar()
    rule = catalogue().workflows[row.workflow].deadlines[catalogue().workflows[row.workflow].states[row.state].deadline]
    left = working_days_between(today(), row.due, calendar)
    provisional = bool(set(range(row.opened_on.year, row.due.year + 1)) - calendar.years)
    late = body if row.acting == row.body else _("信用中心") if row.acting == caselists.CENTRE else _("申请人")
    return chip(Deadline(row.opened_on, row.due, left, rule.days, provisional), late)


def _views() -> list[tuple[str, str]]:
    return [
        ("todo", _("待办理")),
        ("second", _("待复核")),
        ("overdue", _("已超期")),
        ("mine", _("我经办的")),
        ("all", _("全部在办")),
        ("done", _("已办结")),
    ]


def _counted(number: int | None) -> str:
    if number is None:
        return ""
    return f"{caselists.COUNTED}+" if number >= caselists.COUNTED else str(number)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
