"""Workbook containers (压缩容器): what an .xlsx would weigh, found out before anything opens it."""

import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from chengxin.intake.formats.headers import column_number
from chengxin.intake.formats.reading import Limits
from chengxin.intake.formats.refusals import refuse
from chengxin.kernel.text import Text

_CHUNK = 1 << 20
_TAIL = 64
_MAX_DEFLATE = 1032  # no deflate stream unpacks to more than 1,032 times its size
_FAR = re.compile(rb"""r=["'](?:(?:[A-Z]{3}|[D-Z][A-Z]|C[W-Z])\d|[A-Z]*(?:(?:1[5-9]|[2-9]\d)\d{4}|\d{7}))""")
"""A reference beyond column CV (100) or row 149,999: without one there are fewer than 15 million cells. Looking for it
costs a fraction of collecting all references."""
_NEAR_CELLS = 150_000 * 100
_COLUMN = re.compile(rb"""r=["']([A-Z]{1,3})\d""")
_SHARED_CELL = re.compile(rb"""t=["']s["'][^>]*>\s*<v[^>]*>\s*(\d{1,9})""")
_ROW = re.compile(rb"""r=["'][A-Z]*(\d{1,8})""")
_DEEP = re.compile(rb"""r=["'][A-Z]*(\d{6,8})""")
_LAST_ROW = re.compile(rb'<row r="(\d{1,7})"')
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_SHEETS, STRINGS = "xl/worksheets/", "xl/sharedstrings.xml"


@dataclass(frozen=True)
class Ending:
    """What stands at the end of a worksheet: the number of its last row, and its merged ranges such as ``A1:B2``."""

    last_row: int
    merges: tuple[str, ...]


@dataclass(frozen=True)
class Weight:
    """What was found: bytes after unpacking, cells with an error value such as #N/A, how each worksheet ends (by its
    path; absent where its list of cells does not end within its last 2 MB)."""

    unpacked: int
    error_cells: int
    endings: Mapping[str, Ending]


def weigh(data: BinaryIO, limits: Limits) -> Weight:
    """Unpack everything once in small pieces, keeping nothing.

    What the directory of the archive says about sizes is not believed. One long text that a million cells point to is
    weighed as often as it is pointed to.
    Raises Refusal: ``file.truncated``, ``file.format`` (a zip, but no workbook), ``file.bomb``, ``file.compressed``.
    """
    try:
        archive = zipfile.ZipFile(data)
        names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, struct.error):
        raise refuse("file.truncated", detail="ZIP") from None
    if "[Content_Types].xml" not in names:
        raise refuse("file.compressed", found="ZIP")
    if not any(name.lower().startswith("xl/workbook.") for name in names):
        raise refuse("file.format", found=Text("其他 Office 文档", "another Office document"))
    packed = data.seek(0, 2)
    has_strings = any(name.lower() == STRINGS for name in names)
    unpacked = errors = string_cells = longest = 0
    endings: dict[str, Ending] = {}
    for info in archive.infolist():
        part = _Part(info.filename, has_strings)
        check = 0
        for chunk in unpack(data, info):
            unpacked += len(chunk)
            if unpacked > limits.unpacked or (unpacked > 10 * _CHUNK and unpacked > packed * limits.ratio):
                raise refuse("file.bomb", found=unpacked, limit=limits.unpacked, ratio=limits.ratio)
            check = zlib.crc32(chunk, check)
            part.look(chunk)
        if check != info.CRC:
            raise refuse("file.truncated", detail=info.filename)
        errors += part.errors
        string_cells += part.string_cells
        longest = max(longest, part.longest_text)
        if (ending := part.ending()) is not None:
            endings[info.filename] = ending
    if string_cells * longest > limits.unpacked:
        # one long text that many cells point to is copied into each of them when the sheet is opened
        shared = _shared(data, archive)
        if shared > limits.unpacked:
            raise refuse("file.bomb", found=shared, limit=limits.unpacked, ratio=limits.ratio)
    data.seek(0)
    return Weight(unpacked, errors, endings)


class _Part:
    """One file of the archive while it passes by: how long the longest text is, how a worksheet ends."""

    def __init__(self, name: str, has_strings: bool) -> None:
        self._sheet = name.startswith(_SHEETS)
        self._strings = name.lower() == STRINGS
        self._has_strings = has_strings
        self._last: tuple[bytes, bytes] = (b"", b"")
        self._run = 0
        self.errors = 0
        self.string_cells = 0
        self.longest_text = 0

    def look(self, chunk: bytes) -> None:
        if self._sheet:
            self.errors += chunk.count(b't="e"')
            if self._has_strings:
                self.string_cells += chunk.count(b't="s"') + chunk.count(b"t='s'")
            self._last = (self._last[1], chunk)
        elif self._strings:
            pieces = chunk.split(b"<")
            self.longest_text = max(self.longest_text, self._run + len(pieces[0]), *map(len, pieces))
            self._run = self._run + len(chunk) if len(pieces) == 1 else len(pieces[-1])

    def ending(self) -> Ending | None:
        """How a worksheet ends; None where it cannot be told."""
        cells, end, rest = b"".join(self._last).rpartition(b"</sheetData>")
        merges = _MERGE.findall(rest)
        if not end or len(merges) != rest.count(b"<mergeCell "):
            return None
        row = _LAST_ROW.match(cells, max(cells.rfind(b"<row "), 0))
        return Ending(int(row[1]) if row else 0, tuple(merge.decode() for merge in merges))


def check_reach(data: BinaryIO, limits: Limits) -> None:
    """A worksheet that spans more cells than ``limits.cells`` is refused before the whole of it is loaded: a stray cell
    in the last row makes a table of billions. Raises Refusal ``file.sheet-too-large``."""
    for info in zipfile.ZipFile(data).infolist():
        if info.filename.startswith(_SHEETS) and (limits.cells < _NEAR_CELLS or _is_far(unpack(data, info))):
            check_cells(reach(unpack(data, info)), limits)


def check_cells(cells: int, limits: Limits) -> None:
    if cells > limits.cells:
        raise refuse("file.sheet-too-large", found=cells, limit=limits.cells)


def _is_far(content: Iterable[bytes]) -> bool:
    tail = b""
    for chunk in content:
        # a reference cut in two by the chunk is seen again with the tail of the one before
        if _FAR.search(tail + chunk):
            return True
        tail = chunk[-_TAIL:]
    return False


def reach(content: Iterable[bytes]) -> int:
    """Rows × columns that the cell references of a worksheet reach; once a row beyond 99,999 was
    seen, only such rows are looked for."""
    columns: set[bytes] = set()
    last = 0
    tail = b""
    for chunk in content:
        joined = tail + chunk
        columns.update(_COLUMN.findall(joined))
        last = max(last, 0, *map(int, set((_DEEP if last > 99_999 else _ROW).findall(joined))))
        tail = chunk[-_TAIL:]
    return last * max((column_number(letters.decode()) for letters in columns), default=0)


def _shared(data: BinaryIO, archive: zipfile.ZipFile) -> int:
    """Bytes that all cells take together which point to shared texts."""
    lengths: list[int] = []
    uses: Counter[bytes] = Counter()
    for info in archive.infolist():
        tail = b""
        if info.filename.lower() == STRINGS:
            run = 0
            for chunk in unpack(data, info):
                first, *others = (tail + chunk).split(b"</si>")
                run += len(first) - len(tail)
                for piece in others:
                    lengths.append(run)
                    run = len(piece)
                tail = chunk[-4:] if not chunk.endswith(b"</si>") else b""
        elif info.filename.startswith(_SHEETS):
            for chunk in unpack(data, info):
                joined = tail + chunk
                end = joined.rfind(b"<c") if b"<c" in joined else 0
                uses.update(_SHARED_CELL.findall(joined, 0, end or len(joined)))
                tail = joined[end:][-4096:] if end else b""
            uses.update(_SHARED_CELL.findall(tail))
    return sum(lengths[int(index)] * count for index, count in uses.items() if int(index) < len(lengths))


def unpack(data: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The real bytes of one member, whatever sizes are written in the directory."""
    if info.flag_bits & 1:
        raise refuse("file.encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse("file.truncated", detail=info.filename)
    data.seek(info.header_offset)
    header = data.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise refuse("file.truncated", detail=info.filename)
    at = info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    left = info.compress_size
    decoder = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        data.seek(at)  # somebody else may read another member meanwhile
        chunk = data.read(min(left, 1 << 16))
        if not chunk:
            raise refuse("file.truncated", detail=info.filename)
        left -= len(chunk)
        at += len(chunk)
        if decoder is None:
            yield chunk
            continue
        try:
            pending = chunk
            while pending and not decoder.eof:
                yield decoder.decompress(pending, _CHUNK)
                pending = decoder.unconsumed_tail
        except zlib.error:
            raise refuse("file.truncated", detail=info.filename) from None
    if decoder is not None and left == 0 and not decoder.eof:
        raise refuse("file.truncated", detail=info.filename)
