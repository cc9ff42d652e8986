"""Taking steps (办理环节): what somebody may do in a case now, and what a step makes of it. Pure; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from chengxin.cases import permissions
from chengxin.cases.conditions import Facts, unmet
from chengxin.cases.model import CLOCK, Event
from chengxin.catalogue.workflows import PREVIOUS, SAME, Ground, Step, Workflow
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text


@dataclass(frozen=True)
class Offer:
    """A step somebody may take (可办理环节), with what still stands against it; without a role where it is the own
    organisation that stands against it."""

    step: Step
    role: str
    against: tuple[Refusal, ...]


@dataclass(frozen=True)
class Move:
    """A step that may be taken (可以办理), from ``source`` to ``state``."""

    step: Step
    role: str
    source: str
    state: str
    ground: Ground | None


def offers(facts: Facts) -> list[Offer]:
    """The steps that are this actor's to take in the present state, in the order of the workflow.

    Steps that would be but for the case being about the actor's own organisation are among them, with that against them:
    whoever is not told would wait for a colleague who may not act either.
    """
    if facts.case is None:
        return []
    found = []
    for step in facts.workflow.steps_from(facts.case.state):
        try:
            role = _role(facts, step)
        except Refusal as refusal:
            if refusal.rule == "case.own-organisation":
                found.append(Offer(step, "", (refusal,)))
            continue
        found.append(Offer(step, role, tuple(unmet(step, facts))))
    return found


def take(facts: Facts, step_id: str, *, reason: str = "", ground: str = "") -> Move:
    """What taking a step would do. Raises Refusal: ``case.step`` (not from here), ``case.not-yours``,
    ``case.own-organisation``, ``case.reason``, ``case.ground``, or that of the first condition not met.
    """
    step = facts.workflow.steps.get(step_id)
    state = facts.case.state if facts.case else ""
    begins = facts.case is None and step_id == facts.workflow.first
    if step is None or not (begins or state in step.sources):
        raise _wrong_step(facts, step, state)
    role = _role(facts, step)
    chosen = _ground(step, ground)
    if step.reason and not reason.strip() and facts.actor is not CLOCK:
        raise Refusal(
            "case.reason",
            Text(f"“{step.title.zh}”须写明理由。", f"“{step.title.en}” needs a reason."),
            basis="办理流程文件：书面说明理由",
            remedy=Text("请写明事实和理由。", "Write down facts and reason."),
        )
    for refusal in unmet(step, facts):
        raise refusal
    target = {SAME: state, PREVIOUS: facts.case.previous if facts.case else ""}.get(step.target, step.target)
    return Move(step, role, state, target, chosen)


def problems_of_history(workflow: Workflow, events: Sequence[Event]) -> list[str]:
    """What in a case's events does not follow from its workflow; empty when each leads from one state to the next."""
    found, state = [], ""
    for number, event in enumerate(events, start=1):
        step = workflow.steps.get(event.step)
        expected = (
            {state} if step is None else {SAME: {state}, PREVIOUS: {*workflow.states}}.get(step.target, {step.target})
        )
        if event.number != number or event.source != state or event.state not in expected:
            found.append(f"{event.number} {event.step}: {event.source} → {event.state}")
        state = event.state
    return found


def _role(facts: Facts, step: Step) -> str:
    return permissions.role_for(
        step, facts.actor, facts.workflow, body=facts.body, codes=facts.codes, subject=facts.subject
    )


def _ground(step: Step, ground: str) -> Ground | None:
    chosen = next((each for each in step.grounds if each.id == ground), None)
    if step.grounds and chosen is None:
        listed = "、".join(each.text.zh for each in step.grounds)
        raise Refusal(
            "case.ground",
            Text(f"“{step.title.zh}”须选定一项理由。", f"“{step.title.en}” needs one of the listed reasons."),
            basis="办理流程文件",
            remedy=Text(f"可选：{listed}。", f"Choose: {', '.join(each.id for each in step.grounds)}."),
        )
    return chosen


def _wrong_step(facts: Facts, step: Step | None, state: str) -> Refusal:
    now = facts.workflow.states[state].title if state else Text("尚未开始", "not begun")
    what = Text(f"现在不能“{step.title.zh}”。", f"“{step.title.en}” is not possible now.") if step else None
    return Refusal(
        "case.step",
        what or Text("没有这个办理环节。", "There is no such step."),
        where=Text(f"现在的状态：{now.zh}", f"state now: {now.en}"),
        basis="办理流程文件",
        remedy=Text("可能已由他人办理，请刷新页面。", "Somebody else may have gone on; reload the page."),
    )
