"""Ledger (信用账本) in the store: appending a batch, reading leaves back. The only way into the ledger's tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from chengxin.ledger.merkle import Tree
from chengxin.ledger.model import Batch
from chengxin.ledger.sealing import Sealer
from chengxin.storage import seen
from chengxin.storage.sequencing import Session

MANY = 10_000

_spare: list[tuple[int, str, Tree]] = []
"""(size, root in hex, tree) of the last batch of this process. A tree is known by its root, so another process, another
database or a transaction that was rolled back only mean that it does not fit; taking it out leaves it to one thread."""

_ROOT = "SELECT root FROM ledger_batch ORDER BY first_seq DESC LIMIT 1"
_SIZE = "SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1"

Sign = Callable[[int, bytes], str]
"""(size, root) → the signed checkpoint note."""


class Appender:
    """Appends one batch in the session's transaction: seal, store, grow the tree, then close with a signed checkpoint.

    The session holds the sequencer's place (:mod:`chengxin.storage.sequencing`): a bulk store or Django's connection.
    Raises Refusal ``platform.log-behind`` when the database is older than what this installation has signed.
    """

    def __init__(self, session: Session, batch: Batch) -> None:
        seen.require(session)
        self._session = session
        self._batch = batch
        self._sealer = Sealer(batch)
        self.first_seq = int(session.value(_SIZE) or 0)
        self._tree = self._grown()
        self._edge = self._tree.edge
        self._suspended: list[str] = []

    @property
    def next_seq(self) -> int:
        return self._tree.size

    def append(self, contents: Iterable[pa.RecordBatch], count: int) -> None:
        """Seal and store ``count`` items; each batch has ``seq, content`` in order, going on from ``next_seq``.

        A bulk store writes while the next ones are hashed. Raises ValueError when they do not come in order, or not all.
        """
        end = self.next_seq + count
        if count >= MANY:
            self._suspend_order_triggers()
        for rows in contents:
            seqs, texts = rows.column("seq"), rows.column("content")
            if seqs[0].as_py() != self.next_seq or seqs[-1].as_py() != self.next_seq + len(seqs) - 1:
                raise ValueError(f"entries out of order: {seqs[0]} where {self.next_seq} is next")
            nonces, digests, leaves = self._sealer.seal(_views(texts), len(texts))
            self._write(seqs, nonces, texts, digests)
            self._tree.append(leaves)
        if self.next_seq != end:
            raise ValueError(f"{end - self.next_seq} entries did not come, from {self.next_seq}")
        self._store(self._tree.take_full())  # not all at the end: those of ten million entries are 0.3 GB

    def add(self, contents: Sequence[bytes]) -> int:
        """Seal and store a few canonical contents; returns the number of the first."""
        first = self.next_seq
        nonces, digests, leaves = self._sealer.seal(contents, len(contents))
        texts = pa.array([content.decode() for content in contents], pa.string())
        self._write(pa.array(range(first, first + len(contents)), pa.int64()), nonces, texts, digests)
        self._tree.append(leaves)
        return first

    def close(self, sign: Sign) -> tuple[int, bytes, str]:
        """Store tiles and the batch with its checkpoint; returns size, root and note. Call once, at the end."""
        for statement in self._suspended:
            self._session.execute(statement)
        self._store(self._tree.take_changed())
        size, root = self._tree.size, self._tree.root()
        note = sign(size, root)
        self._session.append(
            "ledger_batch",
            pa.table(
                {
                    "id": [self._batch.id],
                    "first_seq": [self.first_seq],
                    "size": [size - self.first_seq],
                    "at": [self._batch.at],
                    "by": [self._batch.by],
                    "catalogue": [self._batch.catalogue],
                    "root": [root.hex()],
                    "checkpoint": [note],
                }
            ),
        )
        _spare[:] = [(size, root.hex(), self._tree)]
        return size, root, note

    def _store(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        if not tiles:
            return
        for place in self._edge.intersection(tiles):  # what grew is stored anew, everything else is new
            self._session.execute("DELETE FROM ledger_tile WHERE level = ? AND number = ?", place)
        self._session.append(
            "ledger_tile",
            pa.table(
                {
                    "level": pa.array([level for level, _ in tiles], pa.int64()),
                    "number": pa.array([number for _, number in tiles], pa.int64()),
                    "hashes": pa.array(list(tiles.values()), pa.binary()),
                }
            ),
        )

    def _grown(self) -> Tree:
        """The tree as it stands: the one the last appender left, where its root is that of the last batch."""
        root = self._session.value(_ROOT)
        while _spare:
            size, kept, tree = _spare.pop()
            if (size, kept) == (self.first_seq, root):
                return tree
        return Tree(self.first_seq, self._read_tile)

    def _suspend_order_triggers(self) -> None:
        """Take SQLite's insert triggers off for the length of this transaction: they double the cost of an item.

        Nobody else can write meanwhile, ``append`` checks the order itself, and a rollback brings them back as well as
        ``close`` does.
        """
        if self._session.vendor != "sqlite" or self._suspended:
            return
        for name in ("ledger_item_in_order", "ledger_entry_in_order"):
            self._suspended.append(
                self._session.value("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", [name])
            )
            self._session.execute(f"DROP TRIGGER {name}")

    def _write(self, seqs: pa.Array, nonces: bytes, texts: pa.Array, digests: bytes) -> None:
        self._session.append(
            "ledger_item",
            pa.table({"seq": seqs, "nonce": _fixed(nonces, 16), "content": texts.cast(pa.string())}),
        )
        self._session.append("ledger_entry", pa.table({"seq": seqs, "digest": _fixed(digests, 32)}))

    def _read_tile(self, level: int, number: int) -> bytes:
        found = self._session.value("SELECT hashes FROM ledger_tile WHERE level = ? AND number = ?", (level, number))
        return bytes(found or b"")


def _views(texts: pa.Array) -> Iterator[memoryview]:
    """The UTF-8 bytes of each text, without a copy."""
    if not pa.types.is_string(texts.type):
        texts = texts.cast(pa.string())
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].tolist()
    view = memoryview(data)
    return (view[start:end] for start, end in pairwise(ends))


def _fixed(data: bytes, width: int) -> pa.Array:
    """A row of pieces of equal width as a binary column."""
    count = len(data) // width
    offsets = pa.py_buffer(np.arange(0, (count + 1) * width, width, dtype=np.int32).tobytes())
    return pa.Array.from_buffers(pa.binary(), count, [None, offsets, pa.py_buffer(data)])
