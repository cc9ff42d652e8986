"""Publishing (检查点发布): tiles go to where they stay, and only then the log says how far it reaches.

A batch, its tiles and its checkpoint are committed together; that gives the number. What strangers see moves on here: full
tiles are made durable in the tile store, then the published size is raised. It only ever rises, so two processes that
publish at the same time, or one that was cut off and comes back, do no harm.
"""

import logging
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from chengxin.ledger.merkle import TILE_BYTES
from chengxin.storage import seen, tiles

log = logging.getLogger("chengxin.log")

AT_ONCE = 4096
"""Tiles brought out at a time: 32 MiB."""

_PUBLISHED = """
SELECT p.size, b.root, b.checkpoint, b.at FROM ledger_published p
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq < p.size)
"""
_SIZES = """
SELECT coalesce((SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1), 0), size FROM ledger_published
"""
_FULL = "SELECT level, number, hashes FROM ledger_tile WHERE length(hashes) = %s ORDER BY level, number LIMIT %s"


@dataclass(frozen=True)
class Published:
    """How far the published log reaches: ``size`` entries, their ``root`` (32 bytes), the signed ``note``, when (UTC)."""

    size: int
    root: bytes
    note: str
    at: str


def published() -> Published | None:
    """What strangers see of the log; None while it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED)
        row = cursor.fetchone()
    return Published(row[0], bytes.fromhex(row[1]), row[2], row[3]) if row else None


def publish() -> bool:
    """Bring out what has been committed; whether strangers now see all of it. Cheap when there is nothing new.

    To be called after every commit that appends; the worker calls it again and again for those who could not. It never
    fails an act that is already in the log: when the tile store or the database refuses, the published log stays where it
    is and the next call tries again. Raises RuntimeError inside a transaction, where nothing is committed yet.
    """
    if connection.in_atomic_block:
        raise RuntimeError("nothing can be published before it is committed")
    try:
        return _publish()
    except (OSError, DatabaseError):
        log.exception("the log could not be published further; it is tried again")
        return False


def _publish() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        committed, size = cursor.fetchone()
    if committed > size:
        seen.note()
        while _bring_out():
            pass
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_published SET size = %s WHERE size < %s", [committed, committed])
    return True


def _bring_out() -> bool:
    """Move some full tiles from the database to the tile store; whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(_FULL, [TILE_BYTES, AT_ONCE])
        full = {(level, number): bytes(hashes) for level, number, hashes in cursor.fetchall()}
    if not full:
        return False
    tiles.store().put(full)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("DELETE FROM ledger_tile WHERE level = %s AND number = %s", list(full))
    return len(full) == AT_ONCE
