"""For every tree up to 2,000 leaves and random ones up to ten million: proofs from tiles hold, altered ones do not."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.ledger import proof
from chengxin.ledger.merkle import TILE_WIDTH, Tree
from chengxin.ledger.verify import Checkpoint, consistent, leaf_hash, node_hash, root_from

MOST = 2000
LEAVES = [leaf_hash(n.to_bytes(4, "big")) for n in range(MOST)]
LARGE = 10_000_000


def tiles_of(size: int):
    tree = Tree(0, lambda level, number: b"")
    tree.append(b"".join(LEAVES[:size]))
    return tree.take_changed()


FULL = tiles_of(MOST)


def read(level: int, number: int) -> bytes:
    return FULL[level, number]


def test_for_every_size_the_last_and_some_other_entry_are_proven_and_growth_from_some_smaller_size():
    roots = {size: proof.root(size, read) for size in range(1, MOST + 1)}
    tree = Tree(0, lambda level, number: b"")
    for size in range(1, MOST + 1):
        tree.append(LEAVES[size - 1])
        assert tree.root() == roots[size], "the root grown leaf by leaf is the one read from tiles"
        for index in {size * 7919 % MOST % size, size - 1}:
            assert root_from(index, size, LEAVES[index], proof.inclusion(index, size, read)) == roots[size]
        for old in {size * 7907 % MOST % size, size - 1} - {0}:
            path = proof.consistency(old, size, read)
            assert consistent(Checkpoint("", old, roots[old]), Checkpoint("", size, roots[size]), path)


@cache
def perfect(level: int) -> bytes:
    """Root of ``2**level`` equal leaves."""
    return LEAVES[0] if level == 0 else node_hash(perfect(level - 1), perfect(level - 1))


def equal_leaves(size: int):
    """Tiles of a tree of ``size`` equal leaves, made when they are asked for."""

    def tile(level: int, number: int) -> bytes:
        width = min(TILE_WIDTH, (size >> 8 * level) - number * TILE_WIDTH)
        return perfect(8 * level) * max(width, 0)

    return tile


@given(st.data(), st.integers(1, LARGE))
@settings(max_examples=60, deadline=None)
def test_in_a_log_of_millions_any_entry_is_proven_and_any_altered_proof_is_not(data, size):
    tiles = equal_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = list(proof.inclusion(index, size, tiles)), proof.root(size, tiles)
    assert root_from(index, size, LEAVES[0], path) == root
    assert root_from(index, size, LEAVES[1], path) != root
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        path[place] = LEAVES[1]
        assert root_from(index, size, LEAVES[0], path) != root


@given(st.data(), st.integers(2, LARGE))
@settings(max_examples=60, deadline=None)
def test_in_a_log_of_millions_growth_is_proven_and_any_altered_proof_is_not(data, new):
    tiles = equal_leaves(new)
    old = data.draw(st.integers(1, new - 1))
    path = list(proof.consistency(old, new, tiles))
    before, after = Checkpoint("", old, proof.root(old, tiles)), Checkpoint("", new, proof.root(new, tiles))
    assert consistent(before, after, path)
    place = data.draw(st.integers(0, len(path) - 1))
    path[place] = LEAVES[1]
    assert not consistent(before, after, path)
