"""Unclosed quotation marks (引号未闭合): rows that were taken into one cell of the row above.

A stray quotation mark takes all that follows up to the next one into a single cell. The file still parses, often
without a ragged row, and the rows in between would vanish without a word. So every cell with line breaks is looked
at: does a line inside it look like a row of this very file?
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CODE = re.compile(r"[0-9A-Za-z/.:+\- ]{1,40}$")
_ALIKE = 0.8
_SHAPES = 30


@dataclass(frozen=True)
class RowsOfFile:
    """What rows of a file look like: the delimiter, the number of columns and, from its first rows, which cells are
    blank, which hold codes, numbers or dates, and which hold text."""

    delimiter: str
    columns: int
    shapes: tuple[str, ...]

    def within(self, text: str) -> bool:
        """Whether a cell (or a ragged record) holds whole rows of the file.

        One such line decides; in tables of three or four columns, where prose may look alike, it takes three, and
        narrower tables cannot be judged.
        """
        if self.columns < 3 or ("\n" not in text and "\r" not in text):
            return False
        found = sum(1 for line in text.splitlines()[1:] if self._is_row(line))
        return found >= (1 if self.columns >= 5 else 3)

    def _is_row(self, line: str) -> bool:
        if line.count(self.delimiter) < self.columns - 1:
            return False
        cells = next(csv.reader([line], delimiter=self.delimiter), [])
        if len(cells) != self.columns:
            return False
        shape = _shape(cells)
        return not self.shapes or any(_alike(shape, other) >= _ALIKE * self.columns for other in self.shapes)


def rows_of_file(delimiter: str, columns: int, first: Iterable[Sequence[str]]) -> RowsOfFile:
    """What the rows look like, from the first ones."""
    shapes = dict.fromkeys(_shape(row) for row in first if len(row) == columns and any(row))
    return RowsOfFile(delimiter, columns, tuple(shapes)[:_SHAPES])


def _shape(cells: Sequence[str]) -> str:
    return "".join(" " if not cell.strip() else "c" if _CODE.match(cell) else "t" for cell in cells)


def _alike(one: str, other: str) -> int:
    return sum(1 for a, b in zip(one, other, strict=True) if a == b)
