"""What runs beside the web server: started again when it was killed, ended when the server ends."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from chengxin.cli import beside


def test_a_worker_that_was_killed_is_started_again_and_all_end_with_the_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        started.append((command[0], process))
        return process

    monkeypatch.setattr(beside, "_start", start)
    with beside.beside([["work"], ["log"]], look=0.01):
        assert [name for name, _ in started] == ["work", "log"]
        started[0][1].kill()
        until = time.monotonic() + 60
        while len(started) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        assert [name for name, _ in started] == ["work", "log", "work"]
        assert started[1][1].poll() is None
    assert all(process.poll() is not None for _, process in started)
    assert "chengxin work" in capsys.readouterr().err


def test_the_worker_is_a_command_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGXIN_HOME", str(tmp_path))
    assert beside._start(["work", "--help"]).wait(60) == 0
