"""Repair, objection and their terms by example: every case a lawyer wrote in repair, deadlines and objection."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pytest
import yaml
from tests.spec.test_publication import ROLES

from chengxin.cases import clock
from chengxin.cases.model import Event, Matter
from chengxin.cases.repair import REMEDIES, eligibility
from chengxin.catalogue.loader import load
from chengxin.catalogue.workflows import PREVIOUS, SAME, Workflow
from chengxin.disclosure import publication
from chengxin.records.model import Window

FOLDER = Path(__file__).parent
CALENDAR = load().calendars["cn"]


def documents(*folders: str) -> dict[str, dict[str, Any]]:
    paths = [path for folder in folders for path in sorted((FOLDER / folder).glob("*.yaml"))]
    return {f"{path.parent.name}-{path.stem}": yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


REPAIRS = documents("repair")
TERMS = documents("deadlines", "objection")


def examples(found: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(document, case, id=f"{stem}-{case['name']}")
        for stem, document in found.items()
        for case in document["cases"]
    ]


@pytest.fixture(scope="module")
def windows() -> dict[int, Matter]:
    """The record of each example, with the window that the rules of publication give it."""
    catalogue, found = load(), {}
    for document in REPAIRS.values():
        item, cases = catalogue.items[document["item"]], document["cases"]
        columns = [f.id for f in item.stored_fields]
        rows = []
        for number, case in enumerate(cases):
            row = dict.fromkeys([*columns, "approximate"]) | {"number": number}
            rows.append(row | {item.roles[ROLES[key]]: str(value) for key, value in case["given"].items()})
        schema = ibis.schema(dict.fromkeys([*columns, "approximate"], "string") | {"number": "int64"})
        projected = publication.project(ibis.memtable(rows, schema=schema), item, catalogue)
        for row in ibis.duckdb.connect().to_pyarrow(projected).to_pylist():
            window = row["starts"] and Window(row["starts"], row["repairable"], row["ends"], row["regime"])
            fields = {name: row[name] for name in columns if row[name]}
            found[id(cases[row["number"]])] = Matter("00", item.id, "subject", row["severity"], window, fields)
    return found


@pytest.mark.parametrize(("document", "case"), examples(REPAIRS))
def test_a_record_can_be_repaired_from_the_day_the_article_says(
    document: dict[str, Any], case: dict[str, Any], windows: dict[int, Matter]
) -> None:
    matter = windows[id(case)]
    states = {name: True for name in ("repaired", "withdrawn") if case.get(name)}
    matter = Matter(**{**{f: getattr(matter, f) for f in Matter.__dataclass_fields__}, **states})
    found = eligibility(matter, day=case["day"], catalogue=load(), barred_until=case.get("barred_until"))
    expected = dict(case["expect"])
    assert found.rules is not None
    assert (found.state, found.since, found.ends, found.rules.id) == (
        expected["state"],
        expected.get("since"),
        expected.get("ends"),
        expected["rules"],
    )
    assert expected.get("says", "") in found.says.zh
    assert found.open or (found.cited.zh and found.refusal().remedy.zh)


def test_every_answer_but_the_ones_no_national_rule_gives_is_shown_by_an_example() -> None:
    shown = {case["expect"]["state"] for document in REPAIRS.values() for case in document["cases"]}
    # no national rule excludes a kind from repair, and an item without rules has no window of this sort
    assert {"open", *REMEDIES} - shown == {"excluded", "unknown"}


def test_every_set_of_rules_is_shown_by_an_example() -> None:
    shown = {case["expect"]["rules"] for document in REPAIRS.values() for case in document["cases"]}
    assert shown == set(load().repair)


@pytest.mark.parametrize(("document", "case"), examples(TERMS))
def test_a_term_ends_on_the_day_the_article_says(document: dict[str, Any], case: dict[str, Any]) -> None:
    flow = load().workflows[document["workflow"]]
    events = history(flow, case["events"])
    running = clock.terms(flow, events, CALENDAR, case["day"])
    for id, expected in case["expect"].items():
        term = running[id]
        told = {
            "due": term.due,
            "met": term.met,
            "kept": term.kept,
            "days": term.days,
            "used": term.used,
            "late": term.late_on(case["day"]),
            "provisional": term.provisional,
        }
        assert {name: told[name] for name in expected} == expected, id
    if "silence" in case:
        rule = flow.deadlines[flow.states[events[-1].state].deadline]
        late = running[rule.id].late_on(case["day"])
        assert (rule.silence if late and rule.silence else None) == case["silence"]


@pytest.mark.parametrize("stem", [*REPAIRS, *TERMS])
def test_every_document_names_an_article_that_exists(stem: str) -> None:
    document = {**REPAIRS, **TERMS}[stem]
    assert document["article"] in load().laws[document["law"]].articles


def history(flow: Workflow, steps: list[str]) -> tuple[Event, ...]:
    """Events from lines like ``accept 2026-11-23``, each from the state the one before led to."""
    events: list[Event] = []
    state = before = ""
    for number, line in enumerate(steps, start=1):
        id, day = line.rsplit(" ", 1)
        step = flow.steps[id]
        assert (state in step.sources) or (not state and id == flow.first), f"{id} cannot follow on {state}"
        target = {SAME: state, PREVIOUS: before}.get(step.target, step.target)
        at = datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo("Asia/Shanghai"))
        events.append(Event(number, id, state, target, at, "li", step.by[0], ""))
        before, state = (state, target) if target != state else (before, state)
    return tuple(events)
