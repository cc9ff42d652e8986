"""Organisations the register knows by a 注册号 only: they are subjects, and stay the same subject when they get a code."""

import pytest
from tests.integration.api_seed import NAME, ORGANISATION, SOURCE

from chengxin.operations import lookup
from chengxin.operations.submit import submit_rows
from chengxin.storage.models import Source, Subject

NUMBER = "119901000000015"


@pytest.fixture(scope="module")
def source(database) -> str:
    Source.objects.create(code=SOURCE, name="澜州市示例局")
    return SOURCE


def test_an_organisation_with_an_old_number_only_is_found_by_it_and_keeps_its_identity_with_its_code(source):
    first = submit_rows(rows=[{"DJ_MC": NAME, "DJ_ZCH": NUMBER}], item="djxx", source=source)
    assert first.outcomes["accepted"] == 1
    found = lookup.subject(NUMBER)
    assert (found.name, found.kind) == (NAME, "other"), "11… in an old number is no government body"
    again = submit_rows(rows=[{"DJ_MC": NAME, "DJ_ZCH": NUMBER}], item="djxx", source=source)
    assert again.outcomes["unchanged"] == 1
    coded = submit_rows(rows=[{"DJ_MC": NAME, "DJ_DM": ORGANISATION, "DJ_ZCH": NUMBER}], item="djxx", source=source)
    assert coded.outcomes["corrected"] == 1
    assert Subject.objects.count() == 1
    now = lookup.subject(ORGANISATION)
    assert (now.id, now.code, now.kind) == (NUMBER, ORGANISATION, "enterprise")
