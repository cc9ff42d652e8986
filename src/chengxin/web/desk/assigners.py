"""Assigning offices (赋码单位) at the desk: who may assign which codes here, from when to when."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import registry
from chengxin.operations.accounts import Principal
from chengxin.storage.models import Source
from chengxin.subjects.identifiers import CLASSES
from chengxin.web.desk.access import desk_page, show


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def assigners(request: HttpRequest, who: Principal) -> HttpResponse:
    """The lines in force and those that ended; an officer adds and ends lines."""
    problem = None
    if request.method == "POST":
        try:
            _change(request, who)
            return redirect("desk:assigners")
        except Refusal as refusal:
            problem = refusal
    rule = registry.assignment()
    context: dict[str, Any] = {
        "lines": [(line, _titles(line.department, line.classes)) for line in registry.assigners()],
        "departments": rule.departments.values(),
        "rule": rule,
        "offices": Source.objects.order_by("name"),
        "titles": {id: department.title for id, department in rule.departments.items()},
        "problem": problem,
        "given": request.POST,
    }
    return show(request, who, "desk/assigners.html", context, status=422 if problem else 200)


def _change(request: HttpRequest, who: Principal) -> None:
    if not who.sees_all:
        raise Refusal(
            "assigner.officer",
            Text("赋码分工由信用中心人员登记。", "Who assigns codes is recorded by the credit centre."),
            remedy=Text("请联系信用中心。", "Ask the credit centre."),
        )
    given = request.POST
    if given.get("end", "").isdigit():
        registry.end_assigning(int(given["end"]))
        return
    try:
        since = date.fromisoformat(given.get("since", "").strip()) if given.get("since", "").strip() else None
    except ValueError:
        raise Refusal(
            "assigner.day",
            Text("开始日期不是一个日期。", "The first day is no date."),
            remedy=Text("请按 2026-01-01 的写法填写。", "Write it like 2026-01-01."),
        ) from None
    registry.let_assign(
        source=given.get("source", ""),
        department=given.get("department", ""),
        classes="".join(given.getlist("class")),
        division=given.get("division", "").strip(),
        since=since,
        by=who.user,
    )


def _titles(department: str, classes: str) -> Text:
    found = [CLASSES[department + each] for each in classes if department + each in CLASSES]
    return Text("、".join(title.zh for title in found), ", ".join(title.en for title in found))
