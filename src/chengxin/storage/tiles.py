"""Tile store (哈希块存储): where full tiles of the log lie for good — a folder, or a bucket of an S3-compatible store.

A full tile never changes, so writing it twice does no harm and nobody has to be kept from it. Tiles of the right edge, which
still grow, and full ones that were not brought out yet lie in the database, written in the transaction of their batch.
"""

import ctypes
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connection

from chengxin.ledger import tiles

Place = tuple[int, int]
"""(level, number) of a tile."""

FEW = 32
"""Up to so many files are flushed one by one; beyond, the whole file system at once is faster."""
PARALLEL = 16
"""Requests under way at a time: a bucket takes far more of them than one connection can send one after another."""


class TileStore(Protocol):
    """What the log needs of a place for full tiles."""

    def put(self, full: Mapping[Place, bytes]) -> None:
        """Store tiles; when it returns they survive a power cut. Raises OSError when it cannot."""
        ...

    def get(self, level: int, number: int) -> bytes:
        """The tile, b'' when it is not there."""
        ...


class Folder:
    """Tiles as files, laid out as they are addressed, so that any web server can serve the folder as it is."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, full: Mapping[Place, bytes]) -> None:
        targets = {self._path(place): hashes for place, hashes in full.items()}
        folders = {path.parent for path in targets}
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        fresh = {path: path.with_name(f"{path.name}.{os.getpid()}") for path in targets}
        for path, hashes in targets.items():
            fresh[path].write_bytes(hashes)
        self._flush(fresh.values())
        for path, written in fresh.items():
            written.replace(path)
        # a name is durable with its folder, a new folder with the one above it
        self._flush({above for folder in folders for above in (folder, *folder.parents) if self.root in above.parents})
        self._flush([self.root, self.root.parent])

    def get(self, level: int, number: int) -> bytes:
        try:
            return self._path((level, number)).read_bytes()
        except FileNotFoundError:
            return b""

    def _path(self, place: Place) -> Path:
        return self.root / tiles.path(*place)

    def _flush(self, paths: Iterable[Path]) -> None:
        listed = list(paths)
        if len(listed) > FEW:
            _flush_file_system(self.root)
            return
        for path in listed:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


class Bucket:
    """Tiles as objects under a prefix. Address and credentials come from the usual AWS_… variables."""

    def __init__(self, url: str) -> None:
        from obstore.store import S3Store  # a megabyte of code that an installation with a folder never loads

        self._objects = S3Store.from_url(url)

    def put(self, full: Mapping[Place, bytes]) -> None:
        with ThreadPoolExecutor(PARALLEL) as senders:
            list(senders.map(self._put, full, full.values()))

    def get(self, level: int, number: int) -> bytes:
        try:
            return bytes(self._objects.get(_name((level, number))).bytes())
        except FileNotFoundError:
            return b""

    def _put(self, place: Place, hashes: bytes) -> None:
        from obstore.exceptions import BaseError

        try:
            self._objects.put(_name(place), hashes)
        except BaseError as error:
            raise OSError(f"the bucket does not take tile {_name(place)}: {error}") from error


def store() -> TileStore:
    """The installation's tile store: ``settings.TILES``, a folder below the home folder when that is empty."""
    return _store(str(settings.TILES or Path(settings.HOME) / "tile"))


def read(level: int, number: int) -> bytes:
    """A tile as far as it is filled, b'' when the log has none such: the right edge from the database, the rest from the store.

    The database is asked first: a tile leaves it only after the store has it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashes FROM ledger_tile WHERE level = %s AND number = %s", [level, number])
        found = cursor.fetchone()
    return bytes(found[0]) if found else store().get(level, number)


@lru_cache(maxsize=4)
def _store(place: str) -> TileStore:
    return Bucket(place) if place.startswith("s3://") else Folder(Path(place))


def _name(place: Place) -> str:
    return f"tile/{tiles.path(*place)}"


def _flush_file_system(path: Path) -> None:
    """Flush everything the path's file system has not written yet; all file systems where only that is on offer."""
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except AttributeError:
        os.sync()
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        if syncfs(handle):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    finally:
        os.close(handle)
