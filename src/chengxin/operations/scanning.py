"""Scanning (附件查毒): a pluggable scanner looks at every attachment before it is kept.

CHENGXIN_SCANNER is empty (none), ``clamd:/run/clamav/clamd.ctl`` (ClamAV on its socket) or ``clamd:HOST:PORT``.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

CHUNK = 1 << 16
SECONDS = 30


class Scanner(Protocol):
    """What looks at a file (查毒程序). ``name`` is noted with the attachment."""

    name: str

    def scan(self, data: bytes) -> str:
        """What was found in the file, empty when nothing was. Raises OSError when the scanner does not answer."""
        ...


class NoScanner:
    """No scanner (不查毒): said on the attachment, so that everybody who opens it knows."""

    name = "none"

    def scan(self, data: bytes) -> str:
        return ""


class Clamd:
    """ClamAV's daemon (ClamAV 查毒): the INSTREAM command on its socket; the file never touches another disk."""

    def __init__(self, address: str) -> None:
        self.name = "clamav"
        self._address = address

    def scan(self, data: bytes) -> str:
        with self._connected() as link:
            link.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                link.sendall(struct.pack("!L", len(part)) + part)
            link.sendall(struct.pack("!L", 0))
            answer = b""
            while not answer.endswith(b"\0") and (part := link.recv(4096)):
                answer += part
        told = answer.rstrip(b"\0").decode(errors="replace")
        if told.endswith(" OK"):
            return ""
        if told.endswith(" FOUND"):
            return told.removeprefix("stream: ").removesuffix(" FOUND")
        raise OSError(f"clamd: {told or 'no answer'}")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        if self._address.startswith("/"):
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(SECONDS)
            link.connect(self._address)
        else:
            host, _, port = self._address.rpartition(":")
            link = socket.create_connection((host, int(port)), timeout=SECONDS)
        with link:
            yield link


def scanner() -> Scanner:
    """The scanner of this installation. Raises ValueError for a setting that names none."""
    kind, _, address = settings.SCANNER.partition(":")
    if kind == "":
        return NoScanner()
    if kind == "clamd" and address:
        return Clamd(address)
    raise ValueError(f"CHENGXIN_SCANNER names no scanner: {settings.SCANNER}")


def scanned(data: bytes) -> str:
    """Have a file looked at; returns the scanner's name.

    Raises Refusal ``attachment.infected``, and ``attachment.scanner`` when the scanner does not answer: a file nobody
    could look at is not kept.
    """
    using = scanner()
    try:
        found = using.scan(data)
    except OSError as error:
        raise Refusal(
            "attachment.scanner",
            Text("查毒程序没有应答，文件没有保存。", "The virus scanner does not answer; the file was not kept."),
            basis="docs/reference/cases.md",
            remedy=Text(
                "请稍后重新上传；仍不行的，告诉信用中心。", "Upload it again later, or tell the credit centre."
            ),
        ) from error
    if found:
        raise Refusal(
            "attachment.infected",
            Text("文件带有恶意代码，没有保存。", "The file carries malicious code and was not kept."),
            where=Text(found, found),
            basis="docs/reference/cases.md",
            remedy=Text("请清除后重新上传，或另拍照片。", "Clean it and upload it again, or take a photograph."),
        )
    return using.name
