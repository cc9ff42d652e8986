"""Uploads at rest (上传文件加密存放): a file is encrypted while it arrives and read without plaintext on disk.

File form: ``CXU1`` · 16 bytes salt · chunks. Each file has its own key (HKDF-SHA256 of the installation's key and the
salt); each chunk of 256 KiB is AES-256-GCM with its number and a mark on the last one as nonce, so that chunks can
be read in any order, and a chunk that is changed, moved or cut off is noticed.
"""

import io
import os
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

KEY_BYTES = 32
CHUNK = 256 * 1024
_MAGIC = b"CXU1"
_SALT = 16
_HEAD = len(_MAGIC) + _SALT
_TAG = 16


def encrypt_stream(src: BinaryIO, dst: BinaryIO, key: bytes) -> int:
    """Encrypt all of ``src`` into ``dst`` under ``key`` (32 bytes); returns the number of plain bytes.

    Memory: two chunks. ``src`` may be a pipe. Raises ValueError for a key of another length.
    """
    salt = os.urandom(_SALT)
    cipher = _cipher(key, salt)
    dst.write(_MAGIC + salt)
    total = number = 0
    chunk = _full(src)
    while True:
        following = _full(src) if len(chunk) == CHUNK else b""
        dst.write(cipher.encrypt(_nonce(number, last=not following), chunk, _MAGIC))
        total += len(chunk)
        if not following:
            return total
        chunk, number = following, number + 1


def open_encrypted(path: Path, key: bytes) -> BinaryIO:
    """The plain content of an encrypted file as a seekable stream; nothing is written anywhere.

    Raises Refusal ``upload.damaged`` when it is no such file, was cut off or changed, or the key is another one;
    for changed content when that part is read.
    """
    return io.BufferedReader(_Decrypted(path, key), CHUNK)


class _Decrypted(io.RawIOBase):
    def __init__(self, path: Path, key: bytes) -> None:
        self._file = path.open("rb")
        head = self._file.read(_HEAD)
        body = path.stat().st_size - _HEAD
        self._chunks = -(-body // (CHUNK + _TAG))
        self._size = body - self._chunks * _TAG
        if not head.startswith(_MAGIC) or body < _TAG or self._size < 0:
            self._file.close()
            raise _damaged()
        self._cipher = _cipher(key, head[len(_MAGIC) :])
        self._at = 0
        self._number = -1
        self._chunk = b""
        try:
            self._load(self._chunks - 1)
        except Refusal:
            self._file.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, CHUNK)
        self._load(number)
        part = self._chunk[inside : inside + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(_HEAD + number * (CHUNK + _TAG))
        sealed = self._file.read(CHUNK + _TAG)
        try:
            self._chunk = self._cipher.decrypt(_nonce(number, last=number == self._chunks - 1), sealed, _MAGIC)
        except InvalidTag:
            raise _damaged() from None
        self._number = number


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"chengxin upload").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _full(src: BinaryIO) -> bytes:
    """One whole chunk, less only at the end: a pipe hands over what it has at the moment."""
    parts: list[bytes] = []
    left = CHUNK
    while left and (part := src.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _damaged() -> Refusal:
    return Refusal(
        "upload.damaged",
        Text(
            "存放的上传文件已损坏或密钥不符，无法读取。",
            "The stored upload is damaged or belongs to another key; it cannot be read.",
        ),
        basis="docs/reference/formats.md",
        remedy=Text("请重新上传原文件。", "Upload the original file again."),
    )
