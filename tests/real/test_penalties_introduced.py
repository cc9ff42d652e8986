"""The same penalties from a source trusted to introduce subjects: codes the register does not know make provisional ones."""

import pytest
from tests.real import expect_penalties
from tests.real.files import LOOKUP, PENALTIES, real
from tests.real.test_penalties import nothing_public, outcomes


@pytest.fixture(scope="module")
def receipt(hand_in) -> dict:
    real(PENALTIES)
    hand_in(LOOKUP, "djxx", "registry-lookup")
    return hand_in(PENALTIES, "xzcf-archive", "env-penalties-archive", introduce=True)


@pytest.fixture(scope="module")
def expected(receipt) -> expect_penalties.Expectation:
    return expect_penalties.as_old_files(introduce=True)


def test_each_row_is_judged_one_by_one(receipt, expected):
    assert outcomes(receipt) == expected.outcomes
    assert {rule: receipt["reasons"].get(rule) for rule in expected.rules} == expected.rules


def test_each_unknown_code_that_was_taken_makes_one_provisional_subject(receipt, expected):
    from chengxin.storage.models import Subject

    assert Subject.objects.filter(provisional=True).count() == expected.subjects


def test_nothing_of_it_is_public(receipt):
    nothing_public()


def test_once_the_subjects_are_there_the_same_file_changes_nothing_more(receipt, expected, hand_in):
    again = hand_in(PENALTIES, "xzcf-archive", "env-penalties-archive", introduce=False)
    assert again["accepted"] == 0
    assert again["quarantined"] == receipt["quarantined"]
    assert again["unlinked"] == receipt["unlinked"]
