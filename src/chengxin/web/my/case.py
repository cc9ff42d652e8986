"""Cases of the organisation (本单位办件): where each stands, who acts, when it is due, letters, and what is to be done.

Shown are the letters and the organisation's own steps. Opinions that a second person has yet to confirm stay inside, and
officers appear as the body they act for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.cases.model import Event
from chengxin.cases.workflow import Offer, offers
from chengxin.catalogue.laws import cite
from chengxin.catalogue.workflows import State, Workflow
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import casefacts, caselists, cases
from chengxin.operations.authorisations import APPLY, Holder
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Attachment, Authorisation, Case, CaseEvent, Source
from chengxin.web.desk.case import ROLES, download, files_of
from chengxin.web.desk.cases import due_chip
from chengxin.web.desk.chips import Chip
from chengxin.web.my.access import holder_page, show
from chengxin.web.site.wording import say

SECOND = State(
    "second",
    Text("复核中", "Second look"),
    Text("经办人已提出意见，由另一人复核。", "An officer has given an opinion, another person checks it."),
)
"""What an applicant is told of every state in which an opinion waits for a second person."""


@dataclass(frozen=True)
class Line:
    """A case as the organisation sees it; ``yours`` when it has to act."""

    case: Case
    kind: Text
    state: Text
    says: Text
    yours: bool
    chip: Chip | None
    body: str
    owner: Text


@dataclass(frozen=True)
class Told:
    """A line of the history: what, when, by whom, the own words or the letter."""

    title: Text
    at: datetime
    by: str
    said: str
    letter: dict[str, Text] | None


def line(row: Case) -> Line:
    """A case with the words a list needs."""
    flow = catalogue().workflows[row.workflow]
    state = SECOND if row.stage == "second" else flow.states[row.state]
    body = Source.objects.filter(code=row.body).values_list("name", flat=True).first() or row.body
    owner = flow.states[row.state].owner
    return Line(row, flow.title, state.title, state.says, owner == "applicant", due_chip(row, body), body, ROLES[owner])


@holder_page
@require_safe
def listing(request: HttpRequest, holder: Holder) -> HttpResponse:
    """The organisation's cases, the latest first."""
    return show(
        request, holder, "my/cases.html", {"lines": [line(row) for row in caselists.of_subject(holder.subject)]}
    )


@holder_page
@require_safe
def case(request: HttpRequest, holder: Holder, number: str) -> HttpResponse:
    """Where the case stands and what is to be done, mostly nothing; then letters and papers."""
    row = _own(number, holder)
    flow = catalogue().workflows[row.workflow]
    context = {
        "line": line(row),
        "flow": flow,
        "offers": _offers(row, holder),
        "history": _history(row, flow),
        "papers": _papers(row, flow),
        "paper_choices": [paper for paper in flow.papers.values() if not paper.signed],
        "applies": APPLY in holder.scope,
    }
    return show(request, holder, "my/case.html", context)


@holder_page
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, holder: Holder, number: str, step: str) -> HttpResponse:
    """A step that is the organisation's to take: hand in what was asked for, withdraw the application, state its case."""
    row = _own(number, holder)
    holder.may(APPLY)
    flow = catalogue().workflows[row.workflow]
    offer = next((each for each in _offers(row, holder) if each.step.id == step), None)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            cases.step(
                number=row.id,
                step=step,
                actor=holder.actor,
                reason=request.POST.get("reason", "").strip(),
                ground=request.POST.get("ground", ""),
                files=files_of(request, flow),
                seen=_number(request.POST.get("seen", "")),
            )
        except Refusal as refusal:
            problem = refusal
        else:
            messages.success(
                request, _("已收到。现在的状态：%(state)s") % {"state": say(line(_own(number, holder)).state)}
            )
            return redirect("my:case", number)
    if offer is None and problem is None:
        return redirect("my:case", number)
    context = {
        "line": line(row),
        "flow": flow,
        "step": offer.step if offer else flow.steps.get(step),
        "cited": cite(catalogue().laws, offer.step.basis) if offer else None,
        "papers": [paper for paper in flow.papers.values() if not paper.signed] if "paper" in _needs(offer) else [],
        "asked": _asked(row),
        "reason": request.POST.get("reason", ""),
        "seen": row.events,
    }
    return show(request, holder, "my/case_step.html", context, problem)


@holder_page
@require_POST
def papers(request: HttpRequest, holder: Holder, number: str) -> HttpResponse:
    """Add papers to an open case."""
    row = _own(number, holder)
    holder.may(APPLY)
    given = files_of(request, catalogue().workflows[row.workflow])
    if given:
        cases.hand_in(number=row.id, actor=holder.actor, files=given)
        messages.success(request, _("材料已收到。"))
    return redirect("my:case", number)


@holder_page
@require_safe
def paper(request: HttpRequest, holder: Holder, number: str, paper: int) -> HttpResponse:
    """Download a paper the organisation handed in."""
    row = _own(number, holder)
    found = next((each for _title, each in _papers(row, catalogue().workflows[row.workflow]) if each.pk == paper), None)
    if found is None:
        raise caselists.unknown(number)
    return download(found)


def _own(number: str, holder: Holder) -> Case:
    row = Case.objects.filter(id=number, subject=holder.subject).first()
    if row is None:
        raise caselists.unknown(number)
    return row


def _offers(row: Case, holder: Holder) -> list[Offer]:
    """The steps the organisation may take now, the one that is waited for first."""
    if row.closed_on is not None or APPLY not in holder.scope:
        return []
    found = [each for each in offers(casefacts.of([row], holder.actor, today())[row.id]) if each.role == "applicant"]
    return sorted(found, key=lambda each: each.step.id == "cancel")


def _needs(offer: Offer | None) -> str:
    """Whether a step is about papers, in a word that templates and views share."""
    return "" if offer is None or offer.step.id == "cancel" else "paper"


def _asked(row: Case) -> Told | None:
    """The latest letter to the organisation, which says what is wanted."""
    told = [each for each in _history(row, catalogue().workflows[row.workflow]) if each.letter]
    return told[-1] if told else None


def _history(row: Case, flow: Workflow) -> list[Told]:
    letters: dict[int, Any] = dict(CaseEvent.objects.filter(case=row).values_list("number", "letter"))
    names = dict(Source.objects.values_list("code", "name"))
    found = []
    for event in casefacts.history(row.id):
        step = flow.steps.get(event.step)
        if step is None:
            continue  # reminders and escalations are between bodies
        letter = letters.get(event.number)
        shown = letter if letter and "applicant" in letter["to"] else None
        hidden = shown is None and event.role in ("authority", "centre") and not flow.states[event.state].final
        found.append(
            Told(
                Text("已提出意见，转复核", "Opinion given, second look next")
                if hidden and _proposes(event, flow)
                else step.title,
                event.at,
                names.get(event.organisation, say(ROLES[event.role])),
                event.reason if event.role == "applicant" else "",
                {"title": Text(**shown["title"]), "body": Text(**shown["body"])} if shown else None,
            )
        )
    return found


def _proposes(event: Event, flow: Workflow) -> bool:
    return any("another_person" in step.needs for step in flow.steps_from(event.state))


def _papers(row: Case, flow: Workflow) -> list[tuple[Text, Attachment]]:
    """What the organisation's own people handed in, with the paper's name."""
    users = Authorisation.objects.filter(subject=row.subject).values_list("user__username", flat=True)
    rows = row.attachments.filter(by__in=list(users)).order_by("at", "id")
    return [
        (flow.papers[each.paper].title if each.paper in flow.papers else Text(each.paper, each.paper), each)
        for each in rows
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
