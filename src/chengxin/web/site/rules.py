"""Rules (规则目录): the catalogue in force as pages, each value with its law and whether a person has checked it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.model import Basis, Catalogue
from chengxin.disclosure import masking
from chengxin.kernel.text import Text
from chengxin.operations import rulebook
from chengxin.web.site import present, sections, windows


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everything the platform may hold and the rules under which it is public."""
    catalogue = rulebook.catalogue()
    items = sections.in_order(catalogue.items.values())
    context = {"catalogue": catalogue, "items": items, "overlays": catalogue.overlays.values()}
    return render(request, "site/rules.html", context)


@require_safe
def laws(request: HttpRequest) -> HttpResponse:
    """The legal documents, by rank."""
    found = sorted(rulebook.catalogue().laws.values(), key=lambda law: (law.rank, law.id))
    return render(request, "site/laws.html", {"laws": found})


@require_safe
def law(request: HttpRequest, id: str) -> HttpResponse:
    """One document with the articles that are used, and what rests on it."""
    catalogue = rulebook.catalogue()
    found = _found(catalogue.laws, id)
    rests = [
        (kind, thing.id, thing.title) for kind, thing in _bases(catalogue) if any(b.law == id for b in thing.basis)
    ]
    return render(request, "site/law.html", {"law": found, "rests": rests})


@require_safe
def item(request: HttpRequest, id: str) -> HttpResponse:
    """One item: its fields, when each is required, and whether it is shown."""
    catalogue = rulebook.catalogue()
    found = _found(catalogue.items, id)
    context = {
        "item": found,
        "basis": _cited(found.basis, catalogue),
        "fields": [_field(field, found, catalogue) for field in found.fields],
        "supplement": [_field(field, found, catalogue) for field in found.supplement],
        "regimes": catalogue.regimes_of(id),
        "standards": catalogue.standards_of(id),
        "layouts": catalogue.layouts_of(id),
    }
    return render(request, "site/item.html", context)


@require_safe
def regime(request: HttpRequest, id: str) -> HttpResponse:
    """One regime of publication: how long, counted how, on what basis."""
    catalogue = rulebook.catalogue()
    found = _found(catalogue.regimes, id)
    severities = present.severities()
    context = {
        "regime": found,
        "basis": _cited(found.basis, catalogue),
        "counting_basis": _cited(found.counting.basis, catalogue),
        "terms": [
            {
                "term": term,
                "severity": severities.get(term.severity, term.severity),
                "least": windows.months(term.min_months),
                "most": windows.months(term.max_months),
                "when": condition(term.when, catalogue, found.items),
            }
            for term in found.terms
        ],
        "items": [catalogue.items[i] for i in found.items if i in catalogue.items],
        "when": condition(found.when, catalogue, found.items),
    }
    return render(request, "site/regime.html", context)


@require_safe
def standard(request: HttpRequest, id: str) -> HttpResponse:
    """One severity standard: which kind of decision is minor, general or serious."""
    catalogue = rulebook.catalogue()
    found = _found(catalogue.severity_standards, id)
    severities = present.severities()
    context = {
        "standard": found,
        "basis": _cited(found.basis, catalogue),
        "every": severities.get(found.every, _("不分类")) if found.every else "",
        "kinds": [(kind, severities.get(severity, severity)) for kind, severity in found.kinds.items()],
        "procedures": [(p.value, severities.get(p.severity, p.severity)) for p in found.procedures],
        "amounts": [(a, _cited(a.basis, catalogue), condition(a.when, catalogue, found.items)) for a in found.amounts],
    }
    return render(request, "site/standard.html", context)


@require_safe
def codelist(request: HttpRequest, id: str) -> HttpResponse:
    """One code list with every spelling that is understood."""
    found = _found(rulebook.catalogue().codelists, id)
    return render(request, "site/codelist.html", {"codelist": found})


def condition(asked: Condition | None, catalogue: Catalogue, items: tuple[str, ...] = ()) -> Text | None:
    """A condition in words: 处罚类别含罚款."""
    if asked is None:
        return None
    label = _label(asked.field, catalogue, items)
    values = "、".join(asked.values)
    match asked.op:
        case "in":
            return Text(f"“{label.zh}”为{values}", f"“{label.en}” is {values}")
        case "contains":
            return Text(f"“{label.zh}”含{values}", f"“{label.en}” includes {values}")
        case "mentions":
            return Text(f"“{label.zh}”提及{values}", f"“{label.en}” mentions {values}")
        case "filled":
            return Text(f"填写了“{label.zh}”", f"“{label.en}” is filled in")
    parts = [part for inner in asked.parts if (part := condition(inner, catalogue, items))]
    if asked.op == "not":
        return Text(f"不是（{parts[0].zh}）", f"not ({parts[0].en})")
    joins = (" 且 ", " and ") if asked.op == "all" else (" 或 ", " or ")
    return Text(joins[0].join(p.zh for p in parts), joins[1].join(p.en for p in parts))


def _label(field: str, catalogue: Catalogue, items: tuple[str, ...]) -> Text:
    for id in items or catalogue.items:
        for candidate in catalogue.items[id].all_fields if id in catalogue.items else ():
            if candidate.id == field:
                return candidate.label
    return Text(field, field)


def _field(field: Any, item: Any, catalogue: Catalogue) -> dict[str, Any]:
    required = field.required if isinstance(field.required, str) else "if"
    return {
        "field": field,
        "required": required,
        "when": None if isinstance(field.required, str) else condition(field.required, catalogue, (item.id,)),
        "codelist": catalogue.codelists.get(field.codelist) if field.codelist else None,
        "shown": field.id in masking.public_ids(item, "enterprise"),
        "trader_shown": field.id in masking.public_ids(item, "sole_trader"),
    }


def _bases(catalogue: Catalogue) -> list[tuple[str, Any]]:
    return [
        *(("item", thing) for thing in catalogue.items.values()),
        *(("regime", thing) for thing in catalogue.regimes.values()),
        *(("standard", thing) for thing in catalogue.severity_standards.values()),
    ]


def _cited(basis: tuple[Basis, ...], catalogue: Catalogue) -> list[present.Cited]:
    return [present.cited(one, catalogue) for one in basis]


def _found(mapping: Any, id: str) -> Any:
    if id not in mapping:
        raise Http404
    return mapping[id]
