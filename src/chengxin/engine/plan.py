"""Plan (处理方案): mapping, normalisation, checks and terms of one submission, compiled once into the engine's SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Catalogue, Item
from chengxin.disclosure import publication
from chengxin.engine.connect import sql
from chengxin.intake import checks, normalise
from chengxin.intake.mapping import Mapping
from chengxin.intake.normalise_texts import ERASED
from chengxin.records.model import REGISTRATION, Act
from chengxin.resolution import enrolment, linking
from chengxin.subjects import names
from chengxin.subjects.free_text import CITIZEN_NUMBER
from chengxin.subjects.identifiers import USCC_PLACEHOLDER

PROJECTED = ("severity", "severity_by", "starts", "repairable", "ends", "regime", "withheld")
"""Columns that ``disclosure.publication`` adds to a row."""


@dataclass(frozen=True)
class Statements:
    """The engine's SQL of a plan. ``stages`` are (table, SQL) in order: each reads only tables made before it, ``raw``
    first."""

    stages: Sequence[tuple[str, str]]
    kinds_sql: str
    link_sql: str


@dataclass(frozen=True)
class Plan:
    """Everything about a submission that does not change from slice to slice."""

    item: Item
    rules: tuple[checks.Rule, ...]
    statements: Statements

    @property
    def masks(self) -> tuple[str, ...]:
        """The columns that say which rules a row breaks."""
        return checks.mask_names(self.rules)

    def run_sql(self, last: str, rows: str = "SELECT * FROM slice") -> str:
        """The SQL that carries ``rows`` of the slice through the stages up to and with ``last``."""
        tables = [("raw", rows)]
        for name, stage in self.statements.stages:
            if name == last:
                return f"WITH {', '.join(f'{table} AS ({text})' for table, text in tables)} {stage}"
            tables.append((name, stage))
        raise KeyError(last)

    def sent_sql(self, *, only_changed: bool = False) -> str:
        """SQL over normalised rows for the cells as sent, as a JSON object by field, without personal numbers."""
        return _object_sql(sorted(f.id for f in self.item.stored_fields), "__raw", only_changed=only_changed)


def compile_statements(
    *,
    item: Item,
    catalogue: Catalogue,
    rules: tuple[checks.Rule, ...],
    mapping: Mapping,
    columns: Sequence[str],
    introduce: bool,
) -> Statements:
    """The SQL for a file with these columns, judged by these rules."""
    raw = ibis.table({"row": "int64", **{f"c{i}": "string" for i in range(len(columns))}}, name="raw")
    mapped = mapping.apply(raw, columns, item)
    normalised = normalise.apply(_stage(mapped, "mapped"), item, catalogue)
    # Each stage is compiled on its own and joined as a subquery: Ibis would otherwise write a cleaned value out again
    # in each of the hundred rules that look at it.
    cells = _stage(normalised, "normalised")
    judged = checks.judge(cells, rules)
    judged = judged.mutate(**_links(judged, item))
    projected = publication.project(_stage(judged, "judged"), item, catalogue)
    rows, codes = ibis.table(linking.ROWS, name="link_rows"), ibis.table(linking.CODES, name="link_codes")
    bearers = ibis.table(linking.NAMES, name="link_names")
    if item.id == REGISTRATION:
        linked = enrolment.enrol(rows, codes, bearers)
    else:
        # what acts on a record of nobody known acts on none
        linked = linking.link(rows, codes, bearers, introduce=introduce and not item.acts_on)
    return Statements(
        stages=(
            ("mapped", sql(mapped)),
            ("normalised", sql(normalised)),
            ("judged", sql(judged)),
            ("projected", sql(projected)),
            ("checked", _checked_sql(item, rules, checks.mask_names(rules))),
        ),
        kinds_sql=sql(normalise.counts(cells, item, catalogue)),
        link_sql=sql(linked),
    )


def _stage(expression: ir.Table, name: str) -> ir.Table:
    return ibis.table(expression.schema(), name=name)


def _links(t: ir.Table, item: Item) -> dict[str, ir.Value]:
    """What a row is linked and keyed by: checked codes, normalised name, document number, authority."""
    code, number = _role(t, item, "code"), _role(t, item, "document_no")
    if "document_no" in item.roles and item.field(item.roles["document_no"]).required != "always":
        number = ibis.coalesce(number, _role(t, item, "title"))
    if item.key:
        number = reduce(add, [t[field].fill_null("") + "|" for field in item.key])
    return {
        # the placeholder stands for having no code: thousands of sole traders carry it
        "link_code": code.nullif(USCC_PLACEHOLDER),
        "link_former": _role(t, item, "former_code"),
        "link_registration": _role(t, item, "registration_no"),
        "link_organisation": _role(t, item, "organisation_code"),
        "link_norm": names.normalise_bulk(_role(t, item, "name")),
        "key_number": normalise.document_key(number).fill_null(""),
        "key_authority": _role(t, item, "authority_code").fill_null(""),
    }


def _role(t: ir.Table, item: Item, role: str) -> ir.StringValue:
    field = item.role(role)
    return t[field] if field else ibis.null("string")


def _checked_sql(item: Item, rules: tuple[checks.Rule, ...], masks: tuple[str, ...]) -> str:
    """The last stage: canonical JSON instead of thirty columns; nothing is kept of a refused row but its rules."""
    fields = sorted(f.id for f in item.stored_fields)
    refused = failed_sql(rules, masks, "refusal")
    # a code is linked by only when it passed its own checks; the party's name may be at fault all the same
    wrong_code = failed_sql(rules, masks, "error", field=item.role("code"))
    decided = item.role("decided_on")
    name = item.role("name")
    recertified = item.role("recertified")
    keep = [
        "row",
        *masks,
        f"{refused} AS is_refused",
        f"{failed_sql(rules, masks, 'error')} AS is_wrong",
        "changed",
        f"CASE WHEN NOT {wrong_code} AND NOT is_refused THEN link_code END AS link_code",
        *(f"CASE WHEN NOT is_refused THEN {name} END AS {name}" for name in _LINK_COLUMNS),
        f"CASE WHEN NOT is_refused THEN {quoted(name)} END AS name" if name else "NULL AS name",
        f"try_cast({quoted(decided)} AS DATE) AS decided_on" if decided else "NULL::DATE AS decided_on",
        f"{quoted(recertified)} IS NOT NULL AS is_recertified" if recertified else "false AS is_recertified",
        *PROJECTED,
        f"CASE WHEN NOT is_refused THEN {content_prefix_sql(item, fields)} END AS prefix",
    ]
    return f"SELECT {', '.join(keep)} FROM projected"


_LINK_COLUMNS = ("link_former", "link_registration", "link_organisation", "link_norm", "key_number", "key_authority")


def failed_sql(rules: tuple[checks.Rule, ...], masks: tuple[str, ...], level: str, *, field: str | None = None) -> str:
    """Whether any rule of this level failed (of this field only, when one is named), as SQL over the mask columns."""
    wanted = dict.fromkeys(masks, 0)
    for number, rule in enumerate(rules):
        if rule.level == level and field in (None, rule.field):
            wanted[masks[number // checks.MASK_BITS]] |= 1 << number % checks.MASK_BITS
    tests = [f"({name} & {bits}) <> 0" for name, bits in wanted.items() if bits]
    return f"({' OR '.join(tests)})" if tests else "false"


def content_prefix_sql(item: Item, fields: Sequence[str]) -> str:
    """Canonical content up to and with the kind: equal prefixes are equal statements."""
    approximate = """CASE WHEN approximate IS NOT NULL THEN '"approximate":' || to_json(approximate) || ',' END"""
    members = _members_sql(fields)
    act, kind = item.act or Act.STATE, item.acts_on or item.id
    return f"""concat('{{"act":"{act}",', {approximate}, '"fields":{{', {members}, '}},"kind":"{kind}",')"""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _members_sql(fields: Sequence[str], suffix: str = "", *, only_changed: bool = False) -> str:
    # concat() skips NULL, so a blank field is absent from the object.
    pieces = []
    for field in fields:
        sent, kept = quoted(field + suffix), quoted(field)
        value = _erased_sql(sent) if suffix else kept
        piece = f"""',"{field}":' || to_json({value})"""
        if only_changed:
            # the cheap comparison first: most cells of a changed row are as they were sent
            changed = f"CASE WHEN {sent} IS DISTINCT FROM {kept} THEN {value} IS DISTINCT FROM {kept} ELSE false END"
            piece = f"CASE WHEN {changed} THEN {piece} END"
        pieces.append(piece)
    return f"substr(concat({', '.join(pieces)}), 2)"


def _erased_sql(value: str) -> str:
    """A cell as sent, but for citizens' numbers: those are kept nowhere."""
    pattern = CITIZEN_NUMBER.replace("'", "''")
    once = f"regexp_replace({value}, '{pattern}', '\\1{ERASED}\\2', 'g')"
    # twice: two numbers with one character between them share that character
    return once.replace(value, once, 1)


def _object_sql(fields: Sequence[str], suffix: str, *, only_changed: bool = False) -> str:
    return f"concat('{{', {_members_sql(fields, suffix, only_changed=only_changed)}, '}}')"
