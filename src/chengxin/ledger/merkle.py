"""Merkle tree (默克尔树) of the log: RFC 6962 hashing, kept as tiles of 256 hashes in C2SP layout.

Tile ``(level, number)`` holds the hashes of up to 256 perfect subtrees of ``256**level`` leaves each. Only the
rightmost tile of a level is ever partial, so a tree grows from one tile per level, however large it is.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
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
        self._edge: list[_Edge] = []
        self._changed: dict[tuple[int, int], bytes] = {}
        nodes, level = size, 0
        while nodes:
            number, width = divmod(nodes, TILE_WIDTH)
            hashes = read_tile(level, number)[: width * HASH_BYTES] if width else b""
            if len(hashes) != width * HASH_BYTES:
                raise ValueError(f"tile {level}/{number} holds {len(hashes) // HASH_BYTES} hashes, expected {width}")
            self._edge.append(_Edge(number, bytearray(hashes)))
            nodes, level = number, level + 1

    @property
    def edge(self) -> frozenset[tuple[int, int]]:
        """(level, number) of the tiles that are partial now."""
        return frozenset((level, each.number) for level, each in enumerate(self._edge) if each.hashes)

    def append(self, hashes: bytes) -> None:
        """Append leaf hashes, 32 bytes each, in a row."""
        if len(hashes) % HASH_BYTES:
            raise ValueError("leaf hashes come in pieces of 32 bytes")
        self.size += len(hashes) // HASH_BYTES
        self._append(0, hashes)

    def _append(self, level: int, hashes: bytes) -> None:
        if level == len(self._edge):
            self._edge.append(_Edge(0, bytearray()))
        edge = self._edge[level]
        first, full = edge.number, edge.append(hashes)
        for place, tile in enumerate(full):
            self._changed[level, first + place] = tile
        if full:
            self._append(level + 1, b"".join(map(perfect_root, full)))

    def take_full(self) -> Mapping[tuple[int, int], bytes]:
        """Tiles that have become full since they were last taken, for storing: they never change again."""
        full, self._changed = self._changed, {}
        return full

    def take_changed(self) -> Mapping[tuple[int, int], bytes]:
        """Tiles that are new or have grown since they were last taken, for storing."""
        changed = dict(self.take_full())
        for level, edge in enumerate(self._edge):
            if edge.grown and edge.hashes:
                changed[level, edge.number] = bytes(edge.hashes)
            edge.grown = False
        return changed

    def root(self) -> bytes:
        """Root hash of the tree as it stands. A further leaf costs a few hashes, however large the tree is."""
        return _fold(peak for edge in reversed(self._edge) for peak in edge.peaks())


class _Edge:
    """The partial tile of one level, and the perfect subtrees it falls into, largest first."""

    def __init__(self, number: int, hashes: bytearray) -> None:
        self.number = number
        self.hashes = hashes
        self.grown = False
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, hashes: bytes) -> list[bytes]:
        """Take hashes in; returns the tiles that became full, in order."""
        self.hashes += hashes
        self.grown = True
        ends = range(TILE_BYTES, len(self.hashes) + 1, TILE_BYTES)
        full = [bytes(self.hashes[end - TILE_BYTES : end]) for end in ends]
        if full:
            del self.hashes[: len(full) * TILE_BYTES]
            self.number += len(full)
            self._peaks = []
        return full

    def peaks(self) -> list[bytes]:
        """Roots of the perfect subtrees, largest first; only hashes that came since the last call are folded in."""
        width = len(self.hashes) // HASH_BYTES
        for place in range(sum(size for size, _ in self._peaks), width):
            size, root = 1, bytes(self.hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES])
            while self._peaks and self._peaks[-1][0] == size:
                root = node_hash(self._peaks.pop()[1], root)
                size *= 2
            self._peaks.append((size, root))
        return [root for _, root in self._peaks]


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root over leaf hashes by the plain recursion of RFC 6962, 2.1: the reference the tiles are checked against."""
    nodes = list(leaf_hashes)
    if not nodes:
        return EMPTY_ROOT
    if len(nodes) == 1:
        return nodes[0]
    split = 1 << (len(nodes) - 1).bit_length() - 1
    return node_hash(root_of(nodes[:split]), root_of(nodes[split:]))


def perfect_root(hashes: bytes) -> bytes:
    """Root of a perfect subtree over a power of two of hashes in a row."""
    sha, prefix = hashlib.sha256, _NODE
    pair = 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [sha(prefix + hashes[start : start + pair]).digest() for start in range(0, len(hashes), pair)]
        )
    return hashes


def _fold(peaks: Iterable[bytes]) -> bytes:
    """One root from perfect subtrees, largest first: the smallest two are joined first."""
    root = b""
    for peak in reversed(list(peaks)):
        root = node_hash(peak, root) if root else peak
    return root or EMPTY_ROOT
