"""Who may assign which codes is what the coding standard says, and which words of a register end a subject."""

from datetime import date

import pytest

from chengxin.catalogue.loader import load
from chengxin.operations import registry
from chengxin.subjects.crosscheck import CHECKS, GROUPS, STATES, STEPS, Group, State, Step
from chengxin.subjects.identifiers import CLASSES, DEPARTMENTS


def test_the_twelve_departments_assign_the_thirty_six_classes_of_the_standard():
    rule = load().assignments["uscc-2015"]
    assert set(rule.departments) == set(DEPARTMENTS)
    pairs = {department.department + each for department in rule.departments.values() for each in department.classes}
    assert pairs == set(CLASSES)
    assert len(pairs) == 36
    assert not rule.confirmed, "nobody has compared the successors of the departments with a text"


def test_before_the_standard_nobody_assigned_unified_codes():
    assert registry.assignment(date(2015, 10, 1)).id == "uscc-2015"
    with pytest.raises(ValueError, match="empty"):
        registry.assignment(date(2015, 9, 30))


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("存续（在营、开业、在册）", "active"),
        (" 在业 ", "active"),
        ("注销", "dissolved"),
        ("吊销，已注销", "dissolved"),
        ("吊销", "revoked"),
        ("吊销，未注销", "revoked"),
        ("清算中", None),
        ("", None),
    ],
)
def test_only_words_that_the_list_knows_end_a_subject(words, means):
    found = registry.status(words)
    assert (found.means if found else None) == means


def test_every_rule_says_what_it_is_on_what_basis_and_what_to_do():
    for id, check in CHECKS.items():
        assert check.id == id
        assert check.group in GROUPS
        assert check.basis
        for text in (check.title, check.message, check.remedy):
            assert text.zh, id
            assert text.en, id
    assert set(GROUPS) == set(Group)
    assert set(STATES) == set(State)
    assert set(STEPS) == set(Step)
