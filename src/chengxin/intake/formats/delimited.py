"""CSV (分隔文本): streamed through Arrow's parser; encoding, delimiter and header found by content."""

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from chengxin.intake.formats import encoding as enc
from chengxin.intake.formats.headers import Header, Known, find
from chengxin.intake.formats.quotes import RowsOfFile, rows_of_file
from chengxin.intake.formats.reading import Limits, Ragged, Reading
from chengxin.intake.formats.refusals import refuse, unknown_layout
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

_LOOKED_AT = 200
_NOTHING = " \t\r\n\"'\u3000\x1a"
"""Signs of a row without any filled cell; \x1a is how very old programs end a file."""
DELIMITERS = (",", "\t", ";", "|", "，")
"""Separators that are looked for. The wide comma also stands in sentences: nobody could say where cells end."""


def open_delimited(data: BinaryIO, *, known: Known, limits: Limits) -> Reading:
    """A CSV file as a Reading. Row numbers count records, blank ones and titles too, as a spreadsheet would.

    Raises Refusal: ``file.layout``, ``file.encoding``, ``file.empty``, ``file.delimiter``, ``file.duplicate-header``,
    ``file.too-many-columns``; while reading ``file.encoding`` and ``file.quotes``.
    """
    encoding, mark = enc.detect(data)
    text = enc.sample(data, encoding, mark, limits.sample)
    if not text.strip("\ufeff \t\r\n,;"):
        raise refuse("file.empty")
    delimiter, header = _sniff(text, known, limits)
    if delimiter == "，":
        raise refuse("file.delimiter")
    skipped = header.first_data
    start = _offset(text, delimiter, skipped, encoding)
    first = first_rows(text, delimiter, skipped + _LOOKED_AT)[skipped:]
    rows = rows_of_file(delimiter, len(header.columns), first)

    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        return _read(data, reading, rows, start=start, mark=mark, skipped=skipped, limits=limits)

    return Reading(
        format="csv",
        columns=header.columns,
        rows=rows_of,
        encoding=encoding,
        delimiter=delimiter,
        header_row=header.last + 1,
        notes=list(header.notes),
    )


def _sniff(text: str, known: Known, limits: Limits) -> tuple[str, Header]:
    """The delimiter under which most headers are known; of equals, the one that gives more columns."""
    best: tuple[int, int, str, Header] | None = None
    widest: list[list[str]] = []
    for delimiter in DELIMITERS:
        rows = first_rows(text, delimiter, limits.header_rows)
        header = find(rows, known, trim=False, max_columns=limits.columns)
        if header is not None:
            rank = (header.hits, len(header.columns), delimiter, header)
            if best is None or rank[:2] > best[:2]:
                best = rank
        if not widest or max(map(len, rows), default=0) > max(map(len, widest), default=0):
            widest = rows
    if best is None:
        raise unknown_layout(widest)
    return best[2], best[3]


def first_rows(text: str, delimiter: str, count: int) -> list[list[str]]:
    """The first records of a text; a record that is cut off at the end of the text comes as far as it goes."""
    csv.field_size_limit(1 << 24)
    return list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), count))


def _offset(text: str, delimiter: str, records: int, encoding: str) -> int:
    """How many bytes of the UTF-8 stream the first ``records`` records take."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(records):
        next(reader, None)
    lines = io.StringIO(text, newline="")
    return sum(len(next(lines).encode("utf-8", "surrogatepass")) for _ in range(reader.line_num))


def _read(
    data: BinaryIO, reading: Reading, rows: RowsOfFile, *, start: int, mark: int, skipped: int, limits: Limits
) -> Iterator[pa.RecordBatch]:
    stream = enc.as_utf8(data, reading.encoding, mark)
    stream.read(start)
    names = [f"c{i}" for i in range(len(reading.columns))]
    bad_rows: deque[int] = deque()
    swallowing: list[int] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        # the text of the row is looked at only here and kept nowhere: misaligned cells may be personal numbers
        bad_rows.append(row.number)
        if rows.within(row.text):
            swallowing.append(row.number)
        if row.text.strip(f"{reading.delimiter}{_NOTHING}"):
            reading.ragged.append(Ragged(skipped + row.number, row.expected_columns, row.actual_columns))
        return "skip"

    last = 0
    try:
        with arrow_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=limits.row, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=reading.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ) as parser:
            for batch in parser:
                numbers = _numbers(last, batch.num_rows, bad_rows)
                last = numbers[-1].as_py() if len(numbers) else last
                arrays = [pc.add(numbers, skipped), *batch.columns]
                numbered = pa.RecordBatch.from_arrays(arrays, schema=reading.schema)
                if swallowing:
                    raise _unclosed(skipped + swallowing[0], limits)
                if (row_number := _swallowing_row(numbered, rows)) is not None:
                    raise _unclosed(row_number, limits)
                yield _without_blank_rows(numbered)
            if swallowing:
                raise _unclosed(skipped + swallowing[0], limits)
    except pa.ArrowInvalid as fault:
        if "Empty CSV file" in str(fault):
            return
        if "UTF8" in str(fault):
            raise enc.not_valid(data, reading.encoding, mark) from None
        if "straddling" in str(fault):
            raise _unclosed(skipped + last + 1, limits) from None
        raise


def _swallowing_row(batch: pa.RecordBatch, rows: RowsOfFile) -> int | None:
    for column in batch.columns[1:]:
        content = column.buffers()[2]
        # one look over the bytes of the column: cells with line breaks are rare
        if content is None or b"\n" not in content.to_pybytes():
            continue
        broken = pc.match_substring(column, "\n")
        for number, cell in zip(
            batch.column(0).filter(broken).to_pylist(), column.filter(broken).to_pylist(), strict=True
        ):
            if cell is not None and rows.within(cell):
                return int(number)
    return None


def _unclosed(row: int, limits: Limits) -> Refusal:
    return refuse("file.quotes", where=Text(f"第 {row} 行起", f"from row {row} on"), row=row, limit=limits.row)


def _numbers(last: int, count: int, bad_rows: "deque[int]") -> pa.Int64Array:
    """Numbers of the next ``count`` good records after record ``last``, leaving out the ragged ones.

    Arrow counts ragged records in, and tells of them before it delivers the block they stood in.
    """
    parts: list[pa.Array] = []
    next_row = last + 1
    while count:
        while bad_rows and bad_rows[0] <= next_row:
            next_row = max(next_row, bad_rows.popleft() + 1)
        run = min(count, bad_rows[0] - next_row) if bad_rows else count
        parts.append(pa.arange(next_row, next_row + run))
        next_row += run
        count -= run
    return pa.concat_arrays(parts) if parts else pa.array([], pa.int64())


def _without_blank_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    blank = None
    for column in batch.columns[1:]:
        if column.null_count == 0:
            return batch
        empty = pc.is_null(column)
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return batch
    return batch if blank is None else batch.filter(pc.invert(blank))
