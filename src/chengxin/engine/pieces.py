"""Shared pieces (共有片段): of a base's pieces those that some asked name has, too, and that few names hold.

Only saves work: everything left out here ``blocking.rare`` would leave out, or nobody would look up. All pieces of a
province's names are 53 million, these are ten.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from chengxin.subjects import names_bulk
from chengxin.subjects.names_bulk import Keys, Numbers

_BITS = 24
"""A hash of so many bits finds most pieces that nobody asks for; the others are told apart where pieces are joined."""
_MIXER = np.int64(-7046029254386353131)
Hashes = np.ndarray[tuple[int], np.dtype[np.int64]]
Marks = np.ndarray[tuple[int], np.dtype[np.bool_]]
Counts = np.ndarray[tuple[int], np.dtype[np.int64]]


class _Cut(NamedTuple):
    """One slice's pieces that are looked for, and how often each of the wanted ones (by position) is among them."""

    names: Numbers
    keys: Keys
    wanted: Counts
    times: Counts


def shared(asked: Sequence[Keys], base: Sequence[str], most: int) -> pa.Table:
    """Pieces of the base (as ``names_bulk.pieces`` gives them) that are among ``asked`` and that ``most`` names hold, or fewer.

    A few others may be among them; none that is wanted and rare is missing.
    """
    sieve = _Sieve(_distinct(asked), most)
    found = [_Cut(np.zeros(0, np.int32), *[np.zeros(0, np.int64)] * 3)]
    at_once = os.cpu_count() or 1
    starts = range(0, len(base), names_bulk.SLICE)
    # threads: nearly all of it is done by numpy, which lets others run meanwhile
    with ThreadPoolExecutor(at_once) as threads:
        for at in range(0, len(starts), at_once):
            cuts = list(threads.map(lambda start: sieve.cut(base, start), starts[at : at + at_once]))
            sieve.drop_common(cuts)
            found += cuts
    # what turned out to be common later is dropped from the earlier slices, too
    kept = [sieve.marked(cut.keys) for cut in found]
    return pa.table(
        {
            "name": np.concatenate([cut.names[rare] for cut, rare in zip(found, kept, strict=True)]),
            "piece": np.concatenate([cut.keys[rare] for cut, rare in zip(found, kept, strict=True)]),
        }
    )


class _Sieve:
    """The pieces still looked for: wanted, and not yet seen in more than ``most`` names."""

    def __init__(self, wanted: Keys, most: int) -> None:
        self._wanted = wanted
        self._most = most
        self._held = np.zeros(len(wanted), np.int64)
        self._mark()

    def cut(self, base: Sequence[str], start: int) -> _Cut:
        part = next(names_bulk.pieces(base[start : start + names_bulk.SLICE], start))
        keys = part["piece"].to_numpy()
        marked = self.marked(keys)
        keys = keys[marked]
        different, times = np.unique(keys, return_counts=True)
        at = np.minimum(np.searchsorted(self._wanted, different), max(0, len(self._wanted) - 1))
        known = self._wanted[at] == different if len(self._wanted) else np.zeros(len(different), np.bool_)
        return _Cut(part["name"].to_numpy()[marked], keys, at[known], times[known])

    def drop_common(self, cuts: Sequence[_Cut]) -> None:
        for cut in cuts:
            self._held[cut.wanted] += cut.times
        self._mark()

    def marked(self, keys: Keys) -> Marks:
        found: Marks = self._marks[_hashes(keys)]
        return found

    def _mark(self) -> None:
        marks = np.zeros(1 << _BITS, np.bool_)
        marks[_hashes(self._wanted[self._held <= self._most])] = True
        self._marks = marks


def _distinct(parts: Sequence[Keys]) -> Keys:
    """Each key once, in order: by sorting, which is thirty times as fast here as numpy's own ``unique``."""
    keys = np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
    distinct: Keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    return distinct


def _hashes(keys: Keys) -> Hashes:
    mixed = (keys * _MIXER).view(np.uint64)
    mixed >>= np.uint64(64 - _BITS)
    return mixed.view(np.int64)
