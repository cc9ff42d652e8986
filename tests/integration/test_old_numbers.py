"""Organisations the register knows by a 注册号 only: they are subjects, and stay the same subject when they get a code."""

import json
from pathlib import Path

import pytest
from tests.databases import Place
from tests.integration import erasure_seed as seed
from tests.integration.api_seed import NAME, ORGANISATION
from tests.integration.desk_seed import quick_passwords
from tests.integration.paper import SOURCE, penalty, uscc, write_csv

from chengxin.operations import lookup
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit, submit_rows
from chengxin.storage.models import LedgerItem, Record, Subject

NUMBER = "119901000000015"
OLD, OLD_NAME, CODE = "990100000000023", "澜州市岚桥机械厂", uscc(2301)
OTHER_OLD, OTHER_NAME = "990100000000031", "澜州市溪口木器厂"


@pytest.fixture(scope="module")
def source(database: Place) -> str:
    with quick_passwords():
        seed.people()
    return SOURCE


def test_an_organisation_with_an_old_number_only_is_found_by_it_and_keeps_its_identity_with_its_code(
    source: str,
) -> None:
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


def numbered(n: int, old: str = OLD, name: str = OLD_NAME, code: str = CODE) -> dict[str, str]:
    return penalty(n, CF_XDR_MC=name, CF_XDR_SHXYM=code, CF_XDR_GSZC=old)


def linked() -> list[tuple[str, str]]:
    """Subject and way of linking of every penalty, in the order in which they came."""
    contents = LedgerItem.objects.filter(content__contains='"kind":"xzcf"').order_by("seq")
    stated = [json.loads(content) for content in contents.values_list("content", flat=True)]
    return [(each["subject"], each.get("linked", "code")) for each in stated if each["act"] == "state"]


def test_a_code_that_a_trusted_source_brings_with_an_old_number_finds_the_organisation_from_then_on(
    source: str, tmp_path: Path
) -> None:
    rows = [{"DJ_MC": OLD_NAME, "DJ_ZCH": OLD}, {"DJ_MC": OTHER_NAME, "DJ_ZCH": OTHER_OLD}]
    assert submit_rows(rows=rows, item="djxx", source=source).outcomes["accepted"] == 2
    before = Subject.objects.count()
    untrusted = submit(path=write_csv(tmp_path / "甲.csv", [numbered(1)]), item="xzcf", source=source, introduce=False)
    assert untrusted.outcomes["accepted"] == 1
    assert lookup.subject(CODE) is None, "who may not introduce registers no code"
    brings = [numbered(2), penalty(3, CF_XDR_MC=OLD_NAME, CF_XDR_SHXYM=CODE)]
    assert submit(path=write_csv(tmp_path / "乙.csv", brings), item="xzcf", source=source).outcomes["accepted"] == 2
    alone = [penalty(4, CF_XDR_MC=OLD_NAME, CF_XDR_SHXYM=CODE)]
    assert submit(path=write_csv(tmp_path / "丙.csv", alone), item="xzcf", source=source).outcomes["accepted"] == 1
    assert linked() == [(OLD, "legacy"), (OLD, "coded"), (OLD, "coded"), (OLD, "code")]
    now = lookup.subject(CODE)
    assert (now.id, now.code, now.name, now.kind, now.provisional) == (OLD, CODE, OLD_NAME, "enterprise", False)
    assert Subject.objects.count() == before
    assert rebuild()["equal"]


def test_two_codes_for_one_old_number_register_neither(source: str, tmp_path: Path) -> None:
    rows = [numbered(n, OTHER_OLD, OTHER_NAME, uscc(2310 + n)) for n in (5, 6)]
    assert submit(path=write_csv(tmp_path / "丁.csv", rows), item="xzcf", source=source).outcomes["accepted"] == 2
    assert linked()[-2:] == [(OTHER_OLD, "legacy")] * 2
    assert lookup.subject(OTHER_OLD).code == OTHER_OLD


def test_a_code_goes_with_the_last_record_that_brought_it(source: str) -> None:
    brought = LedgerItem.objects.filter(content__contains='"linked":"coded"').values_list("seq", flat=True)
    first, second = (bytes(record.id).hex() for record in Record.objects.filter(seq__in=list(brought)).order_by("seq"))
    seed.erase(first)
    assert lookup.subject(CODE).id == OLD
    assert rebuild()["equal"]
    seed.erase(second)
    assert lookup.subject(CODE) is None
    assert lookup.subject(OLD).code == OLD
    assert rebuild()["equal"]


def test_a_code_the_register_has_confirmed_stays_without_the_record_that_brought_it(
    source: str, tmp_path: Path
) -> None:
    brings = write_csv(tmp_path / "戊.csv", [numbered(7)])
    assert submit(path=brings, item="xzcf", source=source).outcomes["accepted"] == 1
    assert linked()[-1] == (OLD, "coded")
    registered = [{"DJ_MC": OLD_NAME, "DJ_DM": CODE, "DJ_DMRQ": "2026-03-02"}]
    assert submit_rows(rows=registered, item="djxx", source=source).outcomes["corrected"] == 1
    seed.erase(bytes(Record.objects.filter(item="xzcf").latest("seq").id).hex())
    assert lookup.subject(CODE).id == OLD
    assert rebuild()["equal"]
