"""Reading (读取结果): what a reader found in a file, and its rows as Arrow batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from chengxin.kernel.text import Text

BATCH_ROWS = 65536

RawRow = tuple[int, Sequence[str | None]]
"""One row as a row-wise reader yields it: the row number the sender sees, and its cells."""


@dataclass(frozen=True)
class Limits:
    """What a file may weigh before it is opened (文件限额). Sizes in bytes.

    ``file``: the file as sent. ``unpacked``: a workbook after decompression; ``ratio``: unpacked to packed.
    ``columns``: columns of the table. ``cells``: rows × columns of a worksheet, which is held in memory (≈ 100 bytes
    a cell). ``row``: one CSV record, one line of NDJSON. ``header_rows``: how far down the header is looked for.
    """

    file: int = 32 << 30
    unpacked: int = 2 << 30
    ratio: int = 400
    columns: int = 300
    cells: int = 15_000_000
    row: int = 4 << 20
    header_rows: int = 30
    sample: int = 1 << 20


@dataclass(frozen=True)
class Ragged:
    """A row with another number of cells than the header (列数不符). Its cells are not kept: which cell is which can no
    longer be told, so neither can a personal number."""

    row: int
    expected: int
    found: int


@dataclass
class Reading:
    """One table in one file, ready to be read once or several times.

    ``columns`` are the header texts as written, line breaks removed; blank for a column without header.
    ``since_1904``: bare day numbers in cells count from 1904-01-01, see ``mapping.Mapping``. ``header_row`` is the row number of the (last) header row, 0 where a format has none. ``notes`` are things the
    sender should know and that change no outcome. ``ragged`` and ``notes`` fill up while ``batches`` runs.
    """

    format: str
    columns: tuple[str, ...]
    rows: Callable[["Reading", int], Iterable[pa.RecordBatch]]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 0
    rows_hint: int | None = None
    since_1904: bool = False
    ragged: list[Ragged] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def schema(self) -> pa.Schema:
        """``row`` int64, then ``c0`` … as string."""
        return raw_schema(len(self.columns))

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The rows in file order, at most ``rows`` to a batch; empty cells are null, wholly empty rows left out.

        Raises Refusal when the file turns out to be damaged further down.
        """
        self.ragged.clear()
        for batch in self.rows(self, rows):
            yield from _cut(batch, rows)


def raw_schema(columns: int) -> pa.Schema:
    """Schema of the raw table with so many columns."""
    return pa.schema([("row", pa.int64()), *((f"c{i}", pa.string()) for i in range(columns))])


def batched(rows: Iterable[RawRow], columns: int, size: int) -> Iterator[pa.RecordBatch]:
    """Row-wise cells as Arrow batches of at most ``size`` rows; rows without a filled cell are left out."""
    schema = raw_schema(columns)
    numbers: list[int] = []
    cells: list[Sequence[str | None]] = []
    for number, row in rows:
        if not any(row):
            continue
        numbers.append(number)
        cells.append(row)
        if len(numbers) >= size:
            yield _batch(numbers, cells, schema)
            numbers, cells = [], []
    if numbers:
        yield _batch(numbers, cells, schema)


def _batch(numbers: list[int], cells: list[Sequence[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    by_column = zip(*cells, strict=True) if cells else ()
    arrays = [pa.array(numbers, pa.int64())]
    arrays.extend(pa.array([cell or None for cell in column], pa.string()) for column in by_column)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cut(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
