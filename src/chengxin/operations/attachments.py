"""Attachments (办件附件): checked by content, scanned, encrypted, kept under their digest, given only to those in the case."""

import hashlib
import io
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from chengxin.cases import attachments as kinds
from chengxin.intake.uploads import encrypt_stream, open_encrypted
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import scanning
from chengxin.operations.shredding import shred
from chengxin.operations.uploads import stored_of, upload_key
from chengxin.storage.models import Attachment, Authorisation

SIGNED = "text/plain; charset=utf-8"
"""Media type of what was signed on the page: its text."""


@dataclass(frozen=True)
class Given:
    """A paper handed in (提交的材料): which paper of the workflow, the file's name and bytes."""

    paper: str
    name: str
    data: bytes
    signed: bool = False


@dataclass(frozen=True)
class Sealed:
    """A file that was checked and lies encrypted (已存材料): media type, what scanned it, SHA-256 of the plain bytes (hex)."""

    media_type: str
    scanned: str
    digest: str


def seal(given: Given) -> Sealed:
    """Check, scan and encrypt a file; the same bytes are kept once.

    Raises Refusal ``attachment.*``; see ``cases.attachments.kind`` and ``scanning.scanned``.
    """
    media_type = SIGNED if given.signed else kinds.kind(given.data).media_type
    scanned = "signed" if given.signed else scanning.scanned(given.data)
    digest = hashlib.sha256(given.data).hexdigest()
    _write(digest, given.data)
    return Sealed(media_type, scanned, digest)


def keep(case: str, given: Given, *, by: str, at: datetime) -> Attachment:
    """Check, scan and keep a file of a case. Raises as ``seal``."""
    sealed = seal(given)
    return Attachment.objects.create(
        case_id=case,
        paper=given.paper,
        name=Path(given.name.replace("\\", "/")).name[:255],
        media_type=sealed.media_type,
        size=len(given.data),
        digest=sealed.digest,
        scanned=sealed.scanned,
        at=at,
        by=by,
    )


def of_upload(file: "UploadedFile[Any]", paper: str) -> Given:
    """A paper out of a form: the upload handler has encrypted it already. Raises Refusal ``attachment.size``."""
    stored = stored_of(file)
    if stored.size > kinds.MAX_BYTES:
        raise kinds.too_large()
    with open_encrypted(stored.path, upload_key()) as stream:
        return Given(paper, file.name or paper, stream.read())


def content(attachment: Attachment) -> bytes:
    """The plain bytes of a paper. Raises as ``opened``."""
    return opened(attachment.digest, attachment.name)


def opened(digest: str, name: str) -> bytes:
    """The plain bytes of a sealed file. Raises Refusal ``attachment.gone`` when erased, ``upload.damaged`` when changed."""
    path = _place(digest)
    if not path.exists():
        raise Refusal(
            "attachment.gone",
            Text("文件已依法删除。", "The file has been erased."),
            where=Text(name, name),
            remedy=Text("办理经过中仍有记载。", "The case still says that it was there."),
        )
    with open_encrypted(path, upload_key()) as stream:
        data = stream.read()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"file {digest} is not what was handed in")
    return data


def forget(case: str) -> int:
    """Erase the papers of a case once the transaction holds; bytes that another case has too stay. Returns the rows."""
    rows = list(Attachment.objects.filter(case_id=case))
    Attachment.objects.filter(case_id=case).delete()
    for digest in {row.digest for row in rows}:
        if not _needed(digest):
            transaction.on_commit(partial(shred, _place(digest)))
    return len(rows)


def _needed(digest: str) -> bool:
    return Attachment.objects.filter(digest=digest).exists() or Authorisation.objects.filter(letter=digest).exists()


def _write(digest: str, data: bytes) -> None:
    path = _place(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{digest}.{secrets.token_hex(4)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sealed:
        encrypt_stream(io.BytesIO(data), sealed, upload_key())
        sealed.flush()
        os.fsync(sealed.fileno())
    fresh.replace(path)


def _place(digest: str) -> Path:
    return Path(settings.HOME) / "attachments" / digest[:2] / digest
