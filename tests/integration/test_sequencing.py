"""Appending to the log: files and single acts take numbers from one place, and whoever lost the place writes nothing."""

import os
import resource
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from tests.databases import Databases, Place
from tests.integration.appending import append
from tests.integration.rounds import Rounds

from chengxin.kernel.canonical import encode
from chengxin.ledger.model import Batch
from chengxin.operations import logkey, publishing
from chengxin.operations.audit import verify_log
from chengxin.operations.sequencing import together
from chengxin.operations.worker import run_forever
from chengxin.storage import bulk, sequencing
from chengxin.storage.ledger import Appender


def _batch(number: int) -> Batch:
    return Batch(f"R-20261122-{number:04d}", "2026-11-22T02:00:00Z", "operator", "0" * 64)


def _contents(count: int, start: int = 0) -> list[bytes]:
    return [encode({"act": "state", "kind": "test", "record": str(number)}) for number in range(start, start + count)]


def _append_singly(number: int, count: int, fail: bool = False) -> int:
    with transaction.atomic():
        ledger = Appender(sequencing.session(), _batch(number))
        first = ledger.add(_contents(count))
        ledger.close(logkey.signed)
        if fail:
            raise LookupError
    return first


def test_acts_and_files_share_one_sequence(empty_database: Place) -> None:
    assert _append_singly(1, 3) == 0
    with bulk.transaction() as store:
        ledger = Appender(store, _batch(2))
        assert ledger.add(_contents(600)) == 3
        ledger.close(logkey.signed)
    assert _append_singly(3, 1) == 603
    found = verify_log()
    assert (found["size"], found["findings"]) == (604, [])


@pytest.mark.parametrize("come", [[0, 1], [0, 1, 3], [1, 2, 3]])
def test_a_file_of_which_an_entry_is_missing_leaves_nothing(empty_database: Place, come: list[int]) -> None:
    texts = [content.decode() for content in _contents(4)]
    rows = pa.record_batch({"seq": pa.array(come, pa.int64()), "content": [texts[seq] for seq in come]})
    with pytest.raises(ValueError, match="entries"), bulk.transaction() as store:
        Appender(store, _batch(1)).append([rows], 4)
    assert _append_singly(2, 1) == 0


def test_an_act_outside_a_transaction_is_refused(empty_database: Place) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        sequencing.session()


def test_an_act_that_fails_leaves_no_gap(empty_database: Place) -> None:
    _append_singly(1, 2)
    with pytest.raises(LookupError):
        _append_singly(2, 300, fail=True)
    assert _append_singly(3, 2) == 2
    connection.close()
    assert verify_log() == verify_log() | {"size": 4, "sound": True}


def test_acts_that_come_together_share_a_transaction_and_each_has_its_own_number(empty_database: Place) -> None:
    gate = threading.Barrier(24)

    def one(number: int) -> int:
        gate.wait()
        try:
            return append("gleichzeitig", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as pool:
        numbers = list(pool.map(one, range(24)))
    assert sorted(numbers) == list(range(24))
    assert verify_log() == verify_log() | {"size": 24, "sound": True}
    published = publishing.published()
    assert published is not None
    assert published.size == 24


def test_an_act_that_fails_in_a_group_takes_nobody_with_it(empty_database: Place) -> None:
    gate = threading.Barrier(8)

    def one(number: int) -> int | str:
        def work() -> int:
            ledger = Appender(sequencing.session(), _batch(number))
            first = ledger.add(_contents(1))
            ledger.close(logkey.signed)
            if number % 2:
                raise LookupError(number)
            return first

        gate.wait()
        try:
            return together(work)
        except LookupError as error:
            return f"{error} failed"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(1, 9)))
    assert sorted(each for each in told if isinstance(each, int)) == [0, 1, 2, 3]
    assert [told[number - 1] for number in (1, 3, 5, 7)] == [f"{number} failed" for number in (1, 3, 5, 7)]
    assert verify_log() == verify_log() | {"size": 4, "sound": True}


def test_a_group_whose_commit_fails_tells_everyone(empty_database: Place, monkeypatch) -> None:
    def gone(self: object) -> None:
        raise OperationalError("the server is gone")

    with monkeypatch.context() as broken:
        broken.setattr(type(connections["default"]), "_commit", gone)
        with pytest.raises(OperationalError, match="gone"):
            append("verloren", 1)
    assert append("danach", 1) == 0
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        append("innen", 1)


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_was_told_to_be_durable_survives_killed_processes(
    databases: Databases, django_db_blocker, vendor: str
) -> None:
    """Two processes append at once and are killed in the middle; a third goes on. No gap, no fork, no entry twice."""
    with django_db_blocker.unblock(), databases.place(vendor):
        running = [_start(name, 100_000) for name in "ab"]
        lines = ["".join(each.stdout.readline() for _ in range(15)) for each in running]
        for each in running:
            each.kill()
        heard = [line + each.communicate()[0] for each, line in zip(running, lines, strict=True)]
        told = [int(number) for text in heard for number in text[: text.rfind("\n") + 1].split()]
        assert len(told) == len(set(told)) > 20
        found = verify_log()
        assert found["sound"], found["findings"]
        assert found["size"] > max(told)
        connection.close()
        last = append("danach", 1)
        assert last == found["size"]
        published = publishing.published()
        assert published is not None
        assert published.size == last + 1, "what nobody could publish any more is published with the next act"


def _start(name: str, count: int, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.integration.appending", name, str(count), "4"]
    return subprocess.Popen(
        command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options
    )


@pytest.mark.postgres
def test_a_holder_that_was_cut_off_writes_nothing(databases: Databases, django_db_blocker) -> None:
    """PostgreSQL ends the session of a holder it no longer hears of; when it comes back it finds its place taken."""
    with django_db_blocker.unblock(), databases.place("postgresql") as place:
        holding = threading.Event()
        let_go = threading.Event()

        def stale() -> str:
            try:
                with transaction.atomic():
                    ledger = Appender(sequencing.session(), _batch(1))
                    ledger.add(_contents(3))
                    pid.append(sequencing.Single().value("SELECT pg_backend_pid()"))
                    holding.set()
                    let_go.wait()
                    ledger.close(logkey.signed)
            except DatabaseError:
                return "refused"
            finally:
                connection.close()
            return "written"

        pid: list[int] = []
        with ThreadPoolExecutor(1) as pool:
            cut_off = pool.submit(stale)
            assert holding.wait(30)
            with psycopg.connect(place.url, autocommit=True) as administrator:
                administrator.execute("SELECT pg_terminate_backend(%s, 10000)", pid)
            assert append("nachfolger", 1) == 0
            let_go.set()
            assert cut_off.result() == "refused"
        assert verify_log() == verify_log() | {"size": 1, "sound": True}


def test_a_batch_that_does_not_follow_the_last_is_refused_by_the_database(empty_database: Place) -> None:
    _append_singly(1, 2)
    for first in (0, 1, 3):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_batch (id, first_seq, size, at, by, catalogue, root, checkpoint) "
                "VALUES ('B', %s, 1, '', '', '', '', '')",
                [first],
            )


def test_sqlite_flushes_every_commit_to_the_disk(sqlite_database: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,), "FULL: the write-ahead log is flushed before a commit returns"
    with bulk.transaction() as store:
        assert store.value("PRAGMA synchronous") == 2


def test_a_full_disk_refuses_acts_and_loses_none(databases: Databases, django_db_blocker) -> None:
    with django_db_blocker.unblock(), databases.place("sqlite") as place:
        append("davor", 1)
        size = (place.home / "chengxin.sqlite3").stat().st_size
        connection.close()

        def small_disk() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))

        starved = _start("voll", 3_000, preexec_fn=small_disk)
        told = [int(number) for number in starved.communicate()[0].split()]
        assert starved.returncode == 1
        found = verify_log()
        assert found["sound"], found["findings"]
        assert found["size"] > max(told, default=0)
        connection.close()
        assert append("danach", 1) == found["size"]


def test_the_worker_publishes_what_its_maker_could_not(empty_database: Place) -> None:
    _append_singly(1, 300)
    assert publishing.published() is None

    run_forever(Rounds(2), pause=0.01)
    published = publishing.published()
    assert published is not None
    assert published.size == 300
