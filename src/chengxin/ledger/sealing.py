"""Sealing (封存): item contents become nonces, digests and leaf hashes, a batch of rows at a time."""

import hashlib
import os
from collections.abc import Iterable

from chengxin.kernel.canonical import NONCE_BYTES
from chengxin.ledger.model import Batch


class Sealer:
    """Seals items of one batch. The loops are plain because OpenSSL does the work; numbers are in intake.md."""

    def __init__(self, batch: Batch) -> None:
        before, self._after = batch.leaf_parts()
        self._before = b"\x00" + before

    def seal(self, contents: Iterable[bytes | memoryview], count: int) -> tuple[bytes, bytes, bytes]:
        """For ``count`` canonical contents: their nonces (16 bytes each), digests and leaf hashes (32 each), in rows."""
        sha256 = hashlib.sha256
        before, after = self._before, self._after
        nonces = os.urandom(NONCE_BYTES * count)
        digests, leaves = [], []
        start = 0
        for content in contents:
            item = sha256(nonces[start : start + NONCE_BYTES])
            item.update(content)
            digest = item.digest()
            digests.append(digest)
            leaves.append(sha256(before + digest.hex().encode() + after).digest())
            start += NONCE_BYTES
        return nonces, b"".join(digests), b"".join(leaves)
