"""Worksheets (工作表): cells by row and column, found in the sheet's XML a piece at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.intake.formats.cells import EXACT_FLOAT
from chengxin.intake.formats.markup import Flags, Markup, Places, Unusual, blank_to_null
from chengxin.intake.formats.package import Package
from chengxin.intake.formats.pieces import pieces
from chengxin.intake.formats.refusals import refuse
from chengxin.intake.formats.strings import Strings
from chengxin.intake.formats.styles import shown_text

_ROW, _CELL = b'<row r="', b'<c r="'
_TYPE = re.compile(r"""\bt\s*=\s*["']([^"']*)""")
_STYLE = re.compile(r"""\bs\s*=\s*["'](\d+)""")
_OWN, _SHARED, _READ = 0, 1, 2
"""Where the text of a cell lies: in the piece itself, among the shared strings, with what the reader of workbooks made
of it."""


@dataclass(frozen=True)
class Cells:
    """The filled cells of some rows.

    ``numbers``: the rows' numbers, ascending. For each cell: ``row`` its place in ``numbers``, ``column`` from 1,
    ``source`` and ``index`` where its text lies in ``texts``; ``is_inexact``: a number that has lost its end.
    """

    numbers: Places
    row: Places
    column: Places
    source: npt.NDArray[np.int8]
    index: Places
    texts: tuple[pa.StringArray, pa.StringArray, pa.StringArray]
    is_inexact: Flags

    def only(self, wanted: Flags) -> "Cells":
        """Some of the cells."""
        return replace(
            self,
            row=self.row[wanted],
            column=self.column[wanted],
            source=self.source[wanted],
            index=self.index[wanted],
            is_inexact=self.is_inexact[wanted],
        )

    def arrays(self, first: int, width: int) -> list[pa.Array]:
        """Columns ``first`` … as texts, one for each row."""
        index = np.full((width, len(self.numbers)), -1, np.int64)
        source = np.full((width, len(self.numbers)), -1, np.int8)
        index[self.column - first, self.row] = self.index
        source[self.column - first, self.row] = self.source
        return [self._array(*each) for each in zip(index, source, strict=True)]

    def _array(self, index: Places, source: npt.NDArray[np.int8]) -> pa.Array:
        taken = [
            self.texts[kind].take(pa.array(index, mask=source != kind))
            for kind in (_OWN, _SHARED, _READ)
            if (source == kind).any()
        ]
        if not taken:
            return pa.nulls(len(index), pa.string())
        return taken[0] if len(taken) == 1 else pc.coalesce(*taken)


class Sheet:
    """One worksheet of a workbook, read as often as wanted. Raises Unusual, also while it is read."""

    def __init__(self, package: Package, name: str, strings: Strings) -> None:
        self._package = package
        self._path = package.path(name)
        self._strings = strings

    def pieces(self) -> Iterator[Cells]:
        """The filled cells from the first row to the last."""
        last = 0
        for xml in pieces(self._package.part(self._path), of=b"sheetData", element=b"row"):
            cells = self._read(Markup(xml))
            if not len(cells.numbers):
                continue
            if last and cells.numbers.min() <= last:
                # rows that were handed out already cannot be taken back; no program writes them so
                raise refuse("file.truncated", detail=f"{self._path}: {cells.numbers.min()} < {last}")
            if (np.diff(cells.numbers) <= 0).any():
                raise Unusual("order")
            last = int(cells.numbers[-1])
            yield cells

    def unpacked(self) -> Iterator[bytes]:
        return self._package.part(self._path)

    def _read(self, markup: Markup) -> Cells:
        rows, opens = markup.all(_ROW), markup.all(_CELL)
        numbers, digits = _row_numbers(markup, rows)
        row = np.searchsorted(rows, opens) - 1
        closes, is_text, is_value = _shapes(markup, opens)
        if not rows.size or rows[0] or (row < 0).any():
            raise Unusual("row")
        if (closes - opens + 1).sum() + len(rows) + len(markup.all(b"</row>")) != markup.count:
            raise Unusual("tags")
        filled = closes > opens + 1
        opens, row, closes = opens[filled], row[filled], closes[filled]
        is_text, is_value = is_text[filled], is_value[filled]
        column, attributes = _references(markup, opens, markup.eight[markup.at[rows] + len(_ROW)][row], digits[row])
        is_inline, is_pointer = _types(markup.spans(attributes, markup.at[opens + 1]))

        starts, ends, is_plain = markup.text_of(opens + 2)
        own = is_text & is_inline & is_plain
        shared = is_value & is_pointer
        rest = ~own & ~shared
        read, which, inexact = self._values(markup, attributes[rest], markup.at[closes[rest]])
        index = np.zeros(len(opens), np.int64)
        index[own] = np.arange(np.count_nonzero(own)) * 2  # as texts are numbered that lie between others
        index[shared] = self._pointers(markup, opens[shared])
        index[rest] = which
        is_empty, is_inexact = np.zeros(len(opens), bool), np.zeros(len(opens), bool)
        is_empty[own] = starts[own] == ends[own]
        is_empty[shared] = self._strings.is_empty[index[shared]]
        is_empty[rest] = np.asarray(read.is_null())[which]
        is_inexact[rest] = inexact[which]
        source = np.select([own, shared], [_OWN, _SHARED], _READ).astype(np.int8)
        texts = (markup.strided(starts[own], ends[own]), self._strings.texts, read)
        return Cells(numbers, row, column, source, index, texts, is_inexact).only(~is_empty)

    def _pointers(self, markup: Markup, cells: Places) -> Places:
        try:
            found = np.asarray(markup.spans(markup.at[cells + 1] + len(b"<v>"), markup.at[cells + 2]).cast(pa.int64()))
        except pa.ArrowInvalid:
            raise Unusual("pointer") from None
        if len(found) and not 0 <= found.min() <= found.max() < len(self._strings.texts):
            raise Unusual("pointer")
        return found

    def _values(self, markup: Markup, starts: Places, ends: Places) -> tuple[pa.StringArray, Places, Flags]:
        """Cells that are no plain text: the texts of all different ones, which of them each is, which are inexact."""
        different = markup.spans(starts, ends).dictionary_encode()
        if not len(different):
            return pa.array([], pa.string()), np.array([], np.int64), np.array([], bool)
        written = different.dictionary.to_pylist()
        values = self._package.values([cell.encode() for cell in written])
        inexact = [type(value) is float and abs(value) >= EXACT_FLOAT for value in values]
        patterns = [self._pattern(cell) for cell in written]
        texts = blank_to_null(pa.array(list(map(shown_text, values, patterns)), pa.string()))
        return texts, np.asarray(different.indices, np.int64), np.array(inexact)

    def _pattern(self, cell: str) -> str | None:
        """How the date in a cell is written where its style shows no day; few workbooks have such a style."""
        if not self._package.without_days:
            return None
        style = _STYLE.search(cell[: cell.index(">")])
        return self._package.without_days.get(int(style[1]) if style else 0)


def _shapes(markup: Markup, opens: Places) -> tuple[Places, Flags, Flags]:
    """Where each cell ends (itself, where it is one tag), and whether it holds just one text or one value."""
    after = markup.at[opens + 1]
    if (markup.bytes[after - 1] != ord(">")).any():
        raise Unusual("blanks")
    alone = markup.bytes[after - 2] == ord("/")
    empty = ~alone & markup.are(opens + 1, b"</c>")
    is_text = (
        markup.are(opens + 1, b"<is>")
        & markup.are(opens + 3, b"</t>")
        & markup.are(opens + 4, b"</is>")
        & markup.are(opens + 5, b"</c>")
    )
    is_value = markup.are(opens + 1, b"<v>") & markup.are(opens + 2, b"</v>") & markup.are(opens + 3, b"</c>")
    closes = opens + np.select([alone, empty, is_text, is_value], [0, 1, 5, 3], 0)
    others = ~(alone | empty | is_text | is_value)
    if others.any():
        ends = np.append(markup.all(b"</c>"), markup.count)
        closes[others] = ends[np.searchsorted(ends, opens[others])]
    return closes, is_text, is_value


def _types(attributes: pa.StringArray) -> tuple[Flags, Flags]:
    """Whether each cell holds its text itself, and whether it points to a shared one; few ways of saying so differ."""
    different = attributes.dictionary_encode()
    types = [match[1] if (match := _TYPE.search(each)) else "" for each in different.dictionary.to_pylist()]
    which = np.asarray(different.indices)
    is_inline, is_pointer = (np.array([each == one for each in types], bool)[which] for one in ("inlineStr", "s"))
    return is_inline, is_pointer


def _row_numbers(markup: Markup, rows: Places) -> tuple[Places, Places]:
    """Each row's number, and how many digits it has: at most seven, ended by the quotation mark."""
    numbers, digits = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    at = markup.at[rows] + len(_ROW)
    going = np.ones(len(rows), bool)
    for place in range(8):
        value = markup.bytes[at + place].astype(np.int64) - ord("0")
        going &= (value >= 0) & (value <= 9)
        numbers = np.where(going, numbers * 10 + value, numbers)
        digits += going
    if (markup.bytes[at + digits] != ord('"')).any() or (digits == 0).any() or (digits > 7).any():
        raise Unusual("row number")
    return numbers, digits


def _references(markup: Markup, cells: Places, row: npt.NDArray[np.uint64], digits: Places) -> tuple[Places, Places]:
    """Each cell's column, and where its other attributes begin.

    Its reference must end with its row's number, whose first eight bytes are ``row``.
    """
    at = markup.at[cells] + len(_CELL)
    letters = [markup.bytes[at + place].astype(np.int64) - (ord("A") - 1) for place in range(3)]
    column, length = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
    going = np.ones(len(cells), bool)
    for value in letters:
        going &= (value >= 1) & (value <= 26)
        column = np.where(going, column * 26 + value, column)
        length += going
    mask = (np.uint64(1) << (8 * digits).astype(np.uint64)) - np.uint64(1)
    same = (markup.eight[at + length] & mask) == (row & mask)
    if not same.all() or (length == 0).any() or (markup.bytes[at + length + digits] != ord('"')).any():
        raise Unusual("reference")
    return column, at + length + digits + 1
