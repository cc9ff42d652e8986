"""Proofs (日志证明) made from stored tiles: that a leaf stands in the tree of a given size (RFC 6962, 2.1.1), and that one
tree is the beginning of another (2.1.2). They are checked by ``ledger.verify``.
"""

from functools import lru_cache

from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH, ReadTile, perfect_root
from chengxin.ledger.verify import node_hash

_TILE_LEVELS = 8
"""A tile spans eight levels of the binary tree: 256 = 2**8."""


def inclusion(index: int, size: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """The hashes, leaf's neighbour first, that lead from leaf ``index`` (from 0) to the root of ``size`` leaves.

    Raises ValueError when the tree has no such leaf or a tile lacks a hash it should hold.
    """
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} entries has no entry {index}")
    return tuple(_path(index, 0, size, _Nodes(read_tile)))


def consistency(old: int, new: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """The hashes that show that the tree of ``new`` leaves begins with that of ``old``; none where old is 0 or new.

    Raises ValueError when old is the larger one or a tile lacks a hash it should hold.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a log of {new} entries does not begin with {old}")
    return tuple(_growth(old, 0, new, True, _Nodes(read_tile))) if old else ()


def root(size: int, read_tile: ReadTile) -> bytes:
    """Root of the first ``size`` leaves (at least one), from the tiles of this or of a larger tree."""
    return _range(0, size, _Nodes(read_tile))


class _Nodes:
    """Hashes of perfect subtrees, read from tiles; each tile is read once."""

    def __init__(self, read_tile: ReadTile) -> None:
        self._read = read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}

    def perfect(self, level: int, number: int) -> bytes:
        """Root of the perfect subtree of ``2**level`` leaves that is the ``number``-th of its size."""
        tile_level, rest = divmod(level, _TILE_LEVELS)
        tile, place = divmod(number << rest, TILE_WIDTH)
        if (tile_level, tile) not in self._tiles:
            self._tiles[tile_level, tile] = self._read(tile_level, tile)
        hashes = self._tiles[tile_level, tile][place * HASH_BYTES : (place + (1 << rest)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << rest:
            raise ValueError(f"tile {tile_level}/{tile} lacks hashes from {place} on")
        return _known_root(hashes) if tile_level else perfect_root(hashes)


_known_root = lru_cache(maxsize=4096)(perfect_root)
"""Upper tiles are few and asked for again and again; what stands at the leaves is as good as never asked twice."""


def _path(index: int, start: int, count: int, nodes: _Nodes) -> list[bytes]:
    """PATH of RFC 6962 over the ``count`` leaves from ``start`` on."""
    if count == 1:
        return []
    split = 1 << (count - 1).bit_length() - 1
    if index < split:
        return [*_path(index, start, split, nodes), _range(start + split, count - split, nodes)]
    return [*_path(index - split, start + split, count - split, nodes), _range(start, split, nodes)]


def _growth(old: int, start: int, count: int, whole: bool, nodes: _Nodes) -> list[bytes]:
    """SUBPROOF of RFC 6962: ``whole`` while the subtree is the old tree itself, whose root the reader has."""
    if old == count:
        return [] if whole else [_range(start, count, nodes)]
    split = 1 << (count - 1).bit_length() - 1
    if old <= split:
        return [*_growth(old, start, split, whole, nodes), _range(start + split, count - split, nodes)]
    return [*_growth(old - split, start + split, count - split, False, nodes), _range(start, split, nodes)]


def _range(start: int, count: int, nodes: _Nodes) -> bytes:
    """Root over the ``count`` leaves from ``start`` on, which is a multiple of the largest power of two in ``count``."""
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes.perfect(level, start >> level)
    split = 1 << (count - 1).bit_length() - 1
    return node_hash(_range(start, split, nodes), _range(start + split, count - split, nodes))
