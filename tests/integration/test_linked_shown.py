"""How a record came to its subject is said wherever it is shown: on pages, in the API, in open data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.desk_seed import as_csv, hand_in, penalty

from chengxin.kernel.periods import today
from chengxin.operations import export, receipts
from chengxin.operations.submit import submit
from chengxin.storage.models import Record, Subject
from chengxin.subjects.identifiers import USCC_PLACEHOLDER

TRADER, NAME = "990100600000015", "澜州市东城区青穗餐饮店"
COMPANY, COMPANY_NAME = next(iter(seed.COMPANIES.items()))
WITHOUT_CODE = {"CF_XDR_LB": "个体工商户", "CF_XDR_SHXYM": USCC_PLACEHOLDER}


@pytest.fixture(scope="module")
def records(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Record ids by the way they were linked: by code, by an old number, by name."""
    folder = tmp_path_factory.mktemp("linked")
    with seed.quick_passwords():
        seed.people()
        seed.companies(folder)
        hand_in(as_csv([{"DJ_MC": NAME, "DJ_ZCH": TRADER}]), item="djxx", source=seed.CENTRE_CODE)
        rows = [
            penalty(1, CF_XDR_SHXYM=COMPANY, CF_XDR_MC=COMPANY_NAME, CF_XDR_GSZC="", **seed.PUBLISHED),
            penalty(2, **WITHOUT_CODE, CF_XDR_GSZC=TRADER, CF_XDR_MC=NAME, **seed.PUBLISHED),
            penalty(3, **WITHOUT_CODE, CF_XDR_GSZC="990100600000099", CF_XDR_MC=NAME, **seed.PUBLISHED),
        ]
        number = hand_in(as_csv(rows))
        assert receipts.open_count(number) == 0
        stored = [
            bytes(id).hex() for id in Record.objects.filter(item="xzcf").order_by("seq").values_list("id", flat=True)
        ]
        yield dict(zip(("code", "legacy", "name"), stored, strict=True))


def test_the_api_tells_how_each_record_was_linked(records: dict[str, str]) -> None:
    for how, id in records.items():
        assert Client().get(f"/api/v1/records/{id}").json()["linked"] == how


def test_a_record_linked_by_its_name_alone_says_so_on_its_page_and_on_every_card(records: dict[str, str]) -> None:
    page = Client().get(f"/record/{records['name']}").content.decode()
    assert "按名称归集" in page
    assert "现用名称完全一致" in page
    assert "按旧号码归集" not in Client().get(f"/record/{records['code']}").content.decode()
    cards = Client().get(f"/subject/{TRADER}").content.decode()
    assert cards.count("按名称归集") == 1, "on the card of that record and of no other"
    assert "Linked by name" in Client().get(f"/en/record/{records['name']}").content.decode()


def test_the_desk_says_so_too(records: dict[str, str]) -> None:
    with seed.quick_passwords():
        client = Client()
        client.post("/desk/sign-in", {"username": "officer", "password": seed.PASSWORD})
    page = client.get(f"/desk/records/{records['name']}").content.decode()
    assert "按名称归集" in page
    assert "现用名称完全一致" in page
    assert "归集" not in client.get(f"/desk/records/{records['code']}").content.decode().split("</dl>")[0]
    assert client.get("/desk/records/", {"code": TRADER}).content.decode().count("按名称归集") == 1


def test_open_data_has_a_column_for_it(records: dict[str, str]) -> None:
    at = export.columns("xzcf").index("linked")
    assert {row[at] for chunk in export.rows("xzcf", today()) for row in chunk} == {"code"}, "sole traders are left out"


def test_traders_without_a_code_never_become_one_subject(records: dict[str, str], tmp_path: Path) -> None:
    rows = [
        penalty(10 + n, **WITHOUT_CODE, CF_XDR_GSZC=f"99010060000008{n}", CF_XDR_MC=f"澜州市第{n}面馆")
        for n in range(2)
    ]
    path = tmp_path / "traders.csv"
    path.write_bytes(as_csv(rows))
    receipt = submit(path=path, item="xzcf", source=seed.BUREAU_CODE, introduce=True)
    assert receipt.outcomes["unlinked"] == 2
    assert not Subject.objects.filter(id=USCC_PLACEHOLDER).exists()
