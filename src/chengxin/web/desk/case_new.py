"""Beginning a case at the desk (窗口代办): for an organisation at the counter, or of one's own motion.

First what and about which record; then, with everything the platform already knows filled in, the rest.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from chengxin.catalogue.workflows import Workflow
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import accounts, cases, matters, repair
from chengxin.operations.accounts import Principal
from chengxin.operations.rulebook import catalogue
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.case import files_of


@desk_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, who: Principal) -> HttpResponse:
    """Choose the kind and the record, see whether it can be done now and what it takes, then hand it in."""
    form = _Form(request, who)
    if request.method == "POST" and form.flow is not None and form.problem is None:
        try:
            taken = form.start()
        except Refusal as refusal:
            form.problem = refusal
        else:
            return redirect("desk:case", taken)
    return show(request, who, "desk/case_new.html", {"form": form}, status=422 if form.problem else 200)


class _Form:
    """What was chosen so far, what the platform knows of it, and what is wrong."""

    def __init__(self, request: HttpRequest, who: Principal) -> None:
        self.request, self.who = request, who
        given = request.POST if request.method == "POST" else request.GET
        self.kind = str(given.get("kind", ""))
        self.about = str(given.get("about", "")).strip()
        self.statement = str(given.get("statement", "")).strip()
        self.ground = str(given.get("ground", ""))
        self.problem: Refusal | None = None
        self.flow: Workflow | None = None
        self.record = self.subject = self.name = self.document = ""
        self.explained: repair.Explained | None = None
        if self.kind and self.about:
            try:
                self._find()
            except Refusal as refusal:
                self.problem, self.flow = refusal, None

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """The kinds of case this person may begin."""
        roles = {"centre"} if self.who.sees_all else {"authority"}
        flows = {w.kind: w for w in catalogue().workflows.values()}
        return [
            {"id": flow.kind, "title": flow.title, "about": flow.about, "checked": flow.kind == self.kind}
            for flow in flows.values()
            if roles & {*flow.steps[flow.first].by} and self.who.decides
        ]

    @property
    def grounds(self) -> tuple[Any, ...]:
        return self.flow.steps[self.flow.first].grounds if self.flow else ()

    @property
    def needs_reason(self) -> bool:
        return bool(self.flow and self.flow.steps[self.flow.first].reason)

    @property
    def papers(self) -> list[dict[str, Any]]:
        if self.flow is None:
            return []
        required = self.flow.steps[self.flow.first].papers
        asked = {paper.id for paper in self.explained.papers} if self.explained else {*self.flow.papers}
        return [
            {"paper": paper, "required": paper.id in required}
            for paper in self.flow.papers.values()
            if paper.id in asked | {*required}
        ]

    def start(self) -> str:
        """Begin the case; returns its number."""
        assert self.flow is not None
        return cases.start(
            kind=self.kind,
            actor=accounts.actor(self.who),
            record=self.record,
            subject=self.subject,
            statement=self.statement,
            ground=self.ground,
            files=files_of(self.request, self.flow),
        ).case

    def _find(self) -> None:
        try:
            flow = catalogue().workflow_of(self.kind, today())
        except KeyError:
            raise Refusal("case.kind", Text("请选择要办理的事项。", "Choose what is to be done.")) from None
        if flow.about == "record":
            matter = matters.matter(self.about)
            if not (self.who.sees_all or matters.body_of(matter) == self.who.source):
                raise matters.unknown(self.about)
            self.record, subject = matter.id, matter.subject
            self.document = matters.document_of(matter)
            self.explained = repair.explain(matter.id) if flow.kind == repair.KIND else None
        else:
            self.subject = subject = matters.subject_of(self.about)
        self.name = matters.names([subject]).get(subject, subject)
        self.flow = flow
