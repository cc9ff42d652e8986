"""Figures of cases (办件统计): by kind, age, outcome and authority; on time; how long until a record was off."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Source

AGES = (3, 7, 10, 30)
"""Upper bounds, in days, of the ages that open cases are counted by; what is older comes last."""


@dataclass(frozen=True)
class ByKind:
    """Cases of one kind: open now by age, begun and closed in the period, by outcome; ``days`` are medians."""

    kind: str
    open: int
    ages: tuple[int, ...]
    overdue: int
    begun: int
    closed: int
    on_time: int
    outcomes: Mapping[str, int]
    median_days: int | None
    p99_days: int | None


@dataclass(frozen=True)
class ByBody:
    """Cases routed to one body: closed in the period, of these on time; open and overdue now."""

    body: str
    name: str
    open: int
    overdue: int
    closed: int
    on_time: int


@dataclass(frozen=True)
class Figures:
    """Everything together, for ``[since, until)`` and as of ``day``."""

    since: date
    until: date
    day: date
    kinds: tuple[ByKind, ...]
    bodies: tuple[ByBody, ...]
    removals_overdue: int
    """Records that an objection was upheld against, or a source has admitted to be wrong, and that are still shown."""


def figures(*, since: date, until: date, day: date, body: str | None = None) -> Figures:
    """The figures of a period; ``body`` limits them to one organisation."""
    scope, values = ("AND body = %s", [body]) if body else ("", [])
    # three readings of what counts, however many kinds and bodies there are
    open_now = [
        _Open(*row)
        for row in _rows(
            f"SELECT kind, body, opened_on, due < %s, count(*) FROM credit_case WHERE closed_on IS NULL {scope} "
            f"GROUP BY 1, 2, 3, 4",
            [day, *values],
        )
    ]
    closed = [
        _Closed(*row)
        for row in _rows(
            f"SELECT kind, body, outcome, used, late, count(*) FROM credit_case "
            f"WHERE closed_on >= %s AND closed_on < %s {scope} GROUP BY kind, body, outcome, used, late",
            [since, until, *values],
        )
    ]
    begun = dict(
        _rows(
            f"SELECT kind, count(*) FROM credit_case WHERE opened_on >= %s AND opened_on < %s {scope} GROUP BY kind",
            [since, until, *values],
        )
    )
    kinds = sorted({flow.kind for flow in catalogue().workflows.values()})
    ((removals,),) = _rows(
        f"SELECT count(*) FROM credit_case WHERE closed_on IS NULL AND kind = 'objection' AND state = 'agreed' "
        f"AND due < %s {scope}",
        [day, *values],
    )
    of_kind = [
        _kind(
            kind,
            [row for row in open_now if row.kind == kind],
            [row for row in closed if row.kind == kind],
            begun.get(kind, 0),
            day,
        )
        for kind in kinds
    ]
    return Figures(since, until, day, tuple(of_kind), tuple(_bodies(open_now, closed)), removals)


class _Open(NamedTuple):
    kind: str
    body: str
    opened_on: date | str
    overdue: bool | None
    cases: int


class _Closed(NamedTuple):
    kind: str
    body: str
    outcome: str
    used: int
    late: bool
    cases: int


def _kind(kind: str, open_now: Sequence[_Open], closed: Sequence[_Closed], begun: int, day: date) -> ByKind:
    ages = [0] * (len(AGES) + 1)
    for row in open_now:
        opened = row.opened_on if isinstance(row.opened_on, date) else date.fromisoformat(row.opened_on)
        ages[bisect_left(AGES, (day - opened).days)] += row.cases
    outcomes: Counter[str] = Counter()
    spread: Counter[int] = Counter()
    for done in closed:
        outcomes[done.outcome] += done.cases
        spread[int(done.used)] += done.cases
    ordered, total = sorted(spread.items()), spread.total()
    return ByKind(
        kind=kind,
        open=sum(ages),
        ages=tuple(ages),
        overdue=sum(row.cases for row in open_now if row.overdue),
        begun=begun,
        closed=total,
        on_time=sum(row.cases for row in closed if not row.late),
        outcomes=dict(sorted(outcomes.items())),
        median_days=_quantile(ordered, total, 0.5),
        p99_days=_quantile(ordered, total, 0.99),
    )


def _bodies(open_now: Sequence[_Open], closed: Sequence[_Closed]) -> list[ByBody]:
    names = dict(Source.objects.values_list("code", "name"))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in open_now:
        counts[row.body].update(open=row.cases, overdue=row.cases if row.overdue else 0)
    for done in closed:
        counts[done.body].update(closed=done.cases, on_time=0 if done.late else done.cases)
    return [
        ByBody(body, names.get(body, body), each["open"], each["overdue"], each["closed"], each["on_time"])
        for body, each in sorted(counts.items())
    ]


def _quantile(spread: Sequence[tuple[int, int]], total: int, part: float) -> int | None:
    """The smallest value below which at least this part of all lies."""
    counted = 0
    for value, count in spread:
        counted += count
        if counted >= part * total:
            return value
    return None


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found
