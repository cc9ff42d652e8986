"""Figures of cases (办件统计): by kind, age, outcome and authority; on time; how long until a record was off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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
    kinds = [_kind(kind, since, until, day, scope, values) for kind in _kinds()]
    bodies = _bodies(since, until, day, scope, values)
    (removals,) = _row(
        f"SELECT count(*) FROM credit_case WHERE closed_on IS NULL AND kind = 'objection' AND state = 'agreed' "
        f"AND due < %s {scope}",
        [day, *values],
    )
    return Figures(since, until, day, tuple(kinds), tuple(bodies), removals)


def _kinds() -> list[str]:
    return sorted({flow.kind for flow in catalogue().workflows.values()})


def _kind(kind: str, since: date, until: date, day: date, scope: str, values: Sequence[object]) -> ByKind:
    edges = [day - timedelta(days=age) for age in AGES]
    ages, newer = [], date(9999, 1, 1)
    for edge in [*edges, date(1, 1, 1)]:
        (count,) = _row(
            f"SELECT count(*) FROM credit_case WHERE closed_on IS NULL AND kind = %s "
            f"AND opened_on >= %s AND opened_on < %s {scope}",
            [kind, edge, newer, *values],
        )
        ages.append(count)
        newer = edge
    (overdue,) = _row(
        f"SELECT count(*) FROM credit_case WHERE closed_on IS NULL AND kind = %s AND due < %s {scope}",
        [kind, day, *values],
    )
    (begun,) = _row(
        f"SELECT count(*) FROM credit_case WHERE kind = %s AND opened_on >= %s AND opened_on < %s {scope}",
        [kind, since, until, *values],
    )
    done = _rows(
        f"SELECT outcome, used, sum(CASE WHEN late THEN 1 ELSE 0 END), count(*) FROM credit_case "
        f"WHERE kind = %s AND closed_on >= %s AND closed_on < %s {scope} GROUP BY outcome, used ORDER BY used",
        [kind, since, until, *values],
    )
    outcomes: dict[str, int] = {}
    for outcome, _, _, count in done:
        outcomes[outcome] = outcomes.get(outcome, 0) + count
    closed = sum(outcomes.values())
    late = sum(int(row[2]) for row in done)
    spread = sorted((int(used), int(count)) for _, used, _, count in done)
    return ByKind(
        kind=kind,
        open=sum(ages),
        ages=tuple(ages),
        overdue=overdue,
        begun=begun,
        closed=closed,
        on_time=closed - late,
        outcomes=dict(sorted(outcomes.items())),
        median_days=_quantile(spread, closed, 0.5),
        p99_days=_quantile(spread, closed, 0.99),
    )


def _bodies(since: date, until: date, day: date, scope: str, values: Sequence[object]) -> list[ByBody]:
    rows = _rows(
        f"SELECT body, sum(CASE WHEN closed_on IS NULL THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN closed_on IS NULL AND due < %s THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN closed_on >= %s AND closed_on < %s THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN closed_on >= %s AND closed_on < %s AND NOT late THEN 1 ELSE 0 END) "
        f"FROM credit_case WHERE (closed_on IS NULL OR closed_on >= %s) {scope} GROUP BY body ORDER BY body",
        [day, since, until, since, until, since, *values],
    )
    names = dict(Source.objects.values_list("code", "name"))
    return [ByBody(row[0], names.get(row[0], row[0]), *(int(value or 0) for value in row[1:])) for row in rows]


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


def _row(sql: str, values: Sequence[Any]) -> Any:
    return _rows(sql, values)[0]
