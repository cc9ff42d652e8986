"""Attachments (办件附件): what a file is by its content, and which files a case takes."""

import io
import zipfile
from dataclasses import dataclass

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

MAX_BYTES = 20 << 20
"""Largest file: a photograph of a phone or a scan of some dozens of pages."""
_MEMBERS = 2000


@dataclass(frozen=True)
class Kind:
    """A kind of file (附件类型) that is taken."""

    ending: str
    media_type: str
    title: Text


PDF = Kind("pdf", "application/pdf", Text("PDF 文档", "PDF document"))
PNG = Kind("png", "image/png", Text("PNG 图片", "PNG image"))
JPEG = Kind("jpg", "image/jpeg", Text("JPEG 图片", "JPEG image"))
OFD = Kind("ofd", "application/ofd", Text("OFD 版式文件", "OFD document"))
KINDS = (PDF, PNG, JPEG, OFD)


def kind(data: bytes) -> Kind:
    """What a file is, by its bytes and not by its name.

    Raises Refusal ``attachment.empty``, ``attachment.size``, ``attachment.kind`` and ``attachment.cut`` (the end is missing).
    """
    if not data.strip(b"\0 \r\n\t"):
        raise _refuse("empty", Text("文件是空的。", "The file is empty."))
    if len(data) > MAX_BYTES:
        raise too_large()
    if data.startswith(b"%PDF-"):
        return _whole(PDF, b"%%EOF" in data[-2048:])
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _whole(PNG, b"IEND" in data[-64:])
    if data.startswith(b"\xff\xd8\xff"):
        return _whole(JPEG, b"\xff\xd9" in data[-4096:])
    if data.startswith(b"PK\x03\x04") and _is_ofd(data):
        return OFD
    raise _refuse(
        "kind",
        Text("文件不是 PDF、图片或 OFD。", "The file is no PDF, image or OFD document."),
        Text("请另存为 PDF 或拍照后上传。", "Save it as PDF or take a photograph."),
    )


def too_large() -> Refusal:
    """The refusal of a file above MAX_BYTES."""
    largest = f"{MAX_BYTES >> 20} MiB"
    return _refuse("size", Text(f"文件大于 {largest}。", f"The file is larger than {largest}."))


def _is_ofd(data: bytes) -> bool:
    """OFD is a ZIP with OFD.xml at its root; other archives are not opened any further."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    return len(names) <= _MEMBERS and "OFD.xml" in names


def _whole(found: Kind, complete: bool) -> Kind:
    if complete:
        return found
    raise _refuse("cut", Text(f"{found.title.zh}不完整。", f"The {found.title.en} is cut off."))


def _refuse(rule: str, what: Text, remedy: Text | None = None) -> Refusal:
    return Refusal(
        f"attachment.{rule}",
        what,
        basis="docs/reference/cases.md",
        remedy=remedy or Text("请检查原文件后重新上传。", "Check the original and upload it again."),
    )
