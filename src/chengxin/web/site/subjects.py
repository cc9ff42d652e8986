"""Subject page (主体页): code, name, status and what is public about it, in the order of the national report."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from chengxin.catalogue.model import Catalogue, Item
from chengxin.kernel.periods import today
from chengxin.kernel.text import Text
from chengxin.operations import lookup, rulebook
from chengxin.subjects.model import Subject
from chengxin.web.site import answers, identity, present, sections

FIRST = 10
"""Records of an item shown on the subject page; all of them are one link away."""


@require_safe
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that is public about a subject today."""
    found, catalogue, day = _found(code), rulebook.catalogue(), today()
    if found.code and found.code != code:
        return HttpResponseRedirect(reverse("site:subject", args=[found.code]))
    counts = lookup.published_counts(found, day)
    who = identity.of(found)
    published = sections.published(catalogue)
    shown = _sections(found, catalogue, counts, day, who)
    contested = lookup.contested_counts(found, day)
    context = {
        "subject": found,
        "identity": who,
        "sections": [section for section in shown if section["items"] or section["base"]],
        "unseen": _unseen(shown, published, counts),
        "collected": [item.title for item in published],
        "total": sum(counts.values()),
        "counts": [(item.title, counts[item.id]) for item in published if counts.get(item.id)],
        "serious": [(item, counts.get(item.id, 0)) for item in published if item.section.zh == sections.SERIOUS.zh],
        "contested": sum(contested.values()),
        "contested_counts": [(item, contested[item.id]) for item in published if contested.get(item.id)],
        "figures": lookup.figures(day),
    }
    return answers.fresh(request, "site/subject.html", context)


@require_safe
def listing(request: HttpRequest, code: str, item: str) -> HttpResponse:
    """All public records of one item, by pages of fifty."""
    found, catalogue, day = _found(code), rulebook.catalogue(), today()
    kind = catalogue.items.get(item)
    if kind is None or kind not in sections.published(catalogue):
        raise Http404
    try:
        page = lookup.records(found, item=item, on=day, after=request.GET.get("after") or None)
    except ValueError:
        raise Http404 from None
    context = {
        "subject": found,
        "item": kind,
        "cards": [present.card(record, catalogue, day) for record in page.rows],
        "next": page.next,
        "total": lookup.published_counts(found, day).get(item, 0),
    }
    return answers.fresh(request, "site/subject_item.html", context)


def _found(code: str) -> Subject:
    found = lookup.subject(code)
    if found is None:
        raise Http404
    return found


def _sections(
    subject: Subject, catalogue: Catalogue, counts: Any, day: date, who: identity.Identity
) -> list[dict[str, Any]]:
    drawn, published = [], sections.published(catalogue)
    titles = {section.zh: section for section in sections.SECTIONS}
    titles.update({i.section.zh: i.section for i in published if i.section.zh not in titles})
    for title in titles.values():
        items = [
            {
                "item": item,
                "count": counts[item.id],
                "more": counts[item.id] > FIRST,
                "cards": [
                    present.card(record, catalogue, day)
                    for record in lookup.records(subject, item=item.id, on=day, limit=FIRST).rows
                ],
            }
            for item in published
            if item.section.zh == title.zh and counts.get(item.id)
        ]
        base = title is sections.REGISTRATION
        registration = _registration(subject, catalogue) if base else ()
        drawn.append(
            {"title": title, "items": items, "registration": registration, "base": registration or (base and who.told)}
        )
    return drawn


def _unseen(shown: list[dict[str, Any]], published: list[Item], counts: Mapping[str, int]) -> list[Text]:
    """What the report asks about and the page has nothing of, in its order: items, or a section nobody hands in."""
    said: list[Text] = []
    for section in shown:
        items = [item for item in published if item.section.zh == section["title"].zh]
        if items:
            said += [item.title for item in items if not counts.get(item.id)]
        elif not section["base"]:
            said.append(section["title"])
    return said


def _registration(subject: Subject, catalogue: Catalogue) -> tuple[present.Fact, ...]:
    item = catalogue.items.get(lookup.REGISTRATION)
    if item is None:
        return ()
    roles = {item.role(role) for role in identity.ROLES}
    fields = {id: value for id, value in subject.registration.items() if id not in roles}
    return present.facts(fields, {}, item)
