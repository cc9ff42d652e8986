"""The life of records, at random: whatever is sent, withdrawn, contested, repaired, restored or left to run out, a record
is public exactly while the law says so and in one state only, nothing in the log ever changes, the log alone gives the same
picture again, and whoever received a record is told of everything that becomes of it, once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.databases import Databases, Place
from tests.integration.listener import Listener
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv
from tests.integration.test_withdrawal import withdrawal
from tests.property.life_on_paper import STEPS, Decision, Reader, after, after_all

from chengxin.kernel.periods import CHINA, today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import acts, changes, deliveries, held, lookup, notifications, recipients, sources, webhooks
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.records import fold
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.storage.models import LedgerEntry, Notification, Record

NUMBERS = (1, 2)
DECIDED = (date(2026, 5, 31), date(2026, 8, 14), date(2026, 11, 1), date(2028, 2, 29))
"""Days of decision under the regime of 2026-04-01: the end of a month, an ordinary day, a recent one, one to come."""
BEGIN = datetime(2026, 11, 22, 2, tzinfo=UTC)
READERS = (uscc(500), uscc(501))


@dataclass(frozen=True)
class World:
    """What all lives share: a platform that knows two organisations and two recipients, and the recipients' server."""

    databases: Databases
    base: Place
    listener: Listener
    monkeypatch: pytest.MonkeyPatch
    folder: Path


class Life(RuleBasedStateMachine):
    """A platform and, beside it, what a lawyer would keep on paper."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.entered = self.world.databases.copy(self.world.base)
        self.entered.__enter__()
        self.now = BEGIN
        self.world.monkeypatch.setattr(timezone, "now", lambda: self.now)
        self.world.listener.requests.clear()
        self.paper: dict[int, Decision] = {}
        self.readers = {code: Reader(code) for code in READERS}
        self.certificates = 0
        self.log: list[bytes] = []
        self.histories: dict[str, list[held.Past]] = {}

    def teardown(self) -> None:
        try:
            assert verify_log()["sound"]
            self._all_are_told_once()
            assert rebuild()["equal"]
            self._is_as_on_paper()
            self._what_is_written_stays()
            self._all_are_told_once()
        finally:
            self.entered.__exit__(None, None, None)

    @property
    def day(self) -> date:
        return today(self.now)

    def _send(self, item: str, row: dict[str, str]) -> str:
        """Hand in one row; returns what became of it."""
        self.now += timedelta(seconds=1)
        sent = submit(path=write_csv(self.world.folder / "sent.csv", [row]), item=item, source=SOURCE).outcomes
        (outcome,) = (name for name, count in sent.items() if count)
        return outcome

    def _happens(self, record: str, *what: str) -> None:
        for reader in self.readers.values():
            reader.owe(record, *what)

    @rule(number=st.sampled_from(NUMBERS), decided=st.sampled_from(DECIDED), certified=st.booleans())
    def state(self, number: int, decided: date, certified: bool) -> None:
        """The source states a decision, corrects it, or sends it again; perhaps with a new certificate."""
        row, known = penalty(number, CF_JDRQ=decided.isoformat()), self.paper.get(number)
        self.certificates += certified
        certificate = row["BC_HFSL"] = f"澜环证〔2026〕{self.certificates}号" if certified else ""
        outcome = self._send("xzcf", row)
        if known is None:
            assert outcome == "accepted"
            record = bytes(Record.objects.order_by("-seq").values_list("id", flat=True)[0]).hex()
            self.paper[number] = Decision(record, decided, certificate)
        elif Mark.WITHDRAWN in known.marks and not certified:
            assert outcome == "quarantined"
        elif (known.decided, known.certificate) == (decided, certificate) and Mark.UNLINKED not in known.marks:
            assert outcome == "unchanged"
        else:
            assert outcome == "corrected"
            self._happens(known.record, "reinstate" if Mark.WITHDRAWN in known.marks else "correct")
            known.marks &= ~(Mark.WITHDRAWN | Mark.UNLINKED)
            known.decided, known.certificate = decided, certificate

    @precondition(lambda self: self.paper)
    @rule(number=st.sampled_from(NUMBERS))
    def withdraw(self, number: int) -> None:
        outcome, known = self._send("xzcf-withdrawal", withdrawal(number)), self.paper.get(number)
        if known is None or Mark.UNLINKED in known.marks:
            assert outcome == "quarantined"
        elif Mark.WITHDRAWN in known.marks:
            assert outcome == "unchanged"
        else:
            assert outcome == "accepted"
            known.marks |= Mark.WITHDRAWN
            self._happens(known.record, "withdraw")

    @precondition(lambda self: self.paper)
    @rule(data=st.data(), count=st.integers(1, 4))
    def act(self, data: st.DataObject, count: int) -> None:
        """Several acts at once: all of them count, or none where one of them cannot come. Mostly such as can come."""
        number = data.draw(st.sampled_from(sorted(self.paper)))
        steps: list[Act] = []
        for _ in range(count):
            marks = after_all(self.paper[number].marks, steps)
            able = [step for step in STEPS if marks is not None and after(marks, step) is not None]
            steps.append(data.draw(st.sampled_from(able if able and data.draw(st.integers(0, 7)) else STEPS)))
        self.enter(number, *steps)

    def enter(self, number: int, *steps: Act) -> None:
        self.now += timedelta(seconds=1)
        known = self.paper[number]
        marks = after_all(known.marks, steps)
        contents = [{"act": step.value, "record": known.record} for step in steps]
        if marks is None:
            with pytest.raises(Refusal, match=r"act\.not-now"):
                acts.enter(contents, by=SOURCE)
        else:
            acts.enter(contents, by=SOURCE)
            known.marks = marks
            self._happens(known.record, *steps)

    @rule(days=st.sampled_from((1, 60, 200)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @precondition(lambda self: self.paper)
    @rule(number=st.sampled_from(NUMBERS))
    def the_last_second(self, number: int) -> None:
        """It is one second before a window opens or closes; what comes next comes on the day itself."""
        known = self.paper.get(number) or next(iter(self.paper.values()))
        edges = [datetime.combine(day, time(), CHINA) for day in (known.decided, known.ends)]
        self.now = min((edge - timedelta(seconds=1) for edge in edges if edge > self.now), default=self.now)

    @precondition(lambda self: self.paper)
    @rule(code=st.sampled_from(READERS))
    def look_up(self, code: str) -> None:
        """A recipient asks for everything that is public, and is handed it."""
        shown = [known.record for known in self.paper.values() if known.public(self.day)]
        given = deliveries.hand_over(recipients.find(code), shown, size=deliveries.log_size(), door="record")
        assert set(given) == set(shown)
        self.readers[code].received |= set(shown)

    @rule(code=st.sampled_from(READERS))
    def read_feed(self, code: str) -> None:
        """The feed gives nothing that is not public, and tells of every change since it was read last."""
        reader = self.readers[code]
        page = changes.read(reader.cursor, recipient=recipients.find(code), on=self.day, limit=1000)
        public = {known.record for known in self.paper.values() if known.public(self.day)}
        fed = {line.record.id for line in page.lines if line.record}
        assert fed <= public
        assert [(each.told.record, each.told.act) for each in page.lines if each.told] == reader.owed[reader.read :]
        reader.received |= fed
        reader.cursor, reader.read = page.after, len(reader.owed)
        anybody = changes.read(0, recipient=None, on=self.day, limit=1000).lines
        assert {line.record.id for line in anybody if line.record} == public
        assert not any(line.told for line in anybody)

    @rule(reached=st.booleans())
    def push(self, reached: bool) -> None:
        """Notifications are sent; the recipients' server may be down."""
        self.now += timedelta(seconds=1)
        self.world.listener.status = 204 if reached else 500
        before = len(self.world.listener.requests)
        webhooks.send_due(now=self.now)
        if not reached:
            del self.world.listener.requests[before:]

    @rule(code=st.sampled_from(READERS))
    def confirm(self, code: str) -> None:
        """A recipient confirms what reached it."""
        entries = [entry for entry, _, _ in self._inbox(code)]
        notifications.acknowledge(recipients.find(code), entries, by="api")
        assert not {each.entry for each in notifications.waiting(recipients.find(code))} & set(entries)
        assert notifications.acknowledge(recipients.find(code), entries, by="api") == 0

    def _inbox(self, code: str) -> list[tuple[int, str, str]]:
        """What the recipient's server took: entry, record, what happened."""
        bodies = [json.loads(body) for _, body in self.world.listener.requests]
        found = [each for body in bodies if body["recipient"] == code for each in body["notifications"]]
        return [(each["entry"], each["record"], each["act"]) for each in found]

    def _all_are_told_once(self) -> None:
        self.now += timedelta(days=1)
        self.push(reached=True)
        for code, reader in self.readers.items():
            inbox = self._inbox(code)
            assert [(record, act) for _, record, act in inbox] == reader.owed
            assert sorted({entry for entry, _, _ in inbox}) == [entry for entry, _, _ in inbox]
            assert Notification.objects.filter(recipient__code=code).count() == len(reader.owed)

    @invariant()
    def _is_as_on_paper(self) -> None:
        for ahead in (0, 1, 120, 480):
            on = self.day + timedelta(days=ahead)
            public = sorted(known.record for known in self.paper.values() if known.public(on))
            shown = [known.record for known in self.paper.values() if lookup.record(known.record, on=on) is not None]
            assert sorted(shown) == public, on
            assert sorted(each.id for each in lookup.records(lookup.subject(uscc(100)), on=on).rows) == public, on
            assert lookup.figures(on).published.get("xzcf", 0) == len(public), on
        assert Record.objects.filter(item="xzcf").count() == len(self.paper)
        for known in self.paper.values():
            found, standing = held.held(known.record, scope=None, day=self.day), acts.standing_of(known.record)
            assert found.state is known.state(self.day)
            assert found.marks == known.marks == fold.marks(standing.acts)

    @invariant()
    def _what_is_written_stays(self) -> None:
        entries = [bytes(each) for each in LedgerEntry.objects.order_by("seq").values_list("digest", flat=True)]
        assert entries[: len(self.log)] == self.log
        self.log = entries
        for known in self.paper.values():
            history, before = held.history(known.record), self.histories.get(known.record, [])
            assert history[: len(before)] == before
            self.histories[known.record] = history


@profile(max_examples=300, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
def test_acts_leave_on_a_record_what_the_paper_says(steps: list[Act]) -> None:
    marks = Mark.NONE
    for step in steps:
        on_paper = after(marks, step)
        assert fold.may(step, marks) == (on_paper is not None), (step, marks)
        if on_paper is not None:
            assert fold.after(marks, step) == on_paper, (step, marks)
            marks = on_paper


@contextmanager
def lived(vendor: str, databases: Databases, folder: Path) -> Iterator[type[Life]]:
    """Lives on this kind of database."""
    with pytest.MonkeyPatch.context() as patch, databases.place(vendor) as base, Listener.listening() as listener:
        # the day up to which decisions may be dated: one for all, since a plan is compiled for each
        patch.setattr("chengxin.operations.submit.today", lambda at=None: date(2030, 1, 1))
        patch.setattr("django.conf.settings.WEBHOOKS_INSIDE", True)
        patch.setattr(timezone, "now", lambda: BEGIN)
        sources.ensure("operator")
        sources.ensure(SOURCE)
        submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source="operator")
        for code in READERS:
            recipients.register(code=code, name="澜州信用服务公司", webhook=listener.url)
        Life.world = World(databases, base, listener, patch, folder)
        yield Life


def test_every_act_alone_has_its_effect_and_its_end(databases: Databases, django_db_blocker, tmp_path: Path) -> None:
    with django_db_blocker.unblock(), lived("sqlite", databases, tmp_path) as living:
        life = living()
        life.state(number=1, decided=DECIDED[1], certified=False)
        life.look_up(code=READERS[0])
        for step in sorted(STEPS, key=lambda step: step is Act.UNLINK):
            assert after(life.paper[1].marks, step) is not None
            life.enter(1, step)
            life._is_as_on_paper()
            life._what_is_written_stays()
        life.read_feed(code=READERS[0])
        life.state(number=1, decided=DECIDED[1], certified=False)
        life.withdraw(number=1)
        life._is_as_on_paper()
        life.state(number=1, decided=DECIDED[2], certified=True)
        life.the_last_second(number=1)
        life._is_as_on_paper()
        life.push(reached=False)
        life._is_as_on_paper()
        life.teardown()


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_record_that_comes_back_is_told_as_such(
    vendor: str, databases: Databases, django_db_blocker, tmp_path: Path
) -> None:
    with django_db_blocker.unblock(), lived(vendor, databases, tmp_path) as living:
        life = living()
        for number in NUMBERS:
            life.state(number=number, decided=DECIDED[0], certified=True)
        for code in READERS:
            life.look_up(code=code)
        for _ in range(2):
            for number in NUMBERS:
                life.enter(number, Act.TAKE_DOWN, Act.SUSPEND, Act.OBJECT)
                life.withdraw(number=number)
                life.state(number=number, decided=DECIDED[1], certified=True)
                life.enter(number, Act.LIFT, Act.PUT_BACK, Act.CONFIRM)
        life.teardown()


def test_some_lives_agree_with_the_paper(databases: Databases, django_db_blocker, tmp_path: Path) -> None:
    _live("sqlite", databases, django_db_blocker, tmp_path, max_examples=4, stateful_step_count=12, derandomize=True)


@pytest.mark.long
@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_many_lives_agree_with_the_paper(vendor: str, databases: Databases, django_db_blocker, tmp_path: Path) -> None:
    _live(vendor, databases, django_db_blocker, tmp_path, max_examples=25, stateful_step_count=30)


def _live(vendor: str, databases: Databases, django_db_blocker, folder: Path, **how: object) -> None:
    with django_db_blocker.unblock(), lived(vendor, databases, folder) as living:
        run_state_machine_as_test(
            living, settings=profile(deadline=None, suppress_health_check=list(HealthCheck), **how)
        )
