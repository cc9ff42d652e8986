"""NDJSON (逐行 JSON): one object per line; numbers keep the text they were written with."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson
import pyarrow as pa

from chengxin.intake.formats import encoding as enc
from chengxin.intake.formats.cells import cell_text, number_text
from chengxin.intake.formats.headers import Known, check_duplicates, clean_header, header_key
from chengxin.intake.formats.reading import Limits, RawRow, Reading, batched
from chengxin.intake.formats.refusals import refuse, unknown_layout
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text


class Number(str):
    """A number as written; a text to the cell, so that 22.416900 and 1e21 lose nothing on the way."""

    __slots__ = ()


def open_lines(data: BinaryIO, *, known: Known, limits: Limits) -> Reading:
    """An NDJSON file as a Reading; the columns are all keys of all lines, row = line number.

    Goes through the file twice: a key that first appears in the last line is a column too.
    Raises Refusal: ``file.syntax`` with the line, ``file.encoding``, ``file.layout``, ``file.duplicate-header``,
    ``file.too-many-columns``, ``file.quotes`` for a line beyond ``limits.row``.
    """
    encoding, mark = enc.detect(data)
    keys: dict[str, None] = {}
    count = 0
    for number, line in _lines(data, encoding, mark, limits):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise _no_object(number) from None
        if not isinstance(row, dict):
            raise _no_object(number)
        keys.update(dict.fromkeys(row))
        count += 1
    names = tuple(keys)
    check_keys(names, known, limits)

    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        return batched(_rows(data, encoding, mark, limits, names), len(names), size)

    return Reading(
        format="ndjson",
        columns=tuple(clean_header(name) for name in names),
        rows=rows_of,
        encoding=encoding,
        rows_hint=count,
    )


def check_keys(names: tuple[str, ...], known: Known, limits: Limits) -> None:
    """Refuse keys that are no table: none known, too many, the same field twice."""
    hits = len({header_key(name) for name in names if known(name)})
    if hits < 2 and not (hits and hits * 2 >= len(names)):
        raise unknown_layout([list(names)])
    if len(names) > limits.columns:
        raise refuse("file.too-many-columns", found=len(names), limit=limits.columns)
    check_duplicates(names, known)


def _rows(data: BinaryIO, encoding: str, mark: int, limits: Limits, names: tuple[str, ...]) -> Iterator[RawRow]:
    decode = json.JSONDecoder(parse_float=Number, parse_int=Number, object_pairs_hook=_once).decode
    for number, line in _lines(data, encoding, mark, limits):
        try:
            row = decode(line.decode())
        except _Twice as twice:
            where = Text(f"第 {number} 行", f"line {number}")
            raise refuse("file.duplicate-header", where=where, names=str(twice)) from None
        yield number, [value_text(row.get(name)) for name in names]


def value_text(value: object) -> str | None:
    """The cell text of a JSON value."""
    if type(value) is Number:
        return number_text(value)
    if isinstance(value, list | dict):
        return orjson.dumps(_plain(value)).decode()
    return cell_text(value)


def _plain(value: object) -> object:
    """Numbers inside lists and objects as numbers again, where a double holds them exactly, else as text."""
    if type(value) is Number:
        number = json.loads(value)
        return number if str(number) == value and abs(number) < 2**53 else str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _lines(data: BinaryIO, encoding: str, mark: int, limits: Limits) -> Iterator[tuple[int, bytes]]:
    stream = io.BufferedReader(enc.as_utf8(data, encoding, mark), 1 << 20)
    number = 0
    while line := stream.readline(limits.row + 1):
        number += 1
        if len(line) > limits.row:
            raise refuse("file.quotes", row=number, limit=limits.row)
        if line.strip():
            yield number, line


class _Twice(ValueError):
    """A key that stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        seen: set[str] = set()
        raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return row


def _no_object(line: int) -> Refusal:
    return refuse(
        "file.syntax",
        where=Text(f"第 {line} 行", f"line {line}"),
        format="NDJSON",
        place=f"{line}",
        detail=Text("一行应为一个完整的 JSON 对象", "each line is one complete JSON object"),
    )
