"""Soundness of workflows (办理流程的完整性): no state without an owner and a way out, nothing named that is not there."""

from collections.abc import Iterable, Iterator

from chengxin.catalogue.laws import Basis
from chengxin.catalogue.model import Catalogue
from chengxin.catalogue.workflows import PREVIOUS, ROLES, SAME, State, Step, Workflow
from chengxin.kernel.text import Text

Found = Iterator[tuple[Text, str]]


def problems_of_workflows(catalogue: Catalogue) -> Found:
    """What makes a workflow one in which a case can get stuck, with the file it stands in."""
    for workflow in catalogue.workflows.values():
        for what in (*_references(workflow), *_states(workflow), *_deadlines(workflow)):
            yield Text(f"{workflow.id}：{what.zh}", f"{workflow.id}: {what.en}"), workflow.source
    for rules in catalogue.repair.values():
        papers = {p for w in catalogue.workflows.values() if w.kind == "repair" for p in w.papers}
        for requirement in rules.requirements:
            if requirement.paper and requirement.paper not in papers:
                missing = f"{rules.id} {requirement.paper}"
                yield Text(f"没有此材料：{missing}", f"there is no paper {missing}"), rules.source


def basis_of(workflow: Workflow) -> Iterator[Basis]:
    """Every article a workflow rests on."""
    yield from workflow.basis
    for deadline in workflow.deadlines.values():
        yield from deadline.basis
    for step in workflow.steps.values():
        yield from step.basis
        for ground in step.grounds:
            yield from ground.basis


def _references(workflow: Workflow) -> Iterator[Text]:
    known = {*workflow.states, PREVIOUS, SAME}
    for step in workflow.steps.values():
        yield from _unknown("状态", "state", {*step.sources} - {*workflow.states}, step.id)
        yield from _unknown("状态", "state", {step.target} - known, step.id)
        yield from _unknown("办理角色", "role", {*step.by} - {*ROLES}, step.id)
        yield from _unknown("材料", "paper", {*step.papers} - {*workflow.papers}, step.id)
        yield from _unknown("文书", "letter", {step.letter} - {"", *workflow.letters}, step.id)
        yield from _unknown("期限", "deadline", {*(step.extends or {})} - {*workflow.deadlines}, step.id)
        if not step.basis:
            yield Text(f"{step.id} 没有依据", f"{step.id} has no legal basis")
    for state in workflow.states.values():
        yield from _unknown("期限", "deadline", {state.deadline} - {"", *workflow.deadlines}, state.id)
    for deadline in workflow.deadlines.values():
        yield from _unknown(
            "环节", "step", {*deadline.starts, *deadline.stops, deadline.silence} - {"", *workflow.steps}, deadline.id
        )
    first = workflow.steps.get(workflow.first)
    if first is None or first.sources or first.target not in workflow.states:
        yield Text(f"首个环节有误：{workflow.first}", f"the first step is wrong: {workflow.first}")


def _states(workflow: Workflow) -> Iterator[Text]:
    ends = _leading_to_an_end(workflow)
    reached = _reached(workflow)
    for state in workflow.states.values():
        steps = workflow.steps_from(state.id)
        if state.id not in reached:
            yield Text(f"状态 {state.id} 无法到达", f"state {state.id} is never reached")
        if state.final:
            if steps or state.owner or state.deadline:
                yield Text(f"终结状态 {state.id} 不应再有环节", f"final state {state.id} still has steps")
            continue
        if not state.owner or not state.deadline:
            yield Text(f"状态 {state.id} 没有承办人或期限", f"state {state.id} has no owner or no deadline")
        if state.id not in ends or not any(_way_out(step, state) for step in steps):
            yield Text(f"状态 {state.id} 没有出路", f"state {state.id} has no way out")
        deadline = workflow.deadlines.get(state.deadline)
        if state.owner == "applicant" and not (deadline and deadline.silence in {step.id for step in steps}):
            # an applicant may never come back: then time itself has to end the wait
            yield Text(f"状态 {state.id} 只等申请人", f"state {state.id} waits for the applicant for ever")


def _way_out(step: Step, state: State) -> bool:
    return step.target not in (SAME, state.id) and state.owner in step.by


def _deadlines(workflow: Workflow) -> Iterator[Text]:
    for deadline in workflow.deadlines.values():
        if deadline.days < 1:
            yield Text(f"期限 {deadline.id} 没有天数", f"deadline {deadline.id} has no days")
        silence = workflow.steps.get(deadline.silence)
        if silence is not None and "clock" not in silence.by:
            yield Text(f"{silence.id} 不能由期限触发", f"{silence.id} cannot be taken by the clock")


def _reached(workflow: Workflow) -> set[str]:
    first = workflow.steps.get(workflow.first)
    reached = {first.target} if first else set()
    while True:
        more = {s.target for s in workflow.steps.values() if reached & {*s.sources}} & {*workflow.states}
        if more <= reached:
            return reached
        reached |= more


def _leading_to_an_end(workflow: Workflow) -> set[str]:
    """States from which a final state can be reached by steps that do not lead back."""
    ends = {state.id for state in workflow.states.values() if state.final}
    while True:
        more = {source for s in workflow.steps.values() if s.target in ends for source in s.sources}
        if more <= ends:
            return ends
        ends |= more


def _unknown(zh: str, en: str, ids: Iterable[str], where: str) -> Iterator[Text]:
    for id in sorted(ids):
        yield Text(f"{where} 指向不存在的{zh}：{id}", f"{where} names a {en} that does not exist: {id}")
