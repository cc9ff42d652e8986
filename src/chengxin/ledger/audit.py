"""Audit of the log (日志核验): everything that is stored is worked out again and compared, and what differs is named."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chengxin.kernel.canonical import item_digest
from chengxin.kernel.text import Text
from chengxin.ledger import checkpoint
from chengxin.ledger.merkle import Tree, leaf_hash
from chengxin.ledger.model import Batch


@dataclass(frozen=True)
class Finding:
    """Something in the log that is not as it was written: ``kind`` is a stable id, ``where`` an entry, tile or batch."""

    kind: str
    where: str
    message: Text


@dataclass(frozen=True)
class SealedBatch:
    """A batch as stored: its common fields, its entries ``[first_seq, first_seq + size)``, root (hex) and note."""

    batch: Batch
    first_seq: int
    size: int
    root: str
    note: str


Row = tuple[int, bytes | None, str | None, bytes | None]
"""(seq, nonce, content, digest); None where the item or the entry is missing."""


class Auditor:
    """Walks through a log from its first entry; ``findings`` fills up."""

    def __init__(self, public: Ed25519PublicKey, origin: str) -> None:
        self.findings: list[Finding] = []
        self._public = public
        self._origin = origin
        self._tree = Tree(0, _nothing)

    @property
    def size(self) -> int:
        return self._tree.size

    @property
    def root(self) -> str:
        return self._tree.root().hex()

    def batch(self, sealed: SealedBatch, rows: Iterable[Row]) -> None:
        """Check one batch; batches come in the order of the log."""
        if sealed.first_seq != self.size:
            self._found(
                "batch.gap",
                sealed.batch.id,
                f"批次应从第 {self.size} 条开始，实际从第 {sealed.first_seq} 条开始",
                f"the batch should begin at entry {self.size} and begins at {sealed.first_seq}",
            )
        expected = sealed.first_seq
        leaves = []
        for seq, nonce, content, digest in rows:
            if seq != expected:
                self._missing(expected, seq)
            expected = seq + 1
            leaves.append(self._leaf(sealed.batch, seq, nonce, content, digest))
        if expected != sealed.first_seq + sealed.size:
            self._missing(expected, sealed.first_seq + sealed.size)
        self._tree.append(b"".join(leaves))
        if self.root != sealed.root:
            self._found(
                "batch.root",
                sealed.batch.id,
                "按条目重算的根与批次记载的根不一致",
                "the root worked out from the entries is not the root the batch states",
            )
        self._check_note(sealed)

    def tiles(self, stored: Callable[[int, int], bytes]) -> None:
        """Compare every stored tile with the tree; ``stored`` returns b'' for a tile that is not there."""
        for (level, number), hashes in self._tree.take_changed().items():
            if stored(level, number) != hashes:
                self._found(
                    "tile.changed",
                    f"{level}/{number}",
                    "存储的哈希块与按条目重算的不一致",
                    "the stored tile is not the one worked out from the entries",
                )

    def _leaf(self, batch: Batch, seq: int, nonce: bytes | None, content: str | None, digest: bytes | None) -> bytes:
        if digest is None:
            self._found("entry.missing", str(seq), "缺少条目", "the entry is missing")
            digest = b"\x00" * 32
        elif nonce is None or content is None:
            self._found("item.missing", str(seq), "缺少条目的内容", "the entry's item is missing")
        elif item_digest(bytes(nonce), content.encode()) != bytes(digest):
            self._found(
                "item.changed",
                str(seq),
                "内容或随机数与条目的摘要不符",
                "the item's content or nonce does not fit the entry's digest",
            )
        return leaf_hash(batch.leaf(bytes(digest).hex()))

    def _missing(self, first: int, until: int) -> None:
        self._found(
            "entry.gap",
            f"{first}–{until - 1}",
            f"条目不连续：第 {first} 至 {until - 1} 条不在原位",
            f"entries {first} to {until - 1} are not where they should be",
        )

    def _check_note(self, sealed: SealedBatch) -> None:
        try:
            noted = checkpoint.verify(sealed.note, self._public)
        except ValueError as error:
            self._found("checkpoint.signature", sealed.batch.id, "检查点签名或格式不对", str(error))
            return
        if (noted.origin, noted.size, noted.root.hex()) != (
            self._origin,
            sealed.first_seq + sealed.size,
            sealed.root,
        ):
            self._found(
                "checkpoint.content",
                sealed.batch.id,
                "检查点的名称、条数或根与批次不一致",
                "the checkpoint's origin, size or root is not the batch's",
            )

    def _found(self, kind: str, where: str, zh: str, en: str) -> None:
        self.findings.append(Finding(kind, where, Text(zh, en)))


def report(auditor: Auditor) -> Mapping[str, object]:
    """The audit as plain values."""
    return {
        "size": auditor.size,
        "root": auditor.root if auditor.size else hashlib.sha256().hexdigest(),
        "sound": not auditor.findings,
        "findings": [
            {"kind": each.kind, "where": each.where, "message": each.message.to_dict()} for each in auditor.findings
        ],
    }


def _nothing(level: int, number: int) -> bytes:
    raise AssertionError(f"an empty tree has no tile {level}/{number}")
