"""Delta of a withdrawal set (撤回集增量): what was added and taken out since a full set, as sorted prefixes of keys.

A prefix has 64 bits: among a million records asked and a thousand changes, one wrong hit in ten billion lists. So small it
is, a hit is still a reason to ask, never to act.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chengxin.disclosure.withdrawn import Keys

_MAGIC = b"CXWD\x01"
_HEAD = struct.Struct("<QQQII")


@dataclass(frozen=True)
class Delta:
    """Changes between two sizes of the log: prefixes ``added`` and ``removed``, each sorted. ``full`` is the size of the log
    that the full set was made of which all deltas since go with."""

    full: int
    since: int
    until: int
    added: npt.NDArray[np.uint64]
    removed: npt.NDArray[np.uint64]

    def to_bytes(self) -> bytes:
        head = _HEAD.pack(self.full, self.since, self.until, len(self.added), len(self.removed))
        return _MAGIC + head + self.added.astype("<u8").tobytes() + self.removed.astype("<u8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Delta":
        """Raises ValueError when it is none, or cut short."""
        start = len(_MAGIC) + _HEAD.size
        if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
            raise ValueError("not a delta of a withdrawal set")
        full, since, until, added, removed = _HEAD.unpack(data[len(_MAGIC) : start])
        if len(data) != start + 8 * (added + removed):
            raise ValueError("the delta is cut short")
        prefixes = np.frombuffer(data[start:], "<u8").astype(np.uint64)
        return cls(full, since, until, prefixes[:added], prefixes[added:])


def prefixes(keys: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """The first 64 bits of each key, sorted, each once."""
    return np.unique(np.frombuffer(b"".join(key[:8] for key in keys), "<u8").astype(np.uint64))


def apply(held: npt.NDArray[np.bool_], keys: Keys, deltas: Sequence[Delta], full: int) -> npt.NDArray[np.bool_]:
    """What the full set (of the log of ``full`` entries) said of these keys, brought up to date.

    Raises ValueError when a delta is missing between the full set and the last one, or belongs to another set.
    """
    answer, reached = held.copy(), full
    for delta in sorted(deltas, key=lambda each: each.since):
        if delta.full != full or delta.since != reached:
            raise ValueError("a delta is missing, or belongs to another set")
        answer[np.isin(keys[:, 0], delta.removed)] = False
        answer[np.isin(keys[:, 0], delta.added)] = True
        reached = delta.until
    return answer
