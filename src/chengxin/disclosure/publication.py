"""Publication (公示): whether a record is published, from which day to which day, and if not, why.

Written once as expressions over a table; a page that shows one record reads what was computed here. Windows are
half-open days in Asia/Shanghai. The sender's own end of publication (公示截止期) is never looked at.
"""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.conditions import SEPARATOR, expression
from chengxin.catalogue.model import Catalogue, Item
from chengxin.catalogue.terms import Counting, Regime
from chengxin.disclosure import severity as severities
from chengxin.kernel.periods import LONG_TERM
from chengxin.kernel.text import Text
from chengxin.records.model import Severity

WITHHELD: Mapping[str, Text] = {
    "never": Text(
        "该事项不公示，只作档案保存。",
        "This item is never published; it is kept as a file.",
    ),
    "no-date": Text(
        "没有决定日期，公示期限无从起算；请来源单位补报决定日期。",
        "There is no decision date, so no term can begin; the source should hand in the date.",
    ),
    "stand-in-date": Text(
        "决定日期由其他日期代替，不起算公示期限；请来源单位补报真实的决定日期。",
        "The decision date is stood in for by another date and starts no term; the source should hand in the true date.",
    ),
    "before-first-regime": Text(
        "作出决定时尚无已知的公示规则，不起算公示期限；无需处理。",
        "No known regime of publication was in force on the day of the decision, so no term begins; nothing to do.",
    ),
    "unclassified": Text(
        "失信严重程度未分类；请认定机关给出严重程度及其依据，或由确认的地方标准规定金额。",
        "The severity is unclassified; the authority should give it with its basis, or a confirmed local standard the amounts.",
    ),
    "minor": Text(
        "轻微失信信息原则上不公示；确有必要公示的，由认定机关写明理由。",
        "Minor matters are not published in principle; where it is necessary, the authority should say why.",
    ),
    "not-valid": Text(
        "许可当前状态为无效，不作为有效许可公示；恢复有效的，由来源单位更正。",
        "The licence is not valid at present and is not published as valid; if it is, the source should correct it.",
    ),
    "no-term": Text(
        "期限为空或早于决定日期，公示期限无从计算；请来源单位核对有效期。",
        "The term is missing or ends before the decision; the source should check the validity.",
    ),
}
"""Why a record has no window, and what to do about it."""

_FAR = ibis.null("date")


def project(t: ir.Table, item: Item, catalogue: Catalogue) -> ir.Table:
    """The table with ``severity, severity_by, starts, repairable, ends, regime, withheld`` added.

    ``t`` holds the fields of the item as canonical texts and ``approximate`` (stand-in fields, ";"-joined, or NULL).
    ``withheld`` is the id of a reason or ""; where it is not "", the three dates are NULL. ``regime`` is the id of the
    regime that governs the decision day, also where the record is withheld under it, else "".
    """
    decided_on = item.role("decided_on")
    regimes = catalogue.regimes_of(item.id)
    decided = t[decided_on].try_cast("date") if decided_on else _FAR
    staged = t.mutate(_decided=decided)
    staged = staged.mutate(**severities.severity(staged, item, catalogue, staged["_decided"]))
    if item.publicity == "never" or decided_on is None or not regimes:
        reason = "never" if item.publicity == "never" else "no-date" if decided_on is None else "before-first-regime"
        dates = dict.fromkeys(("starts", "repairable", "ends"), _FAR)
        return staged.mutate(**dates, regime=ibis.literal(""), withheld=ibis.literal(reason)).drop("_decided")
    staged = staged.mutate(_regime=_regime_number(staged, regimes))
    staged = staged.mutate(_term=_term_number(staged, regimes))
    staged = staged.mutate(**_dates(staged, item, regimes, catalogue))
    staged = staged.mutate(withheld=_withheld(staged, item, decided_on, regimes))
    shown = staged["withheld"] == ""
    added = {
        "severity": staged["severity"],
        "severity_by": staged["severity_by"],
        "starts": shown.ifelse(staged["_starts"], _FAR),
        "repairable": shown.ifelse(staged["_repairable"], _FAR),
        "ends": shown.ifelse(staged["_ends"], _FAR),
        "regime": staged["_regime"].cases(*((n, r.id) for n, r in enumerate(regimes)), else_=""),
        "withheld": staged["withheld"],
    }
    return staged.select(*(t_column for t_column in t.columns), **added)


def needed(item: Item, catalogue: Catalogue) -> tuple[str, ...]:
    """The columns that ``project`` looks at, for callers that want to hand it a narrow table."""
    fields = set(severities.needed(item, catalogue))
    for role in ("decided_on", "valid_until", "publication_reason"):
        fields |= {item.roles[role]} if role in item.roles else set()
    for regime in _all_regimes(item, catalogue):
        conditions = [regime.when, *(term.when for term in regime.terms), *(w.when for w in regime.withhold)]
        fields = fields.union(*(c.fields() for c in conditions if c is not None))
    return (*sorted(fields), "approximate")


def is_public(starts: date | None, ends: date | None, day: date) -> bool:
    """Whether a record with this window is published on ``day``; without a start it never is."""
    return starts is not None and starts <= day and (ends is None or day < ends)


def is_public_bulk(starts: ir.DateValue, ends: ir.DateValue, day: date) -> ir.BooleanValue:
    """The same for a table; never NULL."""
    on = ibis.literal(day)
    return ((starts <= on) & (ends.isnull() | (ends > on))).coalesce(ibis.literal(False))


def add_months_bulk(day: ir.DateValue, months: int, counting: Counting | None = None) -> ir.DateValue:
    """``months`` later under the regime's end-of-month and leap-day rules; the engines clip by themselves."""
    later = _as_day(day + ibis.interval(months=months))
    if counting is None or (counting.month_end == "clip" and counting.leap_day == "clip"):
        return later
    leap = (day.month() == 2) & (day.day() == 29)
    rolls = {"month_end": ~leap, "leap_day": leap}
    for rule, fits in rolls.items():
        if getattr(counting, rule) == "roll":
            later = ibis.cases((fits & (later.day() < day.day()), _next_day(later)), else_=later)
    return later


def _all_regimes(item: Item, catalogue: Catalogue) -> list[Regime]:
    governing = catalogue.regimes_of(item.id)
    successors = [catalogue.regimes[r.transition.to] for r in governing if r.transition is not None]
    return [*governing, *successors]


def _regime_number(t: ir.Table, regimes: tuple[Regime, ...]) -> ir.IntegerValue:
    """Place of the regime that governs each row, NULL where none does; the one with precedence comes first."""
    branches = []
    for number, regime in enumerate(regimes):
        fits = t["_decided"] >= ibis.literal(regime.in_force_from)
        if regime.in_force_to is not None:
            fits = fits & (t["_decided"] <= ibis.literal(regime.in_force_to))
        if regime.when is not None:
            fits = fits & expression(regime.when, t)
        branches.append((fits, ibis.literal(number, "int8")))
    return ibis.cases(*branches, else_=ibis.null("int8"))


def _term_number(t: ir.Table, regimes: tuple[Regime, ...]) -> ir.IntegerValue:
    """Place of the term within its regime, NULL where the severity has none (unclassified)."""
    branches = [(n, _term_within(t, regime)) for n, regime in enumerate(regimes)]
    return t["_regime"].cases(*branches, else_=ibis.null("int8"))


def _term_within(t: ir.Table, regime: Regime) -> ir.IntegerValue:
    """Place of the term within one regime: by severity, then the first whose condition fits."""
    by_severity: dict[str, ir.IntegerValue] = {}
    for number, term in reversed(list(enumerate(regime.terms))):
        place: ir.IntegerValue = ibis.literal(number, "int8")
        if term.when is not None:
            otherwise = by_severity.get(term.severity, ibis.null("int8"))
            place = ibis.cases((expression(term.when, t), place), else_=otherwise)
        by_severity[term.severity] = place
    return t["severity"].cases(*by_severity.items(), else_=ibis.null("int8"))


def _dates(t: ir.Table, item: Item, regimes: tuple[Regime, ...], catalogue: Catalogue) -> dict[str, ir.DateValue]:
    """First day, first day of repair and first day outside, before anything is withheld."""
    starts, repairable, ends = [], [], []
    for number, regime in enumerate(regimes):
        first = _first_day(t["_decided"], regime.counting)
        starts.append((number, first))
        if regime.end_by == "validity":
            until = t[item.roles["valid_until"]].try_cast("date")
            ends.append((number, ibis.cases((until < ibis.literal(LONG_TERM), _next_day(until)), else_=_FAR)))
            continue
        least = {n: term.min_months for n, term in enumerate(regime.terms)}
        most = {n: term.max_months for n, term in enumerate(regime.terms)}
        last = _after(t["_term"], first, most, regime.counting)
        if regime.transition is not None:
            last = _shortened(t, last, regime, catalogue.regimes[regime.transition.to])
        ends.append((number, last))
        repairable.append((number, ibis.least(_after(t["_term"], first, least, regime.counting), last)))
    found = {"_starts": starts, "_repairable": repairable, "_ends": ends}
    return {name: t["_regime"].cases(*branches, else_=_FAR) if branches else _FAR for name, branches in found.items()}


def _first_day(decided: ir.DateValue, counting: Counting) -> ir.DateValue:
    return decided if counting.start == "decision-day" else _next_day(decided)


def _next_day(day: ir.DateValue) -> ir.DateValue:
    return _as_day(day + ibis.interval(days=1))


def _as_day(moment: ir.DateValue) -> ir.DateValue:
    # DuckDB makes a timestamp of a day plus an interval, and Ibis believes it is still a day.
    found: ir.DateValue = moment.cast("timestamp").cast("date")
    return found


def _after(
    term: ir.IntegerValue, first: ir.DateValue, months: Mapping[int, int | None], counting: Counting
) -> ir.DateValue:
    """``first`` plus the months of each row's term: one branch per distinct number of months."""
    branches = []
    for count in sorted({m for m in months.values() if m is not None}):
        terms = [n for n, m in months.items() if m == count]
        branches.append((term.isin(terms), add_months_bulk(first, count, counting)))
    return ibis.cases(*branches, else_=_FAR) if branches else _FAR


def _shortened(t: ir.Table, last: ir.DateValue, regime: Regime, successor: Regime) -> ir.DateValue:
    """The end under the transition rule ``shorter``: from its first day on the successor may end a window earlier."""
    assert regime.transition is not None
    at = ibis.literal(regime.transition.at)
    first = _first_day(t["_decided"], successor.counting)
    months = {n: 0 if term.publish == "never" else term.max_months for n, term in enumerate(successor.terms)}
    theirs = _after(_term_within(t, successor), first, months, successor.counting)
    return ibis.cases((last > at, ibis.least(last, ibis.greatest(theirs, at))), else_=last)


def _withheld(t: ir.Table, item: Item, decided_on: str, regimes: tuple[Regime, ...]) -> ir.StringValue:
    """Id of the first reason that applies, in the order in which someone would have to clear them."""
    padded = ibis.literal(SEPARATOR) + t["approximate"].cast("string") + ibis.literal(SEPARATOR)
    stands_in = padded.contains(f"{SEPARATOR}{decided_on}{SEPARATOR}")
    branches = [
        (t["_decided"].isnull(), "no-date"),
        (t["approximate"].notnull() & stands_in, "stand-in-date"),
        (t["_regime"].isnull(), "before-first-regime"),
    ]
    for number, regime in enumerate(regimes):
        for withhold in regime.withhold:
            branches.append(((t["_regime"] == number) & expression(withhold.when, t), withhold.reason))
    branches.append((t["_term"].isnull(), Severity.UNCLASSIFIED.value))
    reason = item.role("publication_reason")
    necessary = t[reason].notnull() if reason else ibis.literal(False)
    for number, regime in enumerate(regimes):
        never = [n for n, term in enumerate(regime.terms) if term.publish == "never"]
        if_necessary = [n for n, term in enumerate(regime.terms) if term.publish == "if-necessary"]
        if never:
            branches.append(((t["_regime"] == number) & t["_term"].isin(never), "minor"))
        if if_necessary:
            branches.append(((t["_regime"] == number) & t["_term"].isin(if_necessary) & ~necessary, "minor"))
    if any(regime.end_by == "validity" for regime in regimes):
        until = t[item.roles["valid_until"]].try_cast("date")
        branches.append((until.isnull(), "no-term"))
    branches.append(((t["_ends"] <= t["_starts"]).coalesce(ibis.literal(False)), "no-term"))
    return ibis.cases(*branches, else_="")
