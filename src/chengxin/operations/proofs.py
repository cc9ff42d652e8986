"""Proofs (核验): whether a record is what was handed in and stands in the signed log, and files to check it elsewhere.

Checked when asked: the digest over the stored content, the leaf made of it, the way from the leaf to the root, and that
this root is the one the published checkpoint states.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from chengxin.kernel.canonical import item_digest
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import bundle, proof
from chengxin.ledger.bundle import Proven, texts
from chengxin.ledger.model import Batch
from chengxin.ledger.verify import leaf_hash, root_from
from chengxin.operations import logkey, logtiles, witnessing
from chengxin.operations.witnessing import Head
from chengxin.records.model import Record
from chengxin.storage.models import LedgerBatch, Source, Submission


class State(StrEnum):
    """Results of a check (核验结果)."""

    INTACT = "intact"  # 一致
    PENDING = "pending"  # 待写入检查点
    DIFFERENT = "different"  # 不一致
    UNAVAILABLE = "unavailable"  # 暂不能核对


@dataclass(frozen=True)
class Verification:
    """What the check of one record found. ``digest`` and ``root`` are hex, ``index`` counts entries from 0."""

    state: State
    index: int
    digest: str
    source: str
    source_name: str
    at: datetime
    receipt: str
    size: int
    root: str
    sealed_at: datetime | None
    checked_at: datetime


@dataclass(frozen=True)
class _Entry:
    """An entry as stored; ``nonce`` and ``content`` are None where the content was erased."""

    index: int
    digest: bytes
    batch: Batch
    nonce: bytes | None
    content: str | None

    @property
    def leaf(self) -> bytes:
        return self.batch.leaf(self.digest.hex())


_ENTRY = """
SELECT e.digest, b.id, b.at, b.by, b.catalogue, i.nonce, i.content
FROM ledger_entry e LEFT JOIN ledger_item i ON i.seq = e.seq
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= e.seq)
WHERE e.seq = %s
"""


def check(record: Record) -> Verification:
    """Check the entry that holds the record's present content against the log as it is published."""
    version = record.versions[-1]
    entry, head = _entry(version.seq), witnessing.head()
    named = Source.objects.filter(code=version.by).values_list("name", flat=True).first()
    return Verification(
        state=_state(version.seq, entry, head),
        index=version.seq,
        digest=entry.digest.hex() if entry else "",
        source=version.by,
        source_name=named or version.by,
        at=version.at,
        receipt=version.batch,
        size=head.size if head else 0,
        root=head.root.hex() if head else "",
        sealed_at=head.at if head else None,
        checked_at=timezone.now(),
    )


def of_record(record: Record) -> Mapping[str, object]:
    """The proof file of a public record: leaf, way to the root, signed checkpoint; and, where every field of the item is
    public, the content and its nonce, so that a stranger can recompute the digest too.

    Where the law hides a field (a sole trader's operator) the content cannot be given, and the file says so. Raises
    Refusal ``log.pending`` while the published checkpoint does not cover the entry.
    """
    head = _head(record.versions[-1].seq)
    entry = _entry(record.versions[-1].seq)
    if entry is None or entry.content is None:
        raise _pending(head.size)
    content = orjson.loads(entry.content)
    public = content["fields"] == record.fields and content.get("original", {}) == record.original
    return _file(head, [_proven(entry, head, with_content=public)])


def of_entry(index: int) -> Mapping[str, object]:
    """The proof file of one entry with its content, for whoever may read it. Raises Refusal ``log.pending``."""
    head, entry = _head(index), _entry(index)
    if entry is None:
        raise _pending(head.size)
    return _file(head, [_proven(entry, head, with_content=entry.content is not None)])


def of_receipt(submission: Submission) -> Mapping[str, object]:
    """The proof file of a receipt: that its batch stands in the log (first and last entry), and that the log it was
    entered into is the beginning of the one published now.

    Raises Refusal ``receipt.nothing-entered`` when no row was stored, ``log.pending`` as ``of_record``.
    """
    batch = LedgerBatch.objects.filter(id=submission.batch).first() if submission.batch else None
    if batch is None or not batch.size:
        raise Refusal(
            "receipt.nothing-entered",
            Text("这份报送没有写入任何条目", "this submission entered nothing into the log"),
            where=Text(f"回执 {submission.id}", f"receipt {submission.id}"),
            remedy=Text(
                "没有可证明的条目；更正后的行有自己的回执",
                "there is nothing to prove; mended rows have their own receipt",
            ),
        )
    end = batch.first_seq + batch.size
    head = _head(end - 1)
    ends = [_entry(index) for index in sorted({batch.first_seq, end - 1})]
    entries = [_proven(entry, head, with_content=False) for entry in ends if entry is not None]
    grown = proof.consistency(end, head.size, logtiles.read)
    return _file(head, entries, earlier=(batch.checkpoint, grown))


def inclusion(index: int, size: int | None = None) -> Mapping[str, object]:
    """That entry ``index`` stands in the log of ``size`` entries (default: the published ones), as plain values.

    Raises Refusal ``log.beyond`` when the published log does not reach that far.
    """
    head = _head(None)
    size = _within(size, head)
    entry = _entry(index)
    if entry is None or index >= size:
        raise _beyond(index, size)
    return {
        "index": index,
        "size": size,
        "leaf": entry.leaf.decode(),
        "leaf_hash": texts([leaf_hash(entry.leaf)])[0],
        "path": texts(proof.inclusion(index, size, logtiles.read)),
        "root": texts([proof.root(size, logtiles.read)])[0],
        "checkpoint": head.note,
    }


def consistency(old: int, new: int | None = None) -> Mapping[str, object]:
    """That the log of ``old`` entries is the beginning of the log of ``new`` (default: the published ones).

    Raises Refusal ``log.beyond`` when the sizes are not in order or beyond the published log.
    """
    head = _head(None)
    new = _within(new, head)
    if not 0 < old <= new:
        raise _beyond(old, new)
    return {
        "old": old,
        "new": new,
        "path": texts(proof.consistency(old, new, logtiles.read)),
        "old_root": texts([proof.root(old, logtiles.read)])[0],
        "new_root": texts([proof.root(new, logtiles.read)])[0],
        "checkpoint": head.note,
    }


def tlog_proof(index: int) -> str:
    """The proof of one entry for stock clients (C2SP tlog-proof). Raises Refusal ``log.beyond``."""
    head = _head(None)
    if index >= head.size:
        raise _beyond(index, head.size)
    return bundle.tlog_proof(head.note, index, proof.inclusion(index, head.size, logtiles.read))


def _file(
    head: Head, entries: list[Proven], *, earlier: tuple[str, tuple[bytes, ...]] | None = None
) -> Mapping[str, object]:
    keys, witnesses = logkey.verifiers(), witnessing.keys()
    return bundle.proof(note=head.note, keys=keys, witnesses=witnesses, entries=entries, earlier=earlier)


def _proven(entry: _Entry, head: Head, *, with_content: bool) -> Proven:
    path = proof.inclusion(entry.index, head.size, logtiles.read)
    if not with_content:
        return Proven(entry.index, entry.leaf, path)
    return Proven(entry.index, entry.leaf, path, entry.content, entry.nonce)


def _state(index: int, entry: _Entry | None, head: Head | None) -> State:
    if entry is None or entry.nonce is None or entry.content is None:
        return State.UNAVAILABLE
    if item_digest(entry.nonce, entry.content.encode()) != entry.digest:
        return State.DIFFERENT
    if head is None or index >= head.size:
        return State.PENDING
    try:
        path = proof.inclusion(index, head.size, logtiles.read)
        held = root_from(index, head.size, leaf_hash(entry.leaf), path) == head.root
    except ValueError:
        held = False
    return State.INTACT if held else State.DIFFERENT


def _entry(index: int) -> _Entry | None:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRY, [index])
        row: Any = cursor.fetchone()
    if row is None:
        return None
    nonce = bytes(row[5]) if row[5] is not None else None
    return _Entry(index, bytes(row[0]), Batch(*row[1:5]), nonce, row[6])


def _head(index: int | None) -> Head:
    """The published checkpoint, which must cover entry ``index``."""
    head = witnessing.head()
    if head is None or (index is not None and index >= head.size):
        raise _pending(head.size if head else 0)
    return head


def _within(size: int | None, head: Head) -> int:
    if size is not None and not 0 < size <= head.size:
        raise _beyond(size, head.size)
    return size or head.size


def _pending(size: int) -> Refusal:
    return Refusal(
        "log.pending",
        Text("条目尚未写入公布的检查点", "the published checkpoint does not cover this entry"),
        where=Text(f"公布的日志共 {size} 条", f"the published log has {size} entries"),
        remedy=Text("请稍后再试", "try again in a moment"),
    )


def _beyond(asked: int, size: int) -> Refusal:
    return Refusal(
        "log.beyond",
        Text("日志没有所要的条目或大小", "the log has no such entry or size"),
        where=Text(f"所要的是 {asked}，日志共 {size} 条", f"{asked} was asked for; the log has {size} entries"),
        basis="RFC 6962 2.1",
        remedy=Text(
            "条目号从 0 起；大小不超过公布的检查点", "entries count from 0; sizes end at the published checkpoint"
        ),
    )
