"""A small log in memory: whichever byte of it is changed, the audit says so and says where."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chengxin.kernel.canonical import encode, item_digest
from chengxin.ledger import checkpoint
from chengxin.ledger.audit import Auditor, Row, SealedBatch, Witnessed
from chengxin.ledger.checkpoint import Checkpoint, Kind, LogKey, Signer
from chengxin.ledger.findings import KINDS, MOST
from chengxin.ledger.merkle import Tree, leaf_hash
from chengxin.ledger.model import Batch

ORIGIN = "lanzhou.example/log"
_PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEY = LogKey(ORIGIN, Kind.ED25519, _PRIVATE.public_key().public_bytes_raw())
SIZES = (3, 1, 300)
CHUNK = 64


@dataclass
class Log:
    rows: list[list[object]]
    batches: list[SealedBatch]
    tiles: dict[tuple[int, int], bytes]

    def audit(self, *, witnessed: tuple[Witnessed, ...] = ()) -> Auditor:
        auditor = Auditor(
            origin=ORIGIN,
            open_note=lambda note: checkpoint.opened(note, [KEY]),
            read_rows=self._read,
            read_tile=lambda level, number: self.tiles.get((level, number), b""),
            witnessed=witnessed,
        )
        for each in self.batches:
            auditor.batch(each)
        auditor.close()
        return auditor

    def found(self, **more: tuple[Witnessed, ...]) -> set[tuple[str, str]]:
        return {(each.kind, each.where) for each in self.audit(**more).findings.found}

    def _read(self, first: int, until: int) -> Iterator[list[Row]]:
        for start in range(first, until, CHUNK):
            rows = [tuple(row) for row in self.rows if start <= row[0] < min(start + CHUNK, until)]  # type: ignore[operator]
            yield rows  # type: ignore[misc]


@pytest.fixture(scope="module")
def sound() -> Log:
    rows: list[list[object]] = []
    tree, tiles, batches = Tree(0, lambda level, number: b""), {}, []
    for place, size in enumerate(SIZES):
        batch = Batch(f"R-20261122-{place + 1:04}", f"2026-11-22T0{place}:00:00Z", "11990100000000001X", "ab" * 32)
        first = tree.size
        for seq in range(first, first + size):
            content = encode({"act": "state", "record": f"{seq:032x}", "fields": {"CF_WSH": f"澜环罚〔2026〕{seq}号"}})
            nonce = seq.to_bytes(16, "big")
            digest = item_digest(nonce, content)
            rows.append([seq, nonce, content, digest, None])
            tree.append(leaf_hash(batch.leaf(digest.hex())))
        tiles.update(tree.take_changed())
        note = checkpoint.sign(Checkpoint(ORIGIN, tree.size, tree.root()), [Signer(KEY, _PRIVATE.sign)])
        batches.append(SealedBatch(batch, first, size, tree.root().hex(), note))
    return Log(rows, batches, tiles)


@pytest.fixture
def log(sound: Log) -> Log:
    return copy.deepcopy(sound)


def flipped(value: bytes, at: int) -> bytes:
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def test_an_untouched_log_is_sound(log: Log) -> None:
    auditor = log.audit()
    assert (auditor.findings.found, auditor.size) == ([], sum(SIZES))


@pytest.mark.parametrize("column", [1, 2, 3], ids=["nonce", "content", "digest"])
def test_every_byte_of_an_entry_counts(log: Log, column: int) -> None:
    kind = "entry.changed" if column == 3 else "item.changed"
    for seq in (1, 3, 200):
        whole: bytes = log.rows[seq][column]  # type: ignore[assignment]
        for at in range(len(whole)):
            log.rows[seq][column] = flipped(whole, at)
            assert log.found() == {(kind, str(seq))}, (seq, at)
        log.rows[seq][column] = whole


def test_every_byte_of_a_checkpoint_counts(log: Log) -> None:
    whole = log.batches[0]
    note = whole.note.encode()
    for at in range(len(note)):
        log.batches[0] = replace(whole, note=flipped(note, at).decode("utf-8", "replace"))
        kinds = {kind for kind, _ in log.found()}
        assert kinds & {"checkpoint.signature", "checkpoint.content"}, at
        assert not kinds & {"item.changed", "entry.changed", "tile.changed"}, at


def test_every_byte_of_a_tile_counts(log: Log) -> None:
    for place, whole in list(log.tiles.items()):
        for at in range(0, len(whole), 97):
            log.tiles[place] = flipped(whole, at)
            assert log.found() == {("tile.changed", f"{place[0]}/{place[1]}")}
        log.tiles[place] = whole


FIELDS: list[tuple[str, Callable[[SealedBatch], SealedBatch], str]] = [
    ("id", lambda each: replace(each, batch=replace(each.batch, id="R-20261122-9999")), "batch.changed"),
    ("at", lambda each: replace(each, batch=replace(each.batch, at="2026-11-23T00:00:00Z")), "batch.changed"),
    ("by", lambda each: replace(each, batch=replace(each.batch, by="11990100000000002X")), "batch.changed"),
    ("catalogue", lambda each: replace(each, batch=replace(each.batch, catalogue="cd" * 32)), "batch.changed"),
    ("first", lambda each: replace(each, first_seq=each.first_seq + 1), "batch.sequence"),
    ("size", lambda each: replace(each, size=each.size + 1), "batch.sequence"),
    ("root", lambda each: replace(each, root="0" * 64), "batch.root"),
    ("no root", lambda each: replace(each, root="none"), "batch.root"),
]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(("change", "kind"), [(change, kind) for _, change, kind in FIELDS], ids=[f[0] for f in FIELDS])
def test_every_field_of_a_batch_counts(
    log: Log, place: int, change: Callable[[SealedBatch], SealedBatch], kind: str
) -> None:
    log.batches[place] = change(log.batches[place])
    assert {found for found, _ in log.found()} == {kind}


def test_a_forged_act_is_named_even_with_a_digest_that_fits(log: Log) -> None:
    content = encode({"act": "withdraw", "record": f"{7:032x}"})
    log.rows[7][2:4] = [content, item_digest(log.rows[7][1], content)]  # type: ignore[arg-type]
    assert log.found() == {("entry.changed", "7")}


def test_whoever_rewrites_entries_and_tiles_alike_fails_at_the_signature(log: Log) -> None:
    content = encode({"act": "withdraw", "record": f"{7:032x}"})
    digest = item_digest(log.rows[7][1], content)  # type: ignore[arg-type]
    log.rows[7][2:4] = [content, digest]
    leaf = leaf_hash(log.batches[2].batch.leaf(digest.hex()))
    tile = log.tiles[0, 0]
    log.tiles[0, 0] = tile[: 7 * 32] + leaf + tile[8 * 32 :]
    assert ("batch.rewritten", "R-20261122-0003") in log.found()


def test_dropped_repeated_and_swapped_entries_are_told_apart(log: Log) -> None:
    whole = copy.deepcopy(log.rows)
    del log.rows[40:43]
    assert log.found() == {("entry.missing", "40–42")}
    log.rows = copy.deepcopy(whole)
    log.rows[41][1:4] = log.rows[40][1:4]
    assert log.found() == {("entry.changed", "41")}
    log.rows = copy.deepcopy(whole)
    log.rows[40][1:4], log.rows[41][1:4] = whole[41][1:4], whole[40][1:4]
    assert log.found() == {("entry.changed", "40–41")}
    log.rows = whole
    del log.batches[1]
    assert log.found() == {("batch.missing", "3–3")}


def test_an_old_backup_and_a_fork_do_not_pass_for_the_log(log: Log) -> None:
    last = log.batches[-1]
    signed = Witnessed(304, last.root, "log-seen")
    assert log.found(witnessed=(signed,)) == set()
    assert log.found(witnessed=(replace(signed, root="0" * 64),)) == {("log.forked", "304 (log-seen)")}
    assert log.found(witnessed=(replace(signed, size=100),)) == {("log.forked", "100 (log-seen)")}
    del log.batches[-1]
    del log.rows[4:]
    assert ("log.behind", "4 < 304 (log-seen)") in log.found(witnessed=(signed,))


def test_erased_items_are_accounted_for(log: Log) -> None:
    log.rows[5][1:3], log.rows[5][4] = [None, None], 99
    log.rows[6][1:3] = [None, None]
    log.rows[7][4] = 99
    auditor = log.audit()
    assert auditor.erased == {99: {5}}
    assert {(each.kind, each.where) for each in auditor.findings.found} == {
        ("item.missing", "6"),
        ("item.returned", "7"),
    }


def test_a_wholly_spoilt_log_is_told_in_few_lines(log: Log) -> None:
    for row in log.rows:
        row[1] = b"\xff" * 16
    assert log.found() == {("item.changed", "0–2"), ("item.changed", "3"), ("item.changed", "4–303")}
    for row in log.rows[::2]:
        row[1] = b"\xff" * 15 + b"\x01"
    assert len(log.audit().findings.found) <= MOST


def test_every_kind_of_finding_says_what_to_do_in_both_languages() -> None:
    for what, remedy in KINDS.values():
        assert all((what.zh, what.en, remedy.zh, remedy.en))
