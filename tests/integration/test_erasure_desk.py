"""Erasing at the desk and on the command line: two officers, each with an own account; nobody else sees the page."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed
from tests.integration import erasure_seed as seed
from tests.integration.paper import uscc
from tests.integration.rounds import Rounds
from typer.testing import CliRunner

from chengxin.cli import erasure as erasure_commands
from chengxin.cli import ledger as ledger_commands
from chengxin.cli.app import app
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import backups, erasure, lookup, search, worker
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.storage import models

assert erasure_commands.erase_app
assert ledger_commands.log_app


@pytest.fixture(scope="module", autouse=True)
def place(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with desk_seed.quick_passwords():
        seed.people()
        seed.hand_in([seed.to_be_erased(), *seed.others(4)], tmp_path_factory.mktemp("files"))
        yield sqlite_database


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": name, "password": desk_seed.PASSWORD})
    return client


def test_two_officers_erase_a_record_at_the_desk() -> None:
    record = seed.number_of()
    first, second = signed_in("first"), signed_in("second")
    page = f"/desk/erasures/{record}"
    asked = first.get(page).content.decode()
    assert "提出删除" in asked
    assert seed.TOLD["name"] in asked
    assert "目录中没有依据" in first.post(page, {"basis": "", "paper": ""}).content.decode()
    assert first.post(page, {"basis": seed.BASIS, "paper": "澜信删〔2026〕9号"}).status_code == 302
    assert "您是提出人" in first.get(page).content.decode()
    assert first.post(page, {"decision": "confirm"}).status_code == 422
    assert lookup.record(record, on=today()) is not None
    waiting = second.get("/desk/erasures/").content.decode()
    assert "1 项删除待第二人确认" in waiting
    assert second.post(page, {"decision": "confirm"}).status_code == 302
    assert lookup.record(record, on=today()) is None
    assert erasure.of_record(record).purged_at is None
    gone = second.get(f"/desk/records/{record}")
    assert gone.status_code == 404
    assert "该信息已依法删除" in gone.content.decode()
    assert "已依法删除" not in signed_in("clerk").get(f"/desk/records/{record}").content.decode()

    erasure.finish()  # as the worker does whenever nothing else waits
    assert erasure.state(erasure.of_record(record)) is erasure.PURGED
    listed = second.get("/desk/erasures/").content.decode()
    assert "已删除并清除残留" in listed
    assert seed.TOLD["name"] not in listed
    assert seed.TOLD["name"] not in second.get(page).content.decode()


def test_only_officers_of_the_centre_see_erasures() -> None:
    clerk = signed_in("clerk")
    record = seed.number_of(uscc(600))
    for answer in (
        clerk.get("/desk/erasures/"),
        clerk.get(f"/desk/erasures/{record}"),
        clerk.post(f"/desk/erasures/{record}"),
    ):
        assert answer.status_code == 422
        assert "只有信用中心人员可以办理删除" in answer.content.decode()
    assert Client().get("/desk/erasures/").status_code == 302


def test_scratch_files_of_a_killed_run_go_with_the_next_erasure(place: Place) -> None:
    left, fresh = place.home / "spill" / "killed" / "block.tmp", place.home / "spill" / "running.tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    for path in (left, fresh):
        path.write_text(seed.TOLD["facts"])
    os.utime(left, (0, 0))
    erasure.finish(again=True)
    assert not left.exists()
    assert fresh.exists()
    fresh.unlink()


def test_a_worker_without_files_to_run_purges_what_was_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    record, basis = seed.number_of(uscc(600)), erasure.basis_of(seed.BASIS)
    erasure.propose(record=record, basis=basis, paper="", by="second")
    erasure.confirm(record=record, basis=basis, by="first")

    worker.run_forever(Rounds(1), pause=0)
    assert erasure.state(erasure.of_record(record)) is erasure.PURGED


def chengxin(*arguments: str, password: str = desk_seed.PASSWORD) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"], env={"CHENGXIN_PASSWORD": password})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_two_officers_erase_a_record_on_the_command_line() -> None:
    record = seed.number_of(uscc(601))
    wanted = ("erase", "--record", record, "--basis", seed.BASIS, "--by")
    with pytest.raises(Refusal, match=r"account\.not-you"):
        chengxin(*wanted, "first", password="wrong")
    assert chengxin(*wanted, "first")["state"] == "proposed"
    with pytest.raises(Refusal, match=r"erase\.same-person"):
        chengxin(*wanted, "first")
    told = chengxin(*wanted, "second")
    assert (told["state"], told["proposed_by"], told["decided_by"]) == ("purged", "first", "second")
    assert chengxin("log", "verify")["sound"] is True
    assert record in {each["record"] for each in chengxin("erase", "list")["erasures"]}


def test_a_backup_that_holds_erased_content_is_named_until_it_is_destroyed(place: Place, tmp_path: Path) -> None:
    record, basis = seed.number_of(uscc(602)), erasure.basis_of(seed.BASIS)
    connections.close_all()
    kept = backups.write(tmp_path / "backups")
    erasure.propose(record=record, basis=basis, paper="", by="first")
    erasure.confirm(record=record, basis=basis, by="second")
    erasure.finish()
    order = erasure.of_record(record)
    assert [each.id for each in backups.listing() if order.act in each.holds] == [kept.id]
    assert any(kept.id in left["zh"] for left in order.left)
    content = Path(kept.path).read_bytes()
    assert "澜州留存2有限公司".encode() in content
    fresh = backups.write(tmp_path / "backups")
    assert "澜州留存2有限公司".encode() not in Path(fresh.path).read_bytes()
    assert not fresh.holds

    # put back, it would bring the content back: the log notices, and the orders are known from outside the database
    file = place.home / "chengxin.sqlite3"
    connections.close_all()
    now = file.read_bytes()
    for extra in ("-wal", "-shm"):
        file.with_name(file.name + extra).unlink(missing_ok=True)
    file.write_bytes(content)
    try:
        assert [each["kind"] for each in verify_log()["findings"]] == ["log.behind"]  # type: ignore[attr-defined]
        assert record in {each["record"] for each in erasure.lost()}
        erasure.propose(record=record, basis=basis, paper="", by="first")
        with pytest.raises(Refusal, match=r"platform\.log-behind"):
            erasure.confirm(record=record, basis=basis, by="second")
    finally:
        connections.close_all()
        for extra in ("-wal", "-shm"):
            file.with_name(file.name + extra).unlink(missing_ok=True)
        file.write_bytes(now)
    assert erasure.lost() == []

    backups.destroy(kept.id)
    assert not Path(kept.path).exists()
    assert next(each for each in backups.listing() if each.id == kept.id).destroyed
    with pytest.raises(Refusal, match=r"backup\.unknown"):
        backups.destroy("nothing")


def test_content_that_comes_back_is_named_and_goes_again() -> None:
    seq = models.ErasedItem.objects.values_list("seq", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_item_in_order")
        cursor.execute("INSERT INTO ledger_item (seq, nonce, content) VALUES (%s, zeroblob(16), '{}')", [seq])
    kinds = {each["kind"] for each in verify_log()["findings"]}  # type: ignore[attr-defined]
    assert "item.returned" in kinds
    erasure.finish(again=True)
    assert verify_log()["sound"]


def test_a_subject_known_from_two_records_is_afterwards_known_from_the_other(tmp_path: Path) -> None:
    subject = uscc(888)
    for n in (881, 882):
        told = {"CF_XDR_SHXYM": subject, "CF_XDR_MC": "澜州双案有限公司", "CF_WSH": f"澜环罚〔2026〕{n}号"}
        seed.hand_in([seed.to_be_erased(**told)], tmp_path, f"{n}.csv")
    first, second = models.Record.objects.filter(subject=subject).order_by("seq")
    seed.erase(bytes(first.id).hex())
    found = lookup.subject(subject)
    assert found is not None
    assert found.name == "澜州双案有限公司"
    assert models.Subject.objects.get(id=subject).seq == second.seq
    assert [hit.code for hit in search.search("双案").hits] == [subject]
    connections.close_all()
    assert rebuild()["equal"]
