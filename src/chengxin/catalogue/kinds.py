"""Kinds of data file (目录文件种类): how each becomes a value. One function per kind; unknown keys are refused by all."""

from collections.abc import Callable
from datetime import date
from typing import Any

from chengxin.catalogue.assignments import assignment
from chengxin.catalogue.laws import NO_TEXT, Article, Law, Rank
from chengxin.catalogue.model import Calendar, Code, Codelist, Field, Item, Layout
from chengxin.catalogue.reading import Section
from chengxin.catalogue.repair import repair_rules
from chengxin.catalogue.takedown import takedown
from chengxin.catalogue.terms import Amounts, Counting, Procedure, Regime, SeverityStandard, Term, Transition, Withhold
from chengxin.catalogue.workflows import workflow

FIELD_TYPES = ("text", "code", "date", "decimal", "list", "multi")
SEVERITIES = ("minor", "general", "serious")


def law(section: Section) -> Law:
    articles: dict[str, Article] = {}
    for part in section.sections("articles"):
        article = Article(part.text("id"), part.number("number"), part.bilingual("says"), part.truth("confirmed", True))
        part.end()
        if article.id in articles:
            raise section.wrong(
                "articles", f"条款重复：{article.id}。", f"article {article.id} given twice.", "duplicate"
            )
        articles[article.id] = article
    rank = section.text("rank", among=[r.id for r in Rank])
    return Law(
        id=section.text("id"),
        title=section.bilingual("title"),
        rank=next(r for r in Rank if r.id == rank),
        number=section.text("number"),
        issued=section.day("issued"),
        in_force_from=section.day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        articles=articles,
        **section.common(),
    )


def item(section: Section) -> Item:
    roles = section.section("roles")
    found = Item(
        id=section.text("id"),
        title=section.bilingual("title"),
        section=section.bilingual("section"),
        fields=_fields(section, "fields"),
        supplement=_fields(section, "supplement"),
        roles={role: roles.text(role) for role in roles.names()},
        publicity=section.text("publicity", among=("public", "never")),
        adverse=section.truth("adverse"),
        basis=section.basis(),
        source_authority=section.bilingual("source_authority"),
        reporting_days=section.number("reporting_days"),
        published=section.texts("published"),
        key=section.texts("key", ()),
        acts_on=section.text("acts_on", ""),
        act=section.text("act", "", among=("", "withdraw")),
        edition=section.text("edition"),
        **section.common(),
    )
    ids = [f.id for f in found.all_fields]
    for id in ids:
        if ids.count(id) > 1:
            raise section.wrong("fields", f"数据项重复：{id}。", f"field {id} given twice.", "duplicate")
    return found


def _fields(section: Section, key: str) -> tuple[Field, ...]:
    found = []
    for part in section.sections(key):
        required: Any = part.raw("required")
        if isinstance(required, dict):
            required = part.condition("required")
        elif required not in ("always", "never"):
            raise part.wrong("required", "应为 always、never 或条件。", "must be always, never or a condition.")
        digits = part.raw("digits", None)
        if digits is not None and not (isinstance(digits, list) and [type(d) for d in digits] == [int, int]):
            raise part.wrong("digits", "应为 [总位数, 小数位数]。", "must be [total, after the point].")
        found.append(
            Field(
                id=part.text("id"),
                label=part.bilingual("label"),
                type=part.text("type", among=FIELD_TYPES),
                length=part.number("length", None),
                digits=None if digits is None else (digits[0], digits[1]),
                unit=part.text("unit", ""),
                required=required,
                codelist=part.text("codelist") if part.has("codelist") else None,
                personal=part.text("personal", "", among=("", "drop", "hide")),
                hide_for=part.texts("hide_for", ()),
                pattern=part.text("pattern", ""),
                mark=part.text("mark", ""),
                unconfirmed=part.texts("unconfirmed", ()),
                note=part.bilingual("note", NO_TEXT),
            )
        )
        part.end()
    return tuple(found)


def codelist(section: Section) -> Codelist:
    values = []
    for part in section.sections("values"):
        values.append(
            Code(
                value=part.text("value"),
                label=part.bilingual("label"),
                aliases=part.texts("aliases", ()),
                means=part.text("means", ""),
                mark=part.text("mark", ""),
                confirmed=part.truth("confirmed", True),
            )
        )
        part.end()
    spellings = [s for v in values for s in (v.value, *v.aliases)]
    for spelling in spellings:
        if spellings.count(spelling) > 1:
            raise section.wrong("values", f"取值或别名重复：{spelling}。", f"{spelling} stands twice.", "duplicate")
    return Codelist(
        id=section.text("id"),
        title=section.bilingual("title"),
        values=tuple(values),
        detail=section.text("detail", ""),
        **section.common(),
    )


def layout(section: Section) -> Layout:
    headers = section.section("headers")
    joined = section.optional_section("joined")
    values = section.optional_section("values")
    return Layout(
        id=section.text("id"),
        item=section.text("item"),
        title=section.bilingual("title"),
        headers={field: headers.texts(field) for field in headers.names()},
        joined={field: _columns(joined, field) for field in joined.names()} if joined else {},
        values={field: _texts(values.section(field)) for field in values.names()} if values else {},
        stand_ins=section.texts("stand_ins", ()),
        drop=section.texts("drop", ()),
        notes=tuple(part.itself() for part in section.sections("notes", ())),
        mark=section.text("mark"),
        unconfirmed=section.texts("unconfirmed", ()),
        source=section.file,
    )


def _columns(section: Section, field: str) -> tuple[tuple[str, ...], ...]:
    columns = section.raw(field)
    if not isinstance(columns, list) or not all(
        isinstance(c, list) and all(isinstance(h, str) for h in c) for c in columns
    ):
        raise section.wrong(field, "应为各列表头的列表。", "must be a list of lists of headers.")
    return tuple(tuple(column) for column in columns)


def _texts(section: Section) -> dict[str, str]:
    return {key: section.text(key) for key in section.names()}


def regime(section: Section) -> Regime:
    counting = section.section("counting")
    counted = Counting(
        start=counting.text("start", among=("decision-day", "next-day")),
        month_end=counting.text("month_end", among=("clip", "roll")),
        leap_day=counting.text("leap_day", among=("clip", "roll")),
        basis=counting.basis(),
        confirmed=counting.truth("confirmed"),
    )
    counting.end()
    terms = tuple(_term(part) for part in section.sections("terms"))
    withhold = []
    for part in section.sections("withhold", ()):
        when = part.condition("when")
        if when is None:
            raise part.wrong("when", "缺少条件。", "is missing.", "missing-key")
        withhold.append(Withhold(when, part.text("reason")))
        part.end()
    return Regime(
        id=section.text("id"),
        title=section.bilingual("title"),
        items=section.texts("items"),
        basis=section.basis(),
        in_force_from=section.given_day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        # Repair rules may go by the day of application or publication; a publication clock here knows the decision only.
        applies_by=section.text("applies_by", among=("decision", "application", "publication")),
        precedence=section.number("precedence") or 0,
        end_by=section.text("end_by", among=("months", "validity")),
        counting=counted,
        terms=terms,
        when=section.condition("when"),
        transition=_transition(section),
        withhold=tuple(withhold),
        self_stop=section.truth("self_stop", True),
        **section.common(),
    )


def _term(part: Section) -> Term:
    term = Term(
        severity=part.text("severity", among=(*SEVERITIES, "none")),
        publish=part.text("publish", among=("always", "if-necessary", "never")),
        min_months=part.number("min_months"),
        max_months=part.number("max_months"),
        when=part.condition("when"),
        confirmed=part.truth("confirmed", True),
        mark=part.text("mark", ""),
        note=part.bilingual("note", NO_TEXT),
    )
    part.end()
    return term


def _transition(section: Section) -> Transition | None:
    part = section.optional_section("transition")
    if part is None:
        return None
    at = part.day("at")
    if at is None:
        raise part.wrong("at", "不能为 null。", "must be a date.")
    found = Transition(part.text("to"), at, part.text("rule", among=("shorter",)), part.truth("confirmed"))
    part.end()
    return found


def severity_standard(section: Section) -> SeverityStandard:
    every = section.text("every", "", among=("", *SEVERITIES, "none"))
    kinds = section.optional_section("kinds") if every else section.section("kinds")
    procedures = []
    for part in section.sections("procedures", ()):
        procedures.append(Procedure(part.text("value"), part.text("severity", among=SEVERITIES), part.texts("kinds")))
        part.end()
    amounts = []
    for part in section.sections("amounts", ()):
        amounts.append(
            Amounts(
                kind=part.text("kind"),
                field=part.text("field"),
                general_from=part.amount("general_from"),
                serious_from=part.amount("serious_from"),
                when=part.condition("when"),
                basis=part.basis(default=()),
            )
        )
        part.end()
    return SeverityStandard(
        id=section.text("id"),
        title=section.bilingual("title"),
        items=section.texts("items"),
        basis=section.basis(),
        in_force_from=section.day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        precedence=section.number("precedence") or 0,
        kinds={kind: kinds.text(kind, among=SEVERITIES) for kind in kinds.names()} if kinds else {},
        procedures=tuple(procedures),
        amounts=tuple(amounts),
        extends=section.text("extends", ""),
        every=every,
        **section.common(),
    )


def calendar(section: Section) -> Calendar:
    years, holidays, workdays = set(), {}, set()
    for part in section.sections("years"):
        year = part.number("year")
        for day, name in dict(part.raw("holidays")).items():
            if type(day) is not date or day.year != year or not isinstance(name, str):
                raise part.wrong("holidays", f"不是 {year} 年的日期：{day}。", f"{day} is no day of {year}.")
            holidays[day] = name
        for day in part.raw("workdays"):
            if type(day) is not date or day.year != year:
                raise part.wrong("workdays", f"不是 {year} 年的日期：{day}。", f"{day} is no day of {year}.")
            workdays.add(day)
        years.add(year)
        part.end()
    return Calendar(
        id=section.text("id"),
        title=section.bilingual("title"),
        years=frozenset(y for y in years if y is not None),
        holidays=holidays,
        workdays=frozenset(workdays),
        **section.common(),
    )


READERS: dict[str, Callable[[Section], Any]] = {
    "laws": law,
    "items": item,
    "codelists": codelist,
    "layouts": layout,
    "terms": regime,
    "severity": severity_standard,
    "calendars": calendar,
    "assignments": assignment,
    "workflows": workflow,
    "repair": repair_rules,
    "takedowns": takedown,
}
"""Folder → reader of its files."""
