"""Reasons (原因): what a rule id on a receipt means, in both languages, with its basis and what to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chengxin.intake import checks, normalise
from chengxin.kernel.periods import today
from chengxin.kernel.text import Text
from chengxin.operations.receipts import Row
from chengxin.operations.rulebook import catalogue
from chengxin.records import standing
from chengxin.resolution import linking
from chengxin.subjects.free_text import holds_citizen_number

NOTHING = Text("", "")


@dataclass(frozen=True)
class Explained:
    """A rule as the desk shows it; ``level`` is ``error``, ``warning`` or ``refusal``."""

    id: str
    field: str
    label: Text
    message: Text
    basis: str
    remedy: Text
    level: str = "error"


@dataclass(frozen=True)
class Finding:
    """A rule together with the value that breaks it: what is wrong at which characters, and a proposal."""

    rule: Explained
    message: Text
    marks: tuple[tuple[int, int], ...]
    """Half-open spans of wrong characters, in the order of the text."""
    suggestion: str


RAGGED = Explained(
    "file.ragged",
    "",
    NOTHING,
    Text("这一行的列数与表头不同", "This row has another number of columns than the header"),
    "",
    Text(
        "多为单元格里的分隔符没有加引号；请改原文件后重新上传这一行。",
        "Mostly a separator inside a cell without quotes; mend the file and upload the row again.",
    ),
)


def label(item: str, field: str) -> Text:
    """What the national layout calls a field; its id when the catalogue does not know it."""
    found = catalogue().items.get(item)
    try:
        return found.field(field).label if found else Text(field, field)
    except KeyError:
        return Text(field, field)


def explain(item: str, rule: str, field: str = "") -> Explained:
    """The meaning of a rule id for rows of an item. An id that no rule book knows explains itself by its name."""
    known = _book(item, catalogue().digest).get(rule)
    if known is not None:
        return known
    return Explained(rule, field, label(item, field) if field else NOTHING, Text(rule, rule), "", NOTHING)


def find(item: str, rule: str, field: str, value: str) -> Finding:
    """What is wrong with this value under this rule, as precisely as the rule can say."""
    known = explain(item, rule, field)
    by_id = _checks(item, catalogue().digest)
    if rule not in by_id or not value or holds_citizen_number(value):  # messages repeat what stands in the cell
        return Finding(known, known.message, (), "")
    said = checks.explain(by_id[rule], value)
    return Finding(known, said.message, _spans(said.marked), said.suggestion or "")


def findings(item: str, row: Row) -> Iterator[tuple[str, Finding]]:
    """Field ('' for the row as a whole) and finding of every rule a row breaks."""
    for reason in row.reasons:
        field = reason.field or explain(item, reason.rule).field
        yield field, find(item, reason.rule, field, row.cells.get(field, ""))


def kind(name: str) -> Text:
    """What a kind of normalisation is called."""
    return normalise.KINDS.get(name, Text(name, name))


@lru_cache(maxsize=16)
def _checks(item: str, digest: str) -> Mapping[str, checks.Rule]:
    loaded = catalogue()
    if item not in loaded.items:
        return {}
    # with sole traders switched off the rule that refuses them is there too; receipts may be older than the switch
    return {rule.id: rule for rule in checks.rules(loaded.items[item], loaded, today(), sole_traders=False)}


@lru_cache(maxsize=16)
def _book(item: str, digest: str) -> Mapping[str, Explained]:
    loaded = catalogue().items.get(item)
    book = {RAGGED.id: RAGGED}
    links: tuple[linking.LinkRule | standing.Hindrance, ...] = (*linking.RULES.values(), *standing.RULES.values())
    for link in links:
        field = (loaded.role(link.role) if loaded else None) or ""
        where = label(item, field) if field else NOTHING
        level = link.level if isinstance(link, standing.Hindrance) else "error"
        book[link.id] = Explained(link.id, field, where, link.message, link.basis, link.remedy, level)
    for rule in _checks(item, digest).values():
        where = label(item, rule.field) if rule.field else NOTHING
        book[rule.id] = Explained(rule.id, rule.field, where, rule.message, rule.basis, rule.remedy, rule.level)
    return book


def _spans(marked: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Wrong positions as spans, neighbours joined."""
    spans: list[tuple[int, int]] = []
    for at in sorted(marked):
        if spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    return tuple(spans)
