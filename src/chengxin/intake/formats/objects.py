"""JSON (JSON 数组): an array of objects, at the top or inside an object, read as a stream."""

import io
import itertools
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import ijson
import orjson
import pyarrow as pa

from chengxin.intake.formats import encoding as enc
from chengxin.intake.formats.cells import MAX_DEPTH, cell_text
from chengxin.intake.formats.headers import Known, clean_header, header_key
from chengxin.intake.formats.lines import check_keys
from chengxin.intake.formats.reading import Limits, Ragged, RawRow, Reading, batched
from chengxin.intake.formats.refusals import refuse, unknown_layout
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

PIECE = 4096
"""Bytes parsed together. The parser keeps the path of every level that is open: its memory grows with their square."""
_OPENING, _CLOSING = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})
TOP = "$"
"""How the outermost array is named as a ``sheet``."""


def is_lines(data: BinaryIO, name: str, limits: Limits) -> bool:
    """Whether a file that begins like JSON holds one object per line; a single object is, unless something is inside."""
    if name.lower().endswith((".ndjson", ".jsonl")):
        return True
    encoding, mark = enc.detect(data)
    stream = io.BufferedReader(enc.as_utf8(data, encoding, mark), 1 << 16)
    first = b""
    while not first.strip():
        first = stream.readline(limits.row)
        if not first:
            return False
    try:
        row = orjson.loads(first)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(row, dict):
        return False
    if any(line.strip() for line in itertools.islice(stream, 9)):
        return True
    return not any(isinstance(value, list | dict) for value in row.values())


def open_objects(data: BinaryIO, *, sheet: str | None, known: Known, limits: Limits) -> Reading:
    """A JSON file as a Reading of one array of objects: the one at path ``sheet`` (``$`` is the top, ``data.rows`` an
    inner one), else the one with most known keys. Row = position in the array, from 1.

    Goes through the file twice: first for arrays and keys, then for the rows.
    Raises Refusal: ``file.syntax``, ``file.nested``, ``file.truncated``, ``file.encoding``, ``file.sheet``,
    ``file.layout``, ``file.too-many-columns``, ``file.duplicate-header``.
    """
    encoding, mark = enc.detect(data)
    arrays = _arrays(data, encoding, mark)
    paths = {_path(prefix): prefix for prefix in arrays if prefix}
    if sheet is not None:
        if sheet.strip() not in paths:
            raise refuse("file.sheet", sheet=sheet, sheets="、".join(paths) or "（无）")
        chosen = paths[sheet.strip()]
    else:
        chosen = _best(arrays, known)
    keys, count = arrays[chosen]
    names = tuple(keys)
    check_keys(names, known, limits)

    def rows_of(reading: Reading, size: int) -> Iterable[pa.RecordBatch]:
        return batched(_rows(data, encoding, mark, chosen, names, reading), len(names), size)

    others = [path for path in paths if path != _path(chosen) and arrays[paths[path]][1]]
    notes = [
        Text(
            f"只读取了数组“{_path(chosen)}”，未读取：{'、'.join(others)}。",
            f"Only the array “{_path(chosen)}” was read, not: {', '.join(others)}.",
        )
    ]
    return Reading(
        format="json",
        columns=tuple(clean_header(name) for name in names),
        rows=rows_of,
        encoding=encoding,
        sheet=_path(chosen),
        sheets=tuple(paths),
        rows_hint=count,
        notes=notes if others else [],
    )


def _arrays(data: BinaryIO, encoding: str, mark: int) -> dict[str, tuple[dict[str, None], int]]:
    """Every array of objects by its prefix: its keys and how many objects; the outermost object under ''."""
    found: dict[str, tuple[dict[str, None], int]] = {}
    stream = _Counted(enc.as_utf8(data, encoding, mark))
    with _Syntax(stream):
        depth = 0
        for prefix, event, value in ijson.parse(stream, buf_size=PIECE):
            depth += event in _OPENING
            depth -= event in _CLOSING
            if depth > MAX_DEPTH:
                raise refuse("file.nested", limit=MAX_DEPTH)
            if event == "map_key":
                if prefix in found:
                    found[prefix][0][value] = None
            elif event == "start_map" and (not prefix or prefix == "item" or prefix.endswith(".item")):
                keys, count = found.get(prefix, ({}, 0))
                found[prefix] = (keys, count + 1)
            elif event == "start_array" and not prefix:
                found.setdefault("item", ({}, 0))
    return found


def _best(arrays: dict[str, tuple[dict[str, None], int]], known: Known) -> str:
    def hits(prefix: str) -> int:
        return len({header_key(key) for key in arrays[prefix][0] if known(key)})

    ranked = sorted(arrays, key=lambda prefix: (-hits(prefix), prefix.count(".")))
    if not ranked:
        raise unknown_layout([])
    if arrays[ranked[0]] == ({}, 0):
        raise refuse("file.empty")
    return ranked[0]


def _rows(
    data: BinaryIO, encoding: str, mark: int, prefix: str, names: tuple[str, ...], reading: Reading
) -> Iterator[RawRow]:
    stream = _Counted(enc.as_utf8(data, encoding, mark))
    with _Syntax(stream):
        for number, row in enumerate(ijson.items(stream, prefix), 1):
            if isinstance(row, dict):
                yield number, [cell_text(row.get(name)) for name in names]
            else:
                reading.ragged.append(Ragged(number, len(names), 0 if row is None else 1))


def _path(prefix: str) -> str:
    return TOP if prefix in ("item", "") else prefix.removesuffix(".item")


class _Counted:
    """A stream that knows how far it was read, to name the place of a fault."""

    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size) or b""
        self.position += len(chunk)
        return chunk


class _Syntax:
    """Turns the parser's faults into refusals. Their own text is not passed on: it quotes the file."""

    def __init__(self, stream: _Counted) -> None:
        self._stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, ijson.JSONError | UnicodeDecodeError | ValueError) and not isinstance(fault, Refusal):
            if "premature EOF" in str(fault):
                raise refuse(
                    "file.truncated",
                    detail=Text(f"JSON，{self._stream.position} 字节", f"JSON, {self._stream.position} bytes"),
                ) from None
            raise refuse(
                "file.syntax",
                where=Text(f"约第 {self._stream.position} 字节之前", f"before byte {self._stream.position}"),
                format="JSON",
                place=f"≤ {self._stream.position} B",
                detail=Text("语法错误", "syntax error"),
            ) from None
