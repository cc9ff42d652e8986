"""Ledger (信用账本) values: a leaf of the log says who, when, in which batch, under which catalogue — and a digest.

What was done, to which record, about whom, lies in the item behind its nonce. So a leaf tells nobody whom it is
about, and content can be erased while every proof still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chengxin.kernel.canonical import encode

LEAF_VERSION = "1"


@dataclass(frozen=True)
class Batch:
    """批次: what the entries of one submission have in common.

    ``id`` receipt number, ``at`` UTC time in ISO 8601 with seconds, ``by`` code of the submitting organisation,
    ``catalogue`` hex digest of the catalogue in force.
    """

    id: str
    at: str
    by: str
    catalogue: str

    def leaf(self, digest_hex: str) -> bytes:
        """The canonical leaf of the entry whose item has this digest (64 hex characters)."""
        return encode(self._fields(digest_hex))

    def leaf_parts(self) -> tuple[bytes, bytes]:
        """What stands before and after the digest in each of the batch's leaves, for writing them in bulk."""
        mark = "\N{REPLACEMENT CHARACTER}"
        before, after = encode(self._fields(mark)).split(mark.encode())
        return before, after

    def _fields(self, digest_hex: str) -> Mapping[str, str]:
        return {
            "v": LEAF_VERSION,
            "at": self.at,
            "by": self.by,
            "batch": self.id,
            "catalogue": self.catalogue,
            "item": digest_hex,
        }
