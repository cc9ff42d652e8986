"""One byte changed anywhere in the ledger, and ``chengxin log verify`` names what is wrong and what to do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connections
from tests.databases import Databases, Place
from tests.integration.paper import REGISTER, uscc, write_csv

from chengxin.kernel.refusal import Refusal
from chengxin.operations import sources
from chengxin.operations.audit import verify_log
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit

FIRST, SECOND, THIRD = "{first}", "{second}", "{third}"


@pytest.fixture(scope="module")
def recorded(databases: Databases, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Three batches: entries 0–3, 4 and 5–304, so that there is a full tile, a partial one and a level above."""
    with django_db_blocker.unblock(), databases.place("sqlite") as place:
        sources.ensure("operator")
        folder = tmp_path_factory.mktemp("files")
        for name, rows in (("甲", _register(4)), ("乙", REGISTER[:1]), ("丙", _register(300, first=500))):
            submit(path=write_csv(folder / f"{name}.csv", rows), item="djxx", source="operator")
        connections.close_all()
        yield place


def _register(count: int, first: int = 200) -> list[dict[str, str]]:
    return [{"名称": f"澜州示例{n}号公司", "统一社会信用代码": uscc(n)} for n in range(first, first + count)]


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        pytest.param("UPDATE ledger_item SET content = replace(content, '示例202', '示例203') WHERE seq = 2",
                     {("item.changed", "2", FIRST)}, id="content"),
        pytest.param("UPDATE ledger_item SET nonce = zeroblob(16) WHERE seq = 4", {("item.changed", "4", SECOND)}, id="nonce"),
        pytest.param("UPDATE ledger_entry SET digest = zeroblob(32) WHERE seq = 4", {("entry.changed", "4", SECOND)},
                     id="digest-of-a-batch-of-one"),
        pytest.param("UPDATE ledger_entry SET digest = zeroblob(32) WHERE seq BETWEEN 100 AND 102",
                     {("entry.changed", "100–102", THIRD)}, id="digests"),
        pytest.param("DELETE FROM ledger_item WHERE seq = 1", {("item.missing", "1", FIRST)}, id="item-dropped"),
        pytest.param("DELETE FROM ledger_entry WHERE seq = 0", {("entry.missing", "0", FIRST)}, id="entry-dropped"),
        pytest.param("DELETE FROM ledger_entry WHERE seq >= 300", {("entry.missing", "300–304", THIRD)}, id="end-dropped"),
        pytest.param("UPDATE ledger_entry SET digest = (SELECT digest FROM ledger_entry WHERE seq = 7) WHERE seq = 8; "
                     "UPDATE ledger_item SET (nonce, content) = (SELECT nonce, content FROM ledger_item WHERE seq = 7) "
                     "WHERE seq = 8", {("entry.changed", "8", THIRD)}, id="entry-repeated-in-place"),
        pytest.param("INSERT INTO ledger_entry SELECT 305, digest FROM ledger_entry WHERE seq = 7",
                     {("entry.loose", "ledger_entry", "")}, id="entry-repeated-at-the-end"),
        pytest.param("UPDATE ledger_batch SET by = 'jemand' WHERE first_seq = 0", {("batch.changed", FIRST, FIRST)}, id="by"),
        pytest.param("UPDATE ledger_batch SET at = replace(at, 'T', 't') WHERE first_seq = 5",
                     {("batch.changed", THIRD, THIRD)}, id="time"),
        pytest.param("UPDATE ledger_batch SET root = substr(root, 2) || substr(root, 1, 1) WHERE first_seq = 4",
                     {("batch.root", SECOND, SECOND)}, id="root"),
        pytest.param("UPDATE ledger_batch SET size = 2 WHERE first_seq = 0", {("batch.sequence", "0–1", FIRST)}, id="size"),
        pytest.param("UPDATE ledger_batch SET first_seq = 6 WHERE first_seq = 5",
                     {("batch.sequence", "6–305", THIRD), }, id="sequence"),
        pytest.param("DELETE FROM ledger_batch WHERE first_seq = 4", {("batch.missing", "4–4", "")}, id="batch-dropped"),
        pytest.param("UPDATE ledger_batch SET checkpoint = replace(checkpoint, '\n4\n', '\n3\n') WHERE first_seq = 0",
                     {("checkpoint.signature", FIRST, FIRST)}, id="checkpoint"),
        pytest.param("UPDATE ledger_batch SET checkpoint = (SELECT checkpoint FROM ledger_batch WHERE first_seq = 0) "
                     "WHERE first_seq = 4", {("checkpoint.content", SECOND, SECOND)}, id="checkpoint-of-another-batch"),
        pytest.param("UPDATE ledger_tile SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS blob) "
                     "WHERE level = 0 AND number = 1", {("tile.changed", "0/1", "")}, id="tile"),
        pytest.param("UPDATE ledger_tile SET hashes = zeroblob(length(hashes)) WHERE level = 1", {("tile.changed", "1/0", "")},
                     id="tile-above"),
        pytest.param("DELETE FROM ledger_tile WHERE level = 0 AND number = 1", {("tile.changed", "0/1", "")}, id="tile-dropped"),
    ],
)  # fmt: skip
def test_tampering_is_named_and_nothing_else(
    recorded: Place, tampering: str, expected: set[tuple[str, str, str]]
) -> None:
    with _intruder(recorded) as (intruder, receipts):
        for statement in tampering.split("; "):
            assert intruder.execute(statement).rowcount >= 1
        intruder.commit()
        found = verify_log()
    named = {(each["kind"], each["where"], each["batch"]) for each in found["findings"]}
    assert not found["sound"]
    assert named == {(kind, where.format(**receipts), batch.format(**receipts)) for kind, where, batch in expected}
    for each in found["findings"]:
        assert all(each[part][language] for part in ("message", "remedy") for language in ("zh", "en"))


def test_a_changed_or_lost_tile_file_is_named(recorded: Place) -> None:
    (file,) = (path for path in (recorded.home / "tile" / "0").rglob("*") if path.is_file())
    whole = file.read_bytes()
    try:
        for spoilt in (whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], whole[:-32], b""):
            file.write_bytes(spoilt)
            assert [(each["kind"], each["where"]) for each in verify_log()["findings"]] == [("tile.changed", "0/0")]
        file.unlink()
        assert [(each["kind"], each["where"]) for each in verify_log()["findings"]] == [("tile.changed", "0/0")]
    finally:
        file.write_bytes(whole)
        connections.close_all()


def test_a_forged_projection_is_named_and_put_right(recorded: Place) -> None:
    """What pages read is worked out from the ledger again: the row that was not made by it is named."""
    with _intruder(recorded) as (intruder, _):
        intruder.execute("UPDATE record SET source = 'jemand' WHERE seq = 7")
        intruder.execute("DELETE FROM record_subject WHERE seq = 8")
        intruder.execute("UPDATE subject SET name = '澜州冒名有限公司' WHERE seq = 9")
        intruder.execute("INSERT INTO record_key (id, seq) VALUES (zeroblob(16), 10)")
        intruder.commit()
        intruder.close()
        found = rebuild()
        wrong = {name: table["where"] for name, table in found["tables"].items() if not table["equal"]}  # type: ignore[attr-defined]
        assert wrong == {"record": ["7"], "record_subject": ["8"], "subject": [uscc(504)], "record_key": ["00" * 16]}
        assert rebuild()["equal"]


def test_an_old_backup_put_back_is_noticed_and_nothing_can_be_added_to_it(recorded: Place, tmp_path: Path) -> None:
    """The file alone looks sound: only what lies outside it knows better. Appending would fork the log."""
    file = recorded.home / "chengxin.sqlite3"
    old = _snapshot(file)
    submit(path=write_csv(tmp_path / "丁.csv", _register(2, first=900)), item="djxx", source="operator")
    new = _snapshot(file)
    kept = tmp_path / "kept-by-somebody"
    kept.write_text((recorded.home / "log-seen").read_text())
    try:
        _restore(file, old)
        (found,) = verify_log()["findings"]
        assert (found["kind"], found["where"]) == ("log.behind", "305 < 307 (log-seen)")
        with pytest.raises(Refusal, match=r"platform\.log-behind"):
            submit(path=write_csv(tmp_path / "戊.csv", _register(3, first=950)), item="djxx", source="operator")
        assert verify_log()["size"] == 305

        (recorded.home / "log-seen").unlink()
        assert verify_log()["sound"], "whoever owns the whole machine can hide it from the machine itself …"
        submit(path=write_csv(tmp_path / "己.csv", _register(2, first=970)), item="djxx", source="operator")
        (found,) = verify_log(against=[kept])["findings"]
        assert (found["kind"], found["where"]) == ("log.forked", "307 (kept-by-somebody)"), "… but not from others"
    finally:
        _restore(file, new)
        (recorded.home / "log-seen").write_text(kept.read_text())
        connections.close_all()
    assert verify_log()["sound"]


def test_an_untouched_log_is_sound(recorded: Place) -> None:
    found = verify_log()
    assert (found["sound"], found["findings"]) == (True, [])
    connections.close_all()


@contextmanager
def _intruder(place: Place) -> Iterator[tuple[sqlite3.Connection, dict[str, str]]]:
    """Somebody with the database file in hand and no triggers in the way; afterwards everything is as it was."""
    file = place.home / "chengxin.sqlite3"
    whole = _snapshot(file)
    try:
        with closing(sqlite3.connect(file)) as intruder:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
            for (name,) in intruder.execute(triggers).fetchall():
                intruder.execute(f"DROP TRIGGER {name}")
            numbers = [row[0] for row in intruder.execute("SELECT id FROM ledger_batch ORDER BY first_seq")]
            yield intruder, dict(zip(("first", "second", "third"), numbers, strict=False))
    finally:
        connections.close_all()
        _restore(file, whole)


def _snapshot(file: Path) -> bytes:
    connections.close_all()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return file.read_bytes()


def _restore(file: Path, whole: bytes) -> None:
    for extra in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        extra.unlink(missing_ok=True)
    file.write_bytes(whole)
