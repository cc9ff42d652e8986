"""A record is erased: two people, one entry in the log, and nothing of it left in any file; every proof still holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction
from tests.databases import Place
from tests.integration import desk_seed
from tests.integration import erasure_seed as seed
from tests.integration.case_seed import PDF

from chengxin.cases.model import Actor
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.ledger import proof
from chengxin.ledger.merkle import leaf_hash
from chengxin.ledger.model import Batch
from chengxin.ledger.verify import root_from
from chengxin.operations import cases, erasure, export, lookup, mending, search
from chengxin.operations.attachments import Given
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.storage import models, tiles


@dataclass
class City:
    record: str
    entry: int
    nonce: bytes
    set_aside: str
    uploaded: str
    exports: Path


@pytest.fixture(scope="module")
def city(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A record that was uploaded, set aside once with a mistake, mended, corrected, exported and backed up."""
    folder = tmp_path_factory.mktemp("files")
    with desk_seed.quick_passwords():
        seed.people()
        uploaded = seed.upload([seed.to_be_erased(), *seed.others()], folder)
        wrong = seed.hand_in([seed.to_be_erased(CF_JDRQ="2026-13-45"), seed.others()[0]], folder, "错.csv")
        mending.mend(submission=wrong, row=2, values={"CF_JDRQ": seed.to_be_erased()["CF_JDRQ"]}, by="clerk")
        seed.hand_in([seed.to_be_erased(CF_NR="没收违法所得二万元")], folder, "更正.csv")
        record = models.Record.objects.get(subject=seed.SUBJECT)
        told = f"{seed.TOLD['name']}没有{seed.TOLD['facts']}"
        cases.start(
            kind="objection",
            record=bytes(record.id).hex(),
            actor=Actor("applicant", applicant_for=seed.SUBJECT),
            statement=told,
            ground="content",
            files=[Given("evidence", "监测报告.pdf", PDF + told.encode())],
        )
        models.Finding.objects.create(
            id=1,
            rule="name.many-codes",
            key=f"{seed.TOLD['name']}|示例",
            code=seed.SUBJECT,
            department="",
            owner="",
            state="open",
            detail=f'{{"name":"{seed.TOLD["name"]}","subjects":[{{"code":"{seed.SUBJECT}"}}]}}',
            first_at="2026-11-22",
            last_at="2026-11-22",
        )
        exports = database.home / "opendata"
        for form in export.FORMATS:
            export.write(exports, form, today())
        item = models.LedgerItem.objects.get(seq=record.seq)
        connections.close_all()
        yield City(bytes(record.id).hex(), record.seq, bytes(item.nonce), wrong, uploaded.id, exports)


def test_before_it_is_erased_it_lies_everywhere(city: City, database: Place) -> None:
    """Else the search for remains would prove nothing."""
    held = {which for _, which in seed.found_in(database.vendor, database.home, seed.needles(seed.TOLD))}
    assert {"facts in utf-8", "name in utf-8", "number in utf-8"} <= held
    assert models.SubmissionRow.objects.get(submission=city.set_aside, row=2).cells
    assert Path(models.Submission.objects.get(id=city.uploaded).upload).exists()
    assert lookup.record(city.record, on=today()) is not None
    assert search.search("鹤汀印染").hits


def test_one_person_cannot_erase(city: City) -> None:
    basis = erasure.basis_of(seed.BASIS)
    with pytest.raises(Refusal, match=r"erase\.basis"):
        erasure.basis_of("geren-xinxi-baohu-fa/999")
    with pytest.raises(Refusal, match=r"erase\.officer"):
        erasure.propose(record=city.record, basis=basis, paper="", by="clerk")
    with pytest.raises(Refusal, match=r"act\.unknown-record"):
        erasure.propose(record="00" * 16, basis=basis, paper="", by="first")
    erasure.propose(record=city.record, basis=basis, paper="", by="first")
    with pytest.raises(Refusal, match=r"erase\.open"):
        erasure.propose(record=city.record, basis=basis, paper="", by="second")
    with pytest.raises(Refusal, match=r"erase\.same-person"):
        erasure.confirm(record=city.record, basis=basis, by="first")
    with pytest.raises(Refusal, match=r"erase\.other-basis"):
        erasure.confirm(record=city.record, basis=erasure.basis_of("zhengxinye-guanli-tiaoli/16"), by="second")
    assert erasure.told(erasure.reject(record=city.record, by="second"))["state"] == "rejected"
    with pytest.raises(Refusal, match=r"erase\.nothing"):
        erasure.confirm(record=city.record, basis=basis, by="second")
    assert lookup.record(city.record, on=today()) is not None


def test_the_database_itself_lets_an_item_go_by_an_act_of_two_people_only(city: City) -> None:
    for statement in (
        f"DELETE FROM ledger_item WHERE seq = {city.entry}",
        f"UPDATE ledger_item SET content = '' WHERE seq = {city.entry}",
        f"DELETE FROM ledger_entry WHERE seq = {city.entry}",
        f"INSERT INTO erased_item (seq, act) VALUES ({city.entry}, {city.entry + 1})",
    ):
        with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_erased_record_is_in_no_file_and_its_entry_still_verifies(city: City, database: Place) -> None:
    before = models.LedgerEntry.objects.count()
    seed.erase(city.record)

    wanted = seed.needles(seed.TOLD) | {"nonce": city.nonce, "nonce in hex": city.nonce.hex().encode()}
    assert seed.found_in(database.vendor, database.home, wanted) == set()

    assert lookup.record(city.record, on=today()) is None
    assert not search.search("鹤汀印染").hits
    assert lookup.subject(seed.SUBJECT) is None
    assert models.LedgerEntry.objects.count() == before + 1
    audited = verify_log()
    assert (audited["sound"], audited["findings"], audited["erased"]) == (True, [], 2)
    assert models.SubmissionRow.objects.get(submission=city.set_aside, row=2).cells is None
    assert models.Submission.objects.get(id=city.uploaded).upload == ""
    assert len(lookup.records(lookup.subject(seed.uscc(601)), on=today()).rows) == 1  # type: ignore[arg-type]


def test_what_is_rebuilt_from_the_ledger_is_the_record_without_content(city: City) -> None:
    rebuilt = rebuild()
    assert {name for name, table in rebuilt["tables"].items() if not table["equal"]} == set()  # type: ignore[attr-defined]
    left = models.Record.objects.get(seq=city.entry)
    assert (left.subject, left.source, left.withheld, left.starts) == ("", "", "erased", None)
    assert bytes(left.id).hex() == city.record


def test_the_order_is_an_entry_and_says_nothing_of_whom_it_was_about(city: City) -> None:
    order = erasure.of_record(city.record)
    content = models.LedgerItem.objects.get(seq=order.act).content
    assert f'"record":"{city.record}"' in content
    assert '"proposed_by":"first"' in content
    assert '"confirmed_by":"second"' in content
    assert '"law":"geren-xinxi-baohu-fa"' in content
    assert seed.SUBJECT not in content


def test_a_proof_kept_from_before_still_leads_to_todays_checkpoint(city: City) -> None:
    """The entry of an erased item is proven like any other: leaf, way to the root, signed checkpoint."""
    last = models.LedgerBatch.objects.order_by("-first_seq")[0]
    path = proof.inclusion(city.entry, last.first_seq + last.size, tiles.read)
    batch = models.LedgerBatch.objects.filter(first_seq__lte=city.entry).order_by("-first_seq")[0]
    digest = bytes(models.LedgerEntry.objects.get(seq=city.entry).digest)
    leaf = leaf_hash(Batch(batch.id, batch.at, batch.by, batch.catalogue).leaf(digest.hex()))
    assert root_from(city.entry, last.first_seq + last.size, leaf, path).hex() == last.root


def test_sending_an_erased_record_again_does_not_bring_it_back(city: City, database: Place, tmp_path: Path) -> None:
    number = seed.hand_in([seed.to_be_erased()], tmp_path, "又.csv")
    (tmp_path / "又.csv").unlink()
    assert lookup.record(city.record, on=today()) is None
    row = models.SubmissionRow.objects.get(submission=number, row=2)
    assert row.cells is None
    assert "record.erased" in row.reasons
    assert seed.found_in(database.vendor, database.home, seed.needles({"facts": seed.TOLD["facts"]})) == set()


def test_the_administrators_recipe_empties_postgresqls_log_too(city: City, database: Place) -> None:
    """What docs/how-to/erase-a-record.md tells the administrator of a PostgreSQL server to run."""
    if database.vendor == "postgresql":
        for statement in postgresql_recipe():
            with connection.cursor() as cursor:
                cursor.execute(statement)
    wanted = seed.needles(seed.TOLD) | {"nonce": city.nonce}
    assert seed.found_in(database.vendor, database.home, wanted, logs=True) == set()


def postgresql_recipe() -> list[str]:
    """The statements of the manual, the repeated ones as often as there are files."""
    manual = (Path(__file__).parents[2] / "docs" / "how-to" / "erase-a-record.md").read_text(encoding="utf-8")
    block = manual.split("```sql\n")[1].split("```")[0]
    lines = [line.partition("--")[0].strip().rstrip(";") for line in block.splitlines()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_ls_waldir()")
        files = cursor.fetchone()[0]
    once = [line for line in lines if line]
    assert once[2:4] == ["SELECT pg_switch_wal()", "CHECKPOINT"]
    return [*once[:2], *once[2:4] * (files + 1), *once[4:]]
