"""Audit of the log (日志核验): everything that is stored is worked out again and compared, and what differs is named.

Entries and tiles are two accounts of the same leaves, and a signed root says which of them is right: so one changed
entry is told from one changed tile, and later batches still verify. Reads in chunks; memory does not grow with the log.
"""

import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chengxin.ledger.checkpoint import Checkpoint
from chengxin.ledger.findings import Findings
from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH, ReadTile, Tree
from chengxin.ledger.model import Batch

_ERASE = b'{"act":"erase",'
_LEAF = b"\x00"
_TILE_BYTES = TILE_WIDTH * HASH_BYTES
_COMPARE_EVERY = 65_536
"""Entries after which finished tiles are compared and let go."""


@dataclass(frozen=True)
class SealedBatch:
    """A batch as stored: its common fields, its entries ``[first_seq, first_seq + size)``, root (hex) and note."""

    batch: Batch
    first_seq: int
    size: int
    root: str
    note: str


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint known from outside the database (库外留存的检查点): ``root`` is hex, ``by`` says whence."""

    size: int
    root: str
    by: str


Row = tuple[int, bytes | None, bytes | None, bytes | None, int | None]
"""(seq, nonce, content, digest, erasing act); None where the item or the entry is missing or nothing was erased."""
ReadRows = Callable[[int, int], Iterator[Sequence[Row]]]
"""(first, until) → the rows that are there, in order, in chunks."""
OpenNote = Callable[[str], Checkpoint]
"""A note → the checkpoint it holds, after checking its signature; raises ValueError when it does not hold."""


class Auditor:
    """Walks through a log from its first entry; ``findings`` fills up. ``origin`` is the log's name."""

    def __init__(
        self,
        *,
        origin: str,
        open_note: OpenNote,
        read_rows: ReadRows,
        read_tile: ReadTile,
        witnessed: Iterable[Witnessed] = (),
    ) -> None:
        self.findings = Findings()
        self.erased: dict[int, set[int]] = {}
        """Entries without an item, by the act that is said to have erased them."""
        self.orders: dict[int, bytes] = {}
        """Content of every act of erasure, by its entry."""
        self._origin, self._open_note = origin, open_note
        self._read_rows, self._read_tile = read_rows, read_tile
        self._tree = Tree(0, _nothing)
        self._lost = False
        self._compared = 0
        self._wrong_tiles: set[int] = set()
        self._displaced: set[int] = set()
        """Entries of the batch under way whose item is as it was signed, and whose digest is not."""
        self._tile = (-1, b"")
        self._witnessed = sorted(witnessed, key=lambda one: one.size, reverse=True)

    @property
    def size(self) -> int:
        return self._tree.size

    @property
    def root(self) -> bytes:
        return self._tree.root()

    def batch(self, sealed: SealedBatch) -> None:
        """Check one batch; batches come in the order of the log."""
        noted = self._note(sealed)
        first, until = sealed.first_seq, sealed.first_seq + sealed.size
        if noted is not None and noted.size != until:
            self.findings.add("batch.sequence", _range(first, until), sealed.batch.id)
            first, until = self.size, noted.size  # what is signed counts more than what the row says
        if first > self.size:
            self.findings.add("batch.missing", _range(self.size, first))
            self._tree.append(self._stored_leaves(self.size, first))
        elif first < self.size:
            self.findings.add("batch.repeated", _range(first, until), sealed.batch.id)
            first = self.size
        self._walk(sealed, noted, first, until)
        self._compare_witnessed()

    def close(self) -> None:
        """The end of the log: tiles that are not full, and checkpoints that lie beyond. Call once."""
        self._compare_tiles(last=True)
        for one in self._witnessed:
            self.findings.add("log.behind", f"{self.size} < {one.size} ({one.by})")

    def _walk(self, sealed: SealedBatch, noted: Checkpoint | None, first: int, until: int) -> None:
        by_entries, by_tiles = self._tree, None
        differing: list[int] = []
        self._displaced.clear()
        make = _leaf_maker(sealed.batch)
        for start, rows in _whole(self._read_rows(first, until), first, until):
            stored = self._stored_leaves(start, start + len(rows))
            leaves = self._read(rows, stored, make, sealed.batch.id)
            if leaves != stored and by_tiles is None:
                by_tiles = copy.deepcopy(by_entries)
            if by_tiles is not None:
                by_tiles.append(stored)
                differing += _different(leaves, stored, start)
            by_entries.append(leaves)
            if by_tiles is None and self.size - self._compared >= _COMPARE_EVERY:
                self._compare_tiles(last=False)
        signed = None if self._lost else noted.root if noted else _from_hex(sealed.root)
        if by_tiles is not None and (signed == by_tiles.root() or self._lost):
            self._tree = by_tiles
            self._name_entries(sealed.batch.id, differing, whole=len(differing) == until - first)
        else:
            for number in {seq // TILE_WIDTH for seq in differing} - self._wrong_tiles:
                self._wrong_tiles.add(number)
                self.findings.add("tile.changed", f"0/{number}")
            if not self._lost and signed != by_entries.root():
                self.findings.add("batch.rewritten", sealed.batch.id, sealed.batch.id)
                self._lost = True  # what follows can only be compared with the tiles
        if noted is not None and noted.root.hex() != sealed.root:
            self.findings.add("batch.root", sealed.batch.id, sealed.batch.id)

    def _name_entries(self, batch: str, differing: list[int], *, whole: bool) -> None:
        if whole and not self._displaced:
            self.findings.add("batch.changed", batch, batch)
            return
        for seq in differing:
            self.findings.entry("entry.changed", seq, batch)

    def _read(self, rows: Sequence[Row], stored: bytes, make: Callable[[bytes], bytes], batch: str) -> bytes:
        """Leaf hashes of these rows as their entries say, or as the tiles say where an entry is missing."""
        sha256 = hashlib.sha256
        leaves = []
        for place, (seq, nonce, content, digest, act) in enumerate(rows):
            if digest is None:
                self.findings.entry("entry.missing", seq, batch)
                leaves.append(_piece(stored, place))
                continue
            leaves.append(make(digest))
            if nonce is None or content is None:
                self._no_item(seq, act, batch)
                continue
            item = sha256(nonce)
            item.update(content)
            found = item.digest()
            if found != digest:
                if make(found) == _piece(stored, place):
                    self._displaced.add(seq)
                else:
                    self.findings.entry("item.changed", seq, batch)
            if act is not None:
                self.findings.entry("item.returned", seq, batch)
            if content.startswith(_ERASE):
                self.orders[seq] = bytes(content)
        return b"".join(leaves)

    def _no_item(self, seq: int, act: int | None, batch: str) -> None:
        if act is None:
            self.findings.entry("item.missing", seq, batch)
        else:
            self.erased.setdefault(act, set()).add(seq)

    def _stored_leaves(self, first: int, until: int) -> bytes:
        """Leaf hashes ``[first, until)`` as the tiles say; zeros where they say nothing."""
        pieces = []
        for number in range(first // TILE_WIDTH, -(-until // TILE_WIDTH)):
            if self._tile[0] != number:
                self._tile = (number, bytes(self._read_tile(0, number)).ljust(_TILE_BYTES, b"\x00"))
            start = number * TILE_WIDTH
            low, high = max(first, start) - start, min(until, start + TILE_WIDTH) - start
            pieces.append(self._tile[1][low * HASH_BYTES : high * HASH_BYTES])
        return b"".join(pieces)

    def _compare_tiles(self, *, last: bool) -> None:
        """Compare tiles above the leaves; one that is not full may have grown since, and its beginning counts."""
        self._compared = self.size
        for (level, number), hashes in self._tree.take_changed().items():
            full = len(hashes) == _TILE_BYTES
            if level == 0 or not (full or last):
                continue  # leaves were compared one by one
            if bytes(self._read_tile(level, number))[: len(hashes)] != hashes:
                self.findings.add("tile.changed", f"{level}/{number}")

    def _compare_witnessed(self) -> None:
        while self._witnessed and self._witnessed[-1].size <= self.size:
            one = self._witnessed.pop()
            if one.size != self.size or one.root != self.root.hex():
                self.findings.add("log.forked", f"{one.size} ({one.by})")

    def _note(self, sealed: SealedBatch) -> Checkpoint | None:
        """The checkpoint of a batch, None when its signature does not hold."""
        try:
            noted = self._open_note(sealed.note)
        except ValueError:
            self.findings.add("checkpoint.signature", sealed.batch.id, sealed.batch.id)
            return None
        if noted.origin != self._origin or noted.size <= self.size:
            self.findings.add("checkpoint.content", sealed.batch.id, sealed.batch.id)
            return None
        return noted


def _whole(chunks: Iterator[Sequence[Row]], first: int, until: int) -> Iterator[tuple[int, Sequence[Row]]]:
    """The chunks with a row for every number of ``[first, until)``, empty ones where there was none."""
    at = first
    for rows in chunks:
        if not rows:
            continue
        end = rows[-1][0] + 1
        if len(rows) != end - at:
            there = {row[0]: row for row in rows}
            rows = [there.get(seq, (seq, None, None, None, None)) for seq in range(at, end)]
        yield at, rows
        at = end
    for start in range(at, until, _COMPARE_EVERY):
        yield start, [(seq, None, None, None, None) for seq in range(start, min(start + _COMPARE_EVERY, until))]


def _leaf_maker(batch: Batch) -> Callable[[bytes], bytes]:
    """From an item's digest to the hash of its leaf in this batch."""
    before, after = batch.leaf_parts()
    prefix, sha256 = _LEAF + before, hashlib.sha256
    return lambda digest: sha256(prefix + digest.hex().encode() + after).digest()


def _different(ours: bytes, stored: bytes, start: int) -> list[int]:
    return [start + n for n in range(len(ours) // HASH_BYTES) if _piece(ours, n) != _piece(stored, n)]


def _piece(hashes: bytes, place: int) -> bytes:
    return hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]


def _from_hex(root: str) -> bytes:
    try:
        return bytes.fromhex(root)
    except ValueError:
        return b""


def _range(first: int, until: int) -> str:
    return f"{first}–{until - 1}"


def _nothing(level: int, number: int) -> bytes:
    raise AssertionError(f"an empty tree has no tile {level}/{number}")
