"""Merkle tree (默克尔树) of the log: RFC 6962 hashing, kept as tiles of 256 hashes in C2SP layout.

Tile ``(level, number)`` holds the hashes of up to 256 perfect subtrees of ``256**level`` leaves each. Only the
rightmost tile of a level is ever partial, so a tree grows from one tile per level, however large it is.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping

HASH_BYTES = 32
TILE_WIDTH = 256
_LEAF = b"\x00"
_NODE = b"\x01"

ReadTile = Callable[[int, int], bytes]
"""(level, number) → the hashes of that tile, 32 bytes each, in a row."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962, 2.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


EMPTY_ROOT = hashlib.sha256().digest()


class Tree:
    """A tree that leaf hashes are appended to; starts from the partial tiles of a stored tree of ``size`` leaves."""

    def __init__(self, size: int, read_tile: ReadTile) -> None:
        self.size = size
        self._partial: list[bytearray] = []
        self._number: list[int] = []
        self._changed: dict[tuple[int, int], bytes] = {}
        nodes, level = size, 0
        while nodes:
            number, width = divmod(nodes, TILE_WIDTH)
            hashes = bytearray(read_tile(level, number)[: width * HASH_BYTES]) if width else bytearray()
            if len(hashes) != width * HASH_BYTES:
                raise ValueError(f"tile {level}/{number} holds {len(hashes) // HASH_BYTES} hashes, expected {width}")
            self._partial.append(hashes)
            self._number.append(number)
            nodes, level = number, level + 1

    @property
    def levels(self) -> int:
        """How many levels of tiles the tree has."""
        return len(self._partial)

    def append(self, hashes: bytes) -> None:
        """Append leaf hashes, 32 bytes each, in a row."""
        if len(hashes) % HASH_BYTES:
            raise ValueError("leaf hashes come in pieces of 32 bytes")
        self.size += len(hashes) // HASH_BYTES
        self._append(0, hashes)

    def _append(self, level: int, hashes: bytes) -> None:
        if level == len(self._partial):
            self._partial.append(bytearray())
            self._number.append(0)
        partial = self._partial[level]
        partial += hashes
        full, tile_bytes = [], TILE_WIDTH * HASH_BYTES
        start = 0
        while len(partial) - start >= tile_bytes:
            tile = bytes(partial[start : start + tile_bytes])
            self._changed[level, self._number[level]] = tile
            self._number[level] += 1
            full.append(_perfect_root(tile))
            start += tile_bytes
        del partial[:start]
        if full:
            self._append(level + 1, b"".join(full))

    def take_changed(self) -> Mapping[tuple[int, int], bytes]:
        """Tiles that are new or have grown since the last call, for storing; full ones never change again."""
        changed = dict(self._changed)
        for level, partial in enumerate(self._partial):
            if partial:
                changed[level, self._number[level]] = bytes(partial)
        self._changed = {}
        return changed

    def root(self) -> bytes:
        """Root hash of the tree as it stands."""
        return _fold(peak for partial in reversed(self._partial) for peak in _peaks(bytes(partial)))


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root over leaf hashes by the plain recursion of RFC 6962, 2.1: the reference the tiles are checked against."""
    nodes = list(leaf_hashes)
    if not nodes:
        return EMPTY_ROOT
    if len(nodes) == 1:
        return nodes[0]
    split = 1 << (len(nodes) - 1).bit_length() - 1
    return node_hash(root_of(nodes[:split]), root_of(nodes[split:]))


def _perfect_root(hashes: bytes) -> bytes:
    """Root of a perfect subtree over a power of two of hashes in a row."""
    sha, prefix = hashlib.sha256, _NODE
    pair = 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [sha(prefix + hashes[start : start + pair]).digest() for start in range(0, len(hashes), pair)]
        )
    return hashes


def _peaks(hashes: bytes) -> list[bytes]:
    """Roots of the perfect subtrees, largest first, that a row of hashes falls into."""
    count, start, peaks = len(hashes) // HASH_BYTES, 0, []
    while count:
        size = 1 << count.bit_length() - 1
        peaks.append(_perfect_root(hashes[start : start + size * HASH_BYTES]))
        start += size * HASH_BYTES
        count -= size
    return peaks


def _fold(peaks: Iterable[bytes]) -> bytes:
    """One root from perfect subtrees, largest first: the smallest two are joined first."""
    root = b""
    for peak in reversed(list(peaks)):
        root = node_hash(peak, root) if root else peak
    return root or EMPTY_ROOT
