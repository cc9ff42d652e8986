"""File signatures (文件特征): what a file is by its first bytes; its name is not believed."""

import codecs
from typing import BinaryIO

from chengxin.intake.formats.refusals import refuse
from chengxin.kernel.text import Text

_OTHER: tuple[tuple[bytes, Text], ...] = (
    (b"\x89PNG\r\n\x1a\n", Text("PNG 图片", "a PNG image")),
    (b"\xff\xd8\xff", Text("JPEG 图片", "a JPEG image")),
    (b"GIF8", Text("GIF 图片", "a GIF image")),
    (b"BM", Text("BMP 图片", "a BMP image")),
    (b"II*\x00", Text("TIFF 图片", "a TIFF image")),
    (b"MM\x00*", Text("TIFF 图片", "a TIFF image")),
    (b"%PDF-", Text("PDF 文档", "a PDF document")),
    (b"{\\rtf", Text("RTF 文档", "an RTF document")),
    (b"SQLite format 3\x00", Text("SQLite 数据库", "an SQLite database")),
    (b"\x7fELF", Text("可执行程序", "a program")),
    (b"MZ", Text("可执行程序", "a program")),
    (b"OggS", Text("音频", "audio")),
    (b"ID3", Text("音频", "audio")),
)
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind(data: BinaryIO) -> str:
    """``zip``, ``parquet``, ``json`` (begins with ``[`` or ``{``) or ``text``.

    Raises Refusal: ``file.empty``, ``file.format`` (image, document, program …), ``file.compressed``, ``file.xls``,
    ``file.encrypted``, ``file.truncated`` (a Parquet file without its end). Leaves ``data`` at 0.
    """
    data.seek(0)
    head = data.read(8192)
    if not head.strip(b" \t\r\n\x00"):
        raise refuse("file.empty")
    if head.startswith(_OLE2):
        raise refuse("file.encrypted" if _is_encrypted_workbook(data) else "file.xls")
    for magic, packer in _ARCHIVES:
        if head.startswith(magic):
            raise refuse("file.compressed", found=packer)
    for magic, name in _OTHER:
        # two letters are also how a text may begin: then only bytes that no text holds decide
        if head.startswith(magic) and (len(magic) > 3 or not _looks_like_text(head)):
            raise refuse("file.format", found=name)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl"):
        raise refuse("file.format", found=Text("网页或 XML", "a web page or XML"))
    if head.startswith(b"PK"):
        data.seek(0)
        return "zip"
    if head.startswith(b"PAR1"):
        data.seek(-4, 2)
        complete = data.read(4) == b"PAR1"
        data.seek(0)
        if not complete:
            raise refuse("file.truncated", detail="Parquet")
        return "parquet"
    if not _looks_like_text(head):
        raise refuse("file.format", found=Text("二进制数据", "binary data"))
    data.seek(0)
    # zeros and byte order marks are taken away, so that UTF-16 is looked at as well
    return "json" if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1] in (b"[", b"{") else "text"


def _is_encrypted_workbook(data: BinaryIO) -> bool:
    """Excel wraps an encrypted .xlsx in an OLE2 container with a stream of this name."""
    data.seek(0)
    return "EncryptedPackage".encode("utf-16-le") in data.read(4 << 20)


def _looks_like_text(head: bytes) -> bool:
    """Text has few control characters; single NUL bytes in cells are left to the checks of the row."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    nul = head.count(0)
    if nul > len(head) * 0.2:
        # UTF-16 without a mark has its zeros all in even or all in odd places
        even = head[0::2].count(0)
        return even < nul * 0.05 or even > nul * 0.95
    control = sum(head.count(code) for code in range(1, 32) if code not in (7, 8, 9, 10, 11, 12, 13, 27))
    return control + nul < max(8, len(head) * 0.02)
