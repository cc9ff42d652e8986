"""Traces of a record (信息的痕迹): every place of the database that holds something of its content, and emptying them.

Rows that were set aside are not tied to a record: they are known by the number of the decision, compared without blanks,
brackets and widths, in what was sent as well as in what was mended.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson
from django.db import connection
from django.db.models import Q

from chengxin.operations import cases, certificates
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import REGISTRATION, Act
from chengxin.storage import purging
from chengxin.storage.models import (
    Finding,
    Judgement,
    LedgerBatch,
    LedgerItem,
    Mend,
    Record,
    RecordAct,
    RecordKey,
    RecordSubject,
    RecordVersion,
    Subject,
    SubjectCode,
    SubjectName,
    Submission,
    SubmissionRow,
)
from chengxin.subjects import names
from chengxin.subjects.model import Scheme, kind_of_code

CHUNK = 500
"""Keys in one question."""
Place = tuple[str, int]
"""Receipt number and row number."""


@dataclass(frozen=True)
class Traces:
    """What there is of one record: ``entries`` whose items speak of it, ``rows`` of files, receipts whose file held it.

    ``brought`` is the code that its subject has from it, if any.
    """

    record: str
    subject: str
    entries: tuple[int, ...]
    rows: frozenset[Place] = field(default=frozenset())
    submissions: tuple[str, ...] = ()
    brought: str = ""


def find(record: str) -> Traces:
    """All traces of a record (32 hex characters) that is there. Reads the rows set aside of its item: seconds, if many."""
    key = RecordKey.objects.get(id=bytes.fromhex(record))
    standing = Record.objects.get(seq=key.seq)
    statements = {standing.seq, standing.latest, *_seqs(RecordVersion, standing.seq)}
    entries = sorted(statements | {*_seqs(RecordAct, standing.seq)})
    numbers = _numbers(standing.item, statements)
    rows = {place for item in _items(standing.item) for place in _rows(item, numbers)}
    batches = {_batch_of(seq) for seq in entries}
    touched = batches | {number for number, _ in rows} | set(_into(rows))
    sources = {standing.source, *Submission.objects.filter(id__in=touched).values_list("source_id", flat=True)}
    # a file may also have held it without a trace: as a row that said nothing new
    files = Submission.objects.filter(item__in=_items(standing.item), source_id__in=sources).exclude(upload="")
    over = files.exclude(state__in=["arriving", "received", "running"]).values_list("id", flat=True)
    return Traces(record, standing.subject, tuple(entries), frozenset(rows), tuple(sorted(over)), _brought(statements))


def remove(traces: Traces) -> None:
    """Empty rows, subject base and cases, inside the transaction that has deleted the items."""
    for number, row in sorted(traces.rows):
        SubmissionRow.objects.filter(submission=number, row=row).update(cells=None)
        Mend.objects.filter(submission_id=number, row=row).update(before={}, after={})
        Judgement.objects.filter(submission_id=number, row=row).update(name="", code="", norm="")
    _renew_subject(traces)
    _take_code(traces)
    cases.forget(traces.record)
    certificates.forget(traces.record)


def _renew_subject(traces: Traces) -> None:
    """A provisional subject was known from this record only, or is now known from the next one: as a rebuild makes it."""
    subject = Subject.objects.filter(id=traces.subject, provisional=True, seq__in=traces.entries).first()
    if subject is None:
        return
    purging.forget_names(subject.id)
    SubjectName.objects.filter(subject=subject.id).delete()
    first = RecordSubject.objects.filter(subject=subject.id).order_by("seq").first()
    if first is None:
        SubjectCode.objects.filter(subject=subject.id).delete()
        for finding in Finding.objects.filter(detail__contains=subject.id):
            # what it says of other subjects the next cross-check finds again
            Finding.objects.filter(id=finding.id).update(key=f"erased|{finding.id}", code="", detail="{}")
        subject.delete()
        return
    stated = orjson.loads(LedgerItem.objects.get(seq=first.seq).content)
    name = stated["fields"][catalogue().items[first.item].roles["name"]]
    Subject.objects.filter(id=subject.id).update(name=name, seq=first.seq)
    SubjectName.objects.create(norm=names.normalise(name), subject=subject.id, kind="current", text=name)
    purging.find_again(subject.id, name, subject.kind)


def _take_code(traces: Traces) -> None:
    """A code goes with the record that brought it, unless the register or another record says it: as a rebuild makes it."""
    code, subject = traces.brought, traces.subject
    if not code:
        return
    records = RecordSubject.objects.filter(subject=subject).values("seq")
    corrections = RecordVersion.objects.filter(record__in=records).values("seq")
    speaking = LedgerItem.objects.filter(Q(seq__in=records) | Q(seq__in=corrections), content__contains=code)
    said = map(orjson.loads, speaking.values_list("content", flat=True))
    if any(each["kind"] == REGISTRATION or each.get("linked") == "coded" for each in said):
        return
    SubjectCode.objects.filter(code=code, scheme=Scheme.USCC, subject=subject).delete()
    Subject.objects.filter(id=subject).update(code=subject, kind=kind_of_code(subject))


def _brought(statements: Iterable[int]) -> str:
    for content in LedgerItem.objects.filter(seq__in=statements).values_list("content", flat=True):
        stated = orjson.loads(content)
        if stated.get("linked") == "coded":
            return str(stated["fields"][catalogue().items[stated["kind"]].roles["code"]])
    return ""


def _numbers(item: str, statements: Iterable[int]) -> set[str]:
    """The number of the decision, bare, as any statement gives it, normalised or as sent."""
    role = catalogue().items[item].roles["document_no"]
    found = set()
    for content in LedgerItem.objects.filter(seq__in=statements).values_list("content", flat=True):
        stated = orjson.loads(content)
        if stated["act"] == Act.STATE.value:
            found |= {_bare(stated[part].get(role, "")) for part in ("fields", "original") if part in stated}
    return found - {""}


def _items(item: str) -> list[str]:
    """The item, and those whose rows act on records of it, such as withdrawals."""
    return [each.id for each in catalogue().items.values() if item in (each.id, each.acts_on)]


def _rows(item: str, numbers: set[str]) -> set[Place]:
    """Rows of files that give one of these numbers, as sent or in what was tried to mend them."""
    role = catalogue().items[item].roles["document_no"]

    def speaks(cells: Mapping[str, str] | None) -> bool:
        return bool(cells) and _bare((cells or {}).get(role, "")) in numbers

    found = {(number, row) for number, row, cells in _cells(item) if speaks(orjson.loads(cells))}
    tried = Mend.objects.filter(submission__item=item).values_list("submission_id", "row", "before", "after")
    found |= {(number, row) for number, row, before, after in tried.iterator() if speaks(before) or speaks(after)}
    return found


def _cells(item: str) -> Iterator[tuple[str, int, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """SELECT r.submission, r.row, r.cells FROM submission_row r JOIN submission s ON s.id = r.submission
               WHERE s.item = %s AND r.cells IS NOT NULL""",
            [item],
        )
        while part := cursor.fetchmany(CHUNK):
            yield from part


def _into(rows: Iterable[Place]) -> Iterator[str]:
    for number, row in rows:
        yield from Mend.objects.filter(submission_id=number, row=row).values_list("into_id", flat=True)


def _batch_of(seq: int) -> str:
    return str(LedgerBatch.objects.filter(first_seq__lte=seq).order_by("-first_seq").values_list("id", flat=True)[0])


def _seqs(table: type[RecordVersion] | type[RecordAct], record: int) -> list[int]:
    return list(table.objects.filter(record=record).values_list("seq", flat=True))


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum()).upper()
