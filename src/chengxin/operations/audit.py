"""Audit (日志核验): ``chengxin log verify`` — reads the whole ledger and names what is not as it was written."""

from collections.abc import Callable, Iterator, Mapping

from django.conf import settings
from django.db import connection

from chengxin.ledger.audit import Auditor, Row, SealedBatch, report
from chengxin.ledger.model import Batch
from chengxin.operations.logkey import signing_key
from chengxin.storage.models import LedgerBatch, LedgerEntry, LedgerItem, LedgerTile

CHUNK = 20_000


def verify_log(progress: Callable[[int, int], None] | None = None) -> Mapping[str, object]:
    """``{size, root, sound, findings}`` of this installation's log; ``progress`` is told (entries done, in all)."""
    auditor = Auditor(signing_key().public_key(), settings.LOG_ORIGIN)
    batches = list(LedgerBatch.objects.order_by("first_seq"))
    total = sum(each.size for each in batches)
    for each in batches:
        sealed = SealedBatch(
            Batch(each.id, each.at, each.by, each.catalogue), each.first_seq, each.size, each.root, each.checkpoint
        )
        auditor.batch(sealed, _rows(each.first_seq, each.first_seq + each.size))
        if progress:
            progress(auditor.size, total)
    auditor.tiles(_tile)
    found = dict(report(auditor))
    findings = list(found["findings"])  # type: ignore[call-overload]
    for model in (LedgerEntry, LedgerItem):
        if extra := model.objects.filter(seq__gte=total).count():
            message = {"zh": f"有 {extra} 行不属于任何批次", "en": f"{extra} rows belong to no batch"}
            findings.append({"kind": "entry.loose", "where": model._meta.db_table, "message": message})
    return found | {"findings": findings, "sound": not findings}


def _rows(first: int, until: int) -> Iterator[Row]:
    sql = """SELECT e.seq, i.nonce, i.content, e.digest FROM ledger_entry e LEFT JOIN ledger_item i ON i.seq = e.seq
             WHERE e.seq >= %s AND e.seq < %s ORDER BY e.seq"""
    for start in range(first, until, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(sql, [start, min(start + CHUNK, until)])
            yield from cursor.fetchall()


def _tile(level: int, number: int) -> bytes:
    found = LedgerTile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
    return bytes(found) if found is not None else b""
