"""Log keys: sealed at rest, replaced with overlap, in no table of the database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.databases import Place

from chengxin.kernel.refusal import Refusal
from chengxin.ledger.checkpoint import Kind, opened
from chengxin.ledger.verify import parse_note
from chengxin.operations import keyring, logkey

ROOT = bytes(32)


def _signatures(note: str) -> int:
    return len(parse_note(note).signatures)


def test_a_replaced_key_signs_beside_the_new_one_until_its_days_are_over(home: Path, monkeypatch) -> None:
    before = logkey.signed(5, ROOT)
    old = logkey.keys()
    new = logkey.rotate(days=10)
    note = logkey.signed(6, ROOT)
    assert _signatures(note) == 2
    assert opened(note, old).size == 6, "whoever knows only the old key can still verify"
    assert logkey.verifier() == new.line

    later = (datetime.now(UTC) + timedelta(days=11)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setattr(logkey, "_now", lambda: later)
    note = logkey.signed(7, ROOT)
    assert _signatures(note) == 1
    with pytest.raises(ValueError, match="no Ed25519"):
        opened(note, old)
    assert opened(before, logkey.keys()).size == 5, "what the old key signed is verified for ever"


def test_a_key_ended_at_once_signs_no_more_and_its_private_half_is_gone(home: Path) -> None:
    logkey.signed(1, ROOT)
    logkey.rotate(days=0)
    assert _signatures(logkey.signed(2, ROOT)) == 1
    first, second = keyring.kept("log")
    assert not first.sealed
    assert second.sealed
    assert [each.signs for each in logkey.listed()] == [False, True]


def test_an_sm2_signature_comes_and_goes_with_the_switch(home: Path, settings) -> None:
    assert _signatures(logkey.signed(1, ROOT)) == 1
    settings.LOG_SM2 = True
    note = logkey.signed(2, ROOT)
    assert _signatures(note) == 2
    known = logkey.keys()
    assert {key.kind for key in known} == {Kind.ED25519, Kind.SM2}
    assert opened(note, known).size == 2
    assert len(logkey.verifiers()) == 1, "stock verifiers are given Ed25519 keys only"
    logkey.rotate(kind=Kind.SM2, days=1)
    assert _signatures(logkey.signed(3, ROOT)) == 3
    settings.LOG_SM2 = False
    assert _signatures(logkey.signed(4, ROOT)) == 1


def test_private_keys_lie_sealed_and_open_under_their_secret_only(home: Path, settings) -> None:
    settings.KEY_SECRET = "一个很长的口令"
    note = logkey.signed(1, ROOT)
    private = keyring.private(keyring.kept("log")[0])
    stored = b"".join(path.read_bytes() for path in (home / "keys").iterdir())
    assert private not in stored
    assert private.hex().encode() not in stored
    settings.KEY_SECRET = "another"
    with pytest.raises(Refusal) as refused:
        logkey.signed(2, ROOT)
    assert refused.value.rule == "platform.key-locked"
    assert opened(note, logkey.keys()).size == 1, "verifying needs no secret"


def test_keys_can_be_sealed_anew_under_another_secret(home: Path, settings, tmp_path: Path) -> None:
    logkey.signed(1, ROOT)
    keyring.private_key("witness")
    assert not keyring.protected()
    secret = tmp_path / "elsewhere"
    secret.write_text("新的口令\n")
    keyring.reseal(secret.read_bytes().strip())
    with pytest.raises(Refusal):
        logkey.signed(2, ROOT)
    settings.KEY_FILE = str(secret)
    assert keyring.protected()
    assert opened(logkey.signed(2, ROOT), logkey.keys()).size == 2
    settings.KEY_FILE = str(tmp_path / "missing")
    with pytest.raises(Refusal):
        logkey.signed(3, ROOT)


def test_the_key_of_an_older_version_is_taken_over_and_its_bare_file_removed(home: Path) -> None:
    private = Ed25519PrivateKey.generate()
    (home / "keys").mkdir()
    (home / "keys" / "log").write_bytes(private.private_bytes_raw())
    logkey.signed(1, ROOT)
    (taken,) = logkey.keys()
    assert taken.public == private.public_key().public_bytes_raw()
    assert not (home / "keys" / "log").exists()


def test_each_use_has_its_own_key_and_only_the_owner_reads_the_ring(home: Path) -> None:
    witness = keyring.private_key("witness")
    assert keyring.private_key("witness").private_bytes_raw() == witness.private_bytes_raw()
    logkey.signed(1, ROOT)
    assert len(json.loads((home / "keys" / "ring.json").read_text())) == 2
    assert {path.stat().st_mode & 0o077 for path in (home / "keys").iterdir()} == {0}


def test_the_database_holds_no_private_key(sqlite_database: Place) -> None:
    logkey.signed(1, ROOT)
    private = keyring.private(keyring.kept("log")[0])
    stored = (sqlite_database.home / "chengxin.sqlite3").read_bytes()
    assert private not in stored
    assert keyring.kept("log")[0].sealed.encode() not in stored
