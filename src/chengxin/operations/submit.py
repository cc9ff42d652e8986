"""Submit (报送): a file, or rows from the desk, comes in; every row is accounted for; what is right is recorded."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from chengxin.catalogue.model import Item
from chengxin.engine.connect import connect
from chengxin.intake import formats, mapping
from chengxin.intake.formats.reading import Reading, batched
from chengxin.intake.formats.refusals import UnknownLayout
from chengxin.intake.mapping_column import Column
from chengxin.intake.mapping_misfit import mapping_misses, no_header
from chengxin.intake.receipt import Receipt
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal, of_platform
from chengxin.kernel.text import Text
from chengxin.operations import batch, plans, progress, receipts, resending, rulebook, sources, uploads
from chengxin.operations.numbering import following, open_submission, prefix_of
from chengxin.storage import submissions
from chengxin.storage.bulk import Store
from chengxin.storage.models import Submission

Progress = Callable[[str, int, int], None]
"""(stage, rows done, rows in all or 0 when unknown) → nothing."""


@dataclass(frozen=True)
class _Submitted:
    """Who hands in what; ``number`` is the receipt number when there is one already."""

    item: Item
    source: str
    introduce: bool
    by: str = ""
    parent: str | None = None
    number: str = ""
    file_name: str = ""
    file_digest: str = ""
    file_size: int = 0
    mapping: str = ""
    sheet: str = ""

    def columns(self) -> dict[str, object]:
        """What the submission's row says of it from the start."""
        return {
            "item": self.item.id,
            "source_id": self.source,
            "by": self.by,
            "parent_id": self.parent,
            "file_name": self.file_name,
            "file_size": self.file_size,
            "mapping": self.mapping,
            "sheet": self.sheet,
            "introduce": self.introduce,
        }


def submit(
    *,
    path: Path | str,
    item: str,
    source: str,
    mapping: Path | str | None = None,
    sheet: str | None = None,
    introduce: bool | None = None,
    parent: str | None = None,
    by: str = "",
    progress: Progress | None = None,
) -> Receipt:
    """Hand in a file that lies on this machine, as the operator does on the command line.

    ``introduce`` None means what the source is trusted with. ``parent`` is the receipt whose rows the file mends; None
    means the one it names itself, see ``mending.settle`` for what follows. Raises Refusal when the file as a whole cannot be taken:
    then nothing of it was stored but the refusal itself.
    """
    path = Path(path)
    trusted = sources.find(source)
    if parent:
        receipts.require_parent(parent, source=trusted.code, item=item)
    told = _Submitted(
        item=rulebook.item(item),
        source=trusted.code,
        introduce=trusted.may_introduce if introduce is None else introduce,
        by=by,
        parent=parent,
        file_name=path.name,
        mapping=str(mapping or ""),
        sheet=sheet or "",
    )
    opened = open_file(path)
    with opened, ThreadPoolExecutor(1) as side:
        digest = side.submit(_digest, path)
        told = replace(told, file_size=path.stat().st_size)
        return _take(opened, told, digest, progress)


def open_file(path: Path) -> BinaryIO:
    """A file on this machine, open for reading. Raises Refusal ``file.unreadable``."""
    try:
        return path.open("rb")
    except OSError as error:
        raise Refusal(
            "file.unreadable",
            Text(f"文件打不开：{error.strerror}", f"the file cannot be opened: {error.strerror}"),
            where=Text(str(path), str(path)),
            remedy=Text("请核对文件名和读取权限", "check the file's name and permissions"),
        ) from error


def process(number: str) -> Receipt:
    """Work through a submission that was uploaded and waits in the queue. Raises Refusal as :func:`submit` does."""
    waiting = Submission.objects.get(id=number)
    told = _Submitted(
        item=rulebook.item(waiting.item),
        source=waiting.source_id,
        introduce=waiting.introduce,
        by=waiting.by,
        parent=waiting.parent_id,
        number=waiting.id,
        file_name=waiting.file_name,
        file_digest=waiting.file_digest,
        file_size=waiting.file_size,
        mapping=waiting.mapping,
        sheet=waiting.sheet,
    )

    def report(stage: str, done: int, total: int) -> None:
        progress.write(number, stage, done, total)

    with uploads.open_upload(waiting) as plain:
        return _take(plain, told, None, report)


def submit_rows(
    *,
    rows: Sequence[Mapping[str, str]],
    item: str,
    source: str,
    by: str = "",
    parent: str | None = None,
    judged: Mapping[int, str] | None = None,
) -> Receipt:
    """Hand in rows given as fields (id → text), numbered from 1: how the desk sends mended rows through the same door.

    ``approximate`` among the fields says which of them something else stands in for. ``judged``: row number → subject, where a person has said whom the row speaks of.
    """
    about = rulebook.item(item)
    fields = tuple(field.id for field in about.all_fields)
    keys, columns = (*fields, mapping.APPROXIMATE), (*fields, mapping.STAND_INS)
    cells = [(number, [row.get(key) for key in keys]) for number, row in enumerate(rows, 1)]
    reading = Reading("rows", columns, lambda _, size: batched(iter(cells), len(columns), size), rows_hint=len(cells))
    told = _Submitted(item=about, source=source, introduce=sources.find(source).may_introduce, by=by, parent=parent)
    desk = Text("工作台更正", "mended at the desk")
    by_field = mapping.Mapping(
        "desk", about.id, desk, tuple(Column(field, parts=((field,),)) for field in fields), strict=False
    )
    told_of = None
    if judged:
        told_of = pa.table({"row": pa.array(judged, pa.int64()), "subject": pa.array(judged.values(), pa.string())})
    return _read(reading, by_field, told, None, None, judged=told_of)


def _take(data: BinaryIO, told: _Submitted, digest: "Future[str] | None", report: Progress | None) -> Receipt:
    try:
        fields = mapping.load(Path(told.mapping), told.item) if told.mapping else None
        reading = _opened(data, told, fields)
        if told.sheet and not reading.sheet:
            reading.notes.append(
                Text(
                    f"指定的工作表“{told.sheet}”没有用到：{reading.format.upper()} 文件只有一张表。",
                    f"The sheet “{told.sheet}” asked for was not used: {reading.format.upper()} holds one table.",
                )
            )
        chosen = fields or mapping.choose(reading.columns, told.item, rulebook.catalogue().layouts.values())
        chosen = replace(chosen, since_1904=reading.since_1904)
        parent = told.parent or resending.parent_named(reading, source=told.source, item=told.item.id)
        told = replace(told, parent=parent)
        return _read(reading, chosen, told, digest, report)
    except Refusal as refusal:
        if told.number and of_platform(refusal.rule):
            raise  # it stays in the queue
        with suppress(DatabaseError):  # a full disk takes no note of it either, and the reason matters more
            refusal.receipt = _keep_refusal(told, refusal, digest)
        raise


def _opened(data: BinaryIO, told: _Submitted, fields: mapping.Mapping | None) -> Reading:
    """The file, told by the mapping's headers or else by those of its item's layouts."""
    catalogue = rulebook.catalogue()
    try:
        return formats.open_source(
            data,
            told.file_name,
            sheet=told.sheet or (fields.sheet if fields else None) or None,
            known=fields.knows if fields else mapping.known_headers(catalogue.layouts_of(told.item.id)),
        )
    except UnknownLayout as unknown:
        if fields:
            raise mapping_misses(fields.title, fields.headers, unknown.rows) from unknown
        raise no_header(unknown.rows, told.item, catalogue.layouts.values()) from unknown


def _read(
    reading: Reading,
    fields: mapping.Mapping,
    told: _Submitted,
    digest: "Future[str] | None",
    report: Progress | None,
    *,
    judged: pa.Table | None = None,
) -> Receipt:
    at = timezone.now()
    plan = plans.find(
        item=told.item,
        mapping=fields,
        columns=reading.columns,
        day=today(at),
        introduce=told.introduce,
        source=told.source,
    )
    total = reading.rows_hint or 0
    job = batch.Run(
        plan=plan,
        source=told.source,
        at=at,
        open=lambda store: _number(store, told, at),
        close=lambda store, run: _close(store, run, told, reading, fields, digest),
        report=(lambda stage, rows: report(stage, rows, total)) if report else (lambda stage, rows: None),
        judged=judged,
    )
    with connect(Path(settings.HOME)) as con:
        return batch.run(con, _slices(reading), reading.ragged, job)


def _slices(reading: Reading) -> Iterator[pa.Table]:
    """The file's rows, so many at a time that memory does not grow with the file; few at first, to get going."""
    gathered: list[pa.RecordBatch] = []
    rows, wanted = 0, batch.FIRST_ROWS
    for found in reading.batches(batch.READ_ROWS):
        gathered.append(found)
        rows += found.num_rows
        if rows >= wanted:
            yield pa.Table.from_batches(gathered)
            gathered, rows, wanted = [], 0, batch.SLICE_ROWS
    if gathered:
        yield pa.Table.from_batches(gathered)


def _number(store: Store, told: _Submitted, at: datetime) -> str:
    """The receipt number; a submission without one gets the day's next, inside the batch's own transaction."""
    if told.number:
        return told.number
    prefix = prefix_of(at)
    number = following(prefix, submissions.last_number(store, prefix))
    while not submissions.insert(store, told.columns() | {"id": number, "state": "running", "received_at": at}):
        number = following(prefix, number)
    return number


def _close(
    store: Store,
    run: batch.Run,
    told: _Submitted,
    reading: Reading,
    fields: mapping.Mapping,
    digest: "Future[str] | None",
) -> None:
    """The receipt, as the last thing of the transaction."""
    receipt = run.receipt
    required = sum(field.required == "always" for field in told.item.stored_fields) * receipt.rows
    missing = sum(count for rule, count in receipt.reasons.items() if rule.endswith(".required"))
    if not receipt.rows:
        reading.notes.append(Text("文件只有表头，没有数据行。", "The file has a header and no rows."))
    sent = digest.result() if digest else told.file_digest
    receipt.parent = told.parent
    before = submissions.same_file(store, told.columns() | {"file_digest": sent})
    # what mended this very receipt before has its rows wait on itself by now
    if before and told.parent in (None, submissions.mended_by(store, before)):
        receipt.parent = before
        reading.notes.append(
            Text(
                f"与回执 {before} 是同一份文件，原样再次报送：待更正行只在本回执上等待，质量指标不重复计算。",
                f"This is the file of receipt {before}, handed in again as it was: its rows wait here only, and it counts once in the figures.",
            )
        )
    receipt.reading = _told_of_reading(reading, fields, told.item)
    values: dict[str, object] = {
        "state": "done",
        "parent_id": receipt.parent,
        "file_digest": sent,
        "finished_at": timezone.now(),
        "rows": receipt.rows,
        **receipt.outcomes,
        "warnings": receipt.warnings,
        "reasons": receipt.reasons,
        "normalised": receipt.normalised,
        "reading": receipt.reading,
        "quality": {
            "timed": run.timed,
            "on_time": run.on_time,
            "cells_required": required,
            "cells_filled": required - missing,
            "earliest_open": run.earliest_open,
            "backlog_open": run.backlog_open,
        },
        "catalogue": rulebook.catalogue().digest,
        "batch": receipt.submission,
        "tree_size": receipt.tree_size,
        "root": receipt.root,
    }
    submissions.update(store, receipt.submission, values)


def _told_of_reading(reading: Reading, fields: mapping.Mapping, item: Item) -> Mapping[str, Any]:
    """How the file was read, for the receipt."""
    report = fields.report(reading.columns, item)
    return {
        "format": reading.format,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "sheet": reading.sheet,
        "sheets": list(reading.sheets),
        "header_row": reading.header_row,
        "notes": [note.to_dict() for note in reading.notes],
        **report.to_dict(),
        "unused": resending.foreign(report.unused),
    }


def _keep_refusal(told: _Submitted, refusal: Refusal, digest: "Future[str] | None") -> str:
    """Note that a file was refused as a whole, so that the sender's question about it has an answer later; its number."""
    values = {
        "state": "refused",
        "problem": dict(refusal.to_dict()),
        "finished_at": timezone.now(),
        "file_digest": digest.result() if digest else told.file_digest,
    }
    if told.number:
        Submission.objects.filter(id=told.number).update(**values)
        return told.number
    return open_submission(received_at=timezone.now(), **told.columns(), **values).id


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
