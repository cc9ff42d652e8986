"""Notices (撤回公告): what sources took back and why, as the public reads it — the authority, its document, its reasons.

No notice names a party, a record or a decision that was withdrawn: who was never on the record must not stand here as
having been. Names of the party in the authority's own words are put out before anybody sees them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection

from chengxin.catalogue.calendars import due
from chengxin.catalogue.model import Item
from chengxin.kernel.text import Text
from chengxin.operations.deadlines import working_calendar, working_days_between
from chengxin.operations.lookup import Page
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import Act
from chengxin.storage import acts as stored
from chengxin.storage.acts import Told
from chengxin.storage.models import LedgerBatch, Source, SubjectCode, SubjectName
from chengxin.subjects.widths import FULL_WIDTH

PAGE = 50
PARTY = "当事人"
"""What stands in a notice in place of the party's name."""


@dataclass(frozen=True)
class Notice:
    """One notice (公告): ``again`` is whether the record was taken up again; ``days`` are working days that it took."""

    day: date
    kind: Text
    authority: str
    authority_code: str
    again: bool
    ground: Text
    document: str
    decided_on: date | None
    reason: str
    days: int | None
    on_time: bool | None


@dataclass(frozen=True)
class Figures:
    """Withdrawals (撤回统计) by one source: how many, and of those with a dated document how many in time."""

    source: str
    name: str
    withdrawn: int
    dated: int
    on_time: int
    median_days: int | None


def notices(page: int = 1) -> Page[Notice]:
    """Notices, newest first, by pages of fifty; ``next`` is the number of the next page.

    Pages have numbers because a cursor would be the number of an entry, and with it anyone could find the entry.
    """
    acts = (Act.WITHDRAW, Act.REINSTATE)
    found = stored.told(acts, newest=True, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return Page(tuple(_notices(found[:PAGE])), str(page + 1) if len(found) > PAGE else None)


def figures(since: date, until: date) -> tuple[Figures, ...]:
    """Withdrawals entered on the days of ``[since, until)``, by source, most first; counted once per state of the log."""
    last = LedgerBatch.objects.order_by("-first_seq").values_list("id", flat=True).first() or ""
    return _figures(str(connection.settings_dict["NAME"]), last, since, until)


@lru_cache(maxsize=8)
def _figures(_database: str, _last_batch: str, since: date, until: date) -> tuple[Figures, ...]:
    by_source: dict[str, list[_Timing]] = {}
    for told in stored.told((Act.WITHDRAW,), since=since, until=until, limit=1_000_000):
        by_source.setdefault(told.by, []).append(_timing(told, orjson.loads(told.content)))
    names = _sources(by_source)
    counted = []
    for code, found in by_source.items():
        days = sorted(each.days for each in found if each.days is not None)
        on_time = sum(each.on_time is True for each in found)
        median = days[len(days) // 2] if days else None
        counted.append(Figures(code, names.get(code, code), len(found), len(days), on_time, median))
    return tuple(sorted(counted, key=lambda each: (-each.withdrawn, each.source)))


def _notices(found: list[Told]) -> Iterable[Notice]:
    names, sources = _names({each.subject for each in found}), _sources({each.by for each in found})
    for told in found:
        content = orjson.loads(told.content)
        item = catalogue().items.get(told.item)
        again = told.act is not Act.WITHDRAW
        # a reinstatement is a statement of the item itself, a withdrawal fills in the form of withdrawals
        form = item if again else _form(told.item)
        timing = _Timing() if again else _timing(told, content)
        party = names.get(told.subject, ())
        reason = _said(form, content, "ground_reason") or content.get("reason", "")
        yield Notice(
            day=told.day,
            kind=item.title if item else Text(told.item, told.item),
            authority=sources.get(told.by, told.by),
            authority_code=told.by,
            again=again,
            ground=Text("", "") if again else _ground(form, _said(form, content, "ground")),
            document=anonymous(_said(form, content, "recertified" if again else "ground_document"), party),
            decided_on=timing.decided_on,
            reason="" if again else anonymous(reason, party),
            days=timing.days,
            on_time=timing.on_time,
        )


@dataclass(frozen=True)
class _Timing:
    decided_on: date | None = None
    days: int | None = None
    on_time: bool | None = None


def _timing(told: Told, content: Mapping[str, Any]) -> _Timing:
    """How long a withdrawal took since the day of the paper behind it, and whether that was in time."""
    form = _form(told.item)
    decided = _said(form, content, "decided_on")
    if form is None or not decided:
        return _Timing()
    decided_on, calendar, allowed = date.fromisoformat(decided), working_calendar(catalogue()), form.reporting_days
    days = max(0, working_days_between(decided_on, told.day, calendar))
    return _Timing(decided_on, days, None if allowed is None else told.day <= due(calendar, decided_on, allowed).day)


def _said(form: Item | None, content: Mapping[str, Any], role: str) -> str:
    field = form.role(role) if form else None
    return str(content.get("fields", {}).get(field or "", ""))


def _sources(codes: Iterable[str]) -> Mapping[str, str]:
    return dict(Source.objects.filter(code__in=list(codes)).values_list("code", "name"))


def anonymous(text: str, names: Iterable[str]) -> str:
    """The text with each of the party's names and codes put out, the longest first, in any width, case and spacing."""
    for name in sorted(filter(str.strip, names), key=len, reverse=True):
        text = _spelt(name).sub(PARTY, text)
    return text


_HALF = str.maketrans(dict(FULL_WIDTH))
_WIDE = {half: full for full, half in FULL_WIDTH.items()}


def _spelt(name: str) -> re.Pattern[str]:
    plain = "".join(name.split()).translate(_HALF)
    return re.compile(r"\s*".join(f"[{re.escape(char)}{_WIDE.get(char, '')}]" for char in plain), re.IGNORECASE)


def _names(subjects: set[str]) -> Mapping[str, list[str]]:
    names: dict[str, list[str]] = {}
    for subject, name in SubjectName.objects.filter(subject__in=subjects).values_list("subject", "text"):
        names.setdefault(subject, []).append(name)
    codes = SubjectCode.objects.filter(subject__in=subjects).values_list("subject", "code")
    for subject, code in codes:
        names.setdefault(subject, []).append(code)
    return names


def _form(kind: str) -> Item | None:
    items = catalogue().items.values()
    return next((item for item in items if item.acts_on == kind and item.act == Act.WITHDRAW), None)


def _ground(form: Item | None, value: str) -> Text:
    if form is None or not value:
        return Text("", "")
    codes = catalogue().codelists[form.field(form.roles["ground"]).codelist or ""].values
    return next((code.label for code in codes if code.value == value), Text(value, value))
