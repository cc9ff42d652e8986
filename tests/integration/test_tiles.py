"""Tiles in a folder and in a bucket: durable before the published log reaches them, served as C2SP tlog-tiles wants."""

import gzip
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client
from tests.databases import Databases, Place

from chengxin.kernel.canonical import encode
from chengxin.kernel.refusal import Refusal
from chengxin.ledger.checkpoint import opened
from chengxin.ledger.merkle import HASH_BYTES, TILE_BYTES, leaf_hash, root_of
from chengxin.ledger.model import Batch
from chengxin.operations import logkey, logtiles, publishing
from chengxin.storage import sequencing, tiles
from chengxin.storage.ledger import Appender

FULL = {(0, 0): b"a" * TILE_BYTES, (0, 1): b"b" * TILE_BYTES, (1, 1_234_067): b"c" * TILE_BYTES}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An S3-compatible server with an empty bucket; its address is in the usual variables meanwhile."""
    port = _free_port()
    server = subprocess.Popen(
        [".venv-s3/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    given = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    _make_bucket(f"http://127.0.0.1:{port}/log")
    yield "s3://log/city"
    server.terminate()
    server.wait()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _make_bucket(address: str) -> None:
    """Ask until the server is there."""
    for _ in range(150):
        with suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(urllib.request.Request(address, method="PUT"))
            return
        time.sleep(0.2)
    raise RuntimeError("the S3-compatible server does not answer; `deploy/s3.sh` installs it")


def _append(count: int, number: int = 1) -> None:
    contents = [encode({"act": "state", "kind": "test", "record": str(n)}) for n in range(count)]
    with transaction.atomic():
        ledger = Appender(sequencing.session(), Batch(f"B-{number}", "2026-11-22T02:00:00Z", "operator", "0" * 64))
        ledger.add(contents)
        ledger.close(logkey.signed)


def _in_database() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_tile")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_both_stores_give_back_what_they_were_given(kind: str, bucket: str, tmp_path: Path, settings) -> None:
    settings.TILES = bucket if kind == "bucket" else str(tmp_path / "tile")
    store = tiles.store()
    assert store.get(0, 0) == b""
    store.put(FULL)
    store.put(FULL)
    assert {place: store.get(*place) for place in FULL} == FULL
    assert store.get(0, 2) == b""


def test_a_folder_can_be_served_as_it_is(tmp_path: Path) -> None:
    many = {(0, number): bytes([number]) * TILE_BYTES for number in range(tiles.FEW + 1)}
    tiles.Folder(tmp_path / "tile").put(many | FULL)
    assert (tmp_path / "tile" / "1" / "x001" / "x234" / "067").read_bytes() == FULL[1, 1_234_067]
    files = [path for path in (tmp_path / "tile").rglob("*") if path.is_file()]
    assert len(files) == len(many | FULL), "no half-written file is left"


def test_full_tiles_leave_the_database_once_the_store_has_them(empty_database: Place) -> None:
    _append(70_000)
    assert publishing.published() is None
    assert _in_database() == 274 + 2 + 1
    assert publishing.publish()
    assert _in_database() == 3, "the right edge stays: 112, 17 and 1 hashes"
    assert [len(tiles.read(level, number)) // HASH_BYTES for level, number in ((0, 273), (1, 1), (2, 0))] == [
        112,
        17,
        1,
    ]
    assert len(tiles.store().get(0, 272)) == len(tiles.store().get(1, 0)) == TILE_BYTES
    _check_root(70_000)


def test_a_log_whose_tiles_lie_in_a_bucket_is_served_all_the_same(
    databases: Databases, django_db_blocker, bucket: str, settings
) -> None:
    settings.TILES = bucket
    with django_db_blocker.unblock(), databases.place("sqlite") as place:
        _append(600)
        assert publishing.publish()
        assert not (place.home / "tile").exists()
        assert len(Client(headers={"host": "127.0.0.1"}).get("/log/tile/0/001").content) == TILE_BYTES
        _check_root(600)


def _check_root(size: int) -> None:
    published = publishing.published()
    leaves = b"".join(tiles.read(0, number) for number in range(-(-size // 256)))
    hashes = [leaves[start : start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES)]
    assert published is not None
    assert (published.size, published.root) == (size, root_of(hashes))


def test_the_published_log_never_runs_ahead_of_its_tiles(empty_database: Place, settings, monkeypatch) -> None:
    _append(10, 1)
    assert publishing.publish()
    _append(300, 2)

    class Full:
        def put(self, full: object) -> None:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(tiles, "store", Full)
        assert not publishing.publish(), "what is in the log stays in the log, it is only not shown yet"
        assert publishing.published().size == 10
    assert Client(headers={"host": "127.0.0.1"}).get("/log/tile/0/000").status_code == 404
    assert publishing.publish()
    assert publishing.published().size == 310


def test_a_publisher_that_comes_late_does_not_take_the_log_back(empty_database: Place) -> None:
    _append(300, 1)
    publishing.publish()
    with pytest.raises(Exception, match="does not shrink"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_published SET size = 200")
    with pytest.raises(RuntimeError, match="committed"), transaction.atomic():
        publishing.publish()


def test_tiles_are_served_as_the_layout_wants(empty_database: Place) -> None:
    _append(600)
    publishing.publish()
    client = Client(headers={"host": "127.0.0.1"})
    full, partial = client.get("/log/tile/0/000"), client.get("/log/tile/0/002.p/88")
    assert len(full.content) == TILE_BYTES
    assert len(partial.content) == 88 * HASH_BYTES
    assert client.get("/log/tile/1/000.p/2").content[:HASH_BYTES]
    for answer in (full, partial):
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["Access-Control-Allow-Origin"] == "*"
    # a client that saw a smaller checkpoint asks for the narrower tile it needs, also when the tile is full by now
    assert client.get("/log/tile/0/000.p/10").content == full.content[: 10 * HASH_BYTES]
    packed = client.get("/log/tile/entries/002.p/88", headers={"accept-encoding": "gzip"})
    plain = client.get("/log/tile/entries/002.p/88")
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    length = int.from_bytes(plain.content[:2], "big")
    assert leaf_hash(plain.content[2 : 2 + length]) == partial.content[:HASH_BYTES]
    note = client.get("/log/checkpoint")
    assert opened(note.content.decode(), logkey.keys()).size == 600
    assert note["Content-Type"] == "text/plain; charset=utf-8"


def test_all_keys_that_ever_signed_are_published(sqlite_database: Place) -> None:
    old = logkey.verifier()
    logkey.rotate(days=0)
    lines = Client(headers={"host": "127.0.0.1"}).get("/log/keys").content.decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [old, logkey.verifier()]
    assert [line.endswith("(signs no longer)") for line in lines if line.startswith("#")] == [True, False]


NOWHERE = (
    *("0/002", "0/003.p/1", "0/002.p/89", "0/000.p/0", "0/000.p/256", "0/000.p/010", "00/000", "0/x000/000", "0/0"),
    *("64/000", "2/000.p/1", "1/000", "entries/002", "entries/000.p/0", "data/000", "0/000/"),
)


def test_a_tile_has_one_address_and_what_is_not_there_has_none(sqlite_database: Place) -> None:
    _append(600)
    publishing.publish()
    client = Client(headers={"host": "127.0.0.1"})
    assert client.get("/log/tile/0/000").status_code == 200
    assert [address for address in NOWHERE if client.get(f"/log/tile/{address}").status_code != 404] == []


def test_lost_and_changed_tiles_are_written_anew_from_the_entries(empty_database: Place) -> None:
    _append(600)
    publishing.publish()
    folder = empty_database.home / "tile" / "0"
    before = [(folder / name).read_bytes() for name in ("000", "001")]
    (folder / "000").unlink()
    (folder / "001").write_bytes(b"\0" * TILE_BYTES)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_tile")
    assert logtiles.restore() == {"size": 600, "tiles": 2 + 2}
    assert [(folder / name).read_bytes() for name in ("000", "001")] == before
    assert len(tiles.read(0, 2)) == 88 * HASH_BYTES
    _check_root(600)


def test_tiles_are_not_written_from_entries_that_were_changed(empty_database: Place) -> None:
    _append(300)
    publishing.publish()
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER ledger_entry_no_update"
            if empty_database.vendor == "sqlite"
            else "ALTER TABLE ledger_entry DISABLE TRIGGER USER"
        )
        cursor.execute("UPDATE ledger_entry SET digest = %s WHERE seq = 7", [bytes(32)])
    before = tiles.store().get(0, 0)
    with pytest.raises(Refusal) as refused:
        logtiles.restore()
    assert refused.value.rule == "log.entries-differ"
    assert tiles.store().get(0, 0) == before


def test_a_bucket_that_refuses_is_said_so(monkeypatch) -> None:
    from obstore.exceptions import GenericError

    store = tiles.Bucket.__new__(tiles.Bucket)

    def refuse(path: str, body: bytes) -> None:
        raise GenericError("no")

    store._objects = SimpleNamespace(put=refuse)
    with pytest.raises(OSError, match="does not take tile tile/0/000"):
        store.put({(0, 0): b""})
