"""25,423 real registrations: each is in the subject base and on the site, or named with its reason."""

import pytest
from django.test import Client
from tests.real import expect_registration
from tests.real.conftest import rows_of
from tests.real.files import REGISTRATION, real

COUNTED = ("rows", "accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")


@pytest.fixture(scope="module")
def expected() -> dict:
    real(REGISTRATION)
    return expect_registration.expected()


@pytest.fixture(scope="module")
def receipt(expected, hand_in) -> dict:
    return hand_in(REGISTRATION, "djxx", "registration")


def test_every_row_has_the_outcome_that_the_file_says_it_must_have(receipt, expected):
    assert {name: receipt[name] for name in COUNTED} == {
        "rows": 25_423,
        "accepted": expected["accepted"],
        "unchanged": expected["repeated"],
        "corrected": 0,
        "quarantined": len(expected["wrong"]),
        "unlinked": 0,
        "refused": 0,
    }
    assert expected["accepted"] == 25_423


def test_the_one_code_whose_inner_check_fails_is_warned_about_and_taken(receipt, expected):
    assert len(expected["inner"]) == 1
    assert rows_of(receipt, "djxx.dm.inner") == expected["inner"]
    assert receipt["warnings"] == 1


def test_codes_in_lower_case_are_mended_and_counted(receipt, expected):
    assert receipt["normalised"]["case"] == len(expected["tidied"]) == 4


def test_every_registered_organisation_is_found_by_its_code(receipt):
    from tests.real import codes

    from chengxin.operations import lookup

    read = expect_registration.table()
    missing = []
    for row, code, name in zip(read["row"], read["统一社会信用代码"], read["企业名称"], strict=True):
        found = lookup.subject(codes.tidy(code))
        if found is None or codes.plain_name(found.name) != codes.plain_name(name):
            missing.append(row)
    assert not missing, f"rows not found: {missing[:20]}"


def test_a_page_of_the_site_stands_for_every_hundredth_of_them_and_search_finds_it_by_name(receipt):
    from tests.real import codes

    from chengxin.operations.search import search

    client, missing = Client(), []
    for row in expect_registration.table().iloc[::100].to_dict("records"):
        code = codes.tidy(row["统一社会信用代码"])
        if client.get(f"/subject/{code}").status_code != 200 or code not in {
            hit.code for hit in search(row["企业名称"]).hits
        }:
            missing.append(row["row"])
    assert not missing, f"rows without a page or not found by name: {missing[:20]}"


def test_the_same_file_again_changes_nothing(receipt, hand_in):
    again = hand_in(REGISTRATION, "djxx", "registration")
    assert (again["unchanged"], again["rows"]) == (25_423, 25_423)
    assert again["checkpoint"] == receipt["checkpoint"]
