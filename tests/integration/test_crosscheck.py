"""The cross-check finds what is wrong with assigned codes, gives each finding to an office, and repairs nothing."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from tests.integration.desk_seed import code
from tests.integration.paper import penalty

from chengxin.kernel.refusal import Refusal
from chengxin.operations import crosscheck, findings, registry
from chengxin.operations.submit import submit_rows
from chengxin.storage.models import Finding, FindingEvent, Source, Subject

MARKET, CIVIL, CENTRE, BUREAU = code("11", 41), code("11", 42), code("12", 43), code("11", 44)


def row(name: str, number: str = "", **more: str) -> dict[str, str]:
    return {"DJ_MC": name} | ({"DJ_DM": number} if number else {}) | more


DEAD, RENAMED, TWIN, OTHER_TWIN, OUTSIDE = (code("91", 4100 + n) for n in range(5))
OLD, EXCHANGED, THIEF = code("91", 4110), code("91", 4111), code("91", 4112)
FIRST, SECOND, THIRD = code("91", 4120), code("91", 4121), code("91", 4122)
NUMBER = "990100000041300"


@pytest.fixture(scope="module")
def city(database):
    """A register with one fault of each kind, and a penalty dated after its subject's end."""
    for number, name in ((MARKET, "澜州市市场监督管理局"), (CIVIL, "澜州市民政局"), (CENTRE, "澜州市信用中心")):
        Source.objects.create(code=number, name=name)
    Source.objects.create(code=BUREAU, name="澜州市生态环境局")
    registry.let_assign(source=MARKET, department="9", division="9901", by="officer")
    registry.let_assign(source=CIVIL, department="5", by="officer")

    def hand_in(*rows: dict[str, str], item: str = "djxx", source: str = MARKET):
        return submit_rows(rows=rows, item=item, source=source)

    hand_in(
        row("澜州已注销有限公司", DEAD, DJ_ZT="注销", DJ_ZTRQ="2026-05-01"),
        row("澜州从前叫这个有限公司", RENAMED),
        row("澜州双胞胎有限公司", TWIN),
        row("澜州双胞胎有限公司", OTHER_TWIN),
        row("澜州被占用有限公司", OLD),
        row("澜州占用人有限公司", THIEF, DJ_YDM=OLD),
        row("澜州旧号有限公司", DJ_ZCH=NUMBER),
        row("澜州合一有限公司", FIRST, DJ_ZT="存续"),
        row("澜州合二有限公司", SECOND, DJ_ZT="存续"),
        row("澜州错码有限公司", FIRST[:17] + ("0" if FIRST[17] != "0" else "1")),
    )
    hand_in(row("澜州现在叫这个有限公司", RENAMED))
    hand_in(row("澜州越界有限公司", OUTSIDE), source=CIVIL)
    hand_in(row("澜州另一说法有限公司", TWIN), source=CIVIL)
    relation = {"GX_LX": "并入"}
    hand_in(
        relation | {"GX_MC": "澜州合一有限公司", "GX_DM": FIRST, "GX_GLDM": SECOND},
        relation | {"GX_MC": "澜州合二有限公司", "GX_DM": SECOND, "GX_GLDM": FIRST},
        relation | {"GX_MC": "澜州合二有限公司", "GX_DM": SECOND, "GX_GLDM": THIRD},
        item="djgx",
    )
    hand_in(
        *[
            penalty(n, CF_XDR_MC="澜州已注销有限公司", CF_XDR_SHXYM=DEAD, CF_JDRQ=day)
            for n, day in enumerate(("2026-04-30", "2026-05-01", "2026-05-02", "2026-08-14"), 1)
        ],
        item="xzcf",
        source=BUREAU,
    )
    return hand_in


EXPECTED = {
    "subject.dead": {DEAD},
    "code.renamed": {RENAMED},
    "code.shared": {f"uscc|{OLD}"},
    "code.range": {OUTSIDE},
    "code.legacy": {NUMBER},
    "relation.circle": {f"merged-into|{min(FIRST, SECOND)}"},
    "relation.unknown": {f"{SECOND}|merged-into|{THIRD}"},
    "relation.merged": {f"{FIRST}|{SECOND}", f"{SECOND}|{FIRST}", f"{SECOND}|{THIRD}"},
}


def test_each_fault_is_found_once_and_belongs_to_the_office_that_assigned_the_code(city):
    told = crosscheck.audit(by="officer")
    found: dict[str, set[str]] = {}
    for each in Finding.objects.all():
        found.setdefault(each.rule, set()).add(each.key)
    shared, wrong, disputed = found.pop("name.shared"), found.pop("code.wrong"), found.pop("code.disputed")
    assert found == EXPECTED
    assert (len(shared), len(wrong), len(disputed)) == (1, 1, 1)
    assert told.findings["relation.merged"] == 3
    assert told.subjects == 10
    owners = dict(Finding.objects.values_list("rule", "owner"))
    assert owners == dict.fromkeys(owners, MARKET) | {"code.range": CIVIL, "code.disputed": CIVIL}
    dead = findings.finding(Finding.objects.get(rule="subject.dead").id)
    assert (dead.detail["decisions"], dead.detail["first_on"]) == (2, "2026-05-02"), "the last day itself is not after"


def test_a_second_run_opens_nothing_twice_and_changes_no_history(city):
    crosscheck.audit()
    before = (Finding.objects.count(), FindingEvent.objects.count())
    crosscheck.audit()
    assert (Finding.objects.count(), FindingEvent.objects.count()) == before


def test_nothing_was_repaired(city):
    subjects = list(Subject.objects.order_by("id").values())
    crosscheck.audit()
    assert list(Subject.objects.order_by("id").values()) == subjects


def test_the_rates_of_an_office_say_of_how_many(city):
    rates = {(rate["department"], rate["owner"]): rate for rate in crosscheck.audit().rates}
    market = rates["9", MARKET]
    assert market["subjects"] == 10
    assert market["findings"]["name.shared"] == 1


def test_what_was_explained_stays_explained_until_the_evidence_changes(city):
    crosscheck.audit()
    twins = Finding.objects.get(rule="name.shared")
    with pytest.raises(Refusal) as refused:
        findings.explain(twins.id, by="clerk", note=" ")
    assert refused.value.rule == "finding.reason"
    findings.take(twins.id, by="clerk")
    findings.explain(twins.id, by="clerk", note="两家确为不同主体，分别由两区登记")
    crosscheck.audit()
    assert Finding.objects.get(id=twins.id).state == "explained"
    city(row("澜州双胞胎有限公司", code("91", 4150)))
    crosscheck.audit()
    again = findings.finding(twins.id)
    assert again.state == "open"
    assert [(event.act, event.by) for event in again.history] == [
        ("found", ""),
        ("taken", "clerk"),
        ("explained", "clerk"),
        ("changed", ""),
    ]


def test_only_a_later_run_says_that_a_fault_is_gone(city):
    crosscheck.audit()
    old = Finding.objects.get(rule="code.legacy")
    city(row("澜州旧号有限公司", code("91", 4160), DJ_ZCH=NUMBER))
    assert Finding.objects.get(id=old.id).state == "open"
    crosscheck.audit()
    gone = findings.finding(old.id)
    assert (gone.state, gone.history[-1].act) == ("gone", "gone")


def test_an_office_sees_its_own_findings_and_only_an_officer_hands_them_on(city):
    crosscheck.audit()
    mine = findings.listed(owner=CIVIL)
    assert {each.rule for each in mine.rows} == {"code.range", "code.disputed"}
    handed = findings.assign(mine.rows[0].id, owner=MARKET, by="officer", note="由市场监管部门核实")
    assert handed.owner == MARKET
    with pytest.raises(Refusal):
        findings.assign(mine.rows[0].id, owner="不存在", by="officer")


def test_the_history_of_a_finding_can_neither_be_edited_nor_deleted(city):
    for statement in (
        "UPDATE finding_event SET note = 'x'",
        "DELETE FROM finding_event",
        "DELETE FROM finding",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_what_nobody_may_assign_is_refused(city):
    for changed, rule in (
        ({"source": "无此单位"}, "assigner.source"),
        ({"department": "B"}, "assigner.range"),
        ({"classes": "7"}, "assigner.range"),
        ({"division": "99A"}, "assigner.division"),
        ({"department": "9", "division": "9901", "classes": "1"}, "assigner.taken"),
    ):
        with pytest.raises(Refusal) as refused:
            registry.let_assign(**({"source": CENTRE, "department": "5", "division": "99"} | changed))
        assert refused.value.rule == rule


def test_a_range_that_ended_no_longer_assigns(city):
    line = registry.let_assign(source=CENTRE, department="1", since=date(2020, 1, 1))
    assert registry.assigns(CENTRE)
    registry.end_assigning(line.pk)
    assert not registry.assigns(CENTRE)
    with pytest.raises(Refusal):
        registry.end_assigning(line.pk)


def test_the_worker_runs_what_was_asked_for_once(city):
    asked = crosscheck.ask(by="officer")
    assert crosscheck.ask(by="officer").pk == asked.pk
    assert crosscheck.run_waiting().run == asked.pk
    assert crosscheck.run_waiting() is None, "a day has not passed"
