"""Held records (在库信息): records as their source and the credit centre see them, those included that have ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from django.db.models import F, QuerySet

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import lookup, matters
from chengxin.records import standing
from chengxin.records.fold import GONE, Mark, State, state
from chengxin.records.model import Act, Window
from chengxin.storage import acts as stored
from chengxin.storage.models import LedgerBatch, LedgerItem, Record, RecordKey, RecordSubject, Source

MOST = 200
"""Records listed of one subject; who needs more asks by document number."""


@dataclass(frozen=True)
class Past:
    """One act in the history of a record (办理经过), with the organisation's name and what was said."""

    act: Act
    at: datetime
    by: str
    officer: str
    said: str


@dataclass(frozen=True)
class Held:
    """A record with everything the desk knows (在库信息): fields as stored, state on the day, what was done to it."""

    id: str
    item: str
    subject: str
    subject_name: str
    source: str
    source_name: str
    linked: str
    fields: dict[str, str]
    severity: str
    window: Window | None
    withheld: str
    marks: Mark
    state: State

    @property
    def contested(self) -> bool:
        return Mark.CONTESTED in self.marks


def held(id: str, *, scope: str | None, day: date | None = None) -> Held:
    """The record with this id (hex), for a source (its code) or for the centre (``scope`` None).

    Raises Refusal ``record.not-held``: another source's record looks like one that does not exist; and for the centre
    ``record.erased``.
    """
    rows = Record.objects.none()
    if len(id) == 32 and all(char in "0123456789abcdef" for char in id):
        seqs = RecordKey.objects.filter(id=bytes.fromhex(id)).values("seq")
        rows = Record.objects.filter(seq__in=list(seqs.values_list("seq", flat=True)))
    found = list(_held(rows, scope, day or today()))
    if not found:
        raise _erased(id) if scope is None and rows else not_held()
    return found[0]


def _erased(id: str) -> Refusal:
    return Refusal(
        standing.ERASED,
        Text(
            "该信息已依法删除，内容不再保存；账本中仍有删除的记载",
            "this record was erased under the law; nothing of it is kept but the entry in the log that says so",
        ),
        where=Text(id, id),
        basis=standing.RULES[standing.ERASED].basis,
        remedy=Text(
            "由谁、依据什么删除，请看“依法删除”一页", "who erased it and on what ground stands on the page of erasures"
        ),
    )


def not_held() -> Refusal:
    """The one refusal for a record that is not there or not this organisation's."""
    return Refusal(
        "record.not-held",
        Text("没有这个编号的信息，或不归本单位查看", "no record has this number, or it is not yours to see"),
        remedy=Text("请核对信息编号", "check the record's number"),
    )


def of_subject(code: str, *, scope: str | None, day: date | None = None) -> list[Held]:
    """Records of the subject with this code, newest decision first; nothing when the code is unknown."""
    subject = lookup.subject(code)
    if subject is None:
        return []
    seqs = RecordSubject.objects.filter(subject=subject.id).order_by("-day", "-seq").values_list("seq", flat=True)
    wanted = list(seqs[:MOST])
    by_seq = {found.id: found for found in _held(Record.objects.filter(seq__in=wanted), scope, day or today())}
    return sorted(by_seq.values(), key=lambda each: each.window.starts if each.window else date.min, reverse=True)


def history(id: str) -> list[Past]:
    """What was done to a record after it was stated, in order."""
    found = stored.told(record=id)
    names = dict(Source.objects.filter(code__in={each.by for each in found}).values_list("code", "name"))
    return [_past(each, names.get(each.by, each.by)) for each in found]


def of_batch(number: str, *, item: str, limit: int, offset: int = 0) -> list[str]:
    """Ids of the records that a batch was the first to state and that still stand, in its order."""
    batch = LedgerBatch.objects.filter(id=number).first()
    if batch is None:
        return []
    rows = Record.objects.filter(seq__gte=batch.first_seq, seq__lt=batch.first_seq + batch.size, item=item)
    standing = rows.annotate(gone=F("marks").bitand(int(GONE))).filter(gone=0).order_by("seq")
    return [bytes(id).hex() for id in standing.values_list("id", flat=True)[offset : offset + limit]]


def _held(rows: QuerySet[Record], scope: str | None, day: date) -> Iterable[Held]:
    kept = (row for row in rows if Mark.ERASED not in Mark(row.marks))
    visible = [row for row in kept if scope is None or row.source == scope]
    contents = dict(LedgerItem.objects.filter(seq__in=[row.latest for row in visible]).values_list("seq", "content"))
    names = matters.names({row.subject for row in visible})
    sources = dict(Source.objects.filter(code__in={row.source for row in visible}).values_list("code", "name"))
    for row in visible:
        content = orjson.loads(contents.get(row.latest, "{}"))
        window = Window(row.starts, row.repairable, row.ends, row.regime) if row.starts else None
        yield Held(
            id=bytes(row.id).hex(),
            item=row.item,
            subject=row.subject,
            subject_name=names.get(row.subject, row.subject),
            source=row.source,
            source_name=sources.get(row.source, row.source),
            linked=content.get("linked", "code"),
            fields=content.get("fields", {}),
            severity=row.severity,
            window=window,
            withheld=row.withheld,
            marks=Mark(row.marks),
            state=state(Mark(row.marks), row.starts, row.ends, day),
        )


def _past(told: stored.Told, by: str) -> Past:
    content = orjson.loads(told.content)
    said = content.get("reason", "") or "；".join(
        content.get("fields", {}).values() if told.act is Act.WITHDRAW else ()
    )
    return Past(told.act, datetime.fromisoformat(told.at), by, content.get("officer", ""), said)
