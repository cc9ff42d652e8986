"""Applying (提出申请): from a record, with all that the platform knows filled in; the commitment is signed on the page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from chengxin.catalogue.laws import cite
from chengxin.catalogue.workflows import Paper, Workflow
from chengxin.kernel.periods import CHINA, today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import cases, matters, own, repair
from chengxin.operations.attachments import Given
from chengxin.operations.authorisations import APPLY, Holder
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case, Source
from chengxin.subjects.free_text import without_persons
from chengxin.web.desk.case import files_of
from chengxin.web.desk.records import line
from chengxin.web.my.access import holder_page, show


@holder_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, holder: Holder, kind: str) -> HttpResponse:
    """What is asked for and about what stands filled in; left to say are the reason, the papers and the signature."""
    holder.may(APPLY)
    form = _Form(request, holder, kind)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            return redirect("my:case", form.start())
        except Refusal as refusal:
            problem = refusal
    return show(request, holder, "my/case_new.html", {"form": form}, problem)


class _Form:
    """An application: its workflow, its record, what is still to be given."""

    def __init__(self, request: HttpRequest, holder: Holder, kind: str) -> None:
        self.request, self.holder = request, holder
        self.flow = _flow(kind)
        given = request.POST if request.method == "POST" else request.GET
        self.statement = str(given.get("statement", "")).strip()
        self.ground = str(given.get("ground", ""))
        self.signer = str(given.get("signer", "")).strip()
        self.signed = given.get("sign") == "1"
        self.record: dict[str, Any] | None = None
        self.explained: repair.Explained | None = None
        self.body = ""
        if self.flow.about == "record":
            found = own.record(str(given.get("record", "")), holder.subject)
            self.record = line(found)
            code = matters.body_of(matters.matter(found.id))
            self.body = Source.objects.filter(code=code).values_list("name", flat=True).first() or code
            self.explained = repair.explain(found.id) if kind == repair.KIND else None

    @property
    def step(self) -> Any:
        return self.flow.steps[self.flow.first]

    @property
    def commitment(self) -> Paper | None:
        """What is to be signed on the page, with the facts of the record in it."""
        return next((self.flow.papers[id] for id in self.step.papers if self.flow.papers[id].signed), None)

    @property
    def text(self) -> Text:
        """The full text of the commitment."""
        document = (self.record or {}).get("number", "")
        draft = Case(name=self.holder.name, document=document, body=self.body)
        return own.filled(self.commitment.text, draft) if self.commitment else Text("", "")

    @property
    def papers(self) -> list[tuple[Paper, bool]]:
        """The files to hand in, and whether each is needed to begin."""
        asked = {paper.id for paper in self.explained.papers} if self.explained else _evidence(self.flow)
        return [
            (paper, paper.id in self.step.papers)
            for paper in self.flow.papers.values()
            if not paper.signed and paper.id in asked | {*self.step.papers}
        ]

    def start(self) -> str:
        """Hand the application in; returns the number of the case. Raises Refusal."""
        files = files_of(self.request, self.flow)
        if self.commitment is not None:
            files.append(self._signature(self.commitment))
        return cases.start(
            kind=self.flow.kind,
            actor=self.holder.actor,
            record=self.record["record"].id if self.record else "",
            subject=self.holder.subject,
            statement=self.statement,
            ground=self.ground,
            files=files,
        ).case

    def _signature(self, paper: Paper) -> Given:
        if not (self.signed and self.signer):
            raise Refusal(
                "commitment.unsigned",
                Text("承诺书还没有签署。", "The commitment has not been signed."),
                basis=cite(catalogue().laws, self.step.basis).zh,
                remedy=Text("请阅读全文，勾选并填写签署人。", "Read it, tick the box and give the name of who signs."),
            )
        without_persons(self.signer)
        at = timezone.now().astimezone(CHINA)
        said = f"{self.text.zh}\n\n承诺单位：{self.holder.name}（{self.holder.subject}）\n签署人：{self.signer}\n签署账号：{self.holder.user}\n签署时间：{at:%Y-%m-%d %H:%M}\n"
        return Given(paper.id, f"{paper.title.zh}.txt", said.encode(), signed=True)


def _evidence(flow: Workflow) -> set[str]:
    """Papers of an applicant: those no step of an officer asks for."""
    officers = {id for step in flow.steps.values() if "applicant" not in step.by for id in step.papers}
    return {*flow.papers} - officers


def _flow(kind: str) -> Workflow:
    try:
        flow = catalogue().workflow_of(kind, today())
    except KeyError:
        flow = None
    if flow is None or "applicant" not in flow.steps[flow.first].by:
        raise Refusal(
            "case.kind",
            Text("没有这种申请。", "There is no such application."),
            remedy=Text("请从本单位信息页开始。", "Begin from one of your records."),
        )
    return flow
