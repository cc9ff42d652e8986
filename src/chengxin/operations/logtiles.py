"""Log tiles (日志哈希块): the log as stock clients read it, in the C2SP tlog-tiles layout.

``tile/<level>/<number>`` holds hashes, ``tile/entries/<number>`` the leaves themselves; both by 256, the last one partial. A leaf
tells nobody whom it is about, so all of it is public. Nothing is served beyond the published checkpoint.
"""

from django.db import connection

from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH
from chengxin.ledger.model import Batch
from chengxin.ledger.tiles import bundle
from chengxin.operations.publishing import published
from chengxin.storage.tiles import read as read

_ENTRIES = """
SELECT e.digest, b.id, b.at, b.by, b.catalogue
FROM ledger_entry e
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= e.seq)
WHERE e.seq >= %s AND e.seq < %s ORDER BY e.seq
"""


def hashes(level: int, tile: int, width: int = TILE_WIDTH) -> bytes:
    """The first ``width`` hashes of a tile. LookupError when the published log does not have them."""
    _check(tile, width, level)
    found = read(level, tile)[: width * HASH_BYTES]
    if len(found) != width * HASH_BYTES:
        raise LookupError(f"tile {level}/{tile} is not where it should be")
    return found


def entries(tile: int, width: int = TILE_WIDTH) -> bytes:
    """A bundle of leaves, as ``hashes``. LookupError when the published log does not have it."""
    _check(tile, width, 0)
    first = tile * TILE_WIDTH
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [first, first + width])
        return bundle(Batch(*batch).leaf(bytes(digest).hex()) for digest, *batch in cursor.fetchall())


def _check(tile: int, width: int, level: int) -> None:
    last = published()
    if last is None or tile * TILE_WIDTH + width > last.size >> 8 * level:
        raise LookupError("the published log does not reach that far")
