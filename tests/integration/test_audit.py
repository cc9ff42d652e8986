"""One byte changed anywhere in the ledger, and ``log verify`` names what is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections
from tests.databases import Databases, Place
from tests.integration.paper import REGISTER, write_csv

from chengxin.operations import sources
from chengxin.operations.audit import verify_log
from chengxin.operations.submit import submit


@pytest.fixture(scope="module")
def recorded(databases: Databases, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with django_db_blocker.unblock(), databases.place("sqlite") as place:
        sources.ensure("operator")
        folder = tmp_path_factory.mktemp("files")
        submit(path=write_csv(folder / "甲.csv", REGISTER[:1]), item="djxx", source="operator")
        submit(path=write_csv(folder / "乙.csv", REGISTER[1:]), item="djxx", source="operator")
        connections.close_all()
        yield place


@pytest.mark.parametrize(
    ("tampering", "kind", "where"),
    [
        ("UPDATE ledger_item SET content = replace(content, '青穗', '青禾') WHERE seq = 0", "item.changed", "0"),
        ("UPDATE ledger_item SET nonce = zeroblob(16) WHERE seq = 1", "item.changed", "1"),
        ("UPDATE ledger_entry SET digest = zeroblob(32) WHERE seq = 0", "item.changed", "0"),
        ("DELETE FROM ledger_item WHERE seq = 1", "item.missing", "1"),
        ("DELETE FROM ledger_entry WHERE seq = 0", "entry.gap", "0–0"),
        ("UPDATE ledger_batch SET by = 'jemand' WHERE first_seq = 0", "batch.root", None),
        ("UPDATE ledger_batch SET root = substr(root, 2) || 'f' WHERE first_seq = 1", "batch.root", None),
        ("UPDATE ledger_batch SET checkpoint = replace(checkpoint, '\n2\n', '\n3\n')", "checkpoint.signature", None),
        ("UPDATE ledger_tile SET hashes = zeroblob(64) WHERE level = 0", "tile.changed", "0/0"),
        ("INSERT INTO ledger_entry VALUES (2, zeroblob(32))", "entry.loose", "ledger_entry"),
    ],
)
def test_tampering_is_named(recorded: Place, tampering: str, kind: str, where: str | None) -> None:
    file = recorded.home / "chengxin.sqlite3"
    whole = _snapshot(file)
    try:
        with closing(sqlite3.connect(file)) as intruder, intruder:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
            for (name,) in intruder.execute(triggers).fetchall():
                intruder.execute(f"DROP TRIGGER {name}")
            assert intruder.execute(tampering).rowcount >= 1
        found = verify_log()
        assert not found["sound"]
        named = [(each["kind"], each["where"]) for each in found["findings"]]
        assert any(k == kind and where in (None, w) for k, w in named), named
    finally:
        connections.close_all()
        _restore(file, whole)


def test_an_untouched_log_is_sound(recorded: Place) -> None:
    assert verify_log()["findings"] == []
    connections.close_all()


def _snapshot(file: Path) -> bytes:
    connections.close_all()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return file.read_bytes()


def _restore(file: Path, whole: bytes) -> None:
    for extra in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        extra.unlink(missing_ok=True)
    file.write_bytes(whole)
