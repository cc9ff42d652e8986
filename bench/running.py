"""Run a command and weigh it: wall time, CPU time of it and its children, peak memory."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chengxin.operations.demo_city import environment


@dataclass(frozen=True)
class Weighed:
    """``wall`` and ``cpu`` in seconds, ``peak`` memory in GiB (the largest process), what the command printed."""

    wall: float
    cpu: float
    peak: float
    output: str
    exit_code: int

    @property
    def answer(self) -> Mapping:
        """The JSON object that the command printed."""
        return json.loads(self.output)


def weigh(command: Sequence[str], env: Mapping[str, str], expect: Sequence[int] = (0,)) -> Weighed:
    """Run ``command``; an exit code that is not expected stops the measurement with what the command said."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    peaks = [0.0]
    looking = threading.Thread(target=_look_at, args=[process.pid, peaks])
    looking.start()
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    looking.join()
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in expect:
        raise SystemExit(f"{' '.join(command)} ended with {code}\n{output}")
    return Weighed(wall, used.ru_utime + used.ru_stime, peaks[-1], output, code)


def _look_at(pid: int, peaks: list[float]) -> None:
    """Follow a process's own peak memory until it has ended: what ``wait4`` reports begins with the peak of its parent."""
    while True:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        found = [line for line in status.splitlines() if line.startswith("VmHWM")]
        if not found:  # it has ended and nobody has asked for its exit code yet
            return
        peaks.append(int(found[0].split()[1]) / 2**20)
        time.sleep(0.1)


class Installation:
    """A platform set up in a folder of its own; PostgreSQL where ``DATABASE_URL`` says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment(folder / "home", "http://127.0.0.1:8000")
        self.chengxin("init")

    @property
    def inherited(self) -> dict[str, str]:
        """The whole environment for a process that this installation's code runs in."""
        return {**os.environ, **self.env}

    def chengxin(self, *arguments: str, expect: Sequence[int] = (0, 1)) -> Weighed:
        return weigh([sys.executable, "-m", "chengxin", *arguments], self.env, expect)


class Peak:
    """The most memory seen, in GiB."""

    gib = 0.0


@contextmanager
def peak_memory(every: float = 0.05) -> Iterator[Peak]:
    """Memory of this process and all its children together, looked at again and again.

    What the system reports of children that have ended is no use: a child begins with its parent's peak.
    """
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(every):
            peak.gib = max(peak.gib, _resident(os.getpid()) / 2**30)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _resident(pid: int) -> int:
    """Bytes in memory of a process and its children; shared pages count for each."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0  # it has just ended
    return own + sum(_resident(int(child)) for child in children)


def machine() -> str:
    """What the figures were taken on: cores, memory, versions."""
    import duckdb
    import pyarrow

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}, "
        f"pyarrow {pyarrow.__version__}, {database}"
    )
