"""One case (办件) at the desk: where it stands, what was done, what this person may do next, and doing it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.cases.conditions import Facts
from chengxin.cases.model import Event
from chengxin.cases.workflow import Offer, offers
from chengxin.catalogue.laws import cite
from chengxin.catalogue.workflows import Step, Workflow
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import accounts, attachments, casefacts, caselists, cases, lookup, sources
from chengxin.operations.accounts import Principal
from chengxin.operations.attachments import Given
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Attachment, Case, CaseEvent
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.cases import due_chip
from chengxin.web.site.wording import say

NOTES = {"remind": Text("到期提醒", "Reminder"), "escalate": Text("超期上报", "Escalated")}
ROLES = {
    "applicant": Text("申请人", "Applicant"),
    "authority": Text("认定机关", "Authority"),
    "centre": Text("信用中心", "Credit centre"),
    "clock": Text("平台到期自动办理", "The platform, by time"),
    "": Text("", ""),
}


@dataclass(frozen=True)
class Told:
    """A line of the history; ``letter`` is the text that was written, None where none was."""

    event: Event
    title: Text
    role: Text
    ground: Text
    letter: dict[str, Any] | None


@desk_page
@require_safe
def case(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """The case: state and due day first, then what may be done, history, facts and papers."""
    row = caselists.case(number, who)
    facts = casefacts.of([row], accounts.actor(who), today())[number]
    flow = facts.workflow
    body = sources.find(row.body).name if row.body else ""
    able = offers(facts)
    context = {
        "case": row,
        "flow": flow,
        "state": flow.states[row.state],
        "owner": ROLES[flow.states[row.state].owner],
        "body": body,
        "shown": bool(row.record) and lookup.record(row.record, on=today()) is not None,
        "chip": due_chip(row, body),
        "offers": [offer for offer in able if not offer.against],
        "blocked": _blocked(able),
        "history": _history(row, flow),
        "facts": facts,
        "cited": facts.eligibility.cited if facts.eligibility else None,
        "papers": [
            (flow.papers[each.paper].title if each.paper in flow.papers else Text(each.paper, each.paper), each)
            for each in row.attachments.order_by("at", "id")
        ],
        "paper_choices": list(flow.papers.values()),
        "terms": [(flow.deadlines[id].title, term) for id, term in facts.terms.items()],
    }
    return show(request, who, "desk/case.html", context)


@desk_page
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, who: Principal, number: str, step: str) -> HttpResponse:
    """Take one step: what it does and under which article first, then the reasons, then a button that says it."""
    row = caselists.case(number, who)
    facts = casefacts.of([row], accounts.actor(who), today())[number]
    offer = next((each for each in offers(facts) if each.step.id == step), None)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            taken = cases.step(
                number=number,
                step=step,
                actor=accounts.actor(who),
                reason=request.POST.get("reason", "").strip(),
                ground=request.POST.get("ground", ""),
                document=request.POST.get("document", "").strip()[:200],
                files=files_of(request, facts.workflow),
                seen=_seen(request.POST.get("seen", "")),
            )
        except Refusal as refusal:
            problem = refusal
        else:
            title = facts.workflow.states[taken.state].title
            messages.success(request, _("已办理。现在的状态：%(state)s") % {"state": say(title)})
            return redirect("desk:case", number)
    if offer is None and problem is None:
        return redirect("desk:case", number)
    return show(request, who, "desk/case_step.html", _step_page(request, row, facts, offer, problem), _status(problem))


@desk_page
@require_POST
def papers(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """Add a paper to an open case."""
    row = caselists.case(number, who)
    flow = catalogue().workflows[row.workflow]
    given = files_of(request, flow)
    if given:
        cases.hand_in(number=row.id, actor=accounts.actor(who), files=given)
        messages.success(request, _("材料已收到。"))
    return redirect("desk:case", number)


@desk_page
@require_safe
def paper(request: HttpRequest, who: Principal, number: str, paper: int) -> HttpResponse:
    """Download a paper; never shown inside a page of this site."""
    row = caselists.case(number, who)
    found = Attachment.objects.filter(case=row, id=paper).first()
    if found is None:
        raise caselists.unknown(number)
    return download(found)


def download(paper: Attachment) -> HttpResponse:
    """A paper as a file, to whoever may have it."""
    answer = HttpResponse(attachments.content(paper), content_type=paper.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper.case_id}-{paper.pk}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def files_of(request: HttpRequest, flow: Workflow) -> list[Given]:
    """The papers that came with a form, under fields ``paper-ID``; what was signed on paper comes as a file too."""
    return [
        attachments.of_upload(request.FILES[f"paper-{id}"], id)  # type: ignore[arg-type]
        for id in flow.papers
        if request.FILES.get(f"paper-{id}")
    ]


def _step_page(
    request: HttpRequest, row: Case, facts: Facts, offer: Offer | None, problem: Refusal | None
) -> dict[str, Any]:
    step: Step | None = offer.step if offer else None
    return {
        "case": row,
        "flow": facts.workflow,
        "step": step,
        "title": step.title if step else facts.workflow.title,
        "target": facts.workflow.states.get(step.target) if step else None,
        "cited": cite(catalogue().laws, step.basis) if step else None,
        "against": offer.against if offer and not problem else (),
        "papers": [facts.workflow.papers[id] for id in step.papers if id not in facts.papers] if step else [],
        "facts": facts,
        "proposed": facts.case.events[-1] if facts.case else None,
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "ground": request.POST.get("ground", ""),
        "seen": row.events,
        "told": bool(step and step.letter and "{reason}" in facts.workflow.letters[step.letter].body.zh),
    }


def _blocked(able: list[Offer]) -> list[tuple[list[Step], tuple[Refusal, ...]]]:
    """Steps that something still stands against, those with the same reasons together.

    What time does by itself is left out: it is no work that is kept from anybody.
    """
    found: dict[tuple[str, ...], tuple[list[Step], tuple[Refusal, ...]]] = {}
    for offer in able:
        if offer.against and "clock" not in offer.step.by:
            key = tuple(refusal.what.zh for refusal in offer.against)
            found.setdefault(key, ([], offer.against))[0].append(offer.step)
    return list(found.values())


def _history(row: Case, flow: Workflow) -> list[Told]:
    events = casefacts.history(row.id)
    letters = dict(CaseEvent.objects.filter(case=row).values_list("number", "letter"))
    told = []
    for event in events:
        step = flow.steps.get(event.step)
        title = step.title if step else NOTES.get(event.step, Text(event.step, event.step))
        grounds = step.grounds if step else ()
        ground = next((g.text for g in grounds if g.id == event.ground), Text("", ""))
        told.append(Told(event, title, ROLES[event.role], ground, _letter(letters.get(event.number))))
    return told


def _letter(letter: dict[str, Any] | None) -> dict[str, Any] | None:
    if letter is None:
        return None
    return {"title": Text(**letter["title"]), "body": Text(**letter["body"]), "to": [ROLES[r] for r in letter["to"]]}


def _seen(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _status(problem: Refusal | None) -> int:
    return 422 if problem else 200
