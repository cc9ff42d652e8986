"""Notices (撤回公告): what sources took back and why, as the public reads it — the authority, its document, its reasons.

No notice names a party, a record or a decision that was withdrawn: who was never on the record must not stand here as
having been. Names of the party in the authority's own words are put out before anybody sees them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from chengxin.catalogue.calendars import due
from chengxin.catalogue.model import Item
from chengxin.kernel.text import Text
from chengxin.operations.deadlines import working_calendar, working_days_between
from chengxin.operations.lookup import Page
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import Act
from chengxin.storage import acts as stored
from chengxin.storage.acts import Told
from chengxin.storage.models import Source, SubjectCode, SubjectName

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
    found = _withdrawals(limit=PAGE + 1, offset=(page - 1) * PAGE)
    return Page(tuple(_notices(found[:PAGE])), str(page + 1) if len(found) > PAGE else None)


def figures(since: date, until: date) -> list[Figures]:
    """Withdrawals entered on the days of ``[since, until)``, by source, most first."""
    by_source: dict[tuple[str, str], list[Notice]] = {}
    for notice in _notices(_withdrawals(since=since, until=until, limit=1_000_000)):
        if not notice.again:
            by_source.setdefault((notice.authority_code, notice.authority), []).append(notice)
    counted = []
    for (code, name), found in by_source.items():
        days = sorted(notice.days for notice in found if notice.days is not None)
        on_time = sum(notice.on_time is True for notice in found)
        median = days[len(days) // 2] if days else None
        counted.append(Figures(code, name, len(found), len(days), on_time, median))
    return sorted(counted, key=lambda each: (-each.withdrawn, each.source))


def _withdrawals(*, limit: int, offset: int = 0, since: date = date.min, until: date = date.max) -> list[Told]:
    return stored.told((Act.WITHDRAW, Act.REINSTATE), newest=True, limit=limit, offset=offset, since=since, until=until)


def _notices(found: list[Told]) -> Iterable[Notice]:
    names = _names({each.subject for each in found})
    sources = dict(Source.objects.filter(code__in={each.by for each in found}).values_list("code", "name"))
    for each in found:
        yield _notice(each, sources.get(each.by, each.by), names.get(each.subject, ()))


def _notice(told: Told, authority: str, names: Iterable[str]) -> Notice:
    content: Mapping[str, Any] = orjson.loads(told.content)
    item = catalogue().items.get(told.item)
    fields = content.get("fields", {})
    base = {
        "day": told.day,
        "kind": item.title if item else Text(told.item, told.item),
        "authority": authority,
        "authority_code": told.by,
    }
    if told.act is not Act.WITHDRAW:
        certificate = fields.get(item.role("recertified") or "", "") if item else ""
        nothing = Text("", "")
        return Notice(
            **base,
            again=True,
            ground=nothing,
            document=certificate,
            decided_on=None,
            reason="",
            days=None,
            on_time=None,
        )
    form = _form(told.item)
    said = (
        {role: fields.get(form.role(role) or "", "") for role in ("ground", "ground_document", "ground_reason")}
        if form
        else {}
    )
    decided = fields.get(form.role("decided_on") or "", "") if form else ""
    decided_on = date.fromisoformat(decided) if decided else None
    calendar = working_calendar(catalogue())
    allowed = form.reporting_days if form else None
    return Notice(
        **base,
        again=False,
        ground=_ground(form, said.get("ground", "")),
        document=said.get("ground_document", ""),
        decided_on=decided_on,
        reason=anonymous(said.get("ground_reason") or content.get("reason", ""), names),
        days=max(0, working_days_between(decided_on, told.day, calendar)) if decided_on else None,
        on_time=told.day <= due(calendar, decided_on, allowed).day if decided_on and allowed else None,
    )


def anonymous(text: str, names: Iterable[str]) -> str:
    """The text with each of the party's names and codes put out, the longest first."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, PARTY)
    return text


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
