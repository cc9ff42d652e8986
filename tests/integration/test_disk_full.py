"""A full disk: a clear word, nothing half-written, and the same file goes through once there is room."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from django.db import connections
from tests.databases import Place
from tests.integration.paper import REGISTER, SOURCE, penalty, write_csv

from chengxin.operations import sources
from chengxin.operations.audit import verify_log
from chengxin.operations.submit import submit
from chengxin.storage.models import Record


def test_a_full_disk_loses_nothing_and_says_so(sqlite_database: Place, tmp_path: Path) -> None:
    sources.ensure(SOURCE)
    sources.ensure("operator")
    submit(path=write_csv(tmp_path / "登记.csv", REGISTER), item="djxx", source="operator")
    before = verify_log()
    connections.close_all()
    file = write_csv(tmp_path / "处罚.csv", [penalty(n, CF_SY="未按规定排放废水" * 40) for n in range(3_000)])
    command = [sys.executable, "-m", "chengxin", "submit", str(file), "--item", "xzcf", "--source", SOURCE]

    def small_disk() -> None:
        # no file may grow beyond this: the batch's write-ahead log needs several times as much
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    full = subprocess.run(command, env=os.environ, preexec_fn=small_disk, capture_output=True, text=True, check=False)
    assert full.returncode == 3, full.stderr
    assert "platform.disk-full" in full.stderr
    assert verify_log() == before
    assert not Record.objects.filter(item="xzcf").exists()
    connections.close_all()
    assert subprocess.run(command, env=os.environ, capture_output=True, check=False).returncode == 0
    assert Record.objects.filter(item="xzcf").count() == 3_000
    assert verify_log()["sound"]
