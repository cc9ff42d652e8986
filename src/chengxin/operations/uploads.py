"""Uploads (上传文件): a file is encrypted while it arrives, waits for the worker, and is deleted after some days."""

import contextlib
import hashlib
import os
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from chengxin.intake.uploads import encrypt_stream, open_encrypted
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import receipts, sources
from chengxin.operations.numbering import open_submission
from chengxin.storage.models import Submission

KEY_BYTES = 32
ENDINGS = (".csv", ".txt", ".xlsx", ".json", ".ndjson", ".jsonl", ".parquet")
"""File name endings the desk offers; what a file really is, is found by reading it."""


@dataclass(frozen=True)
class Stored:
    """A file that lies encrypted on disk: where, SHA-256 of the plain bytes (hex) and their number."""

    path: Path
    digest: str
    size: int


class Incoming:
    """A file on its way in (接收中的文件): chunks are pushed, only ciphertext is written.

    The stream cipher of ``intake.uploads`` pulls; a pipe and one thread turn pushing into pulling.
    """

    def __init__(self) -> None:
        folder = _folder() / "incoming"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / secrets.token_hex(16)
        self._digest = hashlib.sha256()
        self._size = 0
        self._error: BaseException | None = None
        reading, writing = os.pipe()
        self._pipe = os.fdopen(writing, "wb", buffering=1 << 20)
        self._thread = threading.Thread(target=self._encrypt, args=(reading,), daemon=True)
        self._thread.start()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises Refusal ``upload.disk`` when they cannot be stored."""
        self._digest.update(chunk)
        self._size += len(chunk)
        try:
            self._pipe.write(chunk)
        except BrokenPipeError:
            self._finish()

    def close(self) -> Stored:
        """End of the file. Raises Refusal ``upload.disk`` when it could not be stored whole."""
        self._finish()
        return Stored(self._path, self._digest.hexdigest(), self._size)

    def abandon(self) -> None:
        """Give the file up and remove what was written."""
        with contextlib.suppress(Refusal):
            self._finish()
        self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # the thread ended first and holds the reason
            self._pipe.close()
        self._thread.join()
        if self._error is not None:
            self._path.unlink(missing_ok=True)
            raise Refusal(
                "upload.disk",
                Text(
                    "文件没有保存下来：存储空间不足或不可写。",
                    "The file was not kept: the storage is full or read-only.",
                ),
                remedy=Text(
                    "没有任何一行进入平台。请联系信用中心，稍后重新上传。",
                    "Not one row was taken. Tell the credit centre and upload again later.",
                ),
            ) from self._error

    def _encrypt(self, reading: int) -> None:
        try:
            with os.fdopen(reading, "rb") as plain, open(self._path, "wb") as sealed:
                encrypt_stream(plain, sealed, upload_key())
                sealed.flush()
                os.fsync(sealed.fileno())
        except BaseException as error:
            self._error = error


def store(chunks: Iterable[bytes]) -> Stored:
    """Encrypt a file given as chunks of bytes. Raises Refusal ``upload.disk``."""
    incoming = Incoming()
    try:
        for chunk in chunks:
            incoming.write(chunk)
    except BaseException:
        incoming.abandon()
        raise
    return incoming.close()


def stored_of(file: "UploadedFile[Any]") -> Stored:
    """The encrypted file behind an uploaded one; encrypts it now when the upload handler of the web did not."""
    stored = getattr(file, "stored", None)
    return stored if isinstance(stored, Stored) else store(file.chunks())


def receive(
    *,
    stored: Stored,
    file_name: str,
    item: str,
    source: str,
    by: str = "",
    mapping: str = "",
    sheet: str = "",
    introduce: bool | None = None,
    parent: str | None = None,
) -> Submission:
    """Put a stored file into the queue (state ``received``) and give it its receipt number.

    ``introduce`` None means what the source is trusted with. ``parent`` is the receipt whose rows this file mends.
    Raises Refusal ``source.unknown``, ``upload.empty``, ``upload.parent`` (another source's or item's receipt).
    """
    try:
        trusted = sources.find(source)
        if parent:
            receipts.require_parent(parent, source=source, item=item)
    except Refusal:
        stored.path.unlink(missing_ok=True)
        raise
    if stored.size == 0:
        stored.path.unlink(missing_ok=True)
        raise Refusal(
            "upload.empty",
            Text("文件是空的（0 字节）。", "The file is empty (0 bytes)."),
            where=Text(file_name, file_name),
            remedy=Text("请打开原文件确认有内容，再上传。", "Open the file, check that it has content, upload again."),
        )
    submission = open_submission(
        received_at=timezone.now(),
        item=item,
        source=trusted,
        by=by,
        parent_id=parent or None,
        file_name=Path(file_name.replace("\\", "/")).name[:255],
        file_digest=stored.digest,
        file_size=stored.size,
        mapping=mapping,
        sheet=sheet,
        introduce=trusted.may_introduce if introduce is None else introduce,
        state="arriving",
    )
    kept = _folder() / submission.id
    stored.path.replace(kept)
    # queued only once the file is in its place, so that the worker never finds a number without a file
    Submission.objects.filter(id=submission.id).update(upload=str(kept), state="received")
    submission.refresh_from_db()
    return submission


def open_upload(submission: Submission) -> BinaryIO:
    """The plain bytes of a submission's file, seekable, decrypted in memory piece by piece.

    Raises Refusal ``upload.gone`` when the file was deleted after its time.
    """
    if not submission.upload or not Path(submission.upload).exists():
        raise Refusal(
            "upload.gone",
            Text("上传的文件已按期删除。", "The uploaded file has been deleted after its time."),
            where=Text(submission.id, submission.id),
            remedy=Text("请重新上传原文件。", "Upload the file again."),
        )
    return open_encrypted(Path(submission.upload), upload_key())


def upload_key() -> bytes:
    """The key for files at rest: 32 random bytes, made once, readable by the owner only."""
    path = Path(settings.HOME) / "keys" / "uploads"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"uploads.{os.getpid()}.{threading.get_ident()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(fresh, path)  # whoever is second keeps the first one's key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def mappings() -> list[Path]:
    """Mapping files (映射) this installation offers at the desk: HOME/mappings/*.yaml, by name."""
    return sorted((Path(settings.HOME) / "mappings").glob("*.yaml"))


def sweep(*, now: datetime | None = None) -> int:
    """Delete files whose time is over and what is left of broken transfers; returns how many.

    A file that still waits or runs is kept. Deleting the ciphertext is enough: nothing else holds the bytes.
    """
    limit = (now or timezone.now()) - timedelta(days=settings.UPLOAD_DAYS)
    gone = 0
    over = Submission.objects.exclude(upload="").exclude(state__in=["arriving", "received", "running"])
    for submission in over.filter(received_at__lt=limit):
        Path(submission.upload).unlink(missing_ok=True)
        Submission.objects.filter(id=submission.id).update(upload="")
        gone += 1
    for left in (_folder() / "incoming").glob("*"):
        if left.stat().st_mtime < (now or timezone.now()).timestamp() - 86400:
            left.unlink(missing_ok=True)
            gone += 1
    return gone


def _folder() -> Path:
    folder = Path(settings.HOME) / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
