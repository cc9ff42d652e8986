"""Character encodings (字符编码): found by content, and read as UTF-8 without holding the file in memory."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from chengxin.intake.formats.refusals import refuse
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF8_CHINESE = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){6}")
"""Six Chinese characters of UTF-8 in a row. GB18030 text hardly ever contains such bytes (three rare characters at fixed
places), while UTF-8 read as GB18030 passes unnoticed as nonsense."""
_LINE = 64 * 1024
_UTF8_START = re.compile(rb"[\x00-\x7f]*(?:[\xe2-\xef][\x80-\xbf]{2}[\x00-\x7f]*){4}")


def detect(data: BinaryIO) -> tuple[str, int]:
    """Encoding name and length of the byte order mark, told from the first bytes that are not ASCII.

    Reads on while a file is pure ASCII, so that one Chinese word far down still decides. Leaves ``data`` at 0.
    """
    data.seek(0)
    head = data.read(_CHUNK)
    for bom, name in _BOMS:
        if head.startswith(bom):
            data.seek(0)
            return name, len(bom)
    encoding = _utf16_without_mark(head)
    while not encoding:
        if not head or not head.isascii():
            encoding = _utf8_or_gb(head) if head else "utf-8"
            break
        head = data.read(_CHUNK)
    data.seek(0)
    return encoding, 0


def sample(data: BinaryIO, encoding: str, start: int, size: int) -> str:
    """The first ``size`` bytes as text; a character cut in two at the end is left out.

    Raises Refusal ``file.encoding``.
    """
    data.seek(start)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(data.read(size))
    except UnicodeDecodeError:
        raise not_valid(data, encoding, start) from None


def as_utf8(data: BinaryIO, encoding: str, start: int) -> io.RawIOBase:
    """A stream of UTF-8 bytes from byte ``start`` on; closing it leaves ``data`` open."""
    data.seek(start)
    return _Lent(data) if encoding == "utf-8" else Transcoded(data, encoding, start)


class _Lent(io.RawIOBase):
    """A file lent to a parser that closes what it has read to the end."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        chunk = self._data.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class Transcoded(io.RawIOBase):
    """A readable stream that turns another encoding into UTF-8 while it is read.

    Raises Refusal ``file.encoding`` where the bytes do not fit the encoding, or, for GB18030, where they turn into
    UTF-8 midway.
    """

    def __init__(self, data: BinaryIO, encoding: str, start: int) -> None:
        self._data = data
        self._encoding = encoding
        self._start = start
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""
        self._tail = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes of UTF-8; all that is left when negative; empty at the end."""
        parts = [self._ready]
        have = len(self._ready)
        while not self._ended and (size < 0 or have < size):
            part = self._next()
            parts.append(part)
            have += len(part)
        joined = b"".join(parts)
        if size < 0:
            size = len(joined)
        self._ready = joined[size:]
        return joined[:size]

    def _next(self) -> bytes:
        chunk = self._data.read(_CHUNK)
        self._ended = not chunk
        if self._encoding == "gb18030":
            lines = (self._tail + chunk).split(b"\n")
            if any(map(_is_utf8_line, lines)):
                raise not_valid(self._data, self._encoding, self._start)
            self._tail = lines[-1][-_LINE:]
        try:
            return self._decoder.decode(chunk, self._ended).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise not_valid(self._data, self._encoding, self._start) from None


def not_valid(data: BinaryIO, encoding: str, start: int = 0) -> Refusal:
    """The refusal that names the first byte and line that do not fit; reads the file once more to find them."""
    offset, line = _first_fault(data, encoding, start)
    return refuse(
        "file.encoding",
        where=Text(f"第 {line} 行，字节位置 {offset}", f"line {line}, byte {offset}"),
        encoding=encoding.upper(),
        offset=offset,
        line=line,
    )


def _first_fault(data: BinaryIO, encoding: str, start: int) -> tuple[int, int]:
    """Byte offset and line (from 1) of the first fault; counts lines by line feeds, of any encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, line, tail = start, 1, b""
    for chunk in _chunks(data, start):
        pending = len(decoder.getstate()[0])
        broken: UnicodeDecodeError | None = None
        text = ""
        try:
            text = decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as fault:
            broken = fault
        at = None if broken is None else position - pending + broken.start
        if encoding == "gb18030":
            offset, before = position - len(tail), line - tail.count(b"\n")
            for number, candidate in enumerate((tail + chunk).split(b"\n")):
                if at is not None and offset > at:
                    break
                if _is_utf8_line(candidate):
                    return offset, before + number
                offset += len(candidate) + 1
            tail = (tail + chunk).rsplit(b"\n", 1)[-1][-_LINE:]
        if broken is not None and at is not None:
            return at, line + broken.object[: broken.start].decode(encoding, "replace").count("\n")
        line += text.count("\n")
        position += len(chunk)
    return position, line


def _is_utf8_line(line: bytes) -> bool:
    """Whether a line inside a GB18030 file is UTF-8 with Chinese text; decoding is quicker than searching."""
    if line.isascii():
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return _UTF8_CHINESE.search(line) is not None


def _chunks(data: BinaryIO, start: int) -> Iterator[bytes]:
    data.seek(start)
    while chunk := data.read(_CHUNK):
        yield chunk
    yield b""


def _utf16_without_mark(head: bytes) -> str:
    """UTF-16 shows as a zero in every other place where the text is ASCII (commas, digits, line ends)."""
    if len(head) < 4 or b"\x00" not in head[:4096]:
        return ""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = len(head[:4096]) / 2
    if odd > half * 0.2 and even < odd * 0.05:
        return "utf-16-le"
    if even > half * 0.2 and odd < even * 0.05:
        return "utf-16-be"
    return ""


def _utf8_or_gb(chunk: bytes) -> str:
    """UTF-8 when all of it is, or when its first four characters are: a fault further down is then named as one."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(chunk)
    except UnicodeDecodeError:
        return "utf-8" if _UTF8_START.match(chunk) else "gb18030"
    return "utf-8"
