"""Deliveries (交付记录): which record went to whom, when and by which door. Anonymous reading is not written down.

A delivery is written before the answer leaves, in a transaction that holds the records against acts: whoever received a
record before an act is told of the act, and nobody is handed what has ended meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from chengxin.disclosure.withdrawn import block_of, key_of
from chengxin.records.fold import UNUSABLE
from chengxin.storage.models import Delivery, Recipient, WithdrawalKey

T = TypeVar("T")
_TRIES = 5

_STILL = """
SELECT k.id, r.seq, r.latest, r.source, r.item, i.nonce FROM record_key k JOIN record r ON r.seq = k.seq
JOIN ledger_item i ON i.seq = r.seq
WHERE k.id IN ({marks}) AND (r.marks & {unusable}) = 0 AND r.latest < %s
AND NOT EXISTS (SELECT 1 FROM record_act a WHERE a.record = r.seq AND a.seq >= %s)
ORDER BY r.seq {lock}
"""


@dataclass(frozen=True)
class Delivered:
    """One delivery as the desk and the subject see it."""

    recipient: str
    name: str
    at: datetime
    door: str
    version: int


def log_size() -> int:
    """How many entries the log has now; to be asked before records are read that are then handed over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def hand_over(recipient: Recipient, ids: Sequence[str], *, size: int, door: str) -> Mapping[str, str]:
    """Write down that these records (hex ids), read after the log had ``size`` entries, go to the recipient now.

    Returns record → withdrawal key as text. A record that changed since is neither written down nor in the answer, and
    must not be handed over.
    """
    if not ids:
        return {}
    given = {}
    with transaction.atomic():
        # rows are held until the delivery is committed: an act waits, and whoever notifies of it sees the delivery
        sql = _STILL.format(
            marks=", ".join(["%s"] * len(ids)),
            unusable=int(UNUSABLE),
            lock="FOR SHARE OF r" if connection.vendor == "postgresql" else "",
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*map(bytes.fromhex, ids), size, size])
            rows: list[Any] = cursor.fetchall()
        now = timezone.now()
        keys = {seq: (key_of(bytes(nonce)), source) for _, seq, _, source, _, nonce in rows}
        Delivery.objects.bulk_create(
            Delivery(recipient=recipient, record=seq, version=latest, size=size, at=now, door=door)
            for _, seq, latest, _, _, _ in rows
        )
        WithdrawalKey.objects.bulk_create(
            (WithdrawalKey(record=seq, key=key, source=source) for seq, (key, source) in keys.items()),
            ignore_conflicts=True,
        )
        for id, seq, _, source, item, _ in rows:
            given[bytes(id).hex()] = key_text(keys[seq][0], seq, block_of(source, item))
    return given


def delivering(
    recipient: Recipient | None, door: str, look: Callable[[], T], ids: Callable[[T], Sequence[str]]
) -> tuple[T, Mapping[str, str]]:
    """What ``look`` finds, handed over: looks again when a record changed between looking and handing over.

    Without a recipient nothing is written down. Raises RuntimeError when records change without end.
    """
    for _ in range(_TRIES):
        size = log_size() if recipient else 0
        found = look()
        if recipient is None:
            return found, {}
        wanted = ids(found)
        given = hand_over(recipient, wanted, size=size, door=door)
        if len(given) == len(set(wanted)):
            return found, given
    raise RuntimeError("records change faster than they can be read")


def key_text(key: bytes, first: int, block: str) -> str:
    """A withdrawal key as it goes along with a record: key in hex, number of the record's first entry, block."""
    return f"{key.hex()}.{first}.{block}"


def of_record(seq: int) -> list[Delivered]:
    """Every delivery of the record whose first entry has this number, in order."""
    rows = (
        Delivery.objects.filter(record=seq)
        .order_by("id")
        .values_list(*("recipient__code", "recipient__name", "at", "door", "version"))
    )
    return [Delivered(*row) for row in rows]
