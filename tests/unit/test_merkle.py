"""The log's tree grows tile by tile and always has the root that RFC 6962 defines."""

import hashlib

import pytest

from chengxin.ledger.merkle import EMPTY_ROOT, TILE_WIDTH, Tree, leaf_hash, root_of

PUBLISHED_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def _leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def _no_tile(level: int, number: int) -> bytes:
    raise AssertionError(f"an empty tree has no tile {level}/{number}")


def test_rfc_6962_published_roots_hold() -> None:
    """Vectors of the Certificate Transparency test data: eight known leaves, the roots for none to all of them."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    tree = Tree(0, _no_tile)
    for size, root in enumerate(PUBLISHED_ROOTS):
        assert root_of(leaves[:size]).hex() == tree.root().hex() == root
        tree.append(b"".join(leaves[size : size + 1]))


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 511, 512, 513, 1000])
def test_tiles_give_the_same_root_as_the_plain_recursion(count: int) -> None:
    tree = Tree(0, _no_tile)
    tree.append(b"".join(_leaves(count)))
    assert tree.root() == root_of(_leaves(count))


def test_a_tree_grown_over_many_batches_equals_one_grown_at_once() -> None:
    leaves = _leaves(70_000)  # more than 256², so a third level exists
    stored: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in (1, 254, 1, 1, 300, 65_000, 4_000, 443):
        tree = Tree(size, lambda level, number, stored=stored: stored[level, number])
        tree.append(b"".join(leaves[size : size + step]))
        stored |= tree.take_changed()
        size += step
        assert tree.root() == root_of(leaves[:size])
    at_once = Tree(0, _no_tile)
    at_once.append(b"".join(leaves))
    assert dict(at_once.take_changed()) == stored
    assert max(level for level, _ in stored) == 2
    assert all(len(hashes) <= TILE_WIDTH * 32 for hashes in stored.values())


def test_a_stored_tile_that_lost_hashes_is_noticed() -> None:
    with pytest.raises(ValueError, match="tile 0/0 holds 1 hashes, expected 3"):
        Tree(3, lambda level, number: hashlib.sha256().digest())


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert Tree(0, _no_tile).root() == EMPTY_ROOT
