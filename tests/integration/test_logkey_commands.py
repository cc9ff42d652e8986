"""`chengxin log key …` and `chengxin log tiles`, as an administrator types them."""

import json
from pathlib import Path

from django.db import transaction
from tests.databases import Place
from typer.testing import CliRunner

from chengxin.cli import ledger, logkey  # noqa: F401  (they register commands)
from chengxin.cli.app import app
from chengxin.kernel.canonical import encode
from chengxin.ledger.model import Batch
from chengxin.operations import logkey as keys
from chengxin.operations import publishing
from chengxin.storage import sequencing
from chengxin.storage.ledger import Appender


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["log", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_administrator_has_lost_tiles_written_anew(sqlite_database: Place) -> None:
    with transaction.atomic():
        log = Appender(sequencing.session(), Batch("B-1", "2026-11-22T02:00:00Z", "operator", "0" * 64))
        log.add([encode({"act": "state", "kind": "test", "record": str(n)}) for n in range(300)])
        log.close(keys.signed)
    publishing.publish()
    tile = sqlite_database.home / "tile" / "0" / "000"
    before = tile.read_bytes()
    tile.unlink()
    assert json.loads(_run("tiles", "--json")) == {"size": 300, "tiles": 1 + 2}
    assert tile.read_bytes() == before


def test_an_administrator_sees_replaces_and_seals_the_keys(sqlite_database: Place, tmp_path: Path, settings) -> None:
    shown = json.loads(_run("key", "show", "--json"))
    assert [key["line"] for key in shown["keys"]] == keys.verifiers()
    assert not shown["protected"]
    assert "unsafe" in _run("key", "show")
    rotated = json.loads(_run("key", "rotate", "--days", "7", "--json"))
    assert rotated["line"] == keys.verifier()
    secret = tmp_path / "secret"
    secret.write_text("很长的口令，放在别处")
    _run("key", "seal", str(secret))
    settings.KEY_FILE = str(secret)
    assert keys.signed(1, bytes(32)).count("— ") == 2
    assert json.loads(_run("key", "show", "--json"))["protected"]
