"""Tables in a workbook (工作簿中的表): the same sheet read piece by piece, or loaded whole where it is written unusually."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from python_calamine import CalamineSheet

from chengxin.intake.formats.archive import Ending, check_cells, reach
from chengxin.intake.formats.cells import EXACT_FLOAT, cell_text
from chengxin.intake.formats.headers import Header, Merge, column_name, column_number
from chengxin.intake.formats.reading import Limits, RawRow, batched, raw_schema
from chengxin.intake.formats.sheet import Cells, Sheet
from chengxin.intake.formats.styles import shown_text
from chengxin.kernel.text import Text

_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass
class Remarks:
    """What was noticed while the rows were read: cells beside the table, and numbers that have lost their end."""

    outside: int = 0
    first_outside: str = ""
    inexact: int = 0
    first_inexact: str = ""

    def notice_outside(self, count: int, column: int, row: int) -> None:
        self.outside += count
        self.first_outside = self.first_outside or f"{column_name(column)}{row}"

    def notice_inexact(self, rows: int, first: int) -> None:
        self.inexact += rows
        self.first_inexact = self.first_inexact or str(first)

    def notes(self) -> Iterator[Text]:
        if self.outside:
            yield Text(
                f"表头以外的列有 {self.outside} 个单元格未读取（首个：{self.first_outside}）。",
                f"{self.outside} cells beyond the header's columns were not read (first: {self.first_outside}).",
            )
        if self.inexact:
            yield Text(
                f"{self.inexact} 行含超过 15 位的数字（首行：{self.first_inexact}），Excel 已丢失末位；代码列请设为文本格式。",
                f"{self.inexact} rows hold numbers of more than 15 digits (first: row {self.first_inexact}) whose end "
                "Excel has lost; format code columns as text.",
            )


@dataclass
class Streamed:
    """A sheet read piece by piece. Raises Unusual, and Refusal ``file.sheet-too-large``, also while it is read."""

    sheet: Sheet
    ending: Ending
    limits: Limits
    left: int = field(default=1, init=False)
    """The first column in use among the rows looked at for a header, from 1."""

    @property
    def last_row(self) -> int:
        return self.ending.last_row

    @property
    def merges(self) -> list[Merge]:
        """Merged ranges, from 0, with columns counted from ``left``."""
        corners = [match.groups() for merge in self.ending.merges if (match := _RANGE.fullmatch(merge))]
        return [
            ((int(top) - 1, column_number(a) - self.left), (int(bottom) - 1, column_number(b) - self.left))
            for a, top, b, bottom in corners
            if column_number(a) >= self.left
        ]

    def top(self, count: int) -> list[list[str]]:
        """The first rows, from the first column in use."""
        found: dict[tuple[int, int], str] = {}
        for cells in self._pieces():
            number = cells.numbers[cells.row]
            above = cells.only(number <= count)
            for row, column, source, index in zip(above.row, above.column, above.source, above.index, strict=True):
                found[int(above.numbers[row]), int(column)] = above.texts[source][int(index)].as_py()
            if cells.numbers[-1] >= count:
                break
        if not found:
            return []
        self.left, right = (edge(column for _, column in found) for edge in (min, max))
        columns = range(self.left, right + 1)
        last = min(count, max(self.last_row, max(row for row, _ in found)))
        return [[found.get((row, column), "") for column in columns] for row in range(1, last + 1)]

    def batches(self, header: Header, remarks: Remarks, size: int) -> Iterator[pa.RecordBatch]:
        """The rows below the header, whatever ``size`` says, in pieces."""
        for cells in self._pieces():
            yield self._batch(cells, header, remarks)

    def _batch(self, cells: Cells, header: Header, remarks: Remarks) -> pa.RecordBatch:
        width = len(header.columns)
        data = cells.only(cells.numbers[cells.row] > header.first_data)
        outside = (data.column < self.left) | (data.column >= self.left + width)
        if outside.any():
            beside = data.only(outside)
            remarks.notice_outside(len(beside.row), int(beside.column[0]), int(data.numbers[beside.row[0]]))
        if data.is_inexact.any():
            rows = np.unique(data.numbers[data.row[data.is_inexact]])
            remarks.notice_inexact(len(rows), int(rows[0]))
        data = data.only(~outside)
        arrays = [pa.array(data.numbers), *data.arrays(self.left, width)]
        is_filled = np.zeros(len(data.numbers), bool)
        is_filled[data.row] = True
        batch = pa.RecordBatch.from_arrays(arrays, schema=raw_schema(width))
        return batch if is_filled.all() else batch.filter(pa.array(is_filled))

    def _pieces(self) -> Iterator[Cells]:
        widest = 0
        for cells in self.sheet.pieces():
            widest = max(widest, int(cells.column.max(initial=0)))
            if widest * int(cells.numbers[-1]) > self.limits.cells:
                check_cells(reach(self.sheet.unpacked()), self.limits)
            yield cells


@dataclass
class Loaded:
    """A sheet that lies in memory as a whole (≈ 100 bytes a cell, bounded by ``limits.cells``)."""

    table: CalamineSheet
    monthly: Mapping[int, Mapping[int, str]]
    """Row → column → how a date that shows no day is written, see ``styles.cells_without_days``."""

    def __post_init__(self) -> None:
        self._edge = self.table.start[1] if self.table.start else 0
        self.left = self._edge + 1

    @property
    def last_row(self) -> int:
        return (self.table.start[0] if self.table.start else 0) + self.table.height

    @property
    def merges(self) -> list[Merge]:
        """As those of a streamed sheet."""
        return [
            ((top, left - self._edge), (bottom, right - self._edge))
            for (top, left), (bottom, right) in self.table.merged_cell_ranges or ()
            if left >= self._edge
        ]

    def top(self, count: int) -> list[list[str]]:
        """As that of a streamed sheet."""
        return [[cell_text(cell) or "" for cell in row] for row in itertools.islice(self.table.iter_rows(), count)]

    def batches(
        self, header: Header, remarks: Remarks, size: int, *, left: int = 0, after: int = 0
    ) -> Iterator[pa.RecordBatch]:
        """The rows below the header; of a table that begins in column ``left``, those after row ``after``."""
        return batched(self._rows(header, remarks, left or self.left, after), len(header.columns), size)

    def _rows(self, header: Header, remarks: Remarks, left: int, after: int) -> Iterator[RawRow]:
        width, skipped = len(header.columns), left - self.left
        for number, row in enumerate(self.table.iter_rows(), 1):
            if number <= max(header.first_data, after):
                continue
            cells: list[str | None] = row  # type: ignore[assignment]
            if set(map(type, row)) != {str}:
                cells = [cell if type(cell) is str else cell_text(cell) for cell in row]
                for column, pattern in self.monthly.get(number, {}).items():
                    if self.left <= column < self.left + len(row):
                        cells[column - self.left] = shown_text(row[column - self.left], pattern)
                if any(type(cell) is float and abs(cell) >= EXACT_FLOAT for cell in row):
                    remarks.notice_inexact(1, number)
            if skipped or len(cells) != width:
                end = skipped + width
                beside = [i for i, cell in enumerate(cells) if cell and not skipped <= i < end]
                if beside:
                    remarks.notice_outside(len(beside), self.left + beside[0], number)
                cells = [*cells[skipped:end], *[None] * (end - len(cells))]
            yield number, cells
