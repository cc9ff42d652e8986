"""Anyone can follow a record's proof to the signed root, and no other leaf leads there; and see that a log only grew."""

import pytest

from chengxin.ledger import merkle, proof, verify
from chengxin.ledger.merkle import Tree, root_of
from chengxin.ledger.verify import Checkpoint, leaf_hash, root_from

LEAVES = [leaf_hash(str(n).encode()) for n in range(600)]
SIZES = [1, 2, 3, 5, 8, 9, 255, 256, 257, 300, 511, 512, 513, 600]


def tiles_of(size: int):
    tree = Tree(0, lambda level, number: b"")
    tree.append(b"".join(LEAVES[:size]))
    tiles = dict(tree.take_changed())
    return lambda level, number: tiles[level, number]


def head(size: int) -> Checkpoint:
    return Checkpoint("log", size, root_of(LEAVES[:size]))


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_of_a_log_leads_to_its_root(size):
    read = tiles_of(size)
    for index in sorted({0, 1, size // 2, size - 2, size - 1, 255, 256} & set(range(size))):
        path = proof.inclusion(index, size, read)
        assert root_from(index, size, LEAVES[index], path) == head(size).root


def test_another_entry_or_another_place_does_not_lead_to_the_root():
    read, root = tiles_of(300), head(300).root
    path = proof.inclusion(7, 300, read)
    assert root_from(7, 300, LEAVES[8], path) != root
    assert root_from(8, 300, LEAVES[7], path) != root
    with pytest.raises(ValueError, match="too short"):
        root_from(7, 300, LEAVES[7], path[:-1])
    with pytest.raises(ValueError, match="too long"):
        root_from(7, 300, LEAVES[7], (*path, path[0]))


@pytest.mark.parametrize("size", [1, 300])
def test_a_log_has_no_entry_beyond_its_size(size):
    with pytest.raises(ValueError, match="no entry"):
        proof.inclusion(size, size, tiles_of(size))
    with pytest.raises(ValueError, match="no entry"):
        root_from(size, size, LEAVES[0], [])


@pytest.mark.parametrize("new", SIZES)
def test_a_log_that_grew_is_shown_to_begin_with_what_it_was(new):
    read = tiles_of(new)
    for old in [size for size in SIZES if size <= new]:
        path = proof.consistency(old, new, read)
        assert verify.consistent(head(old), head(new), path)
        assert proof.root(old, read) == head(old).root, "the larger tree's tiles give the smaller one's root"
        other = Checkpoint("log", old, leaf_hash(b"other"))
        assert not verify.consistent(other, head(new), path)
        if path:
            assert not verify.consistent(head(old), head(new), path[:-1])
            assert not verify.consistent(head(old), head(new), (*path, path[0]))


def test_the_empty_log_is_the_beginning_of_every_log():
    assert proof.consistency(0, 300, tiles_of(300)) == ()
    assert verify.consistent(Checkpoint("log", 0, merkle.EMPTY_ROOT), head(300), ())
    with pytest.raises(ValueError, match="does not begin"):
        proof.consistency(301, 300, tiles_of(300))


def test_the_copyable_file_hashes_as_the_platform_does():
    assert verify.leaf_hash(b"x") == merkle.leaf_hash(b"x")
    assert verify.node_hash(b"x", b"y") == merkle.node_hash(b"x", b"y")
