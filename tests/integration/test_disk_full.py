"""A full disk: a clear word, nothing half-written, and the same file goes through once there is room."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from tests.databases import Place
from tests.integration.commands import chengxin
from tests.integration.paper import REGISTER, SOURCE, penalty, write_csv

from chengxin.operations import sources
from chengxin.operations.audit import verify_log
from chengxin.operations.submit import submit
from chengxin.storage.models import Record


def with_little_space(most: int, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run ``chengxin …`` where no file may grow beyond so many bytes."""
    return subprocess.run(
        [sys.executable, "-m", "chengxin", *command],
        env={**os.environ, **environment},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_loses_nothing_and_says_so(sqlite_database: Place, tmp_path: Path) -> None:
    sources.ensure(SOURCE)
    sources.ensure("operator")
    submit(path=write_csv(tmp_path / "登记.csv", REGISTER), item="djxx", source="operator")
    before = verify_log()
    connections.close_all()
    file = write_csv(tmp_path / "处罚.csv", [penalty(n, CF_SY="未按规定排放废水" * 40) for n in range(3_000)])
    command = [sys.executable, "-m", "chengxin", "submit", str(file), "--item", "xzcf", "--source", SOURCE]

    # the batch's write-ahead log needs several times as much
    full = with_little_space(1_500_000, *command[3:])
    assert full.returncode == 3, full.stderr
    assert "platform.disk-full" in full.stderr
    assert verify_log() == before
    assert not Record.objects.filter(item="xzcf").exists()
    connections.close_all()
    assert subprocess.run(command, env=os.environ, capture_output=True, check=False).returncode == 0
    assert Record.objects.filter(item="xzcf").count() == 3_000
    assert verify_log()["sound"]


def test_a_disk_that_is_full_from_the_start_is_called_full(sqlite_database: Place, tmp_path: Path) -> None:
    connections.close_all()
    file = write_csv(tmp_path / "处罚.csv", [penalty(1)])
    full = with_little_space(1_000, "submit", str(file), "--item", "xzcf", "--source", SOURCE, "--json")
    assert full.returncode == 3, full.stderr
    assert json.loads(full.stdout)["refusal"]["rule"] == "platform.disk-full"
    assert "DATABASE_URL" not in full.stderr


def test_an_installation_for_which_there_is_no_space_says_so(tmp_path: Path) -> None:
    full = with_little_space(1_000, "init", CHENGXIN_HOME=str(tmp_path / "home"), DATABASE_URL="")
    assert full.returncode == 3
    assert "platform.disk-full" in full.stderr


def test_a_disk_that_may_only_be_read_says_so(
    sqlite_database: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(code: str) -> None:
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(sources, "ensure", refuse)
    done = chengxin("submit", str(write_csv(tmp_path / "p.csv", [penalty(1)])), "--item", "xzcf", "--source", SOURCE)
    assert done.code == 3
    assert "platform.read-only" in done.err
    assert "以只读方式挂载" in done.err
