"""Pulling the plug: killed at any moment and run again, a submission leaves what one clean run leaves."""

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, connections
from tests.databases import Databases, Place
from tests.integration.paper import REGISTER, SOURCE, penalty, uscc, write_csv

from chengxin.operations import sources
from chengxin.operations.audit import verify_log
from chengxin.operations.submit import submit

ROWS = 4_000


def _file(folder: Path) -> Path:
    rows = [penalty(number, CF_SY=f"第{number}起，未按规定排放废水" * 5) for number in range(ROWS)]
    rows[10] = penalty(10, CF_XDR_SHXYM=uscc(999), CF_XDR_MC="从未登记的公司")
    rows[20] = penalty(20, CF_JDRQ="2030-01-01")
    return write_csv(folder / "处罚.csv", rows)


def _state() -> str:
    """Everything that is stored but for what differs by nature: nonces and what is hashed over them, times, receipts."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for sql in (
            "SELECT seq, content FROM ledger_item ORDER BY seq",
            "SELECT seq, item, subject, starts, ends, latest, versions FROM record ORDER BY seq",
            "SELECT subject, item, day, seq FROM record_subject ORDER BY subject, item, day, seq",
            "SELECT item, day, opening, closing FROM window_count ORDER BY item, day",
            "SELECT row, outcome, reasons, cells FROM submission_row ORDER BY row",
            "SELECT item, state, rows, accepted, quarantined, unlinked FROM submission ORDER BY item",
            "SELECT first_seq, size, by FROM ledger_batch ORDER BY first_seq",
        ):
            cursor.execute(sql)
            digest.update(repr([tuple(map(str, row)) for row in cursor.fetchall()]).encode())
    connections.close_all()
    return digest.hexdigest()


def _prepare(tmp_path: Path) -> Path:
    sources.ensure(SOURCE)
    sources.ensure("operator")
    submit(path=write_csv(tmp_path / "登记.csv", REGISTER), item="djxx", source="operator")
    connections.close_all()
    return _file(tmp_path)


def _start(file: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "chengxin", "submit", str(file), "--item", "xzcf", "--source", SOURCE, "--json"]
    return subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _kill_and_repeat(databases: Databases, vendor: str, tmp_path: Path, kills: int) -> None:
    with databases.place(vendor) as base:
        file = _prepare(tmp_path)
        length, clean = _one_clean_run(databases, base, file)
        moments = random.Random(2026)
        for shorter in (1, 2, 4, 8):  # the machine may have become quicker since
            waits = [length / shorter * moments.uniform(0.4, 1.0) for _ in range(kills)]
            with databases.copy(base):
                if _killed_and_repeated(file, waits, clean):
                    return
    raise AssertionError("every run had ended before it was killed")


def _one_clean_run(databases: Databases, base: Place, file: Path) -> tuple[float, str]:
    """How long it takes in seconds, and what it leaves. Plans are compiled before: whoever is killed should be at work."""
    with databases.copy(base):
        submit(path=write_csv(file.with_name("one.csv"), [penalty(1)]), item="xzcf", source=SOURCE)
    with databases.copy(base):
        started = time.monotonic()
        assert _start(file).wait() == 1  # some rows need a person
        return time.monotonic() - started, _state()


def _killed_and_repeated(file: Path, waits: list[float], clean: str) -> bool:
    """Run, killed after each of these waits, then once to the end; False when the first had ended before it was killed."""
    broken_off = 0
    for wait in waits:
        running = _start(file)
        time.sleep(wait)
        running.kill()
        broken_off += running.wait() == -9
        found = verify_log()
        assert found["sound"], found["findings"]
        connections.close_all()
        if found["size"] > len(REGISTER):
            break  # it had committed already; the next run then changes nothing
    if not broken_off:
        return False
    assert _start(file).wait() == 1
    with connection.cursor() as cursor:
        # a run that committed just before it was killed leaves its receipt; the repetition then has one of its own, on
        # which rows wait
        cursor.execute("SELECT id FROM submission WHERE item = 'xzcf' ORDER BY id")
        receipts = [row[0] for row in cursor.fetchall()]
        for extra in receipts[1:]:
            cursor.execute("DELETE FROM mend WHERE into_id = %s", [extra])
            cursor.execute("DELETE FROM submission_row WHERE submission = %s", [extra])
            cursor.execute("DELETE FROM submission WHERE id = %s", [extra])
    assert _state() == clean
    assert verify_log()["sound"]
    return True


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_killed_at_random_moments_and_sent_again_is_like_one_clean_run(
    databases: Databases, django_db_blocker, vendor: str, tmp_path: Path
) -> None:
    with django_db_blocker.unblock():
        _kill_and_repeat(databases, vendor, tmp_path, 5)


@pytest.mark.long
@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_fifty_kills(databases: Databases, django_db_blocker, vendor: str, tmp_path: Path) -> None:
    with django_db_blocker.unblock():
        _kill_and_repeat(databases, vendor, tmp_path, 50)


def test_the_same_file_from_two_processes_at_once_is_recorded_once(
    databases: Databases, django_db_blocker, tmp_path: Path
) -> None:
    with django_db_blocker.unblock(), databases.place("sqlite"):
        file = _prepare(tmp_path)
        both = [_start(file), _start(file)]
        assert [each.wait() for each in both] == [1, 1]
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(accepted), sum(unchanged) FROM submission WHERE item = 'xzcf'")
            assert cursor.fetchone() == (ROWS - 2, ROWS - 2)
        assert verify_log()["sound"]
