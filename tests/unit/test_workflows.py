"""No case can get stuck: every state of every workflow has an owner, a running term and a way out; letters can be written."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from chengxin.cases import clock, letters
from chengxin.cases.conditions import CONDITIONS
from chengxin.cases.model import CLOCK, Actor, Event
from chengxin.cases.permissions import role_for
from chengxin.cases.workflow import problems_of_history
from chengxin.catalogue.loader import load
from chengxin.catalogue.processes import problems_of_workflows
from chengxin.catalogue.reading import read
from chengxin.catalogue.workflows import PREVIOUS, SAME, Workflow, workflow
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

FLOWS = load().workflows
CALENDAR = load().calendars["cn"]
NATIONAL = Path(load.__wrapped__.__code__.co_filename).parent / "data" / "national"
flows = pytest.mark.parametrize("flow", FLOWS.values(), ids=list(FLOWS))


def histories(flow: Workflow) -> Iterator[tuple[Event, ...]]:
    """A shortest history into every pair (state, step that led there)."""
    first = flow.steps[flow.first]
    waiting = [(_event(1, first.id, "", first.target),)]
    seen = {(first.id, first.target)}
    while waiting:
        events = waiting.pop(0)
        yield events
        state = events[-1].state
        before = next((e.source for e in reversed(events) if e.state == state and e.source != state), "")
        for step in flow.steps_from(state):
            target = {SAME: state, PREVIOUS: before}.get(step.target, step.target)
            if (step.id, target) not in seen:
                seen.add((step.id, target))
                waiting.append((*events, _event(len(events) + 1, step.id, state, target)))


def _event(number: int, step: str, source: str, state: str) -> Event:
    at = datetime(2026, 11, 20, 2, tzinfo=UTC) + timedelta(days=number - 1)
    return Event(number, step, source, state, at, "li", "authority", "")


@flows
def test_every_open_state_has_a_due_day_however_a_case_came_there(flow: Workflow) -> None:
    reached = set()
    for events in histories(flow):
        state = flow.states[events[-1].state]
        reached.add(state.id)
        running = clock.terms(flow, events, CALENDAR, events[-1].day)
        assert (clock.due(flow, state.id, running) == clock.FAR) == state.final, [e.step for e in events]
        assert problems_of_history(flow, events) == []
    assert reached == set(flow.states)


@flows
def test_every_condition_a_workflow_names_is_a_function(flow: Workflow) -> None:
    named = {name for step in flow.steps.values() for name in step.needs}
    assert named <= set(CONDITIONS)


def test_every_condition_is_used() -> None:
    named = {name for flow in FLOWS.values() for step in flow.steps.values() for name in step.needs}
    assert set(CONDITIONS) == named


@flows
def test_every_letter_can_be_written_and_nothing_in_it_stays_empty(flow: Workflow) -> None:
    places = {name: Text(f"<{name}>", f"<{name}>") for name in letters.PLACES}
    days = dict.fromkeys(flow.deadlines, date(2026, 11, 25))
    for letter in flow.letters.values():
        written = letters.write(letter, places, days)
        assert "{" not in written.body.zh + written.body.en
        assert flow.letters[letter.id].to


@flows
def test_what_ends_a_case_by_decision_is_told_in_a_letter_and_shown_to_a_second_person(flow: Workflow) -> None:
    for step in flow.steps.values():
        if step.act in ("repair", "withdraw", "restore", "resume") or (
            step.act == "suspend" and "clock" not in step.by
        ):
            assert step.letter, step.id
            assert "another_person" in step.needs, step.id


@flows
def test_nobody_is_asked_for_money(flow: Workflow) -> None:
    words = yaml.safe_dump(yaml.safe_load((NATIONAL / "workflows" / f"{flow.id}.yaml").read_text()), allow_unicode=True)
    assert not any(word in words for word in ("缴费", "手续费", "服务费", "付款", "payment of"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["states"][0].pop("owner"), "没有承办人或期限"),
        (lambda d: d["states"][0].pop("deadline"), "没有承办人或期限"),
        (
            lambda d: [s["from"].remove("review") for s in d["steps"] if "review" in s["from"] and s["id"] != "extend"],
            "出路",
        ),
        (lambda d: d["steps"][1].__setitem__("to", "nowhere"), "不存在的状态"),
        (lambda d: d["steps"][1].__setitem__("letter", "none"), "不存在的文书"),
        (lambda d: d["steps"][1].__setitem__("by", ["minister"]), "不存在的办理角色"),
        (lambda d: d["deadlines"][0].__setitem__("stops", ["none"]), "不存在的环节"),
        (lambda d: d["deadlines"][3].__setitem__("silence", "accept"), "不能由期限触发"),
        (lambda d: d["deadlines"][3].pop("silence"), "只等申请人"),
        (lambda d: d.__setitem__("first", "accept"), "首个环节有误"),
    ],
)
def test_a_workflow_in_which_a_case_could_get_stuck_is_refused(change, said: str, tmp_path: Path) -> None:
    document = yaml.safe_load((NATIONAL / "workflows" / "repair.yaml").read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "repair.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    spoiled = replace(load(), workflows={"repair": workflow(read(path, path.name))})
    assert any(said in text.zh for text, _ in problems_of_workflows(spoiled))


def test_the_roles_somebody_has_follow_from_the_case() -> None:
    flow = FLOWS["objection"]
    people = {
        "applicant": Actor("a", applicant_for="S"),
        "authority": Actor("b", "BODY", decides=True),
        "centre": Actor("c", "CENTRE", decides=True, centre=True),
        "clerk": Actor("d", "BODY"),
        "clock": CLOCK,
    }
    for step, (name, actor) in itertools.product(flow.steps.values(), people.items()):
        if name in step.by:
            assert role_for(step, actor, flow, body="BODY", codes={"S"}, subject="S") == name
        else:
            with pytest.raises(Refusal, match=r"case\.not-yours"):
                role_for(step, actor, flow, body="BODY", codes={"S"}, subject="S")


def test_nobody_decides_about_the_own_organisation_but_everybody_may_apply_for_it() -> None:
    flow = FLOWS["repair"]
    own = {"body": "BODY", "codes": {"S", "BODY"}, "subject": "S"}
    with pytest.raises(Refusal, match=r"case\.own-organisation"):
        role_for(flow.steps["grant"], Actor("b", "BODY", decides=True), flow, **own)
    applicant = Actor("a", "BODY", applicant_for="S")
    assert role_for(flow.steps["submit"], applicant, flow, **own) == "applicant"
