"""Audit (日志核验): ``chengxin log verify`` — reads the whole ledger and names what is not as it was written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import checkpoint
from chengxin.ledger.audit import Auditor, OpenNote, Row, SealedBatch, Witnessed
from chengxin.ledger.model import Batch
from chengxin.operations import logkey
from chengxin.storage import seen, tiles

CHUNK = 10_000
"""Entries held at once: some 10 MB."""
_BATCHES = """SELECT id, at, by, catalogue, first_seq, size, root, checkpoint FROM ledger_batch
              WHERE first_seq > %s ORDER BY first_seq LIMIT %s"""
_SIZE = "SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch"
_LOOSE = f"SELECT count(*) FROM {{}} WHERE seq >= ({_SIZE})"


def verify_log(
    progress: Callable[[int, int], None] | None = None, *, against: Sequence[Path] = ()
) -> Mapping[str, object]:
    """``{size, root, sound, erased, findings, found}`` of this installation's log.

    ``progress`` is told (entries done, in all); ``against`` are files with checkpoints that others kept. Raises
    Refusal ``log.no-checkpoint`` for such a file that holds no checkpoint of this log.
    """
    with _unchanging():
        keys = logkey.keys()

        def open_note(note: str) -> checkpoint.Checkpoint:
            return checkpoint.opened(note, keys)

        auditor = Auditor(
            origin=settings.LOG_ORIGIN,
            open_note=open_note,
            read_rows=_rows,
            read_tile=tiles.read,
            witnessed=[*_seen(), *(_witnessed(path, open_note) for path in against)],
        )
        total = int(_value(_SIZE))
        for sealed in _batches():
            auditor.batch(sealed)
            if progress:
                progress(auditor.size, total)
        auditor.close()
        for table in ("ledger_entry", "ledger_item"):
            if _value(_LOOSE.format(table)):
                auditor.findings.add("entry.loose", table)
        _compare_erasures(auditor)
    findings = auditor.findings
    return {
        "size": auditor.size,
        "root": auditor.root.hex(),
        "sound": not findings.count,
        "erased": sum(len(entries) for entries in auditor.erased.values()),
        "findings": [each.to_dict() for each in findings.found],
        "found": findings.count,
    }


def _compare_erasures(auditor: Auditor) -> None:
    """Every item that was erased has an entry that orders it; every such order was carried out."""
    ordered = {act: {int(seq) for seq in orjson.loads(text)["entries"].split()} for act, text in auditor.orders.items()}
    for act, entries in auditor.erased.items():
        for seq in sorted(entries - ordered.get(act, set())):
            auditor.findings.entry("erasure.unfounded", seq, "")
    gone = set().union(*auditor.erased.values()) if auditor.erased else set()
    for entries in ordered.values():
        for seq in sorted(entries - gone):
            if _value("SELECT 1 FROM ledger_item WHERE seq = %s AND seq NOT IN (SELECT seq FROM erased_item)", [seq]):
                auditor.findings.entry("item.returned", seq, "")


def _seen() -> list[Witnessed]:
    last = seen.last()
    return [Witnessed(last.size, last.root, seen.path().name)] if last else []


def _witnessed(path: Path, open_note: OpenNote) -> Witnessed:
    try:
        noted = open_note(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            "log.no-checkpoint",
            Text(f"不是本日志签出的检查点：{error}", f"not a checkpoint that this log has signed: {error}"),
            where=Text(str(path), str(path)),
            remedy=Text("请给出 /log/checkpoint 原样保存的文件", "give a file saved from /log/checkpoint as it was"),
        ) from error
    return Witnessed(noted.size, noted.root.hex(), path.name)


def _batches() -> Iterator[SealedBatch]:
    after = -1
    while found := _all(_BATCHES, [after, CHUNK]):
        for id, at, by, catalogue, first_seq, size, root, note in found:
            yield SealedBatch(Batch(id, at, by, catalogue), first_seq, size, root, note)
        after = found[-1][4]


def _rows(first: int, until: int) -> Iterator[list[Row]]:
    content = "CAST(i.content AS blob)" if connection.vendor == "sqlite" else "i.content"
    sql = f"""SELECT e.seq, i.nonce, {content}, e.digest, x.act FROM ledger_entry e
              LEFT JOIN ledger_item i ON i.seq = e.seq LEFT JOIN erased_item x ON x.seq = e.seq
              WHERE e.seq >= %s AND e.seq < %s ORDER BY e.seq"""
    for start in range(first, until, CHUNK):
        found = _all(sql, [start, min(start + CHUNK, until)])
        yield found if connection.vendor == "sqlite" else [_plain(*row) for row in found]


def _plain(seq: int, nonce: object, content: str | None, digest: bytes, act: int | None) -> Row:
    return seq, nonce and bytes(nonce), None if content is None else content.encode(), bytes(digest), act  # type: ignore


@contextmanager
def _unchanging() -> Iterator[None]:
    """Everything that is read shows the same moment, and nobody who writes has to wait."""
    begin = "BEGIN DEFERRED" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _all(sql: str, values: Sequence[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found


def _value(sql: str, values: Sequence[int] = ()) -> Any:
    found = _all(sql, values)
    return found[0][0] if found else None
