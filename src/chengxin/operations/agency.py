"""Agency check (信用服务机构核查): which of the records an organisation shows must go, or differ in content or term.

Every answer is exact: it comes from the records themselves. Of what is not public now nothing is said but that it is not,
whether it has ended or never was. What was found is kept as evidence of the day; the list itself is not.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO

import orjson
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from chengxin.disclosure import masking
from chengxin.intake import formats
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import lookup
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Notification, Probe, Recipient

CHUNK = 1000
MOST = 10_000
"""Rows that the API takes at once; a file at the command line may have any number."""
RECORD, CODE, DOCUMENT, UNTIL = "record", "subject_code", "document_no", "published_until"
_NAMES: Mapping[str, tuple[str, ...]] = {
    RECORD: ("record", "id", "信息编号"),
    CODE: ("subject_code", "code", "统一社会信用代码"),
    DOCUMENT: ("document_no", "document", "文号", "行政处罚决定书文号", "行政许可决定文书号"),
    UNTIL: ("published_until", "ends", "公示截止日期"),
}
"""What the columns may be called; further columns are fields by id (CF_NR …) or by their Chinese title."""
GONE, DIFFERENT = "gone", "different"

_PUBLIC = f"""
SELECT k.id, r.item, s.code, s.kind, CAST(r.ends AS text), i.content FROM record_key k JOIN record r ON r.seq = k.seq
JOIN ledger_item i ON i.seq = r.latest JOIN subject s ON s.id = r.subject
WHERE k.id IN ({{marks}}) AND {lookup.PUBLIC}
"""
_OF_SUBJECT = f"""
SELECT r.id, r.item, s.code, s.kind, CAST(r.ends AS text), i.content FROM record_subject rs JOIN record r ON r.seq = rs.seq
JOIN ledger_item i ON i.seq = r.latest JOIN subject s ON s.id = r.subject WHERE rs.subject = %s AND {lookup.PUBLIC}
"""
Row = Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """A row that cannot stay as it is (核查结果): ``gone`` must not be shown, ``different`` differs in ``fields``."""

    row: int
    record: str
    verdict: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A list as it was found on a day (核查记录): rows, findings, and the SHA-256 of what was handed in."""

    shown: int
    gone: int
    different: int
    digest: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Score:
    """How an agency keeps up (机构评分): notifications of the period, seconds from notification to confirmation, and what
    the last probe found it to show."""

    name: str
    notified: int
    confirmed: int
    median: float | None
    p99: float | None
    probe: Probe | None


def check_file(data: BinaryIO, name: str, *, recipient: Recipient | None = None, kind: str = "list") -> Checked:
    """Check a CSV, XLSX, JSON, NDJSON or Parquet file. Raises Refusal ``file.…``, ``agency.columns``."""
    hashed = hashlib.sha256()
    while piece := data.read(1 << 20):
        hashed.update(piece)
    digest = hashed.hexdigest()
    reading = formats.open_source(data, name, known=lambda text: _named(text) is not None)
    columns = [_named(text) for text in reading.columns]
    if RECORD not in columns and not {CODE, DOCUMENT} <= set(columns):
        raise Refusal(
            "agency.columns",
            Text("没有可以认出信息的列", "no column tells which records these are"),
            where=Text("、".join(reading.columns)[:200], ", ".join(reading.columns)[:200]),
            remedy=Text(
                "须有“信息编号”（record），或者“统一社会信用代码”和“文号”",
                "give a column record, or subject_code and document_no",
            ),
        )

    def rows() -> Iterator[tuple[int, Row]]:
        for batch in reading.batches():
            cells = [column.to_pylist() for column in batch.columns]
            for values in zip(*cells, strict=True):
                named = zip(columns, values[1:], strict=True)
                yield values[0], {key: text.strip() for key, text in named if key and text and text.strip()}

    return _checked(rows(), digest, recipient, kind)


def check_rows(rows: Sequence[Row], *, recipient: Recipient | None = None) -> Checked:
    """Check rows given as mappings of column name → text."""
    digest = hashlib.sha256(orjson.dumps(list(rows), option=orjson.OPT_SORT_KEYS)).hexdigest()
    named = (
        {key: text.strip() for name, text in row.items() if (key := _named(name)) and text.strip()} for row in rows
    )
    return _checked(enumerate(named, start=1), digest, recipient, "list")


def record_probe(recipient: Recipient, checked: Checked, kind: str, *, now: datetime | None = None) -> Probe:
    """Keep what was found as evidence."""
    return Probe.objects.create(
        recipient=recipient,
        at=now or timezone.now(),
        kind=kind,
        digest=checked.digest,
        shown=checked.shown,
        gone=checked.gone,
        different=checked.different,
    )


def scores(since: date, until: date) -> list[Score]:
    """How agencies kept up with notifications made on the days of ``[since, until)``, by name.

    The median and the 99th percentile are over confirmed ones; what is open counts in ``notified``.
    """
    found = []
    for agency in Recipient.objects.filter(agency=True).order_by("name"):
        made = Notification.objects.filter(recipient=agency, made_at__date__gte=since, made_at__date__lt=until)
        counted = made.aggregate(all=Count("id"), confirmed=Count("id", filter=Q(acknowledged_at__isnull=False)))
        found.append(
            Score(
                name=agency.name,
                notified=counted["all"],
                confirmed=counted["confirmed"],
                median=_quantile(made, 0.5, counted["confirmed"]),
                p99=_quantile(made, 0.99, counted["confirmed"]),
                probe=Probe.objects.filter(recipient=agency).order_by("-id").first(),
            )
        )
    return found


def plain(checked: Checked) -> dict[str, object]:
    """What was found, as every door gives it."""
    return {
        "shown": checked.shown,
        "gone": checked.gone,
        "different": checked.different,
        "digest": checked.digest,
        "findings": [
            {"row": each.row, "record": each.record, "verdict": each.verdict, "fields": list(each.fields)}
            for each in checked.findings
        ],
    }


def _quantile(made: QuerySet[Notification], share: float, count: int) -> float | None:
    """The nearest-rank quantile of the lags, in seconds."""
    if not count:
        return None
    lags = sorted(
        (confirmed - at).total_seconds() if confirmed else 0.0
        for at, confirmed in made.filter(acknowledged_at__isnull=False)
        .values_list("made_at", "acknowledged_at")
        .iterator()
    )
    return lags[max(0, -(-int(share * 100) * count // 100) - 1)]


def _checked(rows: Iterable[tuple[int, Row]], digest: str, recipient: Recipient | None, kind: str) -> Checked:
    findings: list[Finding] = []
    shown, day, left = 0, today(), iter(rows)
    while part := list(islice(left, CHUNK)):
        shown += len(part)
        public = _public([row[RECORD] for _, row in part if _is_id(row.get(RECORD, ""))], day)
        listed: dict[str, list[_Shown]] = {}
        for number, row in part:
            finding = _finding(number, row, public, listed, day)
            findings += [finding] if finding else []
    verdicts = [each.verdict for each in findings]
    checked = Checked(shown, verdicts.count(GONE), verdicts.count(DIFFERENT), digest, findings)
    if recipient is not None:
        record_probe(recipient, checked, kind)
    return checked


@dataclass(frozen=True)
class _Shown:
    """A record as it is public now: texts by column."""

    id: str
    texts: Row


def _finding(
    number: int, row: Row, public: Mapping[str, _Shown], listed: dict[str, list[_Shown]], day: date
) -> Finding | None:
    if RECORD in row:
        found = public.get(row[RECORD].lower())
        candidates = [found] if found else []
    else:
        code, document = row.get(CODE, ""), row.get(DOCUMENT, "")
        if code not in listed:  # a list may name one organisation a thousand times
            listed[code] = _of_subject(code, day)
        candidates = [each for each in listed[code] if document and each.texts.get(DOCUMENT) == document]
    if not candidates:
        return Finding(number, row.get(RECORD, ""), GONE)
    differing, id = min((_differing(row, each), each.id) for each in candidates)
    return Finding(number, id, DIFFERENT, differing) if differing else None


def _differing(row: Row, shown: _Shown) -> tuple[str, ...]:
    """Columns whose text is another one; a field that the record does not have must not be shown with it either."""
    return tuple(key for key, text in row.items() if key != RECORD and shown.texts.get(key, "") != text)


def _of_subject(code: str, day: date) -> list[_Shown]:
    subject = lookup.subject(code) if code.isascii() and code.isalnum() else None
    return [] if subject is None else _read(_OF_SUBJECT, [subject.id, day, day])


def _public(ids: Sequence[str], day: date) -> dict[str, _Shown]:
    if not ids:
        return {}
    sql = _PUBLIC.format(marks=", ".join(["%s"] * len(ids)))
    return {each.id: each for each in _read(sql, [*(bytes.fromhex(id) for id in ids), day, day])}


def _read(sql: str, values: Sequence[Any]) -> list[_Shown]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    found = []
    for id, item, code, kind, ends, content in rows:
        loaded = catalogue().items[item]
        fields = orjson.loads(content)["fields"]
        texts = masking.public_fields(loaded, fields, kind)
        number = texts.get(loaded.role("document_no") or "", "")
        found.append(_Shown(bytes(id).hex(), {**texts, CODE: code, DOCUMENT: number, UNTIL: ends or ""}))
    return found


@lru_cache(maxsize=1024)
def _named(text: str) -> str | None:
    """The column behind a header; None for one that is not compared."""
    bare = text.strip()
    for key, names in _NAMES.items():
        if bare.lower() in names:
            return key
    for item in catalogue().items.values():
        for id in item.published:
            if bare.upper() == id.upper() or bare == item.field(id).label.zh:
                return id
    return None


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(char in "0123456789abcdefABCDEF" for char in text)
