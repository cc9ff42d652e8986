"""However a log grew, up to ten million leaves: its root is the one RFC 6962 defines, and its tiles are what they should be."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH, Tree, leaf_hash, node_hash, root_of

MOST = 2_000
LARGE = 10_000_000
PERIOD = 7 * TILE_WIDTH
"""Leaves repeat after so many. 7 and 256 have no common divisor, so every tile differs from its neighbours, on every level,
and a wrong number shows; and a subtree is known by its level and the place of its first leaf within the period."""


@cache
def perfect(level: int, start: int) -> bytes:
    """Root of the ``2**level`` leaves from ``start`` (within the period) on, by the plain definition."""
    if level == 0:
        return leaf_hash(start.to_bytes(2, "big"))
    half = level - 1
    return node_hash(perfect(half, start), perfect(half, (start + (1 << half)) % PERIOD))


def tile(level: int, number: int) -> bytes:
    """All 256 hashes of a tile, by the plain definition."""
    span = 1 << 8 * level
    return b"".join(perfect(8 * level, (number * TILE_WIDTH + n) * span % PERIOD) for n in range(TILE_WIDTH))


def expected(size: int, start: int = 0) -> bytes:
    """Root of ``size`` leaves by the recursion of RFC 6962, 2.1."""
    level = (size - 1).bit_length()
    if size == 1 << level:
        return perfect(level, start % PERIOD)
    split = 1 << level - 1
    return node_hash(perfect(level - 1, start % PERIOD), expected(size - split, start + split))


def grown(tree: Tree, count: int) -> None:
    tree.append(b"".join(perfect(0, place % PERIOD) for place in range(tree.size, tree.size + count)))


def test_grown_leaf_by_leaf_the_root_is_right_at_every_size() -> None:
    tree = Tree(0, lambda level, number: b"")
    for size in range(1, MOST + 1):
        grown(tree, 1)
        assert tree.root() == expected(size)
    assert expected(777) == root_of(perfect(0, place) for place in range(777))


@given(
    size=st.one_of(st.integers(0, MOST), st.integers(0, LARGE), st.sampled_from([255, 256, 65_535, 65_536, 65_537])),
    steps=st.lists(st.integers(1, 700), min_size=1, max_size=4),
    taken=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_log_of_millions_goes_on_from_its_stored_edge(size: int, steps: list[int], taken: bool) -> None:
    tree = Tree(size, tile)
    before = tree.edge
    changed: dict[tuple[int, int], bytes] = {}
    for step in steps:
        grown(tree, step)
        assert tree.root() == expected(tree.size)
        if taken:
            changed |= tree.take_changed()
    changed |= tree.take_changed()
    for (level, number), hashes in changed.items():
        width = min(TILE_WIDTH, (tree.size >> 8 * level) - number * TILE_WIDTH)
        assert hashes == tile(level, number)[: width * HASH_BYTES]
    ends = {level: tree.size >> 8 * level for level in range(8)}
    starts = {level: size >> 8 * level for level in range(8)}
    grew = {
        (level, number)
        for level in range(8)
        if ends[level] > starts[level]
        for number in range(starts[level] // TILE_WIDTH, -(-ends[level] // TILE_WIDTH))
    }
    assert set(changed) == grew, "what did not grow is not written again"
    assert before <= {(level, starts[level] // TILE_WIDTH) for level in range(8)}
