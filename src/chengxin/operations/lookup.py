"""Look-up (查询): what the public may see of a subject and its records on a day.

Every door (page, API answer, command line) asks here, and every answer has passed ``disclosure.masking``. Plain SQL:
one subject with ten records takes four queries, because these answers are given thousands of times a minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

import orjson
from django.db import connection

from chengxin.cases import clock
from chengxin.disclosure import masking
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import EFFECTS, OFF, Mark
from chengxin.records.model import REGISTRATION as REGISTRATION
from chengxin.records.model import Act, Record, Version, Window
from chengxin.subjects.model import Code, Name, Subject

T = TypeVar("T")
PAGE = 50
OBJECTION = "objection"
"""The kind of case (异议处理) that says by when a contested record is answered for."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page (分页) of a list; ``next`` is the cursor to ask the next page with, None on the last one."""

    rows: tuple[T, ...]
    next: str | None


@dataclass(frozen=True)
class Figures:
    """Figures (总量) of the whole platform: subjects, public records by item, entries in the log and when it grew last."""

    subjects: int
    published: Mapping[str, int]
    log_size: int
    as_of: datetime | None
    root: str


_SUBJECT = """
SELECT s.id, s.kind, s.code, s.name, s.status, CAST(s.status_since AS text), s.provisional, i.content
FROM subject s LEFT JOIN ledger_item i ON i.seq = s.seq
WHERE s.id = {which}
"""
_NAMES_AND_CODES = """
SELECT 'name', kind, text, CAST(since AS text), CAST(until AS text) FROM subject_name WHERE subject = %s
UNION ALL
SELECT 'code', scheme, code, CAST(since AS text), CAST(until AS text) FROM subject_code
WHERE subject = %s AND state = 'current'
UNION ALL
SELECT state, scheme, code, CAST(since AS text), CAST(until AS text) FROM subject_code
WHERE subject = %s AND state <> 'current'
"""
CONTESTED = f"""
CASE WHEN (r.marks & {int(Mark.CONTESTED)}) <> 0 THEN
    (SELECT CAST(max(a.day) AS text) FROM record_act a WHERE a.record = r.seq AND a.act = '{Act.OBJECT}') END
"""
"""The day since which a record is contested, NULL where it is not: it stands in every output that shows the record."""
_RECORD = f"""
SELECT r.seq, r.id, r.item, r.subject, r.source, r.severity, r.severity_by, CAST(r.starts AS text),
       CAST(r.repairable AS text), CAST(r.ends AS text), r.regime,
       r.latest, r.versions, i.content, b.id, b.at, b.by, {CONTESTED}
"""
_ENDING = ", ".join(f"'{act}'" for act, effect in EFFECTS.items() if effect.sets & OFF)
"""Acts that take a record off."""
_JOINS = """
JOIN ledger_item i ON i.seq = r.latest
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= r.latest)
"""
PUBLIC = f"r.withheld = '' AND (r.marks & {int(OFF)}) = 0 AND r.starts <= %s AND (r.ends IS NULL OR r.ends > %s)"
"""What makes a record public on a day (given twice): a window that holds the day, and no act that ended it."""


def subject(code: str) -> Subject | None:
    """The subject known under this code (any of its codes, current or former), None when there is none."""
    code = code.strip().upper()
    found = _one(_SUBJECT.format(which="%s"), [code]) or _one(
        _SUBJECT.format(which="(SELECT min(subject) FROM subject_code WHERE code = %s)"), [code]
    )
    if found is None:
        return None
    id, kind, current, name, status, status_since, provisional, content = found
    names: list[Name] = []
    codes: list[Code] = []
    for what, label, text, since, until in _all(_NAMES_AND_CODES, [id, id, id]):
        if what == "name":
            names.append(Name(text, label, _day(since), _day(until)))
        else:
            codes.append(Code(label, text, "current" if what == "code" else what, _day(since), _day(until)))
    return Subject(
        id=id,
        kind=kind,
        code=current,
        name=name,
        status=status,
        status_since=_day(status_since),
        provisional=bool(provisional),
        names=tuple(names),
        codes=tuple(codes),
        registration=_registration(content, kind),
    )


def records(
    subject: Subject, *, item: str | None = None, on: date, after: str | None = None, limit: int = PAGE
) -> Page[Record]:
    """Public records of a subject, latest decision first within an item; ``after`` is the cursor of the page before.

    Raises ValueError for a cursor that no page gave out.
    """
    where, values = ["rs.subject = %s"], [subject.id]
    if item is not None:
        where.append("rs.item = %s")
        values.append(item)
    if after:
        where.append("(rs.item, rs.day, rs.seq) < (%s, %s, %s)")
        values += _cursor(after)
    rows = _all(
        f"{_RECORD}, rs.day FROM record_subject rs JOIN record r ON r.seq = rs.seq {_JOINS}"
        f"WHERE {' AND '.join(where)} AND {PUBLIC} ORDER BY rs.item DESC, rs.day DESC, rs.seq DESC LIMIT %s",
        [*values, on, on, limit + 1],
    )
    page = rows[:limit]
    more = f"{page[-1][2]}.{page[-1][-1]}.{page[-1][0]}" if len(rows) > limit else None
    earlier = _earlier_versions(row for row in page if row[12] > 1)
    replies = _replies(page)
    return Page(tuple(_record(row, subject.kind, earlier.get(row[0], ()), replies) for row in page), more)


def stated(since: int, until: int, *, items: Sequence[str], on: date, limit: int) -> list[Record]:
    """Records of these items that are public on a day and whose present content was entered with an entry in
    ``[since, until)``, in that order. Sole traders are left out, as from every list of everything.
    """
    rows = _all(
        f"{_RECORD}, s.kind FROM record r {_JOINS} JOIN subject s ON s.id = r.subject WHERE r.seq IN ("
        f"SELECT seq FROM record WHERE seq >= %s AND seq < %s "
        f"UNION SELECT record FROM record_version WHERE seq >= %s AND seq < %s) "
        f"AND r.latest >= %s AND r.latest < %s AND r.item IN ({', '.join(['%s'] * len(items))}) "
        f"AND s.kind <> 'sole_trader' AND {PUBLIC} ORDER BY r.latest LIMIT %s",
        [*(since, until) * 3, *items, on, on, limit],
    )
    earlier = _earlier_versions(row for row in rows if row[12] > 1)
    replies = _replies(rows)
    return [_record(row, row[-1], earlier.get(row[0], ()), replies) for row in rows]


def record(id: str, *, on: date) -> Record | None:
    """The public record with this id (32 hex characters) on a day.

    None when it is not public on that day, whatever the reason: ended, withheld and unknown answer alike.
    """
    try:
        key = bytes.fromhex(id)
    except ValueError:
        return None
    if len(key) != 16:
        return None
    row = _one(
        f"{_RECORD}, s.kind FROM record_key k JOIN record r ON r.seq = k.seq {_JOINS}"
        f"LEFT JOIN subject s ON s.id = r.subject WHERE k.id = %s AND {PUBLIC}",
        [key, on, on],
    )
    if row is None or not _sight(row[2], row[-1] or "").ids:
        return None
    earlier = _earlier_versions([row]) if row[12] > 1 else {}
    return _record(row, row[-1] or "", earlier.get(row[0], ()), _replies([row]))


def published_counts(subject: Subject, on: date) -> Mapping[str, int]:
    """How many records of a subject are public on a day, by item."""
    return _counts(subject, on, PUBLIC)


def contested_counts(subject: Subject, on: date) -> Mapping[str, int]:
    """How many of them are contested (异议处理中), by item."""
    return _counts(subject, on, f"{PUBLIC} AND (r.marks & {int(Mark.CONTESTED)}) <> 0")


def _counts(subject: Subject, on: date, which: str) -> Mapping[str, int]:
    return dict(
        _all(
            f"SELECT rs.item, count(*) FROM record_subject rs JOIN record r ON r.seq = rs.seq "
            f"WHERE rs.subject = %s AND {which} GROUP BY rs.item",
            [subject.id, on, on],
        )
    )


def figures(on: date) -> Figures:
    """Figures of the platform on a day; counted once per state of the log, because counting subjects is dear."""
    last = _one("SELECT first_seq + size, at, root FROM ledger_batch ORDER BY first_seq DESC LIMIT 1", [])
    size, at, root = last or (0, None, "")
    published = {
        item: int(count)
        for item, count in _all(
            "SELECT item, sum(opening) - sum(closing) FROM window_count WHERE day <= %s GROUP BY item", [on]
        )
    }
    return Figures(
        subjects=_subjects(str(connection.settings_dict["NAME"]), size),
        published={item: count for item, count in published.items() if count > 0},
        log_size=size,
        as_of=datetime.fromisoformat(at) if at else None,
        root=root,
    )


@dataclass(frozen=True)
class Movement:
    """How many records of an item become public (``opening``) and stop by themselves (``closing``) on a day."""

    day: date
    opening: int
    closing: int


def movements(item: str, since: date, until: date) -> list[Movement]:
    """The days of ``[since, until)`` on which anything about an item's publication changes."""
    rows = _all(
        "SELECT day, opening, closing FROM window_count WHERE item = %s AND day >= %s AND day < %s ORDER BY day",
        [item, since, until],
    )
    return [Movement(day, int(opening), int(closing)) for value, opening, closing in rows if (day := _day(value))]


@lru_cache(maxsize=8)
def _subjects(_database: str, _log_size: int) -> int:
    row = _one("SELECT count(*) FROM subject", [])
    return int(row[0]) if row else 0


@lru_cache(maxsize=256)
def _sight(item: str, kind: str) -> masking.Sight:
    found = catalogue().items.get(item)
    return masking.sight(found, kind) if found else masking.Sight((), (), "")


def _registration(content: str | None, kind: str) -> Mapping[str, str]:
    if not content:
        return {}
    held = orjson.loads(content)
    if held.get("kind") != REGISTRATION:
        return {}  # a provisional subject: the entry is the record that introduced it
    fields = held["fields"]
    return _sight(REGISTRATION, kind).of(fields, fields)


def _record(row: Sequence[Any], kind: str, earlier: Sequence[Version], replies: Mapping[str, date]) -> Record:
    (_, id, item, subject, source, severity, severity_by, starts, repairable, ends, regime, latest, _, *held) = row
    content = orjson.loads(held[0])
    fields, original, sight = content["fields"], content.get("original", {}), _sight(item, kind)
    first = _day(starts)
    return Record(
        id=bytes(id).hex(),
        item=item,
        subject=subject,
        fields=sight.of(fields, fields),
        original=sight.of(original, fields),
        severity=severity,
        severity_by=severity_by,
        window=None if first is None else Window(first, _day(repairable), _day(ends), regime),
        withheld="",
        source=source,
        versions=(*earlier, Version(latest, datetime.fromisoformat(held[2]), held[3], held[1])),
        contested=_day(held[4]),
        reply_by=replies.get(bytes(id).hex()),
        linked=content.get("linked", "code"),
    )


def _earlier_versions(rows: Iterable[Sequence[Any]]) -> Mapping[int, tuple[Version, ...]]:
    """The statements before the current one, of records that were corrected, by the record's first entry number.

    What was stated before an act that took the record off is left out: a record that came back begins anew, and nobody
    reads from it that it was away.
    """
    latest = {row[0]: row[11] for row in rows}
    if not latest:
        return {}
    marks = ", ".join(["%s"] * len(latest))
    found = _all(
        f"SELECT v.record, v.seq, b.at, b.by, b.id FROM ("
        f"SELECT record, seq FROM record_version WHERE record IN ({marks}) "
        f"UNION SELECT seq, seq FROM record WHERE seq IN ({marks})) v "
        f"JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= v.seq) "
        f"WHERE NOT EXISTS (SELECT 1 FROM record_act a WHERE a.record = v.record AND a.act IN ({_ENDING}) "
        f"AND a.seq > v.seq) ORDER BY v.seq",
        [*latest, *latest],
    )
    versions: dict[int, tuple[Version, ...]] = {}
    for key, seq, at, by, batch in found:
        if seq != latest[key]:
            versions[key] = (*versions.get(key, ()), Version(seq, datetime.fromisoformat(at), by, batch))
    return versions


def _replies(rows: Iterable[Sequence[Any]]) -> Mapping[str, date]:
    """By which day whoever has to act in the objection to a contested record must answer, by the record's id.

    An objection whose term stands still has none, and neither has a mark that was set without a case.
    """
    contested = [bytes(row[1]).hex() for row in rows if row[17]]
    if not contested:
        return {}
    marks = ", ".join(["%s"] * len(contested))
    found = _all(
        f"SELECT record, CAST(min(due) AS text) FROM credit_case WHERE record IN ({marks}) AND kind = %s "
        f"AND closed_on IS NULL AND due < %s GROUP BY record",
        [*contested, OBJECTION, clock.FAR],
    )
    return {record: day for record, due in found if (day := _day(due))}


def _cursor(text: str) -> list[Any]:
    item, day, seq = text.rsplit(".", 2) if text.count(".") >= 2 else ("", "", "")
    try:
        return [item, int(day), int(seq)]
    except ValueError:
        raise ValueError(f"no such cursor: {text[:40]}") from None


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _all(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
        return rows


def _one(sql: str, values: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
