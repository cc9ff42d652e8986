"""Proofs (核验): whether a record is what was handed in and stands in the signed log, and a file to check it elsewhere.

Checked when asked: the digest over the stored content, the leaf made of it, the way from the leaf to the root, and that
this root is the one the last checkpoint states.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from django.db import connection

from chengxin.kernel.canonical import item_digest
from chengxin.ledger import proof
from chengxin.ledger.merkle import leaf_hash
from chengxin.ledger.model import Batch
from chengxin.records.model import Record
from chengxin.storage.models import LedgerTile, Source


class State(StrEnum):
    """Results of a check (核验结果)."""

    INTACT = "intact"  # 一致
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


_ENTRY = """
SELECT i.nonce, i.content, e.digest, b.id, b.at, b.by, b.catalogue
FROM ledger_entry e JOIN ledger_item i ON i.seq = e.seq
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= e.seq)
WHERE e.seq = %s
"""
_LAST = "SELECT first_seq + size, root, at, checkpoint FROM ledger_batch ORDER BY first_seq DESC LIMIT 1"


def check(record: Record) -> Verification:
    """Check the entry that holds the record's present content against the log as it stands."""
    version = record.versions[-1]
    entry, last = _row(_ENTRY, [version.seq]), _row(_LAST, [])
    state, digest = State.UNAVAILABLE, ""
    if entry is not None and last is not None:
        digest = bytes(entry[2]).hex()
        state = State.INTACT if _holds(version.seq, entry, last) else State.DIFFERENT
    named = Source.objects.filter(code=version.by).values_list("name", flat=True).first()
    return Verification(
        state=state,
        index=version.seq,
        digest=digest,
        source=version.by,
        source_name=named or version.by,
        at=version.at,
        receipt=version.batch,
        size=last[0] if last else 0,
        root=last[1] if last else "",
        sealed_at=datetime.fromisoformat(last[2]) if last else None,
    )


def proof_file(record: Record) -> bytes:
    """The proof as JSON: leaf, way to the root, signed checkpoint; and, where every field of the item is public, the
    content and its nonce, so that a stranger can recompute the digest too.

    Where the law hides a field (a sole trader's operator) the content cannot be given, and the file says so.
    """
    version = record.versions[-1]
    entry, last = _row(_ENTRY, [version.seq]), _row(_LAST, [])
    if entry is None or last is None:
        raise LookupError(f"entry {version.seq} is not in the log yet")
    content = orjson.loads(entry[1])
    complete = content["fields"] == record.fields and content.get("original", {}) == record.original
    path = proof.inclusion(version.seq, last[0], _read_tile)
    return orjson.dumps(
        {
            "what": "Inclusion proof of one entry, RFC 6962 hashing (SHA-256). leaf, nonce and path are base64.",
            "index": version.seq,
            "size": last[0],
            "leaf": base64.b64encode(_leaf(entry)).decode(),
            "path": [base64.b64encode(step).decode() for step in path],
            "checkpoint": last[3],
            "content": entry[1] if complete else None,
            "nonce": base64.b64encode(bytes(entry[0])).decode() if complete else None,
            "content_withheld": "" if complete else "fields that are not public by law are part of the content",
        },
        option=orjson.OPT_INDENT_2,
    )


def _holds(index: int, entry: Any, last: Any) -> bool:
    digest = bytes(entry[2])
    if item_digest(bytes(entry[0]), entry[1].encode()) != digest:
        return False
    try:
        path = proof.inclusion(index, last[0], _read_tile)
        root = proof.root_from(index, last[0], leaf_hash(_leaf(entry)), path)
        return bool(root.hex() == last[1])
    except ValueError:
        return False


def _leaf(entry: Any) -> bytes:
    return Batch(entry[3], entry[4], entry[5], entry[6]).leaf(bytes(entry[2]).hex())


def _read_tile(level: int, number: int) -> bytes:
    found = LedgerTile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
    return bytes(found or b"")


def _row(sql: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
