"""The life of records, at random: whatever is sent, withdrawn, contested, repaired, restored or left to run out, a record
is public exactly while the law says so, nothing in the log ever changes, and the log alone gives the same picture again.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.databases import Databases
from tests.integration.paper import REGISTER, SOURCE, penalty, write_csv
from tests.integration.test_withdrawal import withdrawal

from chengxin.kernel.periods import add_months
from chengxin.kernel.refusal import Refusal
from chengxin.operations import acts, held, lookup, sources
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.records import fold
from chengxin.records.fold import Mark, State
from chengxin.records.model import Act
from chengxin.storage.models import LedgerEntry, Record

NUMBERS = (1, 2)
DECIDED = (date(2026, 5, 31), date(2026, 8, 14), date(2026, 11, 1))
"""Days of decision under the regime of 2026-04-01: general severity, public for a year from that day."""
STEPS = (
    *(Act.OBJECT, Act.SETTLE, Act.SUSPEND, Act.RESUME, Act.TAKE_DOWN, Act.PUT_BACK, Act.UNLINK),
    *(Act.REPAIR, Act.END_SHARING, Act.LIFT, Act.RESTORE),
)


class Life(RuleBasedStateMachine):
    """A platform and, beside it, what a lawyer would keep on paper: per decision its day and what stands against it."""

    databases: Databases
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.entered = self.databases.place("sqlite")
        self.entered.__enter__()
        self.now = datetime(2026, 11, 22, 2, tzinfo=UTC)
        self.monkeypatch.setattr(timezone, "now", lambda: self.now)
        self.paper: dict[int, dict[str, object]] = {}
        self.certificates = 0
        self.log: list[bytes] = []
        sources.ensure("operator")
        sources.ensure(SOURCE)
        self._send("djxx", *REGISTER, source="operator")

    def teardown(self) -> None:
        try:
            assert verify_log()["sound"]
            assert rebuild()["equal"]
            self._is_as_on_paper()
        finally:
            self.entered.__exit__(None, None, None)

    def _send(self, item: str, *rows: dict[str, str], source: str = SOURCE):
        self.now += timedelta(seconds=1)
        return submit(path=write_csv(self.folder / "sent.csv", rows), item=item, source=source).outcomes

    def _id(self, number: int) -> str:
        return str(self.paper[number]["id"])

    @rule(number=st.sampled_from(NUMBERS), decided=st.sampled_from(DECIDED), certified=st.booleans())
    def state(self, number: int, decided: date, certified: bool) -> None:
        row = penalty(number, CF_JDRQ=decided.isoformat())
        if certified:
            self.certificates += 1
            row["BC_HFSL"] = f"澜环证〔2026〕{self.certificates}号"
        outcomes = self._send("xzcf", row)
        known = self.paper.setdefault(number, {"marks": Mark.NONE})
        if Mark.WITHDRAWN in known["marks"] and not certified:
            assert outcomes["quarantined"] == 1
            return
        assert outcomes["quarantined"] == 0
        known["marks"] &= ~(Mark.WITHDRAWN | Mark.UNLINKED)
        known["decided"] = decided
        known.setdefault("id", bytes(Record.objects.order_by("-seq").values_list("id", flat=True)[0]).hex())

    @precondition(lambda self: self.paper)
    @rule(number=st.sampled_from(NUMBERS))
    def withdraw(self, number: int) -> None:
        outcomes = self._send("xzcf-withdrawal", withdrawal(number))
        if number not in self.paper or Mark.UNLINKED in self.paper[number]["marks"]:
            assert outcomes["quarantined"] == 1
        elif Mark.WITHDRAWN in self.paper[number]["marks"]:
            assert outcomes["unchanged"] == 1
        else:
            assert outcomes["accepted"] == 1
            self.paper[number]["marks"] |= Mark.WITHDRAWN

    @precondition(lambda self: self.paper)
    @rule(data=st.data(), count=st.integers(1, 4))
    def act(self, data: st.DataObject, count: int) -> None:
        """Several acts at once: all of them count, or none where one of them cannot come. Mostly such as can come."""
        number = data.draw(st.sampled_from(sorted(self.paper)))
        marks: Mark | None = self.paper[number]["marks"]
        steps = []
        for _ in range(count):
            able = [step for step in STEPS if marks is not None and _after(marks, step) is not None]
            at_random = marks is None or data.draw(st.integers(0, 7)) == 7
            steps.append(data.draw(st.sampled_from(STEPS if at_random else able)))
            marks = None if marks is None else _after(marks, steps[-1])
        self._enter(number, steps, marks)

    def _enter(self, number: int, steps: list[Act], marks: Mark | None) -> None:
        """``marks``: what the paper says afterwards, None where not all of the steps can come."""
        self.now += timedelta(seconds=1)
        contents = [{"act": step.value, "record": self._id(number)} for step in steps]
        if marks is None:
            with pytest.raises(Refusal, match=r"act\.not-now"):
                acts.enter(contents, by=SOURCE)
        else:
            acts.enter(contents, by=SOURCE)
            self.paper[number]["marks"] = marks

    @rule(days=st.sampled_from((1, 60, 200)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def _is_as_on_paper(self) -> None:
        day = self.now.date()
        for ahead in (0, 1, 120, 400):
            on = day + timedelta(days=ahead)
            public = [number for number, known in self.paper.items() if _public(known, on)]
            shown = [number for number in self.paper if lookup.record(self._id(number), on=on) is not None]
            assert sorted(shown) == sorted(public), on
            assert lookup.figures(on).published.get("xzcf", 0) == len(public), on
        for number, known in self.paper.items():
            found = held.held(self._id(number), scope=None, day=day)
            assert (found.state is State.PUBLISHED) == _public(known, day)
            assert found.contested == (Mark.CONTESTED in known["marks"])
            assert bool(found.marks & Mark.UNSHARED) == (Mark.UNSHARED in known["marks"])

    @invariant()
    def _the_log_only_grows(self) -> None:
        entries = [bytes(each) for each in LedgerEntry.objects.order_by("seq").values_list("digest", flat=True)]
        assert entries[: len(self.log)] == self.log
        self.log = entries


def _after(marks: Mark, act: Act) -> Mark | None:
    """What the paper says after an act, None where it cannot come: written here a second time, in another way."""
    needs = {
        Act.SETTLE: Mark.CONTESTED,
        Act.RESUME: Mark.SUSPENDED,
        Act.PUT_BACK: Mark.TAKEN_DOWN,
        Act.END_SHARING: Mark.REPAIRED,
        Act.LIFT: Mark.REPAIRED,
        Act.RESTORE: Mark.REPAIRED,
    }
    sets = {
        Act.OBJECT: Mark.CONTESTED,
        Act.SUSPEND: Mark.SUSPENDED,
        Act.TAKE_DOWN: Mark.TAKEN_DOWN,
        Act.UNLINK: Mark.UNLINKED,
        Act.REPAIR: Mark.REPAIRED,
        Act.END_SHARING: Mark.UNSHARED,
        Act.LIFT: Mark.LIFTED,
    }
    gone = Mark.WITHDRAWN | Mark.UNLINKED
    if (need := needs.get(act)) and need not in marks:
        return None
    if act is Act.RESTORE:
        return marks & ~(Mark.REPAIRED | Mark.UNSHARED | Mark.LIFTED)
    if act not in sets:
        return marks & ~needs[act]
    once = act is not Act.OBJECT and sets[act] in marks
    return None if once or (act is Act.REPAIR and marks & gone) else marks | sets[act]


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
def test_acts_leave_on_a_record_what_the_paper_says(steps: list[Act]) -> None:
    marks = Mark.NONE
    for step in steps:
        on_paper = _after(marks, step)
        assert fold.may(step, marks) == (on_paper is not None), (step, marks)
        if on_paper is not None:
            assert fold.after(marks, step) == on_paper, (step, marks)
            marks = on_paper


def _public(known: dict[str, object], day: date) -> bool:
    off = Mark.SUSPENDED | Mark.TAKEN_DOWN | Mark.REPAIRED | Mark.WITHDRAWN | Mark.UNLINKED
    decided = known["decided"]
    return not known["marks"] & off and decided <= day < add_months(decided, 12)


def test_every_act_alone_has_its_effect_and_its_end(
    databases: Databases, django_db_blocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("chengxin.operations.submit.today", lambda at=None: date(2030, 1, 1))
    Life.databases, Life.monkeypatch, Life.folder = databases, monkeypatch, tmp_path
    with django_db_blocker.unblock():
        life = Life()
        life.state(number=1, decided=DECIDED[1], certified=False)
        for step in (*STEPS[:6], *STEPS[7:], Act.UNLINK):
            life._enter(1, [step], _after(life.paper[1]["marks"], step))
            life._is_as_on_paper()
            life._the_log_only_grows()
        life.state(number=1, decided=DECIDED[1], certified=False)
        life.withdraw(number=1)
        life._is_as_on_paper()
        life.state(number=1, decided=DECIDED[2], certified=True)
        life.time_passes(days=200)
        life._is_as_on_paper()
        life.teardown()


@pytest.mark.long
def test_a_record_is_public_exactly_while_the_law_says_so(
    databases: Databases, django_db_blocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # the day up to which decisions may be dated: one for all, since a plan is compiled for each
    monkeypatch.setattr("chengxin.operations.submit.today", lambda at=None: date(2030, 1, 1))
    Life.databases, Life.monkeypatch, Life.folder = databases, monkeypatch, tmp_path
    with django_db_blocker.unblock():
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=15,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
