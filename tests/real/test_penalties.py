"""A registry look-up makes the subject base; 3,930 real penalty rows are judged against it. Nothing is published."""

import pytest
from tests.real import expect_lookup, expect_penalties
from tests.real.files import LOOKUP, PENALTIES, real

OUTCOMES = ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")


@pytest.fixture(scope="module")
def base(hand_in) -> dict:
    real(PENALTIES)
    return hand_in(LOOKUP, "djxx", "registry-lookup")


@pytest.fixture(scope="module")
def present_day(base, hand_in) -> dict:
    return hand_in(PENALTIES, "xzcf", "env-penalties-xzcf")


@pytest.fixture(scope="module")
def old_files(present_day, hand_in) -> dict:
    return hand_in(PENALTIES, "xzcf-archive", "env-penalties-archive", introduce=False)


def outcomes(receipt: dict) -> dict[str, int]:
    return {name: receipt[name] for name in OUTCOMES if receipt[name]}


def test_what_the_registry_found_becomes_the_subject_base(base):
    expected = expect_lookup.expected()
    assert outcomes(base) == {
        "accepted": expected["first"],
        "unchanged": expected["same"],
        "corrected": len(expected["other"]),
        "quarantined": expected["quarantined"],
    }
    assert base["reasons"]["djxx.mc.required"] == expected["no name"]
    assert base["reasons"]["djxx.dm.required"] == expected["no code"]


def test_the_base_knows_679_penalty_codes_and_15_by_old_number(base):
    from chengxin.storage.models import SubjectCode

    read = expect_penalties.table()
    given = set(read["code"]) | set(read["number"]) - {""}
    known = set(SubjectCode.objects.filter(code__in=given).values_list("code", "scheme"))
    by_scheme = {scheme: {code for code, of in known if of == scheme} for scheme in ("uscc", "registration")}
    assert len(by_scheme["uscc"]) == 679
    assert len(by_scheme["registration"]) == 15


def test_as_present_day_penalties_every_row_is_quarantined_with_each_missing_field_named(present_day):
    expected = expect_penalties.as_present_day()
    assert outcomes(present_day) == {"quarantined": 3_930}
    wanted = {expect_penalties.rule_id("xzcf", reason): count for reason, count in expected.items()}
    assert {rule: present_day["reasons"].get(rule) for rule in wanted} == wanted
    unexpected = {rule for rule in present_day["reasons"] if rule.endswith(".required")} - set(wanted)
    assert not unexpected


def test_as_old_files_each_row_is_judged_one_by_one(old_files):
    expected = expect_penalties.as_old_files(introduce=False)
    assert outcomes(old_files) == expected.outcomes
    assert {rule: old_files["reasons"].get(rule) for rule in expected.rules} == expected.rules


def test_rows_that_say_something_else_under_the_same_title_are_kept_as_corrections(old_files):
    from chengxin.storage.models import RecordVersion

    corrected = old_files["corrected"] + expect_penalties.corrections_of_the_base()
    assert RecordVersion.objects.count() == corrected


def test_nothing_of_it_is_public(old_files):
    nothing_public()


def nothing_public() -> None:
    from chengxin.kernel.periods import today
    from chengxin.operations import lookup
    from chengxin.storage.models import Record

    stored = Record.objects.filter(item="xzcf-archive")
    assert stored.count() > 0
    assert set(stored.values_list("withheld", flat=True)) == {"never"}
    assert not stored.exclude(starts=None).exists()
    assert not Record.objects.filter(item="xzcf").exists()
    published = lookup.figures(today()).published
    assert not {"xzcf", "xzcf-archive"} & set(published)
