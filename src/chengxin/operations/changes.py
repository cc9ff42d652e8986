"""Changes (变更流): what became public since an entry of the log; for a recipient also what became of what it received.

The cursor is the number of entries read. Anybody gets statements that are public today; a tombstone goes only to who
received the record, so that to everybody else an ended record and one that never was are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import deliveries, export, lookup, notifications
from chengxin.operations.notifications import Told
from chengxin.records.fold import EFFECTS, OFF
from chengxin.records.model import Act, Record
from chengxin.storage import acts as stored
from chengxin.storage.models import Recipient

SCAN = 5000
"""Entries looked at in one go."""
MOST_SCANS = 20
DOOR = "feed"
_BACK = tuple(act for act, effect in EFFECTS.items() if effect.clears & OFF and act is not Act.STATE)
"""Acts after which a record may be public again."""


@dataclass(frozen=True)
class Line:
    """One line: a record as it is public (``record`` and, for a recipient, its withdrawal key), or what a recipient is told
    about a record it received (``told``)."""

    entry: int
    record: Record | None = None
    key: str = ""
    told: Told | None = None


@dataclass(frozen=True)
class Page:
    """Lines in the order of the log, and the cursor to go on with."""

    lines: Sequence[Line]
    after: int


def read(after: int, *, recipient: Recipient | None, on: date, limit: int) -> Page:
    """What came after the first ``after`` entries.

    Raises Refusal ``changes.too-old`` when that is too long ago, ``changes.beyond`` when the log is not so long.
    """
    size = deliveries.log_size()
    _check(after, size)
    if recipient is not None:
        notifications.make()
    start, lines, items = after, list[Line](), export.items()
    for _ in range(MOST_SCANS):
        until = min(start + SCAN, size)
        if start >= until or len(lines) >= limit:
            break
        span = _Span(start, until, recipient, items, on, limit - len(lines))
        found, keys = deliveries.delivering(recipient, DOOR, span.lines, _ids)
        lines += [replace(line, key=keys.get(line.record.id, "")) if line.record else line for line in found.lines]
        start = found.after
    return Page(lines, start)


def _ids(page: Page) -> list[str]:
    return [line.record.id for line in page.lines if line.record is not None]


@dataclass(frozen=True)
class _Span:
    """Entries ``[since, until)`` as one reader sees them."""

    since: int
    until: int
    recipient: Recipient | None
    items: Sequence[str]
    on: date
    limit: int

    def lines(self) -> Page:
        most = self.limit + 1
        found = lookup.stated(self.since, self.until, items=self.items, on=self.on, limit=most)
        lines = [Line(each.versions[-1].seq, each) for each in found]
        if self.recipient is not None:
            lines += self._back(most)
            told = notifications.between(self.recipient, self.since, self.until, most)
            lines += [Line(each.entry, told=each) for each in told]
        # what is told of an entry comes before the record it led to: the last line about a record is how it stands
        lines.sort(key=lambda line: (line.entry, line.record is not None))
        if len(lines) <= self.limit:
            return Page(lines, self.until)
        # lines of one entry go together, because the cursor stands between entries
        end = max(lines[self.limit].entry, lines[0].entry + 1)
        return Page([line for line in lines if line.entry < end], end)

    def _back(self, most: int) -> list[Line]:
        """Records that an act made public again."""
        lines = []
        for act in stored.told(_BACK, after=self.since - 1, limit=most):
            if act.seq < self.until and act.item in self.items:
                record = lookup.record(act.record, on=self.on)
                subject = lookup.subject(record.subject) if record else None
                if record is not None and (subject is None or subject.kind != "sole_trader"):
                    lines.append(Line(act.seq, record))
        return lines


def _check(after: int, size: int) -> None:
    if after > size:
        raise Refusal(
            "changes.beyond",
            Text("日志还没有这么长", "the log is not that long yet"),
            where=Text(f"after={after}，日志共 {size} 条", f"after={after}; the log has {size} entries"),
            remedy=Text("请原样使用上次给出的 after", "send the value of after from the answer before, unchanged"),
        )
    if size - after > settings.FEED_ENTRIES:
        raise Refusal(
            "changes.too-old",
            Text("起点太早，变更流不再逐条给出", "the cursor is too old for the feed"),
            where=Text(f"after={after}，日志共 {size} 条", f"after={after}; the log has {size} entries"),
            remedy=Text(
                "请先下载全量文件（/data），以其 Chengxin-Changes-After 为新的起点",
                "download the snapshot (/data) and go on from its Chengxin-Changes-After",
            ),
        )
