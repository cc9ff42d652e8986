"""Plan (处理方案): mapping, normalisation, checks and terms of one submission, compiled once into the engine's SQL."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Catalogue, Item
from chengxin.disclosure import publication
from chengxin.engine.connect import sql
from chengxin.engine.content import quoted
from chengxin.intake import checks, normalise
from chengxin.intake.mapping import Mapping, shape
from chengxin.intake.whole_rows import SIMPLE
from chengxin.resolution import enrolment, linking
from chengxin.subjects import names
from chengxin.subjects.identifiers import USCC_PLACEHOLDER

PROJECTED = ("severity", "severity_by", "starts", "repairable", "ends", "regime", "withheld")
"""Columns that ``disclosure.publication`` adds to a row."""


Stages = Sequence[tuple[str, str]]
"""(table, SQL) in order: each reads only tables made before it."""


@dataclass(frozen=True)
class Statements:
    """The engine's SQL for an item, whatever the layout of a file: it starts from the table ``mapped``.

    ``first`` takes rows as they were sent and says whether they are sound: canonical in every cell and in order by every
    rule. ``mended`` mends and judges the others. ``last`` follows either.
    """

    first: Stages
    mended: Stages
    last: Stages
    kinds_sql: str

    def filled(self, literals: MappingOf[str, str]) -> "Statements":
        """The same with SQL literals replaced, those that were only known to stand for something."""

        def fill(text: str) -> str:
            return reduce(lambda filled, pair: filled.replace(*pair), literals.items(), text)

        first, mended, last = (
            tuple((name, fill(text)) for name, text in stages) for stages in (self.first, self.mended, self.last)
        )
        return Statements(first, mended, last, fill(self.kinds_sql))


@dataclass(frozen=True)
class Plan:
    """Everything about a submission that does not change from slice to slice."""

    item: Item
    rules: tuple[checks.Rule, ...]
    mapped_sql: str
    """Maps the table ``raw``."""
    statements: Statements
    link_sql: str

    @property
    def masks(self) -> tuple[str, ...]:
        """The columns that say which rules a row breaks."""
        return checks.mask_names(self.rules)

    def look_sql(self) -> str:
        """The SQL that makes ``checked`` of the slice, as far as rows are ``sound``."""
        return self._chained(
            ("raw", "SELECT * FROM slice"), self._mapped, *self.statements.first, *self.statements.last
        )

    def sent_sql(self, rows: str) -> str:
        """The SQL that maps ``rows`` of the slice: ``F__raw``, the cells as sent."""
        sent, *_ = self.statements.first
        return self._chained(("raw", rows), self._mapped, sent)

    def normalised_sql(self, rows: str) -> str:
        """The SQL that maps and normalises ``rows`` of the slice."""
        normalised, *_ = self.statements.mended
        return self._chained(("raw", rows), self._mapped, normalised)

    def judged_sql(self, normalised: str) -> str:
        """The SQL that makes ``checked`` of normalised rows."""
        (name, _), *judging = self.statements.mended
        return self._chained((name, normalised), *judging, *self.statements.last)

    @property
    def _mapped(self) -> tuple[str, str]:
        return "mapped", self.mapped_sql

    @staticmethod
    def _chained(*tables: tuple[str, str]) -> str:
        *before, (_, last) = tables
        return f"WITH {', '.join(f'{name} AS ({text})' for name, text in before)} {last}"


def compile_mapping(*, item: Item, mapping: Mapping, columns: Sequence[str]) -> str:
    """The SQL that maps a file with these columns. Raises Refusal as ``Mapping.apply`` does."""
    raw = ibis.table({"row": "int64", **{f"c{i}": "string" for i in range(len(columns))}}, name="raw")
    return sql(mapping.apply(raw, columns, item))


def compile_statements(*, item: Item, catalogue: Catalogue, rules: tuple[checks.Rule, ...]) -> Statements:
    """The SQL for rows of an item, judged by these rules."""
    mapped = ibis.table(shape(item), name="mapped")
    normalised = normalise.apply(mapped, item, catalogue)
    # Each stage is compiled on its own and joined as a subquery: Ibis would otherwise write a cleaned value out again
    # in each of the hundred rules that look at it.
    cells = _stage(normalised, "normalised")
    judged = checks.judge(cells, rules)
    judged = judged.mutate(sound=ibis.literal(False), **{SIMPLE: ibis.literal(False)}, **_links(judged, item))
    sent = normalise.sent(mapped, item, catalogue)
    looked = _looked(_stage(sent, "sent"), item, catalogue, rules)
    projected = publication.project(_stage(judged, "judged"), item, catalogue)
    return Statements(
        first=(("sent", sql(sent)), ("judged", sql(looked))),
        mended=(("normalised", sql(normalised)), ("judged", sql(judged))),
        last=(("projected", sql(projected)), ("checked", _checked_sql(item, rules))),
        kinds_sql=sql(normalise.counts(cells, item, catalogue)),
    )


def compile_linking(*, enrols: bool, introduce: bool) -> str:
    """The SQL that finds the rows' subjects among ``link_codes`` and ``link_names``, or enrols them in the base."""
    rows, codes = ibis.table(linking.ROWS, name="link_rows"), ibis.table(linking.CODES, name="link_codes")
    bearers = ibis.table(linking.NAMES, name="link_names")
    if enrols:
        return sql(enrolment.enrol(rows, codes, bearers))
    return sql(linking.link(rows, codes, bearers, introduce=introduce))


def compile_plain() -> str:
    """The SQL of ``linking.plain`` over ``base_subject_code`` and ``base_subject_name``."""
    codes, bearers = (
        ibis.table(linking.CODES, name="base_subject_code"),
        ibis.table(linking.NAMES, name="base_subject_name"),
    )
    return sql(linking.plain(codes, bearers))


def _stage(expression: ir.Table, name: str) -> ir.Table:
    return ibis.table(expression.schema(), name=name)


def _looked(sent: ir.Table, item: Item, catalogue: Catalogue, rules: tuple[checks.Rule, ...]) -> ir.Table:
    """Rows as they were sent, ``sound`` or not, with what ``judge`` says of sound ones."""
    sound = ibis.cases((normalise.clean(sent, item, catalogue), checks.sound(sent, rules)), else_=False)
    passed = {mask: ibis.literal(0, "int64") for mask in checks.mask_names(rules)}
    return sent.mutate(sound=sound, changed=ibis.literal(False), **passed, **_links(sent, item))


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


def _checked_sql(item: Item, rules: tuple[checks.Rule, ...]) -> str:
    """The last stage: what is said of a row instead of its thirty cells; nothing is kept of a refused row but its rules.

    At the first look only what is said of sound rows has a meaning.
    """
    masks = checks.mask_names(rules)
    refused = failed_sql(rules, masks, lambda rule: rule.level == checks.REFUSAL)
    wrong = failed_sql(rules, masks, lambda rule: rule.level == checks.ERROR)
    # a code is linked by only when it passed its own checks; the party's name may be at fault all the same
    code = item.role("code")
    wrong_code = failed_sql(rules, masks, lambda rule: rule.level == checks.ERROR and rule.field == code)
    decided = item.role("decided_on")
    name = item.role("name")
    recertified = item.role("recertified")
    keep = [
        "row",
        *(f"CAST({mask} AS BIGINT) AS {mask}" for mask in masks),
        f"{refused} AS is_refused",
        f"{wrong} AS is_wrong",
        "changed",
        f"CASE WHEN NOT {wrong_code} AND NOT is_refused THEN link_code END AS link_code",
        *(f"CASE WHEN NOT is_refused THEN {name} END AS {name}" for name in _LINK_COLUMNS),
        f"CASE WHEN NOT is_refused THEN {quoted(name)} END AS name" if name else "NULL AS name",
        f"try_cast({quoted(decided)} AS DATE) AS decided_on" if decided else "NULL::DATE AS decided_on",
        f"{quoted(recertified)} IS NOT NULL AS is_recertified" if recertified else "false AS is_recertified",
        *PROJECTED,
        "sound",
        f"{SIMPLE} AS simple_",
    ]
    return f"SELECT {', '.join(keep)} FROM projected"


_LINK_COLUMNS = ("link_former", "link_registration", "link_organisation", "link_norm", "key_number", "key_authority")


def failed_sql(rules: tuple[checks.Rule, ...], masks: tuple[str, ...], asked: Callable[[checks.Rule], bool]) -> str:
    """Whether any of the rules asked for failed, as SQL over the mask columns."""
    wanted = dict.fromkeys(masks, 0)
    for number, rule in enumerate(rules):
        if asked(rule):
            wanted[masks[number // checks.MASK_BITS]] |= 1 << number % checks.MASK_BITS
    tests = [f"({name} & {bits}) <> 0" for name, bits in wanted.items() if bits]
    return f"({' OR '.join(tests)})" if tests else "false"
