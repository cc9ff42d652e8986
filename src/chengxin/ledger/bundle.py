"""Proof file (证明文件): everything a stranger needs to check an entry of the log, as one file; ``verify.py`` reads it.

``chengxin-proof-v1`` is JSON: ``checkpoint`` (signed note with cosignatures), ``keys`` and ``witnesses`` (public keys as
published, for comparison only), ``entries`` (each ``index``, ``leaf``, ``leaf_hash``, ``path``, and ``content`` with
``nonce`` where they may be given) and, on a receipt, ``earlier`` (the receipt's own checkpoint and the ``path`` that shows
that the log has only grown since). Hashes, nonces and paths are base64. The same entry as a C2SP ``.tlog-proof`` is for
stock clients.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chengxin.kernel.text import Text
from chengxin.ledger.verify import PROOF, SPLIT, leaf_hash

ABOUT = Text(
    "公共信用信息日志的证明文件。用 verify.py 离线核验：python verify.py 本文件 --key 日志公钥",
    "Proof from the log of public credit information. Check it offline: python verify.py FILE --key LOG-KEY",
)
WITHHELD = Text(
    "内容含依法不公开的数据项，本文件只含条目",
    "the content has fields that are not public by law; this file holds the leaf only",
)


@dataclass(frozen=True)
class Proven:
    """An entry with its way to the root. ``content`` (canonical JSON) and ``nonce`` are None where they are withheld."""

    index: int
    leaf: bytes
    path: Sequence[bytes]
    content: str | None = None
    nonce: bytes | None = None


def proof(
    *,
    note: str,
    keys: Sequence[str],
    witnesses: Sequence[str],
    entries: Sequence[Proven],
    earlier: tuple[str, Sequence[bytes]] | None = None,
) -> Mapping[str, object]:
    """The proof file as plain values; ``earlier`` is an older note and the consistency proof from it."""
    file: dict[str, object] = {
        "format": PROOF,
        "about": ABOUT.to_dict(),
        "keys": list(keys),
        "witnesses": list(witnesses),
        "checkpoint": note,
        "entries": [_entry(each) for each in entries],
    }
    if earlier is not None:
        file["earlier"] = {"checkpoint": earlier[0], "path": texts(earlier[1])}
    return file


def split(*, first: str, second: str, path: Sequence[bytes], keys: Sequence[str]) -> Mapping[str, object]:
    """Evidence of a split view: two signed notes, and for two sizes the path that contradicts (``verify.roots_from``)."""
    return {"format": SPLIT, "keys": list(keys), "first": first, "second": second, "path": texts(path)}


def tlog_proof(note: str, index: int, path: Sequence[bytes]) -> str:
    """The same for one entry in the form of C2SP tlog-proof."""
    return "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *texts(path), "", note])


def texts(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as base64."""
    return [base64.b64encode(each).decode() for each in hashes]


def _entry(proven: Proven) -> Mapping[str, object]:
    told: dict[str, object] = {
        "index": proven.index,
        "leaf": proven.leaf.decode(),
        "leaf_hash": base64.b64encode(leaf_hash(proven.leaf)).decode(),
        "path": texts(proven.path),
        "content": proven.content,
        "nonce": base64.b64encode(proven.nonce).decode() if proven.nonce is not None else None,
    }
    if proven.content is None:
        told["withheld"] = WITHHELD.to_dict()
    return told
