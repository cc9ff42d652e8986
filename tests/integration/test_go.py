"""Proven by others: Go's own packages for transparency logs rebuild every proof from our tiles and open our checkpoints."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from tests.databases import Databases

from chengxin.kernel.canonical import encode
from chengxin.ledger import tiles
from chengxin.ledger.merkle import TILE_WIDTH
from chengxin.ledger.model import Batch
from chengxin.operations import logkey, publishing
from chengxin.storage import sequencing
from chengxin.storage.ledger import Appender

SOURCE = Path(__file__).parents[1] / "go" / "verify.go"
EARLIER, NOW = 259, 1_300

Verify = Callable[[], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built. Without Go this fails: see deploy/go.sh."""
    built = tmp_path_factory.mktemp("go") / "verify"
    path = os.environ.get("CHENGXIN_GOPATH", "/usr/share/gocode")
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": path, "GOFLAGS": "", "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", str(built), str(SOURCE)], env=environment, check=True)
    return built


@pytest.fixture(scope="module")
def fetched(databases: Databases, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """All of a log as a client fetches it over the years: its key is replaced meanwhile, and it signs with SM2 too."""
    folder = tmp_path_factory.mktemp("log")
    with django_db_blocker.unblock(), databases.place("sqlite"), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LOG_SM2", True)
        client = Client(headers={"host": "127.0.0.1"})
        key = logkey.verifier()
        _append(0, EARLIER)
        (folder / "old").write_bytes(client.get("/log/checkpoint").content)
        logkey.rotate(days=30)
        _append(EARLIER, NOW)
        (folder / "checkpoint").write_bytes(client.get("/log/checkpoint").content)
        for address in _addresses(NOW):
            path = folder / "tile" / address
            path.parent.mkdir(parents=True, exist_ok=True)
            answer = client.get(f"/log/tile/{address}")
            assert answer.status_code == 200, address
            path.write_bytes(answer.content)
    return folder, key


@pytest.fixture
def verify(program: Path, fetched: tuple[Path, str]) -> Verify:
    folder, key = fetched
    return lambda: subprocess.run([program, folder, key], capture_output=True, text=True, check=False)


def _append(first: int, end: int) -> None:
    with transaction.atomic():
        ledger = Appender(sequencing.session(), Batch(f"B-{end}", "2026-11-22T02:00:00Z", "operator", "0" * 64))
        ledger.add([encode({"act": "state", "kind": "test", "record": str(n)}) for n in range(first, end)])
        ledger.close(logkey.signed)
    assert publishing.publish()


def _addresses(size: int) -> list[str]:
    found = []
    for level in range(8):
        count = size >> 8 * level
        widths = [min(TILE_WIDTH, count - start) for start in range(0, count, TILE_WIDTH)]
        found += [tiles.path(level, number, width) for number, width in enumerate(widths)]
    return found + [f"entries/{address.removeprefix('0/')}" for address in found if address.startswith("0/")]


def test_go_opens_both_checkpoints_and_proves_every_entry_and_the_growth(verify: Verify) -> None:
    done = verify()
    assert (done.returncode, done.stdout) == (0, f"OK {EARLIER} {NOW}\n"), done.stdout


@pytest.mark.parametrize(
    ("name", "place"),
    [("checkpoint", 25), ("checkpoint", 120), ("old", 25), ("tile/0/002", 17), ("tile/0/005.p/20", 3),
     ("tile/1/000.p/5", 40), ("tile/entries/003", 900)],
)  # fmt: skip
def test_go_refuses_what_was_changed(verify: Verify, fetched: tuple[Path, str], name: str, place: int) -> None:
    path = fetched[0] / name
    before = path.read_bytes()
    changed = bytearray(before)
    changed[place] ^= 1
    path.write_bytes(changed)
    try:
        done = verify()
    finally:
        path.write_bytes(before)
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED")
