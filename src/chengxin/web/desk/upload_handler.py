"""Upload handler (上传接收): a file is encrypted chunk by chunk while it arrives; no plain copy touches the disk."""

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations.uploads import Incoming, Stored

MAX_BYTES = 4 << 30
"""Largest file taken through the browser where the setting UPLOAD_MAX_BYTES does not say otherwise."""


REFUSED = "upload_refused"
"""Attribute of the request that says why a file was not taken."""


class EncryptedUpload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs only
    """An uploaded file that lies encrypted; ``stored`` says where. Its content is read through operations.uploads."""

    def __init__(self, name: str, content_type: str, stored: Stored) -> None:
        super().__init__(io.BytesIO(), name, content_type, stored.size)
        self.stored = stored

    def close(self) -> None:
        """End of the request: what no submission took over is removed."""
        super().close()
        self.stored.path.unlink(missing_ok=True)


class EncryptingUploadHandler(FileUploadHandler):
    """Takes files from people who are signed in or carry an API token; from others the bytes are read and dropped."""

    incoming: Incoming | None = None
    taken = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        token = self.request is not None and "HTTP_AUTHORIZATION" in self.request.META
        known = (user is not None and user.is_authenticated) or token
        if not known:
            raise SkipFile
        self.incoming, self.taken = Incoming(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.incoming is None:
            return raw_data
        self.taken += len(raw_data)
        limit = getattr(settings, "UPLOAD_MAX_BYTES", MAX_BYTES)
        if self.taken > limit:
            self._refuse(
                Refusal(
                    "upload.too-large",
                    Text(f"文件超过 {limit >> 20} MB。", f"The file is larger than {limit >> 20} MB."),
                    remedy=Text(
                        "请拆分后分次上传，或由信用中心导入。", "Split it, or let the credit centre import it."
                    ),
                )
            )
        try:
            self.incoming.write(raw_data)
        except Refusal as refusal:
            self._refuse(refusal)
        return None

    def file_complete(self, file_size: int) -> EncryptedUpload | None:
        if self.incoming is None:
            return None
        try:
            stored = self.incoming.close()
        except Refusal as refusal:
            self._refuse(refusal)
        finally:
            self.incoming = None
        return EncryptedUpload(self.file_name or "", self.content_type or "", stored)

    def upload_interrupted(self) -> None:
        self._abandon()

    def _refuse(self, refusal: Refusal) -> None:
        """Remember why on the request, for the view to say, and read the rest of the body without keeping it."""
        self._abandon()
        setattr(self.request, REFUSED, refusal)
        raise StopUpload(connection_reset=False)

    def _abandon(self) -> None:
        if self.incoming is not None:
            self.incoming.abandon()
            self.incoming = None
