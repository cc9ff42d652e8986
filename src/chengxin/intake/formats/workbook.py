"""XLSX workbooks (Excel 工作簿): the sheet with a known header, cells as text, formulas never evaluated."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
from python_calamine import CalamineWorkbook

from chengxin.intake.formats.archive import Weight, check_reach, weigh
from chengxin.intake.formats.headers import Header, Known, find
from chengxin.intake.formats.markup import Unusual
from chengxin.intake.formats.package import Package, guarded, monthly, since_1904, worksheets
from chengxin.intake.formats.reading import Limits, Reading
from chengxin.intake.formats.refusals import refuse, unknown_layout
from chengxin.intake.formats.sheet import Sheet
from chengxin.intake.formats.strings import Strings
from chengxin.intake.formats.tables import Loaded, Remarks, Streamed
from chengxin.kernel.text import Text

_CERTAIN = 4
"""Known headers from which on a sheet is taken without looking at the others. A sheet that explains the fields has a
code and a label in every row, which looks like a header of two."""


def open_workbook(data: BinaryIO, *, sheet: str | None, known: Known, limits: Limits) -> Reading:
    """An .xlsx file as a Reading of one sheet; without ``sheet`` the first visible one whose header is known.

    A formula cell counts with the value its program last stored. Shared strings are held in memory, and one piece of
    the sheet; all of it (≈ 100 bytes a cell, bounded by ``limits.cells``) only where it is written unusually.
    Raises Refusal: those of ``archive.weigh``, ``file.sheet``, ``file.sheet-too-large``, ``file.layout``,
    ``file.encrypted``, ``file.truncated``, ``file.too-many-columns``, ``file.duplicate-header``.
    """
    book = _Book(data, weigh(data, limits), limits)
    if sheet is not None and sheet.strip() not in book.names:
        raise refuse("file.sheet", sheet=sheet, sheets="、".join(book.names))
    top: list[list[str]] = []
    best: tuple[Streamed | Loaded, str, Header] | None = None
    for name in [sheet.strip()] if sheet is not None else book.visible:
        table, first = book.table(name, limits.header_rows)
        top = top or [row for row in first if any(row)]
        header = find(first, known, merges=table.merges, max_columns=limits.columns)
        if header is not None and (best is None or header.hits > best[2].hits):
            best = (table, name, header)
        if best is not None and best[2].hits >= _CERTAIN:
            break
    if best is None:
        raise unknown_layout(top) if top else refuse("file.empty")
    return _reading(book, *best)


class _Book:
    """A workbook: its sheets piece by piece as long as that can be done, loaded whole from then on."""

    def __init__(self, data: BinaryIO, weight: Weight, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._loaded: CalamineWorkbook | None = None
        self._strings: Strings | None = None
        self._package: Package | None = None
        self.weight = weight
        self.since_1904 = since_1904(data)
        try:
            self._package = Package(data)
            self.names, self.visible = self._package.worksheets()
        except Unusual:
            self._package = None
            self.names, self.visible = worksheets(self._whole())

    def table(self, name: str, count: int) -> tuple[Streamed | Loaded, list[list[str]]]:
        """A sheet, and its first ``count`` rows."""
        with contextlib.suppress(Unusual):
            streamed = self._streamed(name)
            return streamed, streamed.top(count)
        loaded = self.load(name)
        return loaded, loaded.top(count)

    def load(self, name: str) -> Loaded:
        return Loaded(guarded(lambda: self._whole().get_sheet_by_name(name)), monthly(self._data, name))

    def _streamed(self, name: str) -> Streamed:
        if self._package is None:
            raise Unusual("parts")
        ending = self.weight.endings.get(self._package.path(name))
        if ending is None:
            raise Unusual("ending")
        self._strings = self._strings or Strings(self._package)
        return Streamed(Sheet(self._package, name, self._strings), ending, self._limits)

    def _whole(self) -> CalamineWorkbook:
        if self._loaded is None:
            check_reach(self._data, self._limits)
            self._data.seek(0)
            self._loaded = guarded(lambda: CalamineWorkbook.from_filelike(self._data))
        return self._loaded


def _reading(book: _Book, table: Streamed | Loaded, name: str, header: Header) -> Reading:
    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        del reading.notes[fixed:]
        remarks = Remarks()
        yield from _batches(book, table, name, header, remarks, size)
        reading.notes.extend(remarks.notes())

    notes = list(header.notes)
    others = [other for other in book.names if other != name]
    if others:
        notes.append(
            Text(
                f"只读取了工作表“{name}”，未读取：{'、'.join(others)}。",
                f"Only the sheet “{name}” was read, not: {', '.join(others)}.",
            )
        )
    if errors := book.weight.error_cells:
        notes.append(
            Text(
                f"工作簿中有 {errors} 个错误值单元格（如 #N/A），按空白处理。",
                f"{errors} cells of the workbook hold an error value (such as #N/A); they count as empty.",
            )
        )
    if book.since_1904:
        notes.append(
            Text(
                "工作簿按 1904 年起算日期：日期栏中没有设日期格式的序号已按此换算（加 1462 天）。",
                "The workbook counts days from 1904: numbers without a date format in date fields were read so (1462 days added).",
            )
        )
    fixed = len(notes)
    return Reading(
        format="xlsx",
        columns=header.columns,
        rows=rows_of,
        sheet=name,
        sheets=book.names,
        header_row=header.last + 1,
        rows_hint=max(0, table.last_row - header.first_data),
        since_1904=book.since_1904,
        notes=notes,
    )


def _batches(
    book: _Book, table: Streamed | Loaded, name: str, header: Header, remarks: Remarks, size: int
) -> Iterator[pa.RecordBatch]:
    """The rows below the header. Where a sheet turns unusual further down, the rest comes from the whole of it."""
    last = 0
    try:
        for batch in table.batches(header, remarks, size):
            if batch.num_rows:
                last = batch.column(0)[-1].as_py()
                yield batch
    except Unusual:
        yield from book.load(name).batches(header, remarks, size, left=table.left, after=last)
