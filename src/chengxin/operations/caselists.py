"""Lists of cases (办件列表): what waits for whom, by due day; every list is read in the order of one index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations.accounts import Principal
from chengxin.storage.models import Case

PAGE = 50
COUNTED = 1000
"""Counts stop here: nobody acts differently on 1,000 and on 100,000, and counting those costs more than the page."""
VIEWS = ("todo", "second", "overdue", "mine", "all", "done")
CENTRE = "centre"


@dataclass(frozen=True)
class Page:
    """One page of a list, and the cursor of the next where there is one."""

    rows: tuple[Case, ...]
    next: str | None


def listing(who: Principal, view: str, *, after: str = "", limit: int = PAGE, day: date | None = None) -> Page:
    """A page of a list, the most urgent first (closed ones: the latest first).

    ``todo`` waits for this organisation, ``second`` for its second person, ``overdue`` is late, ``mine`` was handled by
    this person, ``all`` is every open case it may see, ``done`` the closed ones. Raises Refusal ``case.view``, ``case.cursor``.
    """
    where, values = _where(who, view, day or today())
    backwards = view == "done"
    column, order = ("closed_on", "DESC") if backwards else ("due", "ASC")
    if after:
        edge, _, number = after.partition(".")
        try:
            date.fromisoformat(edge)
        except ValueError:
            raise _no_cursor(after) from None
        where += f" AND ({column}, id) {'<' if backwards else '>'} (%s, %s)"
        values += [edge, number]
    sql = f"SELECT * FROM credit_case WHERE {where} ORDER BY {column} {order}, id {order} LIMIT {limit + 1}"
    rows = list(Case.objects.raw(sql, values))
    shown = rows[:limit]
    more = f"{getattr(shown[-1], column)}.{shown[-1].id}" if len(rows) > limit else None
    return Page(tuple(shown), more)


def counts(who: Principal, *, day: date | None = None) -> Mapping[str, int]:
    """How many cases each list holds, counted up to COUNTED."""
    found = {}
    with connection.cursor() as cursor:
        for view in VIEWS[:-1]:
            where, values = _where(who, view, day or today())
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM credit_case WHERE {where} LIMIT {COUNTED}) few", values
            )
            found[view] = int(cursor.fetchone()[0])
    return found


def case(number: str, who: Principal) -> Case:
    """The case, if this person may see it; another body's looks like one that does not exist. Raises ``case.unknown``."""
    found = Case.objects.filter(id=number).first()
    if found is None or not (who.sees_all or found.body == who.source):
        raise unknown(number)
    return found


def of_subject(subject: str, *, limit: int = PAGE) -> list[Case]:
    """The cases about an organisation, the latest first: for itself."""
    return list(Case.objects.filter(subject=subject).order_by("-opened_on", "-id")[:limit])


def of_record(record: str) -> list[Case]:
    """The cases about a record, the latest first."""
    return list(Case.objects.filter(record=record).order_by("-opened_on", "-id"))


def next_number(prefix: str, day: date) -> str:
    """The next free number of the day, XF-20261122-0001; whoever takes one waits for whoever took one before."""
    first = f"{prefix}-{day:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO case_number (day, last) VALUES (%s, 1) "
            "ON CONFLICT (day) DO UPDATE SET last = case_number.last + 1 RETURNING last",
            [first],
        )
        return f"{first}-{int(cursor.fetchone()[0]):04d}"


def unknown(number: str) -> Refusal:
    """The one refusal for a case that is not there or not this person's."""
    return Refusal(
        "case.unknown",
        Text("没有此办件，或者不属于本单位。", "There is no such case, or it is not this body's."),
        where=Text(number[:40], number[:40]),
        remedy=Text("请核对办件编号。", "Check the number."),
    )


def _where(who: Principal, view: str, day: date) -> tuple[str, list[Any]]:
    if view not in VIEWS:
        raise Refusal(
            "case.view",
            Text("没有这个列表。", "There is no such list."),
            remedy=Text(f"可用：{'、'.join(VIEWS)}。", f"There are {', '.join(VIEWS)}."),
        )
    own = CENTRE if who.sees_all else who.source
    if view == "mine":
        return "closed_on IS NULL AND handler = %s", [who.user]
    if view == "todo":
        return "closed_on IS NULL AND acting = %s", [own]
    if view == "second":
        return "closed_on IS NULL AND acting = %s AND stage = 'second'", [own]
    state = "closed_on IS NOT NULL" if view == "done" else "closed_on IS NULL"
    where, values = (state, []) if who.sees_all else (f"{state} AND body = %s", [who.source])
    if view == "overdue":
        return f"{where} AND due < %s", [*values, day]
    return where, values


def _no_cursor(text: str) -> Refusal:
    return Refusal(
        "case.cursor",
        Text("没有这个翻页标记。", "No page gave out this cursor."),
        where=Text(text[:40], text[:40]),
        remedy=Text("请从第一页重新开始。", "Begin with the first page again."),
    )
