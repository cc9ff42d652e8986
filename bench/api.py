"""The API: CPU time for one subject and its first ten records, against a bare read under the same server.

    python -m bench.api --subjects 2000 --requests 2000

Both applications run under Granian with one worker and one thread, are asked for the same subjects over one connection,
one after the other, and are weighed by the CPU time of the server's processes.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench import generate
from bench.intake import somewhere, submit
from bench.running import Installation, machine

RECORDS_A_SUBJECT = 60
QUOTAS = {"CHENGXIN_API_REQUESTS": "100000000"}


@contextmanager
def served(application: str, env: dict[str, str]) -> Iterator[tuple[int, psutil.Process]]:
    """Granian with one worker on a free port of this machine, ready to answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "1", "--no-log", application),
    ]
    server = subprocess.Popen(command, env=env)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def weigh(application: str, env: dict[str, str], codes: Sequence[str], requests: int) -> dict[str, float]:
    """CPU and waiting time for one subject with its records (two requests), in microseconds."""
    with served(application, env) as (port, server):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for code in codes[:50]:
            _ask(connection, code)
        before, waits, size = _cpu(server), [], 0
        for number in range(requests):
            started = time.perf_counter()
            size += _ask(connection, codes[number % len(codes)])
            waits.append(time.perf_counter() - started)
        spent = _cpu(server) - before
    waits.sort()
    return {
        "cpu_us": round(spent / requests * 1e6),
        "median_us": round(waits[len(waits) // 2] * 1e6),
        "p99_us": round(waits[int(len(waits) * 0.99)] * 1e6),
        "bytes": round(size / requests),
    }


def _ask(connection: http.client.HTTPConnection, code: str) -> int:
    size = 0
    for path in (f"/api/v1/subjects/{code}", f"/api/v1/subjects/{code}/records?limit=10"):
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        size += len(body)
    return size


def _cpu(server: psutil.Process) -> float:
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        place = Installation(folder)
        register, table = folder / "registry.csv", folder / "penalties.csv"
        generate.registry(given.subjects, register)
        place.chengxin("subjects", "import", str(register), "--json")
        generate.penalties(given.subjects * RECORDS_A_SUBJECT, 0, given.subjects, table, wrong=0)
        submit(place, table)
        codes = generate.codes(given.subjects)
        database = {"CHENGXIN_BENCH_DATABASE": str(folder / "home" / "chengxin.sqlite3")}
        env = {**place.inherited, **QUOTAS, **database}
        api = weigh("chengxin.web.wsgi:application", env, codes, given.requests)
        raw = weigh("bench.raw:application", env, codes, given.requests)
        print(json.dumps({"api": api, "raw": raw, "times_raw": round(api["cpu_us"] / raw["cpu_us"], 2)}))


if __name__ == "__main__":
    main()
