"""Names in bulk (名称批处理): whole columns of names folded and cut into pieces on arrays of code points.

``pieces`` says of a column what ``names_folding.fold`` and the two-character grams say of one name, some fifty times as
fast: a province's names are cut in seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from chengxin.subjects import names, names_folding

SLICE = 50_000
"""Names cut at once: some 100 MB of scratch memory."""
APART = ((1,), (2,), (1, 2), (1, 3), (2, 3))
"""Pieces of a name: two neighbours, two with one between, three in a row, three with one between. A gap is not part of the
piece, so that a character too many, too few, or another one in its place leaves a piece that both names have."""
_BREAK = ord("\n")
_PLANE = 0x10000
Numbers = np.ndarray[tuple[int], np.dtype[np.int32]]
Keys = np.ndarray[tuple[int], np.dtype[np.int64]]
Codes = np.ndarray[tuple[int], np.dtype[np.uint32]]


def pieces(texts: Sequence[str], first: int = 0) -> Iterator[pa.Table]:
    """Tables ``name: int32, piece: int64`` for slices of the names, which count from ``first``.

    A piece is a two-character gram of the folded form as a number, equal for equal grams; a gram may stand twice.
    """
    for start in range(0, len(texts), SLICE):
        codes = _folded(texts[start : start + SLICE])
        ends = codes == _BREAK
        number = np.cumsum(ends, dtype=np.int32) - ends
        number += np.int32(first + start)
        found = [_together(codes, number, apart) for apart in APART]
        yield pa.table({"name": np.concatenate([n for n, _ in found]), "piece": np.concatenate([k for _, k in found])})


def folded(texts: Sequence[str]) -> list[str]:
    """The folded forms of the names."""
    lines = (_lines(_folded(texts[at : at + SLICE])) for at in range(0, len(texts), SLICE))
    return [line for part in lines for line in part.split("\n")[:-1]]


def _lines(codes: Codes) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _together(folded: Codes, number: Numbers, apart: tuple[int, ...]) -> tuple[Numbers, Keys]:
    """Number of the name and key of every two or three characters that stand so far apart in one name."""
    size = len(folded) - apart[-1]
    last = folded[apart[-1] :]
    inside = (number[:size] == number[apart[-1] :]) & (last != _BREAK)
    key = folded[:size].astype(np.int64)
    for distance in apart:
        key = key << 21 | folded[distance : distance + size]
    return number[:size][inside], key[inside]


def _folded(texts: Sequence[str]) -> Codes:
    """The folded names, each ended by a line break."""
    plain = [_tens(text.replace("\n", "")) for text in texts]
    codes = np.frombuffer(("\n".join(plain) + "\n").encode("utf-32-le", "surrogatepass"), np.uint32)
    tables = _tables()
    low = np.minimum(codes, _PLANE)
    kept = tables.kept[low]
    for code in np.unique(codes[codes >= _PLANE]):
        if not names.is_letter(chr(code)):
            kept = kept & (codes != code)
    return np.where(low < _PLANE, tables.folded[low], codes)[kept]


def _tens(text: str) -> str:
    """Tens are written with more or fewer characters than digits, so names with one are folded by themselves."""
    return names_folding.fold(text) if "十" in text or "拾" in text else text


@dataclass(frozen=True)
class _Tables:
    """``names_folding.fold`` by code point; index 65536 stands for every code point above the first plane."""

    folded: Codes
    kept: np.ndarray[tuple[int], np.dtype[np.bool_]]


@cache
def _tables() -> _Tables:
    folded = np.arange(_PLANE + 1, dtype=np.uint32)
    kept = np.ones(_PLANE + 1, np.bool_)
    for code in range(_PLANE):
        plain = "" if 0xD800 <= code < 0xE000 else chr(code).translate(names_folding.table())
        kept[code] = bool(plain) and names.is_letter(plain)
        folded[code] = ord(plain) if plain else code
    folded[_BREAK], kept[_BREAK] = _BREAK, True
    return _Tables(folded, kept)
