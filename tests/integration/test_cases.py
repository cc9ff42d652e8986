"""Cases as an organisation, an authority and the credit centre live through them, on both databases."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction
from tests.databases import Place
from tests.integration import case_seed as seed
from tests.integration.case_seed import APPLICANT, CENTRE, COMMITMENT, FIRST, NEIGHBOUR, OTHER_CENTRE, PROOF, SECOND, at
from tests.integration.desk_seed import BUREAU_CODE, quick_passwords

from chengxin.cases.model import Actor
from chengxin.cases.workflow import problems_of_history
from chengxin.kernel.refusal import Refusal
from chengxin.operations import casefacts, caselists, cases, clock, lookup, matters, repair
from chengxin.operations.accounts import Principal
from chengxin.operations.attachments import Given
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case, CaseEvent, RecordAct

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def pool(database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Records that no test has used yet."""
    with quick_passwords():
        return seed.place(tmp_path_factory.mktemp("seed"), rows=26)


@pytest.fixture
def record(pool: list[str]) -> str:
    return pool.pop()


@pytest.fixture(autouse=True)
def sound(database: Place) -> Iterator[None]:
    """After each test every case is what its events say."""
    yield
    for row in Case.objects.all():
        flow = catalogue().workflows[row.workflow]
        events = casefacts.history(row.id)
        assert problems_of_history(flow, events) == []
        assert (row.state, row.events) == (events[-1].state, len(events))


def apply(record: str, day: str = "2026-11-20", actor: Actor = APPLICANT) -> str:
    files = [COMMITMENT, PROOF]
    return cases.start(kind="repair", record=record, actor=actor, files=files, now=at(day)).case


def take(number: str, step: str, actor: Actor, day: str = "2026-11-23", **more: object) -> cases.Taken:
    return cases.step(number=number, step=step, actor=actor, now=at(day), **more)


def refused(rule: str, call: object, *args: object, **more: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*args, **more)
    assert caught.value.rule == rule
    return caught.value


def acts_on(record: str) -> list[str]:
    seq = matters.Record.objects.get(
        seq__in=matters.RecordKey.objects.filter(id=bytes.fromhex(record)).values("seq")
    ).seq
    return list(RecordAct.objects.filter(record=seq).order_by("seq").values_list("act", flat=True))


def object_to(record: str, day: str = "2026-11-20") -> str:
    return cases.start(
        kind="objection", record=record, actor=APPLICANT, statement="罚没金额有误", ground="content", now=at(day)
    ).case


class TestRepair:
    def test_a_granted_repair_ends_publication_in_the_same_moment_with_three_effects(self, record: str) -> None:
        number = apply(record)
        take(number, "accept", FIRST)
        take(number, "propose-grant", FIRST)
        assert lookup.record(record, on=DAY) is not None
        take(number, "grant", SECOND)
        assert lookup.record(record, on=DAY) is None
        assert acts_on(record) == ["repair", "end-sharing", "lift"]
        row = Case.objects.get(id=number)
        assert (row.outcome, row.closed_on, row.late) == ("granted", DAY, False)
        last = CaseEvent.objects.get(case=row, number=row.events)
        assert last.entry is not None
        assert "准予信用修复" in last.letter["title"]["zh"]

    def test_whoever_proposed_cannot_confirm(self, record: str) -> None:
        number = apply(record)
        take(number, "accept", FIRST)
        take(number, "propose-grant", FIRST)
        refusal = refused("case.second-person", take, number, "grant", FIRST)
        assert "另一名" in refusal.remedy.zh
        assert lookup.record(record, on=DAY) is not None

    def test_a_refusal_says_the_reason_of_whoever_proposed_it(self, record: str) -> None:
        number = apply(record)
        take(number, "accept", FIRST)
        refused("case.reason", take, number, "propose-refusal", FIRST, ground="not-performed")
        refused("case.ground", take, number, "propose-refusal", FIRST, reason="尚欠五千元")
        take(number, "propose-refusal", FIRST, ground="not-performed", reason="尚欠五千元")
        take(number, "refuse", SECOND)
        letter = CaseEvent.objects.filter(case_id=number).order_by("-number").first().letter
        assert "义务没有全部履行" in letter["body"]["zh"]
        assert "尚欠五千元" in letter["body"]["en"]
        assert acts_on(record) == []
        assert apply(record, "2026-11-24") != number

    def test_nobody_applies_without_the_public_commitment(self, record: str) -> None:
        start = {"kind": "repair", "record": record, "actor": APPLICANT, "now": at("2026-11-20")}
        refused("case.paper", cases.start, **start, files=[PROOF])

    def test_too_early_says_from_when_and_under_which_article(self, record: str) -> None:
        refusal = refused("repair.later", apply, record, "2026-11-13")
        assert "自2026年11月14日起" in refusal.what.zh
        assert "信用修复管理办法" in refusal.basis
        assert apply(record, "2026-11-14")

    def test_the_same_record_is_applied_for_once(self, record: str) -> None:
        number = apply(record)
        assert number in refused("case.open-already", apply, record).what.zh
        assert repair.explain(record, day=DAY).running == number

    def test_missing_papers_stop_the_clock_and_lapse_in_the_end(self, record: str) -> None:
        number = apply(record, "2026-11-20")
        take(number, "ask", FIRST, "2026-11-23", reason="请补缴款凭证")
        assert Case.objects.get(id=number).due == date(2026, 12, 7)
        refused("case.nothing-new", take, number, "supplement", APPLICANT, "2026-11-30")
        take(number, "supplement", APPLICANT, "2026-11-30", files=[PROOF])
        # 3 days from Friday 20 November; Monday is used, then a week's pause
        assert (Case.objects.get(id=number).state, Case.objects.get(id=number).due) == ("submitted", date(2026, 12, 2))
        take(number, "ask", FIRST, "2026-12-01", reason="还缺一页")
        clock.tick(now=at("2026-12-16"))
        assert Case.objects.get(id=number).outcome == "lapsed"

    def test_more_time_is_taken_once_and_told(self, record: str) -> None:
        number = apply(record)
        take(number, "accept", FIRST)
        assert Case.objects.get(id=number).due == date(2026, 12, 2)
        take(number, "extend", FIRST, reason="须实地核查")
        assert Case.objects.get(id=number).due == date(2026, 12, 16)
        refused("case.extended", take, number, "extend", FIRST, reason="还要再查")

    def test_only_the_body_that_made_the_finding_decides(self, record: str) -> None:
        number = apply(record)
        assert "认定机关" in refused("case.not-yours", take, number, "accept", NEIGHBOUR).remedy.zh
        refused("case.not-yours", take, number, "accept", CENTRE)
        refused("case.not-yours", take, number, "accept", Actor("clerk", BUREAU_CODE))

    def test_an_officer_cannot_decide_a_case_about_the_own_organisation(self, record: str) -> None:
        number = apply(record)
        own = Actor("insider", seed.COMPANY, decides=True)
        Case.objects.filter(id=number).update(body=seed.COMPANY)
        refused("case.own-organisation", take, number, "accept", own)
        Case.objects.filter(id=number).update(body=BUREAU_CODE)

    def test_ten_repairs_are_decided_together_or_not_at_all(self, pool: list[str]) -> None:
        records = [pool.pop() for _ in range(3)]
        numbers = [apply(each) for each in records]
        cases.step_many(numbers=numbers, step="accept", actor=FIRST, now=at("2026-11-23"))
        cases.step_many(numbers=numbers[:2], step="propose-grant", actor=FIRST, now=at("2026-11-23"))
        refused("case.step", cases.step_many, numbers=numbers, step="grant", actor=SECOND, now=at("2026-11-24"))
        assert all(lookup.record(each, on=DAY) for each in records)
        take(numbers[2], "propose-grant", FIRST)
        cases.step_many(numbers=numbers, step="grant", actor=SECOND, now=at("2026-11-24"))
        assert not any(lookup.record(each, on=date(2026, 11, 24)) for each in records)

    def test_deceit_brings_the_record_back_and_bars_repair(self, record: str) -> None:
        number = apply(record)
        for step, actor in (("accept", FIRST), ("propose-grant", FIRST), ("grant", SECOND)):
            take(number, step, actor)
        findings = [Given("findings", "核查报告.pdf", seed.PDF)]
        undo = {"kind": "revocation", "record": record, "actor": FIRST, "statement": "缴款书系伪造"}
        other = cases.start(**undo, files=findings, now=at("2026-11-25")).case
        clock.tick(now=at("2026-12-03"))
        assert Case.objects.get(id=other).state == "review"
        take(other, "propose-revocation", FIRST, "2026-12-03", reason="缴款书系伪造")
        take(other, "revoke", SECOND, "2026-12-04")
        assert acts_on(record)[-1] == "restore"
        assert lookup.record(record, on=date(2027, 8, 13)) is not None
        refusal = refused("repair.needless", apply, record, "2026-12-05")
        assert "2027年8月14日自动停止" in refusal.what.zh
        assert casefacts.barred(seed.COMPANY, date(2026, 12, 5)) == date(2029, 12, 4)
        Case.objects.filter(id=other).update(subject="")  # the bar is the organisation's: other tests go on


class TestObjection:
    def test_it_is_marked_in_the_moment_it_is_taken_and_the_source_is_asked(self, record: str) -> None:
        number = object_to(record)
        assert Case.objects.get(id=number).due == DAY
        assert not matters.matter(record).contested
        take(number, "accept", CENTRE)
        assert matters.matter(record).contested
        row = Case.objects.get(id=number)
        assert (row.acting, row.due) == (BUREAU_CODE, date(2026, 11, 30))
        shown = lookup.record(record, on=DAY)
        assert shown is not None
        assert shown.reply_by == row.due

    def test_a_silent_source_is_pressed_then_publication_is_suspended_and_the_mark_stays(self, record: str) -> None:
        number = object_to(record)
        take(number, "accept", CENTRE)
        clock.tick(now=at("2026-11-27"))
        steps = list(CaseEvent.objects.filter(case_id=number).order_by("number").values_list("step", flat=True))
        assert steps == ["submit", "accept", "remind"]
        clock.tick(now=at("2026-12-01"))
        clock.tick(now=at("2026-12-01", 11))
        assert Case.objects.get(id=number).state == "pressed"
        assert Case.objects.get(id=number).late
        clock.tick(now=at("2026-12-05"))
        assert Case.objects.get(id=number).state == "suspended"
        assert lookup.record(record, on=date(2026, 12, 5)) is None
        assert matters.matter(record).contested
        refused("case.step", take, number, "uphold", FIRST, "2026-12-07", reason="核实无误")
        refused("case.paper", take, number, "certify", FIRST, "2026-12-07", reason="核实无误")
        certificate = [Given("certification", "证明.pdf", seed.PDF)]
        take(number, "certify", FIRST, "2026-12-07", reason="核实无误", files=certificate)
        assert lookup.record(record, on=date(2026, 12, 7)) is None
        take(number, "upheld", CENTRE, "2026-12-08", reason="来源单位已出具证明")
        assert lookup.record(record, on=date(2026, 12, 8)) is not None
        assert not matters.matter(record).contested
        assert acts_on(record) == ["object", "suspend", "settle", "resume"]

    def test_where_the_setting_is_off_silence_only_escalates(self, record: str, settings) -> None:
        settings.SUSPEND_ON_SILENCE = False
        number = object_to(record)
        take(number, "accept", CENTRE)
        for day in ("2026-12-01", "2026-12-05", "2026-12-08"):
            clock.tick(now=at(day))
        row = Case.objects.get(id=number)
        assert (row.state, row.escalated) == ("pressed", True)
        assert lookup.record(record, on=date(2026, 12, 8)) is not None

    def test_what_the_source_cannot_prove_is_removed_by_two_persons(self, record: str) -> None:
        number = object_to(record)
        take(number, "accept", CENTRE)
        clock.tick(now=at("2026-12-01"))
        clock.tick(now=at("2026-12-05"))
        take(number, "propose-removal", CENTRE, "2026-12-07", reason="来源单位不能证明")
        refused("case.second-person", take, number, "remove", CENTRE, "2026-12-07")
        take(number, "remove", OTHER_CENTRE, "2026-12-07")
        assert matters.matter(record).withdrawn
        assert not matters.matter(record).contested
        refused("case.record", object_to, record, "2026-12-08")

    def test_an_upheld_objection_waits_until_the_source_has_put_it_right(self, record: str) -> None:
        number = object_to(record)
        take(number, "accept", CENTRE)
        take(number, "agree", FIRST, reason="金额录入有误")
        refused("case.unchanged", take, number, "corrected", CENTRE)

    def test_a_withdrawn_objection_takes_the_mark_with_it(self, record: str) -> None:
        number = object_to(record)
        take(number, "accept", CENTRE)
        take(number, "cancel", APPLICANT, reason="已与来源单位核对清楚")
        assert not matters.matter(record).contested


class TestRestructuring:
    def test_records_are_masked_while_the_plan_runs_and_come_back_when_it_fails(self, pool: list[str]) -> None:
        record = pool.pop()
        ruling = [Given("ruling", "裁定.pdf", seed.PDF)]
        start = {"kind": "restructuring", "subject": seed.COMPANY, "actor": CENTRE, "now": at("2026-11-20")}
        refused("case.paper", cases.start, **start)
        number = cases.start(**start, files=ruling).case
        take(number, "propose-mask", CENTRE)
        take(number, "mask", OTHER_CENTRE)
        assert lookup.record(record, on=DAY) is None
        end = [Given("termination", "终止裁定.pdf", seed.PDF)]
        take(number, "propose-failure", CENTRE, "2026-12-01", reason="计划终止执行", files=end)
        take(number, "fail", OTHER_CENTRE, "2026-12-02")
        assert lookup.record(record, on=date(2026, 12, 2)) is not None

    def test_a_plan_that_was_carried_out_repairs_what_it_masked_and_nothing_decided_later(
        self, pool: list[str], tmp_path: Path
    ) -> None:
        record = pool.pop()
        ruling = [Given("ruling", "裁定.pdf", seed.PDF)]
        start = {"kind": "restructuring", "subject": seed.COMPANY, "actor": CENTRE}
        number = cases.start(**start, files=ruling, now=at("2026-11-20")).case
        take(number, "propose-mask", CENTRE)
        take(number, "mask", OTHER_CENTRE)
        (later,) = seed.penalties(tmp_path, 1, first=500)
        done = [Given("confirmation", "执行完毕裁定.pdf", seed.PDF)]
        take(number, "propose-completion", CENTRE, "2026-12-01", files=done)
        take(number, "complete", OTHER_CENTRE, "2026-12-02")
        assert matters.matter(record).repaired
        assert not matters.matter(record).suspended
        assert lookup.record(later, on=date(2026, 12, 2)) is not None
        pool[:] = seed.penalties(tmp_path, 12, first=600)


class TestLists:
    def test_a_body_sees_its_own_cases_and_no_others(self, record: str) -> None:
        number = apply(record)
        own, other, centre = (
            Principal("li", BUREAU_CODE, "局", "decider"),
            Principal("neighbour", seed.NEIGHBOUR.organisation, "别局", "decider"),
            Principal("officer", seed.CENTRE.organisation, "中心", "officer"),
        )
        assert number in {row.id for row in caselists.listing(own, "todo").rows}
        assert caselists.listing(other, "all").rows == ()
        assert number in {row.id for row in caselists.listing(centre, "all").rows}
        assert caselists.case(number, own).id == number
        refused("case.unknown", caselists.case, number, other)
        assert caselists.counts(own)["todo"] >= 1

    def test_pages_follow_each_other_without_gaps(self, record: str) -> None:
        apply(record)
        who = Principal("officer", seed.CENTRE.organisation, "中心", "officer")
        for view in ("all", "done"):
            whole = [row.id for row in caselists.listing(who, view).rows]
            seen, after = [], ""
            while True:
                page = caselists.listing(who, view, after=after, limit=2)
                seen += [row.id for row in page.rows]
                if page.next is None:
                    break
                after = page.next
            assert seen == whole
        refused("case.cursor", caselists.listing, who, "all", after="yesterday.x")


class TestHistory:
    def test_the_database_refuses_to_rewrite_what_was_done(self, record: str) -> None:
        number = apply(record)
        for sql in (
            "UPDATE case_event SET actor = 'somebody' WHERE case_id = %s",
            "UPDATE case_event SET reason = 'another' WHERE case_id = %s",
            "DELETE FROM case_event WHERE case_id = %s",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [number])

    def test_two_officers_deciding_at_once_one_wins_and_the_other_is_told(self, record: str, database: Place) -> None:
        number = apply(record)
        take(number, "accept", FIRST)
        take(number, "propose-grant", FIRST)
        third = Actor("zhao", BUREAU_CODE, decides=True)
        together = threading.Barrier(2)
        said: list[str] = []

        def decide(step: str, actor: Actor, **more: str) -> None:
            together.wait()
            try:
                take(number, step, actor, seen=3, **more)
                said.append("done")
            except Refusal as refusal:
                said.append(refusal.rule)
            finally:
                connections.close_all()

        workers = [
            threading.Thread(target=decide, args=("grant", SECOND)),
            threading.Thread(target=decide, args=("send-back", third), kwargs={"reason": "材料须再核"}),
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(said) == ["case.moved", "done"]
        assert Case.objects.get(id=number).events == 4


def test_the_entries_alone_make_everything_again_that_cases_did(database: Place) -> None:
    assert RecordAct.objects.exists()
    assert rebuild()["equal"]
    assert verify_log()["sound"]
