"""Lists of cases: paged through, every case of one's own comes once and in order; no list is sorted or read in full."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from tests.databases import Place

from chengxin.operations import accounts, casefigures, caselists
from chengxin.operations.accounts import Principal
from chengxin.storage.models import Case

DAY = date(2026, 11, 23)
OWN, OTHER = (Principal(name, code, code, accounts.DECIDER) for name, code in (("li", "A"), ("wu", "B")))
CENTRE = Principal("officer", "C", "C", accounts.OFFICER)


@pytest.fixture(scope="module")
def cases(database: Place) -> list[Case]:
    """Cases of two bodies, many due on the same day; every fourth closed, every third waiting for a second person."""
    made = [
        Case(
            **{"id": f"XF-{n:03d}", "kind": "repair", "workflow": "repair", "record": f"{n:032x}", "subject": f"S{n}"},
            **{"item": "xzcf", "name": "", "document": "", "body": "B" if n % 5 == 0 else "A", "state": "review"},
            stage="second" if n % 3 == 0 else "work",
            acting="" if n % 4 == 0 else "centre" if n % 7 == 0 else "B" if n % 5 == 0 else "A",
            handler="li" if n % 2 else "",
            due=DAY + timedelta(days=n % 6 - 3),
            opened_on=DAY - timedelta(days=30),
            closed_on=DAY - timedelta(days=n % 6) if n % 4 == 0 else None,
            events=1,
        )
        for n in range(120)
    ]
    return Case.objects.bulk_create(made)


@pytest.mark.parametrize("who", [OWN, OTHER, CENTRE], ids=lambda who: who.user)
@pytest.mark.parametrize("view", caselists.VIEWS)
def test_pages_hold_every_case_of_ones_own_once_and_in_order(cases: list[Case], who: Principal, view: str) -> None:
    acting = caselists.CENTRE if who.sees_all else who.source
    meant = {
        "todo": lambda each: each.acting == acting,
        "second": lambda each: each.acting == acting and each.stage == "second",
        "overdue": lambda each: who.may_see(each.body) and each.due < DAY,
        "mine": lambda each: each.handler == who.user,
        "all": lambda each: who.may_see(each.body),
        "done": lambda each: who.may_see(each.body),
    }[view]
    closed = view == "done"
    expected = [each for each in cases if (each.closed_on is not None) == closed and meant(each)]
    expected.sort(key=lambda each: (each.closed_on if closed else each.due, each.id), reverse=closed)
    found, after = list[str](), ""
    while True:
        page = caselists.listing(who, view, after=after, limit=7, day=DAY)
        found += [row.id for row in page.rows]
        if page.next is None:
            break
        after = page.next
    assert found == [each.id for each in expected]
    if not closed:
        assert caselists.counts(who, day=DAY)[view] == len(found)


@pytest.mark.parametrize("who", [OWN, CENTRE], ids=lambda who: who.user)
@pytest.mark.parametrize("view", caselists.VIEWS)
def test_a_page_costs_the_same_among_a_million(
    cases: list[Case], database: Place, monkeypatch: pytest.MonkeyPatch, who: Principal, view: str
) -> None:
    """Read from the plan: one index gives the rows in order, from the cursor on; nothing is scanned or sorted."""
    asked = []
    monkeypatch.setattr(Case.objects, "raw", lambda sql, values: asked.append((sql, values)) or ())
    for after in ("", "2026-11-24.XF-1"):
        caselists.listing(who, view, after=after, day=DAY)
    monkeypatch.undo()
    explain = "EXPLAIN QUERY PLAN " if database.vendor == "sqlite" else "EXPLAIN "
    for (sql, values), start in zip(asked, (False, True), strict=True):
        with transaction.atomic(), connection.cursor() as cursor:
            if database.vendor == "postgresql":  # on a small table reading it in full would be cheaper
                for way in ("seqscan", "bitmapscan", "sort"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(explain + sql, values)
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
        assert re.search("(USING INDEX|Index Scan using) case_", plan), plan
        assert not re.search("Sort|Seq|TEMP|Filter", plan), plan
        assert not start or re.search("SEARCH|Index Cond: .*ROW", plan), plan


@pytest.mark.parametrize("body", [None, "A"], ids=lambda body: body or "everybody")
def test_figures_count_every_case_in_its_age_and_at_its_body(cases: list[Case], body: str | None) -> None:
    seen = [each for each in cases if body in (None, each.body)]
    since = DAY - timedelta(days=4)
    found = casefigures.figures(since=since, until=DAY, day=DAY, body=body)
    (repairs,) = (each for each in found.kinds if each.kind == "repair")
    still = [each for each in seen if each.closed_on is None]
    done = [each for each in seen if each.closed_on and since <= each.closed_on < DAY]
    late = [each for each in still if each.due < DAY]
    assert (repairs.open, repairs.overdue, repairs.closed, repairs.begun) == (len(still), len(late), len(done), 0)
    assert repairs.ages == (0, 0, 0, len(still), 0), "thirty days is not yet longer than thirty days"
    assert {each.body: (each.open, each.overdue, each.closed) for each in found.bodies} == {
        code: tuple(sum(each.body == code for each in part) for part in (still, late, done))
        for code in {each.body for each in seen}
    }
