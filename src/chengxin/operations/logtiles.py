"""Log tiles (日志哈希块): the log as stock clients read it, in the C2SP tlog-tiles layout.

``tile/<level>/<number>`` holds hashes, ``tile/entries/<number>`` the leaves themselves, each after its length in two
bytes; both by 256, the last one partial. A leaf tells nobody whom it is about, so all of it is public. Nothing is served
beyond the last signed checkpoint: a batch, its tiles and its checkpoint are stored together or not at all.
"""

import re

from django.db import connection

from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH
from chengxin.ledger.model import Batch
from chengxin.storage.models import LedgerBatch, LedgerTile

_NUMBER = re.compile(r"(?:x\d{3}/)*\d{3}")
_ENTRIES = """
SELECT e.digest, b.id, b.at, b.by, b.catalogue
FROM ledger_entry e
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= e.seq)
WHERE e.seq >= %s AND e.seq < %s ORDER BY e.seq
"""


def number(text: str) -> int:
    """The number a path such as ``x001/x234/067`` means; ValueError when it is none."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"no tile number: {text}")
    return int(text.replace("x", "").replace("/", ""))


def size() -> int:
    """Entries under the last checkpoint."""
    last = LedgerBatch.objects.order_by("-first_seq").values_list("first_seq", "size").first()
    return sum(last) if last else 0


def hashes(level: int, tile: int, width: int | None) -> bytes:
    """A tile of hashes: full (``width`` None) or its first ``width`` hashes. LookupError when the log does not have it."""
    _check(tile, width, size() >> (8 * level))
    found = LedgerTile.objects.filter(level=level, number=tile).values_list("hashes", flat=True).first()
    return bytes(found or b"")[: (width or TILE_WIDTH) * HASH_BYTES]


def entries(tile: int, width: int | None) -> bytes:
    """A bundle of leaves, as ``hashes``. LookupError when the log does not have it."""
    _check(tile, width, size())
    first = tile * TILE_WIDTH
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [first, first + (width or TILE_WIDTH)])
        leaves = [Batch(*batch).leaf(bytes(digest).hex()) for digest, *batch in cursor.fetchall()]
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def _check(tile: int, width: int | None, count: int) -> None:
    if width is not None and not 0 < width < TILE_WIDTH:
        raise LookupError("a partial tile has 1 to 255 elements")
    if tile * TILE_WIDTH + (width or TILE_WIDTH) > count:
        raise LookupError("the log does not reach that far")
