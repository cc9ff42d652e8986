"""Acts (行为) in the store: what acts on records change in the tables that pages read, on Django's own connection.

For acts one by one and by the thousand, in the transaction in which they are entered. ``storage.projections`` does the
same for files and for rebuilding; what an act means is said once, in ``records.fold``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from chengxin.records.fold import EFFECTS, GONE, Done, Mark, days_off, window_counts
from chengxin.records.model import Act

_MANY = 5000
"""Values in one question; SQLite takes 32,766."""

_FOUND = """
SELECT k.id, r.seq, r.item, r.subject, r.source, CAST(r.starts AS text), CAST(r.ends AS text), r.marks
FROM record_key k JOIN record r ON r.seq = k.seq WHERE k.id IN ({marks})
"""
_ACTS = "SELECT record, seq, act, CAST(day AS text) FROM record_act WHERE record IN ({marks}) ORDER BY record, seq"
_COUNT = """
INSERT INTO window_count (item, day, opening, closing) VALUES (%s, %s, %s, %s)
ON CONFLICT (item, day) DO UPDATE SET opening = window_count.opening + excluded.opening,
                                      closing = window_count.closing + excluded.closing
"""
NO_COUNT = "DELETE FROM window_count WHERE opening = 0 AND closing = 0"
"""Days on which nothing opens or closes any more have no row, however they came to that."""
_BLANK = """
UPDATE record SET subject = '', source = '', authority = '', decided_on = NULL, severity = 'none', severity_by = '',
    starts = NULL, repairable = NULL, ends = NULL, regime = '', withheld = 'erased', latest = %s, versions = 1
WHERE seq = %s
"""
NO_RELATION = f"""
DELETE FROM subject_relation
WHERE (subject, seq) IN (SELECT subject, latest FROM record WHERE seq IN ({{records}}) AND marks & {int(GONE)} <> 0)
"""
"""A record that does not stand any more states no relation between subjects either."""
BLANKED = ("DELETE FROM record_subject WHERE seq = ?", "DELETE FROM record_version WHERE record = ?")


@dataclass(frozen=True)
class Standing:
    """A record as far as acts are concerned: whose it is, its window, its marks and the acts that made them."""

    id: str
    seq: int
    item: str
    subject: str
    source: str
    starts: date | None
    ends: date | None
    marks: Mark
    acts: tuple[Done, ...]


def standings(ids: Iterable[str]) -> Mapping[str, Standing]:
    """The records with these ids (hex) as they stand; ids that no record has are absent."""
    rows = _asked(_FOUND, [bytes.fromhex(id) for id in dict.fromkeys(ids)])
    done: dict[int, list[Done]] = defaultdict(list)
    for record, seq, act, day in _asked(_ACTS, [row[1] for row in rows]):
        done[record].append(Done(seq, Act(act), date.fromisoformat(day)))
    found = {}
    for id, seq, item, subject, source, starts, ends, marks in rows:
        hexed = bytes(id).hex()
        found[hexed] = Standing(
            id=hexed,
            seq=seq,
            item=item,
            subject=subject,
            source=source,
            starts=date.fromisoformat(starts) if starts else None,
            ends=date.fromisoformat(ends) if ends else None,
            marks=Mark(marks),
            acts=tuple(done[seq]),
        )
    return found


def store(folded: Sequence[tuple[Standing, Standing]]) -> None:
    """Bring records from how they stood to how they stand now: marks, acts, numbers of windows."""
    opening: Counter[tuple[str, date]] = Counter()
    closing: Counter[tuple[str, date]] = Counter()
    for pair in folded:
        for standing, sign in zip(pair, (-1, 1), strict=True):
            counts = window_counts(standing.starts, standing.ends, days_off(standing.acts))
            for day, (opens, closes) in counts.items():
                opening[standing.item, day] += sign * opens
                closing[standing.item, day] += sign * closes
    changed = [(item, day, opening[item, day], closing[item, day]) for item, day in sorted({*opening, *closing})]
    new = [(now.seq, done.seq, done.act.value, done.day) for was, now in folded for done in now.acts[len(was.acts) :]]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE record SET marks = %s WHERE seq = %s", [(int(now.marks), now.seq) for _, now in folded]
        )
        cursor.executemany(
            NO_RELATION.format(records="%s"),
            [(now.seq,) for was, now in folded if now.marks & GONE and not was.marks & GONE],
        )
        cursor.executemany("INSERT INTO record_act (record, seq, act, day) VALUES (%s, %s, %s, %s)", new)
        cursor.executemany(_COUNT, [row for row in changed if row[2] or row[3]])
        cursor.execute(NO_COUNT)


def blank(record: int, act: int) -> None:
    """Empty the row of an erased record: what is left says that there was one, and the number of the act that erased it."""
    with connection.cursor() as cursor:
        cursor.execute(_BLANK, [act, record])
        for statement in BLANKED:
            cursor.execute(statement.replace("?", "%s"), [record])
        cursor.execute("DELETE FROM record_act WHERE record = %s AND seq <> %s", [record, act])


def _asked(sql: str, values: Sequence[Any]) -> list[Any]:
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for start in range(0, len(values), _MANY):
            part = values[start : start + _MANY]
            cursor.execute(sql.format(marks=", ".join(["%s"] * len(part))), part)
            rows += cursor.fetchall()
    return rows


@dataclass(frozen=True)
class Told:
    """An act with what its item says (办理记录): ``at`` UTC in ISO 8601, ``by`` code of the organisation, ``content`` JSON."""

    seq: int
    record: str
    item: str
    subject: str
    act: Act
    day: date
    at: str
    by: str
    content: str


_TOLD = """
SELECT a.seq, r.id, r.item, r.subject, a.act, CAST(a.day AS text), b.at, b.by, i.content
FROM ({acts}) a JOIN record r ON r.seq = a.record JOIN ledger_item i ON i.seq = a.seq
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= a.seq)
ORDER BY a.seq {order} LIMIT {limit} OFFSET {offset}
"""


def told(
    acts: Iterable[Act] = EFFECTS,
    *,
    record: str = "",
    after: int = -1,
    since: date = date.min,
    until: date = date.max,
    newest: bool = False,
    limit: int = 1000,
    offset: int = 0,
) -> list[Told]:
    """Acts of these kinds in the order of the log (or the newest first): of one record (hex id), after an entry, entered
    on the days of ``[since, until)``. What was erased is not among them.
    """
    order = "DESC" if newest else "ASC"
    where = "seq > %s AND day >= %s AND day < %s"
    values: list[Any] = [after, since, until]
    if record:
        where += " AND record = (SELECT seq FROM record_key WHERE id = %s)"
        values.append(bytes.fromhex(record))
    # each kind by itself, so that the index gives the first ones without looking at all the others
    one = f"SELECT * FROM (SELECT * FROM record_act WHERE act = %s AND {where} ORDER BY seq {order} LIMIT {limit + offset}) one"
    wanted = [act.value for act in acts]
    sql = _TOLD.format(acts=" UNION ALL ".join([one] * len(wanted)), order=order, limit=int(limit), offset=int(offset))
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for act in wanted for value in (act, *values)])
        rows = cursor.fetchall()
    return [
        Told(seq, bytes(id).hex(), item, subject, Act(act), date.fromisoformat(day), at, by, content)
        for seq, id, item, subject, act, day, at, by, content in rows
    ]


def count(act: Act) -> int:
    """How many acts of this kind there are."""
    ((found,),) = _asked("SELECT count(*) FROM record_act WHERE act IN ({marks})", [act.value])
    return int(found)
