"""Records as pages show them (信息呈现): one view of a record for search, subject, record page and desk alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengxin.catalogue.model import Basis, Catalogue, Field, Item
from chengxin.operations import registry
from chengxin.records.model import Record, Severity
from chengxin.resolution import linking
from chengxin.web.site import windows
from chengxin.web.site.wording import article_name, english, say

UNNAMED = "—"


@dataclass(frozen=True)
class Tag:
    """A state in one word; ``colour`` is empty (neutral), blue, violet, green, amber or red."""

    text: str
    colour: str = ""


@dataclass(frozen=True)
class Fact:
    """A field as shown: label, value, what the sender wrote where that differs, and whether its rule is confirmed."""

    label: str
    value: object
    original: str = ""
    kind: str = "text"
    id: str = ""
    code: str = ""


@dataclass(frozen=True)
class Cited:
    """A legal basis as a link: title and article of the law, its rank, whether a person checked it."""

    title: str
    article: str
    url: str
    rank: str
    confirmed: bool


@dataclass(frozen=True)
class Card:
    """A record at a glance."""

    id: str
    url: str
    title: str
    number: str
    tags: tuple[Tag, ...]
    facts: tuple[Fact, ...]
    authority: str
    decided_on: object
    valid_until: object
    steps: tuple[windows.Step, ...]
    contested: date | None = None
    reply_by: date | None = None


def severities() -> Mapping[str, str]:
    """Words for severities; neutral, the words carry it."""
    return {
        Severity.MINOR: _("轻微"),
        Severity.GENERAL: _("一般"),
        Severity.SERIOUS: _("严重"),
        Severity.UNCLASSIFIED: _("未分类"),
    }


def card(record: Record, catalogue: Catalogue, on: date) -> Card:
    """The card of a public record."""
    item = catalogue.items[record.item]
    authority, decided = _role(record, item, "authority_name"), _role(record, item, "decided_on")
    facts = [_fact(record, item, "content"), Fact(_("决定机关"), authority or UNNAMED, kind="authority")]
    return Card(
        id=record.id,
        url=reverse("site:record", args=[record.id]),
        title=title(record, item),
        number=_role(record, item, "document_no"),
        tags=(*tags(record, item)[1:], *linked_tags(record.linked)),
        facts=tuple(fact for fact in facts if fact is not None),
        authority=authority or UNNAMED,
        decided_on=decided,
        valid_until=_role(record, item, "valid_until"),
        steps=windows.steps(record, catalogue, on),
        contested=record.contested,
        reply_by=record.reply_by,
    )


def title(record: Record, item: Item) -> str:
    """What a record is called: what was licensed or violated, else its document number, else the kind of information."""
    named = (_role(record, item, role) for role in ("title", "violation", "certificate", "document_no"))
    return next(filter(None, named), say(item.title))


def tags(record: Record, item: Item) -> tuple[Tag, ...]:
    """Kind, severity, state: at most three."""
    severity = severities().get(record.severity)
    return (
        Tag(say(item.title)),
        *([Tag(severity)] if severity and item.adverse else []),
        Tag(_("异议处理中"), "violet") if record.contested else Tag(_("公示中"), "blue"),
        *([Tag(_("已更正"))] if len(record.versions) > 1 and not severity else []),
    )


def linked_tags(linked: str) -> tuple[Tag, ...]:
    """The way a record came to its subject, where little stands behind it."""
    way = linking.WAYS.get(linked)
    return (Tag(say(way.word)),) if way and way.weak else ()


def status(value: str) -> str:
    """A registration status as registers write it, in English where the code list knows what it means."""
    known = registry.status(value) if english() else None
    return say(known.label) if known else value


PARTY = ("name", "code", "registration_no", "organisation_code", "party_kind")
"""Roles that the row about the subject already says."""
FIRST = ("document_no", "content", "decided_on", "authority_name", "valid_until")
"""Roles that a reader wants before anything else."""
CODE_OF = {"authority_name": "authority_code", "source_name": "source_code"}
"""A body's code is written under its name."""


def facts(fields: Mapping[str, str], original: Mapping[str, str], item: Item) -> tuple[Fact, ...]:
    """Fields in the order of the national report; labels are those of the catalogue."""
    known = {field.id: field for field in item.all_fields}
    under = {item.role(name): item.role(code) for name, code in CODE_OF.items()}
    codes = {code for name, code in under.items() if code and fields.get(name or "")}
    return tuple(
        Fact(
            say(known[id].label),
            shown(value, known[id]),
            original.get(id, ""),
            known[id].type,
            id,
            fields.get(under.get(id) or "", ""),
        )
        for id, value in fields.items()
        if id in known and id not in codes
    )


def record_facts(record: Record, item: Item) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The facts of a record in two parts: what was decided, when and by whom; then all the rest.

    Those about the subject are left out, it has a row of its own.
    """
    party = {item.role(role) for role in PARTY}
    known = facts({id: value for id, value in record.fields.items() if id not in party}, record.original, item)
    first = {item.role(role) for role in FIRST}
    return tuple(f for f in known if f.id in first), tuple(f for f in known if f.id not in first)


def shown(value: str, field: Field) -> str:
    """Several values in one field are read as a list; an amount in 万元 is said in yuan too, as few think in 万元."""
    if field.type == "multi":
        return value.replace(";", "、" if (get_language() or "").startswith("zh") else "; ")
    if field.type == "decimal" and "万元" in (field.label.zh, field.unit, field.label.zh[-4:-1]):
        return _("%(ten_thousands)s 万元，即 %(yuan)s 元") % {"ten_thousands": value, "yuan": _yuan(value)}
    return value


def _yuan(value: str) -> str:
    amount = Decimal(value) * 10000
    return f"{amount:,.2f}".removesuffix(".00")


def cited(basis: Basis, catalogue: Catalogue) -> Cited:
    """A basis with the law's title, the article and a link to both."""
    law = catalogue.laws[basis.law]
    article = law.articles[basis.article]
    number = "" if article.number is None else article_name(article.number)
    return Cited(
        title=law.title.zh,
        article=number,
        url=f"{reverse('site:law', args=[law.id])}#{article.id}",
        rank=say(law.rank.title),
        confirmed=law.confirmed and article.confirmed,
    )


def severity_reason(record: Record, catalogue: Catalogue) -> tuple[str, tuple[Cited, ...], bool] | None:
    """Who set the severity, and under which standard; None where the item knows none."""
    word = severities().get(record.severity)
    if not word:
        return None
    if record.severity_by == "given":
        return _("失信程度“%(word)s”，由作出决定的机关认定。") % {"word": word}, (), True
    standard = catalogue.severity_standards.get(record.severity_by)
    if standard is None:
        return _("失信程度“%(word)s”。") % {"word": word}, (), False
    words = _("失信程度“%(word)s”，由本站按《%(standard)s》得出。") % {"word": word, "standard": say(standard.title)}
    return words, tuple(cited(basis, catalogue) for basis in standard.basis), standard.confirmed


def _role(record: Record, item: Item, role: str) -> str:
    id = item.role(role)
    return record.fields.get(id, "") if id else ""


def _fact(record: Record, item: Item, role: str) -> Fact | None:
    id = item.role(role)
    value = record.fields.get(id, "") if id else ""
    if not id or not value:
        return None
    return Fact(say(item.field(id).label), value, record.original.get(id, ""), id=id)
