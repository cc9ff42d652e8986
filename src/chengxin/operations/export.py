"""Export (开放数据): all that is public on a day, as a stream, in memory that does not grow with the data.

CSV cells that a spreadsheet would take for a formula are escaped; Parquet and NDJSON carry the values as they are.
Everything passes ``disclosure.masking``. Sole traders (个体工商户) are left out: they are found by code or full name only,
and a file that lists them all would undo that.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from chengxin.disclosure import masking
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import deliveries, exported, lookup
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import SUBJECT_BASE
from chengxin.storage.models import Recipient

Chunk = list[tuple[str | None, ...]]

FORMATS = ("csv", "parquet", "ndjson")
CHUNK = 5000
"""Rows held at once."""
FIXED = (
    *("record", "subject_code", "subject_name", "linked", "severity"),
    *("published_from", "published_until", "contested_since", "source"),
)
"""Columns that every item has, before the fields of the item."""

_ROWS = f"""
SELECT r.seq, r.id, s.code, s.name, s.kind, r.severity, r.starts, r.ends, {lookup.CONTESTED}, r.source, i.content
FROM record r JOIN ledger_item i ON i.seq = r.latest JOIN subject s ON s.id = r.subject
WHERE r.seq > %s AND r.item = %s AND s.kind <> 'sole_trader' AND {lookup.PUBLIC}
ORDER BY r.seq LIMIT %s
"""


def columns(item: str) -> tuple[str, ...]:
    """The columns of an item's table: the fixed ones, then its public fields in the order of the national report.

    Raises KeyError for an item that the catalogue does not know or that is never public.
    """
    found = catalogue().items[item]
    if found.publicity != "public" or item in SUBJECT_BASE:
        raise KeyError(item)
    return FIXED + masking.public_ids(found, "")


def rows(item: str, on: date) -> Iterator[Chunk]:
    """Chunks of rows, each row in the order of ``columns``; values are texts, None where there is none."""
    fields = columns(item)[len(FIXED) :]
    found = catalogue().items[item]
    allowed: dict[str, frozenset[str]] = {}
    after = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [after, item, on, on, CHUNK])
            stored = cursor.fetchall()
        if not stored:
            return
        after = stored[-1][0]
        chunk = []
        for _, id, code, name, kind, severity, starts, ends, contested, source, content in stored:
            if kind not in allowed:
                allowed[kind] = frozenset(masking.public_ids(found, kind))
            said = orjson.loads(content)
            held, linked = said["fields"], said.get("linked", "code")
            values = (held.get(field) if field in allowed[kind] else None for field in fields)
            days = (_text(starts), _text(ends), contested)
            chunk.append((bytes(id).hex(), code, name, linked, severity, *days, source, *values))
        yield chunk


def counts(figures: lookup.Figures, on: date) -> dict[str, int]:
    """How many rows each item's file has on the day of these figures: what is public, sole traders left out."""
    left_out = _left_out(str(connection.settings_dict["NAME"]), figures.log_size, on)
    return {item: count - left_out.get(item, 0) for item, count in figures.published.items()}


@lru_cache(maxsize=8)
def _left_out(_database: str, _log_size: int, on: date) -> Mapping[str, int]:
    """Public records of sole traders by item; counted once per state of the log, because it reads all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.item, count(*) FROM subject s JOIN record_subject rs ON rs.subject = s.id "
            f"JOIN record r ON r.seq = rs.seq AND r.subject = s.id "
            f"WHERE s.kind = 'sole_trader' AND {lookup.PUBLIC} GROUP BY r.item",
            [on, on],
        )
        return dict(cursor.fetchall())


def stream(item: str, form: str, on: date, *, recipient: Recipient | None = None) -> Iterator[bytes]:
    """The bytes of the file in one of ``FORMATS``. Raises KeyError for an unknown item or format, before any byte.

    For a recipient the delivery is written down chunk by chunk, and the last column is the withdrawal key. What changed
    between reading and handing over is left out: it comes with the changes since.
    """
    names = columns(item)
    writer = {"csv": _csv, "ndjson": _ndjson, "parquet": _parquet}[form]
    if recipient is None:
        return writer(names, rows(item, on))
    return writer((*names, "withdrawal_key"), _handed_over(recipient, rows(item, on), deliveries.log_size()))


def _handed_over(recipient: Recipient, chunks: Iterator[Chunk], size: int) -> Iterator[Chunk]:
    for chunk in chunks:
        keys = deliveries.hand_over(recipient, [str(row[0]) for row in chunk], size=size, door="file")
        yield [(*row, keys[str(row[0])]) for row in chunk if row[0] in keys]


def write(directory: Path, form: str, on: date) -> list[Path]:
    """Write one file per public item into a folder; a file appears under its name only when it is whole.

    Raises Refusal ``export.format``.
    """
    if form not in FORMATS:
        raise Refusal(
            "export.format",
            Text(f"没有“{form}”这种格式。", f"There is no format “{form}”."),
            remedy=Text(f"可用：{'、'.join(FORMATS)}。", f"There are: {', '.join(FORMATS)}."),
        )
    directory.mkdir(parents=True, exist_ok=True)
    exported.note(directory)  # an erasure looks there too
    written = []
    for item in items():
        path = directory / f"{item}.{form}"
        part = path.with_suffix(path.suffix + ".part")
        with part.open("wb") as file:
            for piece in stream(item, form, on):
                file.write(piece)
        part.replace(path)
        written.append(path)
    return written


def items() -> list[str]:
    """Items of which anything may be public, by id."""
    found = catalogue().items.values()
    return sorted(item.id for item in found if item.publicity == "public" and item.id not in SUBJECT_BASE)


def escape(value: str | None) -> str:
    """A cell that no spreadsheet takes for a formula: a leading = + - @ tab or CR gets an apostrophe before it."""
    if not value:
        return ""
    return f"'{value}" if value[0] in "=+-@\t\r" and not _plain_number(value) else value


def _plain_number(value: str) -> bool:
    return value[0] in "+-" and value[1:].replace(".", "", 1).isdigit()


def _csv(names: tuple[str, ...], chunks: Iterator[Chunk]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # without it Excel reads UTF-8 Chinese as GBK
    head: Chunk = [names]
    for chunk in chain([head], chunks):
        text = io.StringIO()
        csv.writer(text).writerows([escape(value) for value in row] for row in chunk)
        yield text.getvalue().encode()


def _ndjson(names: tuple[str, ...], chunks: Iterator[Chunk]) -> Iterator[bytes]:
    for chunk in chunks:
        yield b"".join(
            orjson.dumps({name: value for name, value in zip(names, row, strict=True) if value is not None}) + b"\n"
            for row in chunk
        )


def _parquet(names: tuple[str, ...], chunks: Iterator[Chunk]) -> Iterator[bytes]:
    schema = pa.schema([(name, pa.string()) for name in names])
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for chunk in chunks:
            arrays = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """A file that is only ever appended to, emptied after each chunk: Parquet's footer needs positions, not bytes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
