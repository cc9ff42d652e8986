"""The service as whoever runs it meets it: one on a port, and nothing left of it when it was killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.databases import Place
from tests.integration.commands import chengxin

PATIENCE_S = 120


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def children(process: int) -> set[int]:
    """Processes started by a process, by any of its threads, and by those in turn."""
    found = set()
    for told in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, told.read_text().split()):
            found |= {child, *children(child)}
    return found


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/v1/", timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Ids of processes a test is answerable for; whatever of them still runs afterwards is ended."""
    processes: list[int] = []
    yield processes
    for process in processes:
        if alive(process):
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_a_second_service_on_the_same_port_is_refused_before_anything_starts(
    sqlite_database: Place, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("granian.Granian.serve", lambda self: pytest.fail("it was started"))
    monkeypatch.setattr("chengxin.operations.demo.build", lambda **how: pytest.fail("it was built"))
    monkeypatch.setattr("chengxin.cli.beside._start", lambda command: pytest.fail("it was started"))
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the web server's processes do
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = chengxin(*command, "--port", str(port))
    assert refused.code == 3
    assert "platform.port-taken" in refused.err
    assert f"127.0.0.1:{port}" in refused.err


def test_nothing_of_a_service_outlives_its_main_process(sqlite_database: Place, started: list[int]) -> None:
    port = free_port()
    command = [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--workers", "2"]
    service = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started.append(service.pid)
    until(lambda: answers(port) or service.poll() is not None, "it never answered")
    until(lambda: len(children(service.pid)) >= 3, "two web processes and one that works through uploads")
    family = children(service.pid)
    started.extend(family)
    service.kill()
    service.wait()
    until(lambda: not any(map(alive, family)), "processes were left behind")


def test_a_process_whose_parent_is_gone_already_does_not_begin(sqlite_database: Place) -> None:
    nobody = "999999999"
    command = [sys.executable, "-m", "chengxin.cli.beside", nobody, "work"]
    done = subprocess.run(command, env=os.environ, capture_output=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
