"""Inclusion proof (存在证明): that a leaf stands at its place in the tree of a given size (RFC 6962, 2.1.1).

The hashes come from stored tiles; whoever holds the proof, the leaf and a signed checkpoint needs nothing else.
"""

from collections.abc import Sequence

from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH, ReadTile, node_hash

_TILE_LEVELS = 8
"""A tile spans eight levels of the binary tree: 256 = 2**8."""


def inclusion(index: int, size: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """The hashes, leaf's neighbour first, that lead from leaf ``index`` (from 0) to the root of ``size`` leaves.

    Raises ValueError when the tree has no such leaf or a tile lacks a hash it should hold.
    """
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} entries has no entry {index}")
    return tuple(_path(index, 0, size, _Nodes(read_tile)))


def root_from(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a leaf hash and its proof lead to; compare it with the checkpoint's.

    Raises ValueError when the proof has not the length that index and size demand.
    """
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} entries has no entry {index}")
    place, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if place & 1 or place == last:
            root = node_hash(step, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return root


class _Nodes:
    """Hashes of perfect subtrees, read from tiles; each tile is read once."""

    def __init__(self, read_tile: ReadTile) -> None:
        self._read = read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}

    def perfect(self, level: int, number: int) -> bytes:
        """Root of the perfect subtree of ``2**level`` leaves that is the ``number``-th of its size."""
        tile_level, rest = divmod(level, _TILE_LEVELS)
        hashes = [self._stored(tile_level, (number << rest) + n) for n in range(1 << rest)]
        while len(hashes) > 1:
            hashes = [node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
        return hashes[0]

    def _stored(self, level: int, number: int) -> bytes:
        tile, place = divmod(number, TILE_WIDTH)
        if (level, tile) not in self._tiles:
            self._tiles[level, tile] = self._read(level, tile)
        found = self._tiles[level, tile][place * HASH_BYTES : (place + 1) * HASH_BYTES]
        if len(found) != HASH_BYTES:
            raise ValueError(f"tile {level}/{tile} lacks hash {place}")
        return found


def _path(index: int, start: int, count: int, nodes: _Nodes) -> list[bytes]:
    """PATH of RFC 6962 over the ``count`` leaves from ``start`` on."""
    if count == 1:
        return []
    split = 1 << (count - 1).bit_length() - 1
    if index < split:
        return [*_path(index, start, split, nodes), _range(start + split, count - split, nodes)]
    return [*_path(index - split, start + split, count - split, nodes), _range(start, split, nodes)]


def _range(start: int, count: int, nodes: _Nodes) -> bytes:
    """Root over the ``count`` leaves from ``start`` on, which is a multiple of the largest power of two in ``count``."""
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes.perfect(level, start >> level)
    split = 1 << (count - 1).bit_length() - 1
    return node_hash(_range(start, split, nodes), _range(start + split, count - split, nodes))
