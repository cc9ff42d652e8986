"""The example city comes in through the same door as any file, and can be broken off and built again."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from tests.integration.desk_seed import quick_passwords

from chengxin.kernel.periods import today
from chengxin.operations import agency, authorisations, demo, demo_city, demo_life, notices, setup, takedown
from chengxin.records.fold import Mark
from chengxin.storage.models import (
    Case,
    CaseEvent,
    Crosscheck,
    LedgerEntry,
    Record,
    RecordAct,
    Source,
    Subject,
    SubjectCode,
    SubjectName,
    SubjectRelation,
    Submission,
)

ORGANISATIONS, RECORDS = 150, 400


def _quietly(stage, done, total):
    assert 0 <= done <= total
    assert stage.zh
    assert stage.en


@pytest.fixture(scope="module")
def small_city():
    """Two departments instead of fifteen: the same steps in a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        few = demo_city.departments()[:2]
        patch.setattr(demo_city, "departments", lambda: few)
        yield few


@pytest.fixture(scope="module")
def build(database, small_city):
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch, quick_passwords():
        patch.setattr(settings, "CATALOGUE_OVERLAYS", [demo_city.OVERLAY])
        setup.init()

        def again():
            return demo.build(
                home=database.home, seed=3, organisations=ORGANISATIONS, records=RECORDS, progress=_quietly
            )

        yield again


@pytest.fixture(scope="module")
def broken_off(build):
    """The city after a run that was stopped when half of its files were handed in."""

    class Stopped(Exception):
        pass

    with pytest.MonkeyPatch.context() as patch:
        handed_in = []
        hand_in = demo._hand_in

        def until_stopped(delivery):
            if len(handed_in) == 3:
                raise Stopped
            handed_in.append(delivery)
            hand_in(delivery)

        patch.setattr(demo, "_hand_in", until_stopped)
        with pytest.raises(Stopped):
            build()
    return Submission.objects.count()


@pytest.fixture(scope="module")
def broken_off_again(broken_off, build):
    """The city after a second run, stopped in the middle of a case."""

    class Stopped(Exception):
        pass

    with pytest.MonkeyPatch.context() as patch:
        step = demo_life.cases.step

        def until_stopped(**arguments):
            if CaseEvent.objects.count() > 8:
                raise Stopped
            return step(**arguments)

        patch.setattr(demo_life.cases, "step", until_stopped)
        with pytest.raises(Stopped):
            build()
    return CaseEvent.objects.count()


@pytest.fixture(scope="module")
def city(broken_off_again, build):
    return build()


def test_a_run_that_was_stopped_is_taken_up_where_it_was(broken_off, city):
    assert broken_off == 3
    assert city.submissions > 3
    assert Submission.objects.count() == city.submissions
    digests = Counter(Submission.objects.values_list("file_digest", flat=True))
    assert set(digests.values()) == {1}


def test_every_row_has_one_outcome(city):
    assert sum(city.outcomes.values()) == city.rows
    assert city.rows > ORGANISATIONS + RECORDS
    assert city.outcomes["accepted"] > 0.85 * city.rows
    assert all(city.outcomes[name] > 0 for name in ("unchanged", "corrected", "quarantined"))


def test_all_organisations_are_known_and_none_is_provisional(city):
    registered_since = Subject.objects.count() - ORGANISATIONS
    assert 0 <= registered_since <= 6
    assert not Subject.objects.filter(provisional=True).exists()


def test_penalties_have_a_severity_by_the_citys_own_standard(city):
    penalties = Record.objects.filter(item="xzcf")
    assert penalties.filter(severity_by="example-city", severity="general", starts__isnull=False).exists()
    assert penalties.filter(severity="minor", withheld="minor").exists()


def test_building_again_changes_nothing(city, build):
    entries = LedgerEntry.objects.count()
    again = build()
    assert again == city
    assert LedgerEntry.objects.count() == entries


def test_the_accounts_that_are_printed_can_sign_in(city, database, rf):
    roles = Counter(account.role for account in city.accounts)
    assert roles == {"clerk": 1, "decider": 2, "officer": 2, "applicant": 1}
    for account in city.accounts:
        assert authenticate(rf.post("/"), username=account.name, password=account.password) is not None
    assert (database.home / "demo" / "accounts.json").stat().st_mode & 0o077 == 0


def test_cases_stand_in_every_kind_of_state_and_no_step_was_taken_twice(broken_off_again, city):
    assert broken_off_again > 8
    found = Counter(Case.objects.values_list("kind", "state"))
    repairs = ("submitted", "review", "supplement", "grant-proposed", "granted", "refused")
    objections = ("with-source", "dismissed", "received", "corrected")
    wanted = [("repair", state) for state in repairs] + [("objection", state) for state in objections]
    assert found == Counter([*wanted, ("restructuring", "masked")])
    for case in Case.objects.all():
        assert list(CaseEvent.objects.filter(case=case).order_by("number").values_list("step", flat=True)) == _told(
            case
        )


def _told(case):
    """The steps of the story that ended in this state."""
    stories = [each for each in demo_life._stories()["cases"] if each["kind"] == case.kind]
    ended = next(each for each in stories if each["statement"] == case.statement)
    return ["submit", *(step["step"] for step in ended["steps"])]


def test_one_penalty_is_contested_one_repaired_and_some_are_withdrawn(city):
    marks = [Mark(value) for value in Record.objects.exclude(marks=0).values_list("marks", flat=True)]
    assert sum(Mark.CONTESTED in each for each in marks) == 1
    assert sum(Mark.REPAIRED in each for each in marks) == 1
    assert sum(Mark.SUSPENDED in each for each in marks) >= 1
    withdrawn = sum(Mark.WITHDRAWN in each for each in marks)
    assert withdrawn == len(notices.notices(1).rows) >= 2


def test_take_downs_were_looked_at_by_a_second_officer_but_one(city):
    downs = takedown.downs()
    assert Counter(each.state for each in downs) == {"open": 1, "confirmed": 1, "undone": 1}
    assert {each.officer for each in downs} == {"officer"}
    assert {each.second for each in downs} == {"officer2", ""}
    assert RecordAct.objects.filter(act="take-down").count() == len(downs)


def test_lists_came_in_and_those_removed_are_not_shown(city):
    for item in ("jyyc", "yzsx"):
        entries = Record.objects.filter(item=item)
        assert entries.exists()
        assert {each.withheld for each in entries} <= {"", "removed", "before-first-regime"}
        assert entries.filter(withheld="", starts__isnull=False).exists()
    assert Record.objects.filter(item="jyyc", withheld="removed").exists()


def test_an_agency_received_records_and_is_scored(city):
    (score,) = agency.scores(today() - timedelta(days=1), today() + timedelta(days=1))
    assert score.notified > score.confirmed > 0
    assert score.probe is not None
    assert (score.probe.gone, score.probe.different) == (1, 0)


def test_the_register_changed_names_codes_and_relations(city):
    assert SubjectName.objects.filter(kind="former", until__isnull=False).exists()
    assert SubjectCode.objects.filter(state="former").exists()
    merged = SubjectRelation.objects.filter(kind="并入").first()
    assert Subject.objects.get(id=merged.subject).status == "注销"
    assert Crosscheck.objects.get().state == "done"


def test_what_there_is_to_look_at_is_there(city, client):
    assert len(city.sights) >= 3
    for sight in city.sights:
        assert client.get(sight.path).status_code == 200, sight.title.en


def test_the_applicant_acts_for_the_organisation_that_is_asked_for_papers(city):
    asked = Case.objects.get(kind="repair", state="supplement")
    held = authorisations.holders(User.objects.get(username="applicant"))
    assert asked.subject in {each.subject for each in held}


def test_another_seed_does_not_change_a_city_that_is_begun(city, database):
    written = json.loads((database.home / "demo" / "plan.json").read_text())
    assert written["seed"] == 3
    assert demo._plan(database.home / "demo", demo.Plan(99, "2000-01-01", 1, 1)).seed == 3


def test_departments_and_the_register_are_the_sources(city, small_city):
    assert {department.code for department in small_city} < set(Source.objects.values_list("code", flat=True))
