"""Cross-check (赋码校核) at the desk: how many duplicates and wrong codes each assigning office has, and how it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chengxin.kernel.text import Text
from chengxin.operations import crosscheck as checking
from chengxin.operations import findings, registry
from chengxin.operations.accounts import Principal
from chengxin.storage.models import Crosscheck, Source
from chengxin.subjects.crosscheck import CHECKS, GROUPS, Group
from chengxin.web.desk.access import desk_page, show
from chengxin.web.site import charts
from chengxin.web.site.wording import say

PER = 10_000
RUNS = 24
WIDE, HIGH = 200, 40


@dataclass(frozen=True)
class Office:
    """An assigning office: subjects registered under its codes, findings by group, rates in 10,000, and how they went."""

    department: str
    owner: str
    title: Text
    name: str
    subjects: int
    counts: Mapping[str, int]
    line: str
    """Points of the line of duplicates and wrong codes per 10,000, oldest run first; "" with fewer than two runs."""
    runs: Sequence[tuple[Crosscheck, int, int, float | None]]
    """run, subjects, duplicates and wrong codes, rate; newest first."""

    @property
    def faults(self) -> int:
        return _faults(self.counts)

    @property
    def rate(self) -> float | None:
        return _rate(self.faults, self.subjects)


@desk_page
@require_safe
def rates(request: HttpRequest, who: Principal) -> HttpResponse:
    """Rates by assigning office after the last run, and by run; a clerk sees the own office."""
    runs = findings.runs(RUNS)
    offices = _offices(runs, None if who.sees_all else who.source)
    judged = [(office.name, office.rate) for office in offices if office.rate is not None]
    chart = None
    if judged:
        worst = max(judged, key=lambda pair: pair[1])
        title = (
            _("重码、错码率最高的是%(office)s") % {"office": worst[0]} if worst[1] else _("各单位均未发现重码、错码")
        )
        subtitle = _("每万个登记主体的重码和错码数，最近一次校核")
        chart = charts.bars(title, subtitle, sorted(judged, key=lambda pair: -pair[1]), label=190)
    context = {
        "offices": offices,
        "groups": [(group.value, GROUPS[group]) for group in Group],
        "chart": chart,
        "last": runs[0] if runs else None,
        "under_way": findings.under_way(),
    }
    return show(request, who, "desk/crosscheck.html", context)


@desk_page
@require_POST
def run(request: HttpRequest, who: Principal) -> HttpResponse:
    """Ask for a run; the worker does it. Only an officer asks, a clerk is sent back to the list."""
    if who.sees_all:
        checking.ask(by=who.user)
    return redirect("desk:findings")


def _offices(runs: Sequence[Crosscheck], only: str | None) -> list[Office]:
    if not runs:
        return []
    titles, names = registry.assignment().departments, dict(Source.objects.values_list("code", "name"))
    found = []
    for rate in runs[0].rates:
        owner, department = rate["owner"], rate["department"]
        if only is not None and owner != only:
            continue
        past = [(run, _of(run, department, owner)) for run in runs]
        history = [
            (run, each["subjects"], _faults(_grouped(each)), _rate(_faults(_grouped(each)), each["subjects"]))
            for run, each in past
            if each
        ]
        title = titles[department].title if department in titles else Text(department, department)
        name = names.get(owner) or say(Text(f"{title.zh}（未登记赋码单位）", f"{title.en} (no office recorded)"))
        line = _line([each[3] or 0.0 for each in reversed(history)])
        found.append(Office(department, owner, title, name, rate["subjects"], _grouped(rate), line, history))
    return sorted(found, key=lambda office: (-(office.rate or 0), office.department, office.owner))


def _of(run: Crosscheck, department: str, owner: str) -> Mapping[str, Any] | None:
    return next((rate for rate in run.rates if (rate["department"], rate["owner"]) == (department, owner)), None)


def _grouped(rate: Mapping[str, Any]) -> Mapping[str, int]:
    counts = {group.value: 0 for group in Group}
    for rule, n in rate["findings"].items():
        if rule in CHECKS:
            counts[CHECKS[rule].group.value] += n
    return counts


def _faults(counts: Mapping[str, int]) -> int:
    return counts[Group.DUPLICATE] + counts[Group.ERROR]


def _rate(faults: int, subjects: int) -> float | None:
    return round(faults * PER / subjects, 2) if subjects else None


def _line(values: Sequence[float]) -> str:
    if len(values) < 2:
        return ""
    top = max(values) or 1
    step = WIDE / (len(values) - 1)
    return " ".join(f"{at * step:.1f},{HIGH - 2 - value / top * (HIGH - 4):.1f}" for at, value in enumerate(values))
