"""Withdrawal set (撤回集): which records may no longer be shown, in little space, asked offline and answered exactly.

A record's key is 16 bytes that follow from the nonce of its item, so only who received the record can ask about it, and
nobody can list what is in the set. The set is exact for every record that existed when it was made: a first layer of
``bits`` bits a record lets one stranger in 2^bits pass, a second layer of one bit tells those strangers from members.
How many bits a block of records (one item of one source) gets follows from its own share of withdrawn records, for
shares differ by orders of magnitude: penalties are repaired every day, licences hardly ever end early.

Layers are four-wise binary fuse filters (Graf, Lemire 2022): the solution of one equation over four cells a key, found
by peeling, for many keys at once.
"""

import hashlib
import math
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

Keys: TypeAlias = npt.NDArray[np.uint64]
"""Keys as an array of shape (n, 2)."""
Words: TypeAlias = npt.NDArray[np.uint64]

KEY_BYTES = 16
NO_MEMBER = -1
MOST_BITS = 16
_MAGIC = b"CXWS\x02"
_DOMAIN = b"chengxin withdrawal key 1\x00"
_TRIES = 64
_PIECE = 1 << 15


def key_of(nonce: bytes) -> bytes:
    """The record's key (撤回键), 16 bytes, from the nonce of the item that first stated it; says nothing about it."""
    return hashlib.sha256(_DOMAIN + nonce).digest()[:KEY_BYTES]


def block_of(source: str, item: str) -> str:
    """The block of a source's records of one item, as it goes along with their keys."""
    return f"{source}/{item}"


def as_keys(keys: Iterable[bytes]) -> Keys:
    """Keys of 16 bytes each as an array of shape (n, 2)."""
    return np.frombuffer(b"".join(keys), "<u8").reshape(-1, 2)


@dataclass(frozen=True)
class Filter:
    """A static function from keys to ``bits`` bits, right for the keys it was made of, arbitrary for all others."""

    seed: int
    segments: int
    segment_bits: int
    planes: npt.NDArray[np.uint8]
    """Shape (bits, bytes): one plane of cells a bit."""

    @property
    def bits(self) -> int:
        return len(self.planes)

    def matches(self, keys: Keys, values: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        """For each key whether its value is this one.

        Bit by bit, and in pieces that stay in the processor's cache: half of all strangers are gone after one bit.
        """
        found = np.zeros(len(keys), np.bool_)
        for start in range(0, len(keys), _PIECE):
            part = slice(start, start + _PIECE)
            cells = np.stack(_cells(keys[part], self.seed, self.segments, self.segment_bits))
            left, wanted = np.arange(start, start + cells.shape[1]), values[part]
            for bit, plane in enumerate(self.planes):
                four = plane[cells >> 3] >> (cells & 7).astype(np.uint8)
                held = np.flatnonzero((np.bitwise_xor.reduce(four, axis=0) & 1) == (wanted >> np.uint32(bit)) & 1)
                cells, left, wanted = cells[:, held], left[held], wanted[held]
            found[left] = True
        return found

    def to_bytes(self) -> bytes:
        head = struct.pack("<QIBBI", self.seed, self.segments, self.segment_bits, self.bits, self.planes.shape[1])
        return head + self.planes.tobytes()

    @classmethod
    def from_bytes(cls, data: memoryview) -> tuple["Filter", memoryview]:
        """The filter at the start of ``data``, and the rest. Raises ValueError when it is cut short."""
        head = struct.calcsize("<QIBBI")
        if len(data) < head:
            raise ValueError("withdrawal set is cut short")
        seed, segments, segment_bits, bits, width = struct.unpack("<QIBBI", data[:head])
        end = head + bits * width
        if len(data) < end:
            raise ValueError("withdrawal set is cut short")
        planes = np.frombuffer(data[head:end], np.uint8).reshape(bits, width)
        return cls(seed, segments, segment_bits, planes), data[end:]


def solve(keys: Keys, values: npt.NDArray[np.uint32], bits: int) -> Filter:
    """The filter that gives each key its value (below ``2**bits``).

    Raises ValueError when a key comes twice: two equations with the same left side.
    """
    segment_bits = _segment_bits(len(keys))
    for attempt in range(_TRIES):
        seed, segments = attempt + 1, _segments(len(keys), segment_bits, attempt)
        cells = np.empty((4, len(keys)), np.int32)
        for start in range(0, len(keys), _PIECE):
            part = slice(start, start + _PIECE)
            cells[:, part] = _cells(keys[part], seed, segments, segment_bits)
        order = _peel(cells, (segments + 3) << segment_bits)
        if order is not None:
            break
    else:
        raise ValueError("no solution found: does a key come twice?")
    solution = np.zeros((segments + 3) << segment_bits, np.uint32)
    for chosen, slots in reversed(order):
        # the cell itself is still zero, so all four may be put together
        rest = np.bitwise_xor.reduce(solution[cells[:, chosen]], axis=0)
        solution[slots] = values[chosen] ^ rest
    planes = [np.packbits((solution >> np.uint32(bit)) & np.uint32(1), bitorder="little") for bit in range(bits)]
    return Filter(seed, segments, segment_bits, np.stack(planes) if planes else np.zeros((0, 0), np.uint8))


def _segment_bits(count: int) -> int:
    """Length of a segment as a power of two.

    Short segments waste little at the two ends, long ones vary little: found by trial from 50,000 to 8,000,000 keys.
    """
    return max(2, min(18, round(0.68 * math.log2(max(count, 2)) - 1.2)))


def _segments(count: int, segment_bits: int, attempt: int) -> int:
    """Number of segments a key may start in: few at first, a little more with each attempt that found no solution.

    Peeling can reach 1.024 cells a key; how close it comes follows from the number of keys (again by trial).
    """
    excess: float = 0.095 * (50_000 / max(count, 2)) ** 0.38
    cells = max(count, 2) * (1.03 + excess * (0.85 + 0.05 * attempt))
    return max(1, round(cells / (1 << segment_bits)) - 3)


def _mixed(words: Words, seed: int) -> Words:
    """Splitmix64 of each word under a seed."""
    with np.errstate(over="ignore"):
        mixed = words + np.uint64((seed * 0x9E3779B97F4A7C15) & (2**64 - 1))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _cells(keys: Keys, seed: int, segments: int, segment_bits: int) -> list[npt.NDArray[np.int64]]:
    """The four cells of each key, in four neighbouring segments."""
    where, within = _mixed(keys[:, 0], seed), _mixed(keys[:, 1], seed)
    first = ((where >> np.uint64(32)) * np.uint64(segments)) >> np.uint64(32)
    mask = np.uint64((1 << segment_bits) - 1)
    cells = []
    for number in range(4):
        offset = (within >> np.uint64(16 * number)) ^ (where if number == 3 else np.uint64(0))
        # segments are up to 2^18 long, the quarters of a word 2^16 wide: the upper bits come from the other word
        offset = (offset ^ (where << np.uint64(13 * number + 3))) & mask
        cells.append((((first + np.uint64(number)) << np.uint64(segment_bits)) + offset).astype(np.int64))
    return cells


def _peel(cells: npt.NDArray[np.int32], size: int) -> list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]] | None:
    """Rounds of (keys, a cell of each that no later key uses); None when some keys cannot be told apart."""
    count, total = np.zeros(size, np.int32), np.zeros(size, np.int32)
    numbers = np.arange(cells.shape[1], dtype=np.int32)
    for row in cells:
        count += np.bincount(row, minlength=size).astype(np.int32)
        np.bitwise_xor.at(total, row, numbers)
    rounds, left = [], cells.shape[1]
    slots = np.flatnonzero(count == 1)
    while len(slots):
        chosen, firsts = np.unique(total[slots], return_index=True)
        rounds.append((chosen, slots[firsts]))
        left -= len(chosen)
        touched = cells[:, chosen].ravel()
        np.subtract.at(count, touched, 1)
        np.bitwise_xor.at(total, touched, np.tile(chosen, len(cells)))
        slots = np.unique(touched[count[touched] == 1])
    return rounds if left == 0 else None


@dataclass(frozen=True)
class Block:
    """What is known of one block: how many records it has, which of them are withdrawn.

    ``others`` gives the keys of its other records in pieces; it is called once.
    """

    name: str
    records: int
    members: Keys
    others: Callable[[], Iterable[Keys]]


@dataclass(frozen=True)
class WithdrawalSet:
    """The set as a file holds it: bits a block's keys have in the first layer, one filter a number of bits, and the
    second layer. ``about`` is whatever the publisher says of it (day, size of the log)."""

    about: Mapping[str, str]
    bits: Mapping[str, int]
    first: Mapping[int, Filter]
    second: Filter

    def holds(self, keys: Keys, blocks: Sequence[str]) -> npt.NDArray[np.bool_]:
        """For each key with its block: whether the record is withdrawn. Blocks the set does not know have none."""
        wanted = np.array([self.bits.get(block, NO_MEMBER) for block in blocks], np.int64)
        return self._ask(keys, wanted)

    def _ask(self, keys: Keys, bits: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = bits == 0
        for number, layer in self.first.items():
            mine = np.flatnonzero(bits == number)
            found[mine] = layer.matches(keys[mine], _fingerprint(keys[mine], number))
        passed = np.flatnonzero(found)
        found[passed] = self.second.matches(keys[passed], np.ones(len(passed), np.uint32))
        return found

    def to_bytes(self) -> bytes:
        told = {"about": dict(self.about), "bits": dict(self.bits), "layers": sorted(self.first)}
        head = zlib.compress(orjson.dumps(told), 9)
        layers = b"".join(self.first[number].to_bytes() for number in sorted(self.first))
        return _MAGIC + struct.pack("<I", len(head)) + head + layers + self.second.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "WithdrawalSet":
        """Raises ValueError when it is none, or cut short."""
        start = len(_MAGIC) + 4
        if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
            raise ValueError("not a withdrawal set")
        (length,) = struct.unpack("<I", data[len(_MAGIC) : start])
        try:
            head = orjson.loads(zlib.decompress(data[start : start + length]))
        except zlib.error:
            raise ValueError("withdrawal set is damaged") from None
        rest = memoryview(data)[start + length :]
        first = {}
        for number in head["layers"]:
            first[number], rest = Filter.from_bytes(rest)
        second, _ = Filter.from_bytes(rest)
        return cls(head["about"], head["bits"], first, second)


def build(blocks: Sequence[Block], about: Mapping[str, str]) -> WithdrawalSet:
    """The exact set of these blocks' withdrawn records. Keys must be distinct, over all blocks together."""
    bits = {block.name: bits_for(len(block.members), block.records) for block in blocks if len(block.members)}
    first = {}
    for number in sorted({each for each in bits.values() if each > 0}):
        keys = np.concatenate([block.members for block in blocks if bits.get(block.name) == number])
        first[number] = solve(keys, _fingerprint(keys, number), number)
    passing = []
    for block in blocks:
        number = bits.get(block.name, NO_MEMBER)
        if number == NO_MEMBER:
            continue
        for keys in block.others():
            passing.append(keys if number == 0 else keys[first[number].matches(keys, _fingerprint(keys, number))])
    members = np.concatenate([block.members for block in blocks] or [np.zeros((0, 2), np.uint64)])
    strangers = np.concatenate(passing or [np.zeros((0, 2), np.uint64)])
    values = np.concatenate([np.ones(len(members), np.uint32), np.zeros(len(strangers), np.uint32)])
    second = solve(np.concatenate([members, strangers]), values, 1)
    return WithdrawalSet(about, bits, first, second)


def bits_for(members: int, records: int) -> int:
    """How many bits a block's keys get in the first layer, so that both layers together are smallest."""
    if not members:
        return NO_MEMBER
    others = max(0, records - members)
    return min(range(MOST_BITS + 1), key=lambda bits: members * bits + others / 2**bits)


def least_bits(shares: Iterable[tuple[int, int]]) -> float:
    """The entropy bound in bits: no exact set of (members, records) by block can be smaller."""
    total = 0.0
    for members, records in shares:
        share = members / records if records else 0.0
        if 0 < share < 1:
            total += records * -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return total


def _fingerprint(keys: Keys, bits: int) -> npt.NDArray[np.uint32]:
    return (_mixed(keys[:, 0] ^ (keys[:, 1] >> np.uint64(7)), 0xF1) & np.uint64((1 << bits) - 1)).astype(np.uint32)
