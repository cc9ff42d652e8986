"""Matters (涉案信息): the records that cases are about, read whole and without regard to what is public."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import orjson

from chengxin.cases.model import Matter
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import lookup
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import Mark
from chengxin.records.model import Act, Window
from chengxin.storage.models import (
    LedgerBatch,
    LedgerItem,
    Record,
    RecordAct,
    RecordKey,
    RecordSubject,
    Source,
    Subject,
    SubjectCode,
)

_MANY = 500
_CHANGES = (Act.WITHDRAW.value, Act.REINSTATE.value)


def matter(record: str) -> Matter:
    """The record with this id (32 hex characters). Raises Refusal ``case.record``."""
    found = matters([record])
    if record not in found:
        raise unknown(record)
    return found[record]


def unknown(record: str) -> Refusal:
    """The one refusal for a record that is not there or not this body's: nobody learns which."""
    return Refusal(
        "case.record",
        Text("没有此信息，或者不由本单位办理。", "There is no such record, or it is not this body's."),
        where=Text(record[:40], record[:40]),
        remedy=Text("请核对信息编号。", "Check the record's number."),
    )


def matters(records: Sequence[str]) -> Mapping[str, Matter]:
    """The records with these ids, by id; unknown and erased ones are absent."""
    found: dict[str, Matter] = {}
    wanted = [record for record in records if _is_id(record)]
    for start in range(0, len(wanted), _MANY):
        keys = [bytes.fromhex(record) for record in wanted[start : start + _MANY]]
        seqs = list(RecordKey.objects.filter(id__in=keys).values_list("seq", flat=True))
        rows = list(Record.objects.filter(seq__in=seqs).exclude(withheld="erased"))
        contents = dict(LedgerItem.objects.filter(seq__in=[r.latest for r in rows]).values_list("seq", "content"))
        for row in rows:
            if row.latest in contents:
                found[bytes(row.id).hex()] = _matter(row, orjson.loads(contents[row.latest]).get("fields", {}))
    return found


def adverse_of(subject: str, *, before: int | None = None) -> list[str]:
    """Ids of the published records of a subject under items that are adverse, those withdrawn or repaired left out.

    ``before`` limits them to records that stood in the log before the entry of this number.
    """
    items = [item.id for item in catalogue().items.values() if item.adverse]
    seqs = RecordSubject.objects.filter(subject=subject, item__in=items).values("seq")
    rows = Record.objects.filter(seq__in=seqs, withheld="", starts__isnull=False).order_by("seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    gone = Mark.WITHDRAWN | Mark.UNLINKED | Mark.ERASED | Mark.REPAIRED
    return [bytes(row.id).hex() for row in rows if not row.marks & gone]


def changed_at(record: str) -> datetime | None:
    """When the content of a record was last stated, corrected, withdrawn or brought back by its source."""
    row = Record.objects.filter(seq__in=RecordKey.objects.filter(id=bytes.fromhex(record)).values("seq")).first()
    if row is None:
        return None
    acts = RecordAct.objects.filter(record=row.seq, act__in=_CHANGES).values_list("seq", flat=True)
    last = max([row.latest, *acts])
    batch = LedgerBatch.objects.filter(first_seq__lte=last).order_by("-first_seq").first()
    return datetime.fromisoformat(batch.at) if batch else None


def body_of(matter: Matter) -> str:
    """Whom a case about this record is routed to (谁认定、谁修复): the authority, or its source where that has no desk."""
    row = Record.objects.get(seq__in=RecordKey.objects.filter(id=bytes.fromhex(matter.id)).values("seq"))
    return row.authority if Source.objects.filter(code=row.authority).exists() else row.source


def subject_of(code: str) -> str:
    """The id of the subject with this code. Raises Refusal ``case.subject``."""
    found = lookup.subject(code)
    if found is None:
        raise Refusal(
            "case.subject",
            Text("主体库中没有这个代码。", "The subject base has no such code."),
            where=Text(code[:40], code[:40]),
            remedy=Text("请核对统一社会信用代码。", "Check the code."),
        )
    return found.id


def codes_of(subject: str) -> frozenset[str]:
    """Every code of a subject, its id included."""
    return frozenset({subject, *SubjectCode.objects.filter(subject=subject).values_list("code", flat=True)})


def names(subjects: Iterable[str]) -> Mapping[str, str]:
    """Current names of subjects by id."""
    return dict(Subject.objects.filter(id__in=list(subjects)).values_list("id", "name"))


def document_of(matter: Matter) -> str:
    """The document number people speak of a record by."""
    role = catalogue().items[matter.item].role("document_no")
    return matter.fields.get(role or "", "")


def _matter(row: Record, fields: Mapping[str, str]) -> Matter:
    window = None if row.starts is None else Window(row.starts, row.repairable, row.ends, row.regime)
    marks = Mark(row.marks)
    return Matter(
        id=bytes(row.id).hex(),
        item=row.item,
        subject=row.subject,
        severity=row.severity,
        window=window,
        fields=fields,
        contested=bool(marks & Mark.CONTESTED),
        suspended=bool(marks & Mark.SUSPENDED),
        withdrawn=bool(marks & (Mark.WITHDRAWN | Mark.UNLINKED)),
        repaired=bool(marks & Mark.REPAIRED),
    )


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(char in "0123456789abcdef" for char in text)
