"""Anyone can follow a record's proof to the signed root, and no other leaf leads there."""

import pytest

from chengxin.ledger import proof
from chengxin.ledger.merkle import Tree, leaf_hash, root_of

LEAVES = [leaf_hash(str(n).encode()) for n in range(600)]


def tiles_of(size: int):
    tree = Tree(0, lambda level, number: b"")
    tree.append(b"".join(LEAVES[:size]))
    tiles = dict(tree.take_changed())
    return lambda level, number: tiles[level, number]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 9, 255, 256, 257, 300, 511, 513, 600])
def test_every_entry_of_a_log_leads_to_its_root(size):
    read, root = tiles_of(size), root_of(LEAVES[:size])
    for index in sorted({0, 1, size // 2, size - 2, size - 1, 255, 256} & set(range(size))):
        path = proof.inclusion(index, size, read)
        assert proof.root_from(index, size, LEAVES[index], path) == root


def test_another_entry_or_another_place_does_not_lead_to_the_root():
    read, root = tiles_of(300), root_of(LEAVES[:300])
    path = proof.inclusion(7, 300, read)
    assert proof.root_from(7, 300, LEAVES[8], path) != root
    assert proof.root_from(8, 300, LEAVES[7], path) != root
    with pytest.raises(ValueError, match="too short"):
        proof.root_from(7, 300, LEAVES[7], path[:-1])
    with pytest.raises(ValueError, match="too long"):
        proof.root_from(7, 300, LEAVES[7], (*path, path[0]))
    with pytest.raises(ValueError, match="no entry"):
        proof.inclusion(300, 300, read)
