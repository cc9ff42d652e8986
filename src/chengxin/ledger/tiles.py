"""Tiles (哈希块) and their addresses in the C2SP tlog-tiles layout, and the bundles of leaves beside them.

A tile's number is written in groups of three digits, all but the last led by ``x``: 1234067 is ``x001/x234/067``. A tile that is
not full yet has its width behind it: ``067.p/112``.
"""

import re
from collections.abc import Iterable

from chengxin.ledger.merkle import TILE_WIDTH

MOST_LEVELS = 64
LONGEST_LEAF = 0xFFFF
_NUMBER = re.compile(r"(?:x\d{3}/)*\d{3}")


def path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """The address ``<level>/<number>[.p/<width>]`` below ``tile/``. ValueError when there can be no such tile."""
    if not (0 <= level < MOST_LEVELS and number >= 0 and 1 <= width <= TILE_WIDTH):
        raise ValueError(f"no tile {level}/{number} of width {width}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"{level}/{encode_number(number)}{partial}"


def encode_number(number: int) -> str:
    """1234067 → ``x001/x234/067``."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def parse_number(text: str) -> int:
    """The inverse of :func:`encode_number`; ValueError for any other spelling, so that a tile has one address."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"no tile number: {text}")
    number = int(text.replace("x", "").replace("/", ""))
    if encode_number(number) != text:
        raise ValueError(f"a tile number has no leading groups of zeros: {text}")
    return number


def parse_count(text: str, limit: int) -> int:
    """A level or width: decimal digits without leading zeros, below ``limit``; ValueError otherwise."""
    if not re.fullmatch(r"0|[1-9]\d{0,2}", text) or int(text) >= limit:
        raise ValueError(f"not a number below {limit} without leading zeros: {text}")
    return int(text)


def bundle(leaves: Iterable[bytes]) -> bytes:
    """An entry bundle: each leaf after its length in two bytes, big-endian. ValueError when a leaf is longer than that."""
    parts = []
    for leaf in leaves:
        if len(leaf) > LONGEST_LEAF:
            raise ValueError(f"a leaf of {len(leaf)} bytes does not fit a bundle")
        parts.append(len(leaf).to_bytes(2, "big") + leaf)
    return b"".join(parts)


def unbundle(data: bytes) -> list[bytes]:
    """The leaves of an entry bundle; ValueError when it is cut off."""
    leaves, place = [], 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data):
            raise ValueError("an entry bundle is cut off")
        leaves.append(data[place + 2 : end])
        place = end
    return leaves
