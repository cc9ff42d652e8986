"""Notifications (变动通知): whoever received a record is told of every act on it, once, and confirms.

Made from the delivery log and the acts in the order of the log; asked for, pushed (``operations.webhooks``) or mailed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from chengxin.kernel.text import Text
from chengxin.operations.deliveries import log_size
from chengxin.records.fold import EFFECTS
from chengxin.records.model import Act
from chengxin.records.words import NAMES
from chengxin.storage.models import LedgerItem, Notification, NotifiedUpTo, Recipient, Record

CORRECT = "correct"
CORRECTED = Text("内容更正", "content corrected")
SILENT = frozenset({Act.CONFIRM, Act.STATE})
"""Acts that change nothing for who holds the record; a new statement is told as a correction."""
MOST = 1000

_MAKE = """
INSERT INTO notification (recipient_id, seq, record, act, made_at, told_at, channel, acknowledged_at, acknowledged_by)
SELECT DISTINCT d.recipient_id, a.seq, a.record, a.act, {now}, {none}, '', {none}, ''
FROM ({acts}) a JOIN delivery d ON d.record = a.record AND d.size <= a.seq
WHERE true ON CONFLICT DO NOTHING
"""
_ACTS = f"""
SELECT record, seq, act FROM record_act WHERE act IN ({", ".join(f"'{act}'" for act in EFFECTS if act not in SILENT)})
AND seq >= %s AND seq < %s
UNION ALL SELECT record, seq, '{CORRECT}' FROM record_act WHERE act = '{Act.STATE}' AND seq >= %s AND seq < %s
UNION ALL SELECT record, seq, '{CORRECT}' FROM record_version v WHERE seq >= %s AND seq < %s
AND NOT EXISTS (SELECT 1 FROM record_act a WHERE a.record = v.record AND a.seq = v.seq)
"""
"""What is to be told of entries in a span, each once: one that brings a record back is an act and a new version of it."""


@dataclass(frozen=True)
class Told:
    """One notification as its recipient reads it (通知): entry, record (hex id), act and what it is called, and for a
    withdrawal what was made public with it (``said``)."""

    entry: int
    record: str
    act: str
    title: Text
    said: Mapping[str, str]
    made_at: datetime
    told_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Late:
    """A recipient that has not confirmed in time (逾期未确认): how many, since when."""

    code: str
    name: str
    open: int
    oldest: datetime


def make(*, now: datetime | None = None) -> int:
    """Notify of everything entered since the last time; returns up to which entry. Twice does nothing twice."""
    size = log_size()
    if NotifiedUpTo.objects.filter(id=1, seq__gte=size).exists():
        return size
    with transaction.atomic():
        NotifiedUpTo.objects.get_or_create(id=1, defaults={"seq": 0})
        mark = NotifiedUpTo.objects.select_for_update().get(id=1)
        size = log_size()
        if mark.seq < size:
            postgresql = connection.vendor == "postgresql"
            none, moment = ("CAST(NULL AS timestamptz)", "CAST(%s AS timestamptz)") if postgresql else ("NULL", "%s")
            at, span = connection.ops.adapt_datetimefield_value(now or timezone.now()), [mark.seq, size]
            with connection.cursor() as cursor:
                cursor.execute(_MAKE.format(now=moment, none=none, acts=_ACTS), [at, *span, *span, *span])
            mark.seq = size
            mark.save()
    return size


def waiting(recipient: Recipient, *, after: int = -1, limit: int = MOST, until: int | None = None) -> list[Told]:
    """What the recipient has not confirmed yet, in the order of the log; being read here counts as being told."""
    rows = Notification.objects.filter(recipient=recipient, acknowledged_at__isnull=True, seq__gt=after)
    if until is not None:
        rows = rows.filter(seq__lte=until)
    found = list(rows.order_by("seq")[:limit])
    return _told(found)


def between(recipient: Recipient, since: int, until: int, limit: int) -> list[Told]:
    """Notifications about entries ``[since, until)``, confirmed or not, in order."""
    rows = Notification.objects.filter(recipient=recipient, seq__gte=since, seq__lt=until)
    return _told(list(rows.order_by("seq")[:limit]))


def untold(recipient: Recipient, limit: int) -> list[Told]:
    """What has not reached the recipient on any way yet, in order."""
    return _told(list(Notification.objects.filter(recipient=recipient, told_at__isnull=True).order_by("seq")[:limit]))


def reached(recipient: Recipient, entries: Iterable[int], channel: str, *, now: datetime | None = None) -> int:
    """Write down that the recipient was told about these entries; the first time stands."""
    rows = Notification.objects.filter(recipient=recipient, seq__in=list(entries), told_at__isnull=True)
    return rows.update(told_at=now or timezone.now(), channel=channel)


def acknowledge(recipient: Recipient, entries: Sequence[int], *, by: str, now: datetime | None = None) -> int:
    """The recipient confirms that it has done what follows from these entries; returns how many were open."""
    moment = now or timezone.now()
    with transaction.atomic():
        reached(recipient, entries, by, now=moment)
        rows = Notification.objects.filter(recipient=recipient, seq__in=list(entries), acknowledged_at__isnull=True)
        return rows.update(acknowledged_at=moment, acknowledged_by=by)


def overdue(*, now: datetime | None = None) -> list[Late]:
    """Recipients with notifications older than CHENGXIN_ACKNOWLEDGE_HOURS that they have not confirmed, oldest first."""
    limit = (now or timezone.now()) - timedelta(hours=settings.ACKNOWLEDGE_HOURS)
    late = Q(acknowledged_at__isnull=True, made_at__lt=limit)
    found: dict[int, Late] = {}
    for row in (
        Notification.objects.filter(late)
        .values("recipient", "recipient__code", "recipient__name")
        .annotate(n=Count("id"))
    ):
        oldest = (
            Notification.objects.filter(late, recipient=row["recipient"]).order_by("seq").values_list("made_at")[0][0]
        )
        found[row["recipient"]] = Late(row["recipient__code"], row["recipient__name"], row["n"], oldest)
    return sorted(found.values(), key=lambda each: each.oldest)


def _told(rows: Sequence[Notification]) -> list[Told]:
    ids = {row.seq: bytes(row.id).hex() for row in Record.objects.filter(seq__in={row.record for row in rows})}
    spoken = [row.seq for row in rows if row.act in (Act.WITHDRAW, Act.REINSTATE)]
    contents = dict(LedgerItem.objects.filter(seq__in=spoken).values_list("seq", "content"))
    return [
        Told(
            entry=row.seq,
            record=ids[row.record],
            act=row.act,
            title=CORRECTED if row.act == CORRECT else NAMES[Act(row.act)],
            said=_said(contents.get(row.seq)),
            made_at=row.made_at,
            told_at=row.told_at,
            acknowledged_at=row.acknowledged_at,
        )
        for row in rows
    ]


def _said(content: str | None) -> Mapping[str, str]:
    """What a withdrawal said in public; nothing where the item was erased since. Reasons in a letter are not public."""
    said: dict[str, str] = orjson.loads(content).get("fields", {}) if content else {}
    return said
