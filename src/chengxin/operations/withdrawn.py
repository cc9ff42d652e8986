"""Withdrawal set (撤回集), published: a full file now and then, small deltas between, each signed with the log's key.

In the set is what an act forbids to hand out (``records.fold.UNUSABLE``). That a term is over is not in it: every record
carries its term. Files are only ever added; the list of them is what the platform serves.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.disclosure import withdrawn, withdrawn_delta
from chengxin.disclosure.withdrawn import KEY_BYTES, Block, Keys, as_keys, key_of
from chengxin.disclosure.withdrawn_delta import Delta
from chengxin.operations import logkey
from chengxin.operations.deliveries import log_size
from chengxin.records.fold import UNUSABLE, Done, marks
from chengxin.records.model import Act
from chengxin.storage.models import RecordAct, WithdrawalKey

NOTE = "/withdrawn"
EVERY, FULL_EVERY = timedelta(hours=6), timedelta(days=7)
_SPAN = 50_000
_PIECE = 1 << 20


@dataclass(frozen=True)
class Published:
    """One file (撤回集文件): ``full`` or ``delta``, entries of the log it covers, SHA-256 (hex) and the signed note over length
    and digest."""

    name: str
    kind: str
    since: int
    until: int
    at: str
    size: int
    digest: str
    note: str


def files() -> list[Published]:
    """The newest full file and the deltas after it, in order; nothing before the first publication."""
    path = _folder() / "list.json"
    return [Published(**each) for each in json.loads(path.read_text())] if path.exists() else []


def file(name: str) -> bytes | None:
    """A published file by its name, earlier ones included; None when there is none."""
    path = _folder() / name
    if not name.endswith(".bin") or Path(name).name != name or not path.is_file():
        return None
    return path.read_bytes()


def publish(*, full: bool = False, now: datetime | None = None) -> Published | None:
    """Publish what changed since the last time; a new full file where asked for, where there is none, or the last is old.

    None when nothing was entered since.
    """
    moment, held, size = now or timezone.now(), files(), log_size()
    if not full and held and held[-1].until == size:
        return None
    if full or not held or moment - datetime.fromisoformat(held[0].at) >= FULL_EVERY:
        made = _write("full", size, size, _full(size, moment), moment)
        _list([made])
    else:
        since = held[-1].until
        added, removed = _changed(since, size)
        delta = Delta(held[0].until, since, size, withdrawn_delta.prefixes(added), withdrawn_delta.prefixes(removed))
        made = _write("delta", since, size, delta.to_bytes(), moment)
        _list([*held, made])
    return made


def publish_due(*, now: datetime | None = None) -> Published | None:
    """Publish when six hours have passed since the last time. Run by the worker."""
    moment, held = now or timezone.now(), files()
    due = not held or moment - datetime.fromisoformat(held[-1].at) >= EVERY
    return publish(now=moment) if due else None


def _full(size: int, now: datetime) -> bytes:
    """The set over all records stated below ``size``. Keys go through files, one a block: memory holds one piece each."""
    folder = _folder() / "making"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    about = {"origin": settings.LOG_ORIGIN, "size": str(size), "at": _text(now)}
    made = withdrawn.build(_blocks(_all_keys(size), folder), about).to_bytes()
    shutil.rmtree(folder)
    return made


def _blocks(keys: Iterable[tuple[str, bytes, bool]], folder: Path) -> list[Block]:
    """The keys by block: members in memory, all others in files, to which they are written by the million."""
    members: dict[str, bytearray] = {}
    others: dict[str, bytearray] = {}
    places: dict[str, Path] = {}

    def write() -> None:
        for name, held in others.items():
            with places.setdefault(name, folder / str(len(places))).open("ab") as out:
                out.write(held)
        others.clear()

    for number, (name, key, gone) in enumerate(keys, start=1):
        (members if gone else others).setdefault(name, bytearray()).extend(key)
        if number % _PIECE == 0:
            write()
    write()
    blocks = []
    for name in sorted(members.keys() | places.keys()):
        mine, path = as_keys([bytes(members.pop(name, b""))]), places.get(name)
        stay = path.stat().st_size // KEY_BYTES if path else 0
        blocks.append(Block(name, len(mine) + stay, mine, _Others(path)))
    return blocks


@dataclass(frozen=True)
class _Others:
    """The keys of a block's other records, read in pieces."""

    path: Path | None

    def __call__(self) -> Iterable[Keys]:
        if self.path is None:
            return
        with self.path.open("rb") as source:
            while piece := source.read(_PIECE * KEY_BYTES):
                yield np.frombuffer(piece, "<u8").reshape(-1, 2)


_KEYS = """
SELECT r.source, r.item, i.nonce, r.marks FROM record r JOIN ledger_item i ON i.seq = r.seq
WHERE r.seq >= %s AND r.seq < %s AND r.source <> '' ORDER BY r.seq
"""
_ERASED = """
SELECT w.source, r.item, w.key FROM withdrawal_key w JOIN record r ON r.seq = w.record
WHERE r.withheld = 'erased' AND w.record >= %s AND w.record < %s
"""


def _all_keys(size: int) -> Iterator[tuple[str, bytes, bool]]:
    """Block, key and whether it is in the set, of every record; of erased ones those that were delivered."""
    unusable = int(UNUSABLE)
    for start in range(0, size, _SPAN):
        span = [start, min(start + _SPAN, size)]
        for source, item, nonce, found in _rows(_KEYS, span):
            yield withdrawn.block_of(source, item), key_of(bytes(nonce)), bool(found & unusable)
        for source, item, key in _rows(_ERASED, span):
            yield withdrawn.block_of(source, item), bytes(key), True


def _changed(since: int, until: int) -> tuple[list[bytes], list[bytes]]:
    """Keys that came into the set and that left it by the acts in ``[since, until)``."""
    touched = RecordAct.objects.filter(seq__gte=since, seq__lt=until, act__in=[act.value for act in Act])
    records = sorted(set(touched.values_list("record", flat=True)))
    added: list[bytes] = []
    removed: list[bytes] = []
    for start in range(0, len(records), 1000):
        part = records[start : start + 1000]
        done: dict[int, list[Done]] = {record: [] for record in part}
        for record, seq, act, day in (
            RecordAct.objects.filter(record__in=part, seq__lt=until)
            .order_by("record", "seq")
            .values_list("record", "seq", "act", "day")
        ):
            done[record].append(Done(seq, Act(act), day))
        keys = _keys_of(part)
        for record, acts in done.items():
            before = marks(each for each in acts if each.seq < since) & UNUSABLE
            now = marks(acts) & UNUSABLE
            if record in keys and bool(before) != bool(now):
                (added if now else removed).append(keys[record])
    return added, removed


def _keys_of(records: list[int]) -> Mapping[int, bytes]:
    held = dict(WithdrawalKey.objects.filter(record__in=records).values_list("record", "key"))
    marks_ = ", ".join(["%s"] * len(records))
    found = {
        seq: key_of(bytes(nonce))
        for seq, nonce in _rows(f"SELECT seq, nonce FROM ledger_item WHERE seq IN ({marks_})", records)
    }
    return {**{record: bytes(key) for record, key in held.items()}, **found}


def _write(kind: str, since: int, until: int, data: bytes, now: datetime) -> Published:
    digest = hashlib.sha256(data).digest()
    name = f"{kind}-{until}-{digest.hex()[:12]}.bin"
    path = _folder() / name
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
    note = logkey.signed(len(data), digest, NOTE)
    return Published(name, kind, since, until, _text(now), len(data), digest.hex(), note)


def _list(held: list[Published]) -> None:
    part = _folder() / "list.part"
    part.write_text(json.dumps([asdict(each) for each in held], indent=1))
    part.replace(_folder() / "list.json")


def _rows(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
    return found


def _folder() -> Path:
    folder = Path(settings.HOME) / "withdrawn"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
