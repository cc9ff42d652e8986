"""Check (目录核查): what is wrong with a catalogue that was read, and what in it nobody has confirmed yet."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.describe import contents, describe
from chengxin.catalogue.laws import Basis, Rank
from chengxin.catalogue.model import Catalogue, Item, Layout
from chengxin.catalogue.processes import basis_of, problems_of_workflows
from chengxin.catalogue.standards import problems_of_severity, problems_of_terms
from chengxin.kernel.text import Text

__all__ = ["Problem", "check", "contents", "describe", "header_key", "problems_of_reference"]

SUBJECT_KINDS = ("government", "institution", "enterprise", "sole_trader", "social", "cooperative", "other")
"""Kinds of subject a field may be hidden for; the same ids as ``subjects.model.Kind``."""

ROLES = frozenset(
    [
        "name",
        "code",
        "party_kind",
        "registration_no",
        "organisation_code",
        "tax_no",
        "institution_no",
        "social_no",
        "representative",
        "representative_id_kind",
        "representative_id",
        "person_id_kind",
        "person_id",
        "document_no",
        "title",
        "violation",
        "facts",
        "legal_basis",
        "kinds",
        "licence_kind",
        "certificate",
        "recertified",
        "ground",
        "ground_document",
        "ground_reason",
        "licence_no",
        "content",
        "fine",
        "confiscation",
        "licence_taken",
        "decided_on",
        "valid_from",
        "valid_until",
        "claimed_end",
        "removed_on",
        "removal_document",
        "authority_name",
        "authority_code",
        "status",
        "source_name",
        "source_code",
        "remark",
        "severity",
        "severity_basis",
        "publication_reason",
        "procedure",
        "former_names",
        "subject_type",
        "established_on",
        "address",
        "region",
        "english_name",
        "scope",
        "name_since",
        "code_since",
        "former_code",
        "other_names",
        "status_since",
        "relation",
        "related_name",
        "related_code",
    ]
)
"""Every role code may ask for; an unknown role is a spelling mistake."""


@dataclass(frozen=True)
class Problem:
    """Something found. ``error`` = the catalogue is refused; ``warning`` = it holds, and the operator should know."""

    rule: str
    level: str
    what: Text
    where: str


def check(catalogue: Catalogue) -> list[Problem]:
    """Errors first, then everything unconfirmed, as the operator must see it."""
    return problems_of_reference(catalogue) + list(_unconfirmed(catalogue))


def problems_of_reference(catalogue: Catalogue) -> list[Problem]:
    """Errors only: things named that do not exist, and terms that contradict each other."""
    found: list[Problem] = []
    for item in catalogue.items.values():
        found += _item(catalogue, item)
    for layout in catalogue.layouts.values():
        found += _layout(catalogue, layout)
    for assignment in catalogue.assignments.values():
        found += _basis(catalogue, assignment.basis, assignment.source)
    for overlay in catalogue.overlays.values():
        found += _basis(catalogue, overlay.basis, f"{overlay.id}/overlay.yaml")
    for text, where in problems_of_terms(catalogue):
        found.append(_error("terms", text, where))
    for text, where in problems_of_severity(catalogue):
        found.append(_error("severity", text, where))
    for text, where in problems_of_workflows(catalogue):
        found.append(_error("workflow", text, where))
    for workflow in catalogue.workflows.values():
        found += _basis(catalogue, basis_of(workflow), workflow.source)
    for rules in catalogue.repair.values():
        cited = [*rules.basis, *rules.deceit.basis, *(b for r in rules.requirements for b in r.basis)]
        found += _basis(catalogue, [*cited, *(b for e in rules.exclusions for b in e.basis)], rules.source)
        found += _conditions(catalogue, rules.items, [rules.when, *(e.when for e in rules.exclusions)], rules.source)
    for takedown in catalogue.takedowns.values():
        found += _basis(catalogue, takedown.basis, takedown.source)
    for regime in catalogue.regimes.values():
        found += _basis(catalogue, regime.basis + regime.counting.basis, regime.source)
        conditions = [regime.when, *(t.when for t in regime.terms), *(w.when for w in regime.withhold)]
        found += _conditions(catalogue, regime.items, conditions, regime.source)
    for standard in catalogue.severity_standards.values():
        found += _basis(
            catalogue, standard.basis + tuple(b for a in standard.amounts for b in a.basis), standard.source
        )
        found += _conditions(catalogue, standard.items, [a.when for a in standard.amounts], standard.source)
    return found


def header_key(header: str) -> str:
    """How headers are compared: no blanks, line breaks or case, brackets and letters in one width."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).upper()


def _error(rule: str, what: Text, where: str) -> Problem:
    return Problem(rule, "error", what, where)


def _missing(kind_zh: str, kind_en: str, id: str, where: str) -> Problem:
    return _error("reference", Text(f"没有此{kind_zh}：{id}", f"there is no {kind_en} {id}"), where)


def _basis(catalogue: Catalogue, basis: Iterable[Basis], where: str) -> Iterator[Problem]:
    for one in basis:
        law = catalogue.laws.get(one.law)
        if law is None:
            yield _missing("法律文件", "law", one.law, where)
        elif one.article not in law.articles:
            yield _missing("条款", "article", f"{one.law} {one.article}", where)


def _conditions(
    catalogue: Catalogue, items: Iterable[str], conditions: Iterable[Condition | None], where: str
) -> Iterator[Problem]:
    for item_id in items:
        item = catalogue.items.get(item_id)
        if item is None:
            yield _missing("事项", "item", item_id, where)
            continue
        known = {f.id for f in item.stored_fields}
        for condition in conditions:
            for field in sorted((condition.fields() if condition else frozenset()) - known):
                yield _missing("数据项", "stored field", f"{item_id}.{field}", where)


def _item(catalogue: Catalogue, item: Item) -> Iterator[Problem]:
    where = item.source
    yield from _basis(catalogue, item.basis, where)
    if not item.basis:
        yield _error("basis", Text(f"事项 {item.id} 没有依据", f"item {item.id} has no legal basis"), where)
    layer = where.partition("/")[0]
    if layer in catalogue.overlays and not _ranks_as_regulation(catalogue, item.basis):
        text = Text(
            f"地方补充事项 {item.id} 须以地方性法规以上为依据",
            f"item {item.id} of an overlay needs a local regulation or higher",
        )
        yield _error("rank", text, where)
    known = {f.id for f in item.all_fields}
    for role, field in item.roles.items():
        if role not in ROLES:
            yield _missing("角色", "role", role, where)
        if field not in known:
            yield _missing("数据项", "field", f"{item.id}.{field}", where)
    for field in item.published:
        if field not in {f.id for f in item.stored_fields}:
            yield _missing("可公示数据项", "stored field to publish", f"{item.id}.{field}", where)
    for field in item.key:
        if field not in {f.id for f in item.stored_fields}:
            yield _missing("标识数据项", "stored field of the key", f"{item.id}.{field}", where)
    if item.acts_on and (item.acts_on not in catalogue.items or not item.act):
        yield _missing("事项", "item acted on", f"{item.id}: {item.acts_on} {item.act}", where)
    if item.publicity == "never" and item.published:
        yield _error(
            "publicity", Text(f"{item.id} 不公示却列出公示项", f"{item.id} is never public but lists fields"), where
        )
    for f in item.all_fields:
        if f.codelist is not None and f.codelist not in catalogue.codelists:
            yield _missing("代码表", "code list", f.codelist, where)
        if f.type == "list" and f.codelist is None:
            yield _error("codelist", Text(f"{f.id} 缺少代码表", f"{f.id} has no code list"), where)
        if f.type == "decimal" and f.digits is None:
            yield _error("digits", Text(f"{f.id} 缺少位数", f"{f.id} has no digits"), where)
        if isinstance(f.required, Condition):
            for other in sorted(f.required.fields() - known):
                yield _missing("数据项", "field", f"{item.id}.{other}", where)
        for kind in f.hide_for:
            if kind not in SUBJECT_KINDS:
                yield _missing("主体类别", "kind of subject", kind, where)


def _ranks_as_regulation(catalogue: Catalogue, basis: Iterable[Basis]) -> bool:
    ranks = [catalogue.laws[b.law].rank for b in basis if b.law in catalogue.laws]
    return any(rank <= Rank.LOCAL_REGULATION for rank in ranks)


def _layout(catalogue: Catalogue, layout: Layout) -> Iterator[Problem]:
    item = catalogue.items.get(layout.item)
    if item is None:
        yield _missing("事项", "item", layout.item, layout.source)
        return
    known = {f.id for f in item.all_fields}
    for field in [*layout.headers, *layout.joined, *layout.values, *layout.stand_ins]:
        if field not in known:
            yield _missing("数据项", "field", f"{layout.item}.{field}", layout.source)
    taken: dict[str, str] = {}
    columns = [(h, field) for field, headers in layout.headers.items() for h in headers]
    columns += [(h, field) for field, parts in layout.joined.items() for part in parts for h in part]
    columns += [(h, "drop") for h in layout.drop]
    for header, field in columns:
        other = taken.setdefault(header_key(header), field)
        if other != field:
            text = Text(
                f"表头“{header}”同时指向 {other} 和 {field}", f"header {header!r} stands for {other} and {field}"
            )
            yield _error("header", text, layout.source)


def _unconfirmed(catalogue: Catalogue) -> Iterator[Problem]:
    def note(what: str, attributes: Iterable[str], where: str) -> Problem:
        listed = ", ".join(attributes)
        return Problem(
            "unconfirmed", "warning", Text(f"{what} 未经核实：{listed}", f"{what} is unconfirmed: {listed}"), where
        )

    for law in catalogue.laws.values():
        articles = [f"article {a.id}" for a in law.articles.values() if not a.confirmed]
        if law.unconfirmed or articles:
            yield note(law.id, [*law.unconfirmed, *articles], law.source)
    for item in catalogue.items.values():
        if item.unconfirmed:
            yield note(item.id, item.unconfirmed, item.source)
        for f in item.all_fields:
            if f.unconfirmed:
                yield note(f"{item.id}.{f.id}", f.unconfirmed, item.source)
    for codelist in catalogue.codelists.values():
        values = [f"value {v.value}" for v in codelist.values if not v.confirmed]
        if codelist.unconfirmed or values:
            yield note(codelist.id, [*codelist.unconfirmed, *values], codelist.source)
    for regime in catalogue.regimes.values():
        terms = [f"term {t.severity}" for t in regime.terms if not t.confirmed]
        if regime.unconfirmed or terms:
            yield note(regime.id, [*regime.unconfirmed, *terms], regime.source)
    for standard in catalogue.severity_standards.values():
        if standard.unconfirmed:
            yield note(standard.id, standard.unconfirmed, standard.source)
            text = Text(f"{standard.id} 未经核实，不用于认定", f"{standard.id} is unconfirmed and classifies nothing")
            yield Problem("standard-unused", "warning", text, standard.source)
    for workflow in catalogue.workflows.values():
        terms = [f"deadline {d.id}" for d in workflow.deadlines.values() if not d.confirmed]
        if workflow.unconfirmed or terms:
            yield note(workflow.id, [*workflow.unconfirmed, *terms], workflow.source)
    for rules in catalogue.repair.values():
        if not rules.confirmed:
            yield note(rules.id, rules.unconfirmed or ("deceit",), rules.source)
    for takedown in catalogue.takedowns.values():
        if takedown.unconfirmed:
            yield note(takedown.id, takedown.unconfirmed, takedown.source)
    for layout in catalogue.layouts.values():
        if layout.unconfirmed:
            yield note(layout.id, layout.unconfirmed, layout.source)
    for calendar in catalogue.calendars.values():
        if calendar.unconfirmed:
            yield note(calendar.id, calendar.unconfirmed, calendar.source)
    for assignment in catalogue.assignments.values():
        departments = [f"department {d.department}" for d in assignment.departments.values() if not d.confirmed]
        if assignment.unconfirmed or departments:
            yield note(assignment.id, [*assignment.unconfirmed, *departments], assignment.source)
    for overlay in catalogue.overlays.values():
        if not overlay.confirmed:
            yield note(overlay.id, ["overlay"], f"{overlay.id}/overlay.yaml")
