"""The example city comes in through the same door as any file, and can be broken off and built again."""

import json
from collections import Counter

import pytest
from django.contrib.auth import authenticate

from chengxin.operations import demo, demo_city, setup
from chengxin.storage.models import LedgerEntry, Record, Source, Subject, Submission

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

    with pytest.MonkeyPatch.context() as patch:
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
def city(broken_off, build):
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
    assert Subject.objects.count() == ORGANISATIONS
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
    assert {account.role for account in city.accounts} == {"clerk", "officer"}
    for account in city.accounts:
        assert authenticate(rf.post("/"), username=account.name, password=account.password) is not None
    assert (database.home / "demo" / "accounts.json").stat().st_mode & 0o077 == 0


def test_another_seed_does_not_change_a_city_that_is_begun(city, database):
    written = json.loads((database.home / "demo" / "plan.json").read_text())
    assert written["seed"] == 3
    assert demo._plan(database.home / "demo", demo.Plan(99, "2000-01-01", 1, 1)).seed == 3


def test_departments_and_the_register_are_the_sources(city, small_city):
    assert {department.code for department in small_city} < set(Source.objects.values_list("code", flat=True))
