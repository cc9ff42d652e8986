"""Quarantine grid (更正表): open rows grouped by rule, each wrong value with what is wrong and a field to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chengxin.catalogue.model import Item
from chengxin.kernel.text import Text
from chengxin.operations import mending, reasons, rulebook
from chengxin.operations.reasons import NOTHING, Explained, Finding
from chengxin.operations.receipts import Reason, Row
from chengxin.operations.registered import registered_name
from chengxin.storage.models import Submission

SUBJECT_RULES = "subject."
"""Rules about whom a row speaks of concern its name and its code together."""
IF_CODE_IS_WRONG = Text("代码填错的，请在这里更正", "If the code is wrong, mend it here")
REGISTERED = Text("该代码现登记为“{name}”", "This code is registered as “{name}”")
SHORT = 40
NAME_ROLES = ("name", "authority_name", "source_name")


@dataclass(frozen=True)
class Piece:
    """A stretch of the value as sent; ``wrong`` marks the characters at fault."""

    text: str
    wrong: bool


@dataclass(frozen=True)
class Choice:
    value: str
    words: Text


@dataclass(frozen=True)
class Cell:
    """One value to mend: what was sent, what is wrong, what is proposed; ``choices`` make it a list to choose from.

    ``pieces`` are the value in the file. ``tried`` is the last attempt where it differs, and what ``findings`` speak of.
    """

    field: str
    label: Text
    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]
    value: str
    suggestion: str
    choices: tuple[Choice, ...] = ()
    note: Text = NOTHING
    tried: tuple[Piece, ...] = ()
    literal: bool = False
    """Whether the value is a code, a number or a date: shown in one piece, in a fixed pitch."""


@dataclass(frozen=True)
class GridRow:
    row: Row
    cells: tuple[Cell, ...]
    general: tuple[Explained, ...]
    """Rules that no cell on this page can put right."""

    @property
    def can_mend(self) -> bool:
        return bool(self.cells) and not self.row.mended


@dataclass
class Group:
    """Rows shown under one rule. ``rows`` holds each row once, under its most frequent rule."""

    rule: Explained
    total: int
    rows: list[GridRow] = field(default_factory=list)
    bulk: bool = False

    @property
    def proposals(self) -> int:
        """How many rows on the page come with a proposal for this rule."""
        return sum(1 for each in self.rows if any(c.suggestion for c in each.cells if self._mine(c)))

    def _mine(self, cell: Cell) -> bool:
        return any(finding.rule.id == self.rule.id for finding in cell.findings)


def groups(found: Submission, rows: Iterable[Row], counts: Mapping[str, int], only: str | None = None) -> list[Group]:
    """The rows under the rule that most rows of the file break, or all under ``only``."""
    item = rulebook.catalogue().items.get(found.item)
    made: dict[str, Group] = {}
    rows = list(rows)
    in_file = mending.reasons_in_file(found.id, [row.row for row in rows if _tried(row)])
    for row in rows:
        rule = only or _leading(found.item, row.reasons, counts)
        if rule not in made:
            known = reasons.explain(found.item, rule)
            made[rule] = Group(known, counts.get(rule, 0), bulk=bulk_allowed(item, known.field))
        made[rule].rows.append(_grid_row(item, row, in_file.get(row.row, row.reasons), leading=rule))
    return sorted(made.values(), key=lambda group: (-group.total, group.rule.id))


def grid_row(found: Submission, row: Row) -> GridRow:
    """One row by itself, with a cell for every field at fault."""
    in_file = mending.reasons_in_file(found.id, [row.row]) if _tried(row) else {}
    return _grid_row(rulebook.catalogue().items.get(found.item), row, in_file.get(row.row, row.reasons))


def _tried(row: Row) -> bool:
    return any(row.cells.get(name, "") != row.sent.get(name, "") for name in row.cells.keys() | row.sent.keys())


def _grid_row(item: Item | None, row: Row, in_file: tuple[Reason, ...], leading: str = "") -> GridRow:
    """One row with a cell for every field at fault, those of the leading rule first."""
    by_field: dict[str, list[Reason]] = {}
    general: list[Explained] = []
    for reason in sorted(row.reasons, key=lambda each: each.rule != leading):
        fields = _fields(item, reason)
        if not fields or not row.sent:
            general.append(reasons.explain(item.id if item else "", reason.rule))
        for name in fields if row.sent else []:
            by_field.setdefault(name, []).append(reason)
    cells = tuple(_cell(item, row, name, broken, in_file) for name, broken in by_field.items()) if item else ()
    return GridRow(row, cells, tuple(general))


def bulk_allowed(item: Item | None, field: str) -> bool:
    """Names are never changed in bulk: whether two names are one body is for a person to say, row by row."""
    return item is not None and bool(field) and field not in {item.role(role) for role in NAME_ROLES}


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    """The text cut at the wrong stretches; spans outside the text are left out."""
    cut, at = [], 0
    for start, end in sorted(spans):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        cut += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    cut.append(Piece(text[at:], False))
    return tuple(piece for piece in cut if piece.text)


def _leading(item: str, broken: tuple[Reason, ...], counts: Mapping[str, int]) -> str:
    """The most frequent rule that keeps the row back; a hint (提示) leads only where nothing else was found."""
    rules = [reason.rule for reason in broken]
    blocking = [rule for rule in rules if reasons.explain(item, rule).level != "warning"]
    return max(blocking or rules or [""], key=lambda rule: (counts.get(rule, 0), rule))


def _fields(item: Item | None, reason: Reason) -> list[str]:
    if item is None:
        return []
    if reason.rule.startswith(SUBJECT_RULES):
        return [name for name in (item.role("name"), item.role("code")) if name]
    name = reason.field or reasons.explain(item.id, reason.rule).field
    return [name] if name and any(each.id == name for each in item.stored_fields) else []


def _cell(item: Item, row: Row, name: str, broken: list[Reason], in_file: tuple[Reason, ...]) -> Cell:
    sent, value = row.sent.get(name, ""), row.cells.get(name, "")
    field = item.field(name)
    findings = tuple(reasons.find(item.id, reason.rule, name, value) for reason in broken)
    suggestion = next((finding.suggestion for finding in findings if finding.suggestion), "")
    about_subject = [finding for finding in findings if finding.rule.id.startswith(SUBJECT_RULES)]
    second = bool(about_subject) and name == item.role("code")
    if second:  # said once, at the name; the code beside it is there to be mended too
        findings = tuple(finding for finding in findings if finding not in about_subject)
    of_file = findings
    if value != sent:
        broken = [reason for reason in in_file if name in _fields(item, reason)]
        of_file = tuple(reasons.find(item.id, reason.rule, name, sent) for reason in broken)
    registered = _registered(item, row) if about_subject and not second else ""
    return Cell(
        field=name,
        label=field.label,
        pieces=pieces(sent, _spans(sent, of_file)),
        findings=findings,
        value=suggestion or value,
        suggestion=suggestion,
        choices=_names(value, registered) if registered else _choices(item, name, value),
        tried=pieces(value, _spans(value, findings)) if value != sent else (),
        note=IF_CODE_IS_WRONG if second else REGISTERED.format(name=registered) if registered else NOTHING,
        literal=field.type in ("code", "date", "decimal") or name in _literal_roles(item),
    )


def _spans(value: str, findings: Iterable[Finding]) -> list[tuple[int, int]]:
    """The wrong characters; a short value that is wrong as a whole is marked as a whole, a long text is not."""
    spans = [span for finding in findings for span in finding.marks]
    whole = [f for f in findings if not f.marks and not f.rule.id.startswith(SUBJECT_RULES) and f.rule.level == "error"]
    return [(0, len(value))] if whole and not spans and len(value) <= SHORT else spans


def _literal_roles(item: Item) -> set[str | None]:
    return {item.role(role) for role in ("code", "document_no", "authority_code", "source_code", "registration_no")}


def _names(sent: str, registered: str) -> tuple[Choice, ...]:
    """Two names for one code: a person says whether they are one body; nothing is chosen beforehand."""
    return (
        Choice(sent, Text("请确认…", "Decide…")),
        Choice(
            registered,
            Text(f"是同一主体，用登记名称“{registered}”", f"Same body: use the registered name “{registered}”"),
        ),
    )


def _choices(item: Item, name: str, value: str) -> tuple[Choice, ...]:
    field = item.field(name)
    known = rulebook.catalogue().codelists.get(field.codelist or "")
    if known is None or field.type != "code" or known.detail:
        return ()
    offered = [Choice(code.value, code.label) for code in known.values]
    if value not in {choice.value for choice in offered}:
        offered.insert(0, Choice(value, Text("请选择…", "Choose…")))
    return tuple(offered)


def _registered(item: Item, row: Row) -> str:
    """The name the register knows under the row's code, '' when it is the one given or there is none."""
    known = registered_name(row.cells.get(item.role("code") or "", ""))
    return known if known != row.cells.get(item.role("name") or "", "") else ""
