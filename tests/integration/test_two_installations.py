"""City and province are each other's witnesses: two installations, two processes, the real commands."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.databases import Databases

from chengxin.ledger import verify

PROGRAM = [sys.executable, "-m", "chengxin"]


class Installation:
    """One platform with a home of its own, reached by command line and by web."""

    def __init__(self, name: str, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "CHENGXIN_HOME": str(home),
            "DATABASE_URL": "",
            "CHENGXIN_LOG_ORIGIN": f"{name}.example/log",
            "CHENGXIN_LOG_POLICY": str(home / "policy"),
            "CHENGXIN_WITNESS_LOGS": str(home / "logs"),
        }
        self.home = home

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*PROGRAM, *arguments], env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def script(self, text: str) -> str:
        """What a short program prints that runs inside the platform."""
        program = f"import django; django.setup()\n{text}"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout

    def keys(self) -> tuple[str, str]:
        """The log's key and the witness's."""
        (self.home / "policy").write_text("quorum none\n")
        told = "from chengxin.operations import logkey, watching\nprint(logkey.verifier(), watching.verifier())"
        log, witness = self.script(told).split()
        return log, witness

    def enter(self, count: int) -> None:
        """Entries as any act makes them."""
        self.script(
            "from chengxin.operations import acts, publishing\n"
            f"acts.enter([{{'act': 'note', 'kind': 'test', 'n': str(n)}} for n in range({count})], by='1')\n"
            "publishing.publish()"
        )

    @contextmanager
    def serving(self) -> Iterator[None]:
        program = "from wsgiref.simple_server import make_server; from chengxin.web.wsgi import application; "
        program += f"make_server('127.0.0.1', {self.port}, application).serve_forever()"
        process = subprocess.Popen([sys.executable, "-c", program], env=self.environment, stderr=subprocess.DEVNULL)
        try:
            for _ in range(300):
                assert process.poll() is None, "the server ended by itself"
                try:
                    urllib.request.urlopen(f"{self.url}/api/v1/", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture
def pair(databases: Databases, django_db_blocker) -> Iterator[tuple[Installation, Installation]]:
    with django_db_blocker.unblock(), databases.place("sqlite") as one, databases.place("sqlite") as other:
        yield Installation("city", one.home), Installation("province", other.home)


@pytest.mark.long
def test_a_city_and_a_province_sign_each_others_logs_and_follow_them(pair):
    city, province = pair
    keys = {one: one.keys() for one in pair}
    for one, other in ((city, province), (province, city)):
        (one.home / "logs").write_text(f"log {keys[other][0]}\nquorum none\n")
        (one.home / "policy").write_text(
            f"log {keys[one][0]}\nwitness other {keys[other][1]} {other.url}/witness\nquorum other\n"
        )
        one.enter(3)
    with city.serving(), province.serving():
        for one in pair:
            told = json.loads(one.run("log", "cosign", "--json").stdout)
            assert (told["quorum"], told["contacts"][0]["outcome"]) == ("reached", "cosigned"), told
        city.enter(300)
        grown = city.run("log", "cosign", "--json")
        assert (grown.returncode, json.loads(grown.stdout)["size"]) == (0, 303), grown.stderr
        follow = ["log", "monitor", f"{city.url}/log", "--policy", str(city.home / "policy"), "--entries", "--json"]
        first = province.run(*follow)
        assert (first.returncode, json.loads(first.stdout)["state"]) == (0, "first"), first.stderr
        assert json.loads(province.run(*follow).stdout)["state"] == "unchanged"
        told = json.loads(city.run("log", "witnesses", "--json").stdout)
        assert (told["witnesses"][0]["size"], told["watched"][0]["size"], told["split_views"]) == (303, 3, [])
        note = urllib.request.urlopen(f"{city.url}/log/checkpoint", timeout=10).read().decode()
        policy = verify.parse_policy((city.home / "policy").read_text())
        assert policy.satisfied(set(policy.cosigned(verify.parse_note(note))))
