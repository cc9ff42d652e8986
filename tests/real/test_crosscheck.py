"""The cross-check over real registers finds what the files themselves show, no more and no less."""

import pytest
from tests.real import codes, expect_crosscheck
from tests.real.conftest import SOURCE
from tests.real.files import LOOKUP, REGISTRATION, real


@pytest.fixture(scope="module")
def expected() -> dict[str, set[str]]:
    real(REGISTRATION), real(LOOKUP)
    return expect_crosscheck.expected()


@pytest.fixture(scope="module")
def found(expected, hand_in) -> dict[str, dict[str, dict]]:
    """rule → key → evidence."""
    from chengxin.operations import crosscheck, findings, registry

    hand_in(REGISTRATION, "djxx", "registration")
    hand_in(LOOKUP, "djxx", "registry-lookup")
    registry.let_assign(source=SOURCE, department="9", by="test")
    crosscheck.audit()
    told: dict[str, dict[str, dict]] = {}
    for each in findings.listed(limit=10_000).rows:
        told.setdefault(each.rule, {})[each.detail.get("code") or str(each.id)] = dict(each.detail)
    return told


@pytest.mark.parametrize("rule", ["code.renamed", "code.inner", "code.legacy"])
def test_these_organisations_and_no_others(found, expected, rule):
    assert set(found.get(rule, {})) == expected[rule]


def test_names_that_two_codes_share(found, expected):
    told = {codes.plain_name(detail["name"]) for detail in found.get("name.shared", {}).values()}
    assert len(told) == len(expected["name.shared"])
    assert told == expected["name.shared"]


def test_wrong_codes_that_were_handed_in(found, expected):
    assert {codes.tidy(code) for code in found.get("code.wrong", {})} == expected["code.wrong"]


def test_codes_of_other_departments_are_outside_the_range_of_the_one_office(found):
    rows = expect_crosscheck.rows()
    outside = {code for code in rows["code"] if code and code[0] != "9"}
    assert set(found["code.range"]) == outside


def test_no_code_stands_on_two_subjects(found):
    assert "code.shared" not in found
