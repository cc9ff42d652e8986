"""Addresses of tiles and bundles of leaves, as C2SP tlog-tiles writes them."""

import pytest

from chengxin.ledger import tiles


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_a_tile_number_is_written_in_groups_of_three(number: int, text: str) -> None:
    assert tiles.encode_number(number) == text
    assert tiles.parse_number(text) == number


@pytest.mark.parametrize("text", ["", "7", "07", "x000/007", "001/002", "x001", "x1/000", "0000", "00a", "x001/x000/1"])
def test_another_spelling_of_a_tile_number_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="tile number"):
        tiles.parse_number(text)


def test_a_partial_tile_has_its_width_in_its_address() -> None:
    assert tiles.path(1, 1234067, 112) == "1/x001/x234/067.p/112"
    assert tiles.path(0, 0) == "0/000"


@pytest.mark.parametrize("place", [(0, 0, 0), (0, 0, 257), (64, 0, 1), (-1, 0, 1), (0, -1, 1)])
def test_a_tile_that_cannot_exist_has_no_address(place: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no tile"):
        tiles.path(*place)


@pytest.mark.parametrize("text", ["00", "01", "-1", "64", "1000", "", "1.", "٣"])
def test_levels_have_no_leading_zeros_and_an_end(text: str) -> None:
    with pytest.raises(ValueError, match="number below"):
        tiles.parse_count(text, tiles.MOST_LEVELS)


def test_a_bundle_gives_each_leaf_its_length_in_two_bytes() -> None:
    assert tiles.bundle([b"a", b"", b"b" * 300]) == b"\x00\x01a" + b"\x00\x00" + b"\x01\x2c" + b"b" * 300
    with pytest.raises(ValueError, match="does not fit"):
        tiles.bundle([b"x" * 65536])
