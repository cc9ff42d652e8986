"""Parquet (列式文件): read in batches, every value as its canonical text."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chengxin.intake.formats.cells import cell_text
from chengxin.intake.formats.headers import Known, clean_header
from chengxin.intake.formats.lines import check_keys
from chengxin.intake.formats.reading import BATCH_ROWS, Limits, Reading
from chengxin.intake.formats.refusals import refuse

_CAST = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_date32,
)
"""Types whose Arrow text is already the canonical one; all others go through ``cell_text``."""


def open_parquet(data: BinaryIO, *, known: Known, limits: Limits) -> Reading:
    """A Parquet file as a Reading; row = position in the file, from 1.

    Raises Refusal: ``file.truncated``, ``file.layout``, ``file.too-many-columns``, ``file.duplicate-header``.
    """
    source = _open(data)
    names = tuple(source.schema_arrow.names)
    check_keys(names, known, limits)

    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        return _read(data, reading, min(size, BATCH_ROWS))

    return Reading(
        format="parquet",
        columns=tuple(clean_header(name) for name in names),
        rows=rows_of,
        rows_hint=source.metadata.num_rows,
    )


def _open(data: BinaryIO) -> pq.ParquetFile:
    data.seek(0)
    try:
        return pq.ParquetFile(pa.PythonFile(_Lent(data), mode="r"))
    except (pa.ArrowInvalid, OSError):
        raise refuse("file.truncated", detail="Parquet") from None


def _read(data: BinaryIO, reading: Reading, size: int) -> Iterator[pa.RecordBatch]:
    done = 0
    try:
        for batch in _open(data).iter_batches(batch_size=size, use_threads=False):
            batch.validate(full=True)
            numbers = pa.arange(done + 1, done + 1 + batch.num_rows)
            done += batch.num_rows
            columns = [texts(column) for column in batch.columns]
            yield pa.RecordBatch.from_arrays([numbers, *columns], schema=reading.schema)
    except (pa.ArrowInvalid, OSError):
        raise refuse("file.truncated", detail="Parquet") from None


def texts(column: pa.Array) -> pa.StringArray:
    """A column as canonical texts, blank cells null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return texts(column.dictionary_decode())
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        # by way of its shortest text: as a double, 0.1 would be 0.10000000149
        return texts(column.cast(pa.float32()).cast(pa.string()).cast(pa.float64()))
    if any(is_kind(kind) for is_kind in _CAST):
        found = column.cast(pa.string())
    else:
        found = pa.array([cell_text(value) for value in column.to_pylist()], pa.string())
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)


class _Lent:
    """A seekable file lent to a reader that closes what it was given."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._data.seek(offset, whence)

    def tell(self) -> int:
        return self._data.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def flush(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True
