"""XLSX workbooks (Excel 工作簿): the sheet with a known header, cells as text, formulas never evaluated."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeVar

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chengxin.intake.formats.archive import weigh
from chengxin.intake.formats.cells import EXACT_FLOAT, cell_text
from chengxin.intake.formats.headers import Header, Known, Merge, column_name, find
from chengxin.intake.formats.reading import Limits, RawRow, Reading, batched
from chengxin.intake.formats.refusals import refuse, unknown_layout
from chengxin.kernel.text import Text

_T = TypeVar("_T")
_CERTAIN = 4
"""Known headers from which on a sheet is taken without looking at the others. A sheet that explains the fields has a
code and a label in every row, which looks like a header of two."""


def open_workbook(data: BinaryIO, *, sheet: str | None, known: Known, limits: Limits) -> Reading:
    """An .xlsx file as a Reading of one sheet; without ``sheet`` the first visible one whose header is known.

    A formula cell counts with the value its program last stored. The sheet is held in memory (≈ 100 bytes a cell,
    bounded by ``limits.cells``). Raises Refusal: those of ``archive.weigh``, ``file.sheet``, ``file.layout``,
    ``file.encrypted``, ``file.truncated``, ``file.too-many-columns``, ``file.duplicate-header``.
    """
    weight = weigh(data, limits)
    book = _Book(data)
    names = book.names
    if sheet is not None and sheet.strip() not in names:
        raise refuse("file.sheet", sheet=sheet, sheets="、".join(names))
    top: list[list[str]] = []
    best: tuple[CalamineSheet, str, Header] | None = None
    for name in [sheet.strip()] if sheet is not None else book.visible:
        table = book.sheet(name)
        first = _first_rows(table, limits.header_rows)
        top = top or [row for row in first if any(row)]
        header = find(first, known, merges=_merges(table), max_columns=limits.columns)
        if header is not None and (best is None or header.hits > best[2].hits):
            best = (table, name, header)
        if best is not None and best[2].hits >= _CERTAIN:
            break
    if best is None:
        raise unknown_layout(top) if top else refuse("file.empty")
    return _reading(*best, names, weight.error_cells)


class _Book:
    """A workbook whose every failure is a refusal."""

    def __init__(self, data: BinaryIO) -> None:
        data.seek(0)
        self._book: CalamineWorkbook = _guarded(lambda: CalamineWorkbook.from_filelike(data))
        pages = [meta for meta in self._book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        self.names = tuple(meta.name for meta in pages)
        self.visible = tuple(meta.name for meta in pages if meta.visible == SheetVisibleEnum.Visible)

    def sheet(self, name: str) -> CalamineSheet:
        return _guarded(lambda: self._book.get_sheet_by_name(name))


def _guarded(step: Callable[[], _T]) -> _T:
    try:
        return step()
    except CalamineError as fault:
        if "password" in str(fault).lower():
            raise refuse("file.encrypted") from None
        raise refuse("file.truncated", detail=type(fault).__name__) from None
    except BaseException as fault:
        # the reader is written in Rust; where a damaged file makes it panic, that is no Exception
        if type(fault).__name__ != "PanicException":
            raise
        raise refuse("file.truncated", detail="XLSX") from None


def _first_rows(table: CalamineSheet, count: int) -> list[list[str]]:
    return [[cell_text(cell) or "" for cell in row] for row in itertools.islice(table.iter_rows(), count)]


def _merges(table: CalamineSheet) -> list[Merge]:
    """Merged ranges with columns counted from the first column in use, as ``iter_rows`` counts them."""
    left_edge = table.start[1] if table.start else 0
    return [
        ((top, left - left_edge), (bottom, right - left_edge))
        for (top, left), (bottom, right) in table.merged_cell_ranges or ()
        if left >= left_edge
    ]


def _reading(table: CalamineSheet, name: str, header: Header, names: tuple[str, ...], errors: int) -> Reading:
    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        del reading.notes[fixed:]
        return batched(_rows(table, header, reading), len(header.columns), size)

    notes = list(header.notes)
    others = [other for other in names if other != name]
    if others:
        notes.append(
            Text(
                f"只读取了工作表“{name}”，未读取：{'、'.join(others)}。",
                f"Only the sheet “{name}” was read, not: {', '.join(others)}.",
            )
        )
    if errors:
        notes.append(
            Text(
                f"工作簿中有 {errors} 个错误值单元格（如 #N/A），按空白处理。",
                f"{errors} cells of the workbook hold an error value (such as #N/A); they count as empty.",
            )
        )
    fixed = len(notes)
    first = table.start[0] if table.start else 0
    return Reading(
        format="xlsx",
        columns=header.columns,
        rows=rows_of,
        sheet=name,
        sheets=names,
        header_row=header.last + 1,
        rows_hint=max(0, first + table.height - header.first_data),
        notes=notes,
    )


def _rows(table: CalamineSheet, header: Header, reading: Reading) -> Iterator[RawRow]:
    width = len(header.columns)
    left_edge = table.start[1] if table.start else 0
    outside = inexact = 0
    first_outside = first_inexact = ""
    for number, row in enumerate(table.iter_rows(), 1):
        if number <= header.first_data:
            continue
        cells: list[str | None] = row  # type: ignore[assignment]
        if set(map(type, row)) != {str}:
            cells = [cell if type(cell) is str else cell_text(cell) for cell in row]
            if any(type(cell) is float and abs(cell) >= EXACT_FLOAT for cell in row):
                inexact += 1
                first_inexact = first_inexact or str(number)
        if len(cells) != width:
            beyond = [i for i, cell in enumerate(cells[width:], width + 1) if cell]
            if beyond:
                outside += len(beyond)
                first_outside = first_outside or f"{column_name(left_edge + beyond[0])}{number}"
            cells = [*cells[:width], *[None] * (width - len(cells))]
        yield number, cells
    if outside:
        reading.notes.append(
            Text(
                f"表头以外的列有 {outside} 个单元格未读取（首个：{first_outside}）。",
                f"{outside} cells beyond the header's columns were not read (first: {first_outside}).",
            )
        )
    if inexact:
        reading.notes.append(
            Text(
                f"{inexact} 行含超过 15 位的数字（首行：{first_inexact}），Excel 已丢失末位；代码列请设为文本格式。",
                f"{inexact} rows hold numbers of more than 15 digits (first: row {first_inexact}) whose end Excel has "
                "lost; format code columns as text.",
            )
        )
