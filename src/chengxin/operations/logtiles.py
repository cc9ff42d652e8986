"""Log tiles (日志哈希块): the log as stock clients read it, in the C2SP tlog-tiles layout.

``tile/<level>/<number>`` holds hashes, ``tile/entries/<number>`` the leaves themselves; both by 256, the last one partial. A leaf
tells nobody whom it is about, so all of it is public. Nothing is served beyond the published checkpoint.
"""

from collections.abc import Callable, Iterator, Mapping

from django.db import connection, transaction

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger.merkle import EMPTY_ROOT, HASH_BYTES, TILE_BYTES, TILE_WIDTH, Tree, leaf_hash
from chengxin.ledger.model import Batch
from chengxin.ledger.tiles import bundle
from chengxin.operations.publishing import AT_ONCE, published
from chengxin.storage import sequencing, tiles
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
    return bundle(_leaves(tile * TILE_WIDTH, tile * TILE_WIDTH + width))


def restore(progress: Callable[[int, int], None] | None = None) -> Mapping[str, object]:
    """Write every tile anew from the entries, for a store that has lost or changed some: ``{size, tiles}``.

    Nothing is written unless the entries lead to the root that was signed: else the tiles are the evidence. Raises Refusal
    ``log.entries-differ`` then. Appending waits meanwhile.
    """
    with transaction.atomic():
        session = sequencing.session()
        size = session.value("SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1") or 0
        root = session.value("SELECT root FROM ledger_batch ORDER BY first_seq DESC LIMIT 1") or EMPTY_ROOT.hex()
        found = EMPTY_ROOT
        for tree in _growing(size):
            tree.take_changed()
            found = tree.root()
        if found.hex() != root:
            raise _entries_differ(size)
        session.execute("DELETE FROM ledger_tile")
        edge: dict[tuple[int, int], bytes] = {}
        for tree in _growing(size):
            changed = tree.take_changed()
            full = {place: tile for place, tile in changed.items() if len(tile) == TILE_BYTES}
            tiles.store().put(full)
            edge = {place: tile for place, tile in (edge | dict(changed)).items() if place in tree.edge}
            if progress:
                progress(tree.size, size)
        for (level, number), tile in edge.items():
            session.execute("INSERT INTO ledger_tile (level, number, hashes) VALUES (?, ?, ?)", [level, number, tile])
    return {"size": size, "tiles": sum(size >> 8 * level for level in range(1, 8)) + len(edge)}


def _growing(size: int) -> Iterator[Tree]:
    """The tree made again from the entries, some thousand tiles further each time."""
    tree, step = Tree(0, lambda level, number: b""), AT_ONCE * TILE_WIDTH // 8
    for first in range(0, size, step):
        tree.append(b"".join(map(leaf_hash, _leaves(first, min(first + step, size)))))
        yield tree


def _entries_differ(size: int) -> Refusal:
    return Refusal(
        "log.entries-differ",
        Text(
            "按条目重算的根与签名的检查点不一致，没有重写任何哈希块",
            "the entries do not lead to the signed root; no tile was written",
        ),
        where=Text(f"前 {size} 条", f"the first {size} entries"),
        remedy=Text("请运行 chengxin log verify 找出被改动的条目", "chengxin log verify names the entry that differs"),
    )


def _leaves(first: int, end: int) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [first, end])
        for digest, *batch in cursor.fetchall():
            yield Batch(*batch).leaf(bytes(digest).hex())


def _check(tile: int, width: int, level: int) -> None:
    last = published()
    if not 1 <= width <= TILE_WIDTH or last is None or tile * TILE_WIDTH + width > last.size >> 8 * level:
        raise LookupError("the published log does not reach that far")
