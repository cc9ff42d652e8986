"""Publication (公示): whether a record is published, from which day to which day, and if not, why.

Written once as expressions over a table; a page that shows one record reads what was computed here. Windows are
half-open days in Asia/Shanghai. The sender's own end of publication (公示截止期) is never looked at.
"""

from collections.abc import Callable, Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.conditions import SEPARATOR, expression
from chengxin.catalogue.model import Catalogue, Item
from chengxin.catalogue.terms import Counting, Regime, Term
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
    "removed": Text(
        "已移出名单或者名录，公示已经停止；无需处理。",
        "The entry has been removed from the list and its publication has ended; nothing to do.",
    ),
    "no-term": Text(
        "期限为空或早于决定日期，公示期限无从计算；请来源单位核对有效期。",
        "The term is missing or ends before the decision; the source should check the validity.",
    ),
}
"""Why a record has no window, and what to do about it."""

_FAR = ibis.null("date")
_NO_MONTHS = ibis.null("int32")


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
    staged = staged.mutate(_starts=_by_regime(staged, regimes, lambda r: _first_day(staged["_decided"], r.counting)))
    staged = staged.mutate(**_months(staged, regimes, catalogue))
    staged = staged.mutate(_ends=_ends(staged, item, regimes), _repairable=_added(staged, regimes, "_least"))
    staged = staged.mutate(_ends=_shortened(staged, regimes, catalogue))
    late = staged["_repairable"] > staged["_ends"]
    staged = staged.mutate(_repairable=late.ifelse(staged["_ends"], staged["_repairable"]))
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


def add_months_bulk(day: ir.DateValue, months: int | ir.IntegerValue, counting: Counting | None = None) -> ir.DateValue:
    """``months`` later under the regime's end-of-month and leap-day rules; the engines clip by themselves."""
    span = ibis.interval(months=months) if isinstance(months, int) else months.as_interval("M")
    later = _as_day(day + span)
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


def _by_regime(
    t: ir.Table,
    regimes: tuple[Regime, ...],
    value: Callable[[Regime], ir.Value | None],
    nothing: ir.Value = _FAR,
) -> ir.DateValue | ir.IntegerValue:
    """What each row's regime says; regimes that say the same share a branch, and None says nothing."""
    said: list[tuple[ir.Value, list[int]]] = []
    for number, regime in enumerate(regimes):
        found = value(regime)
        if found is None:
            continue
        for other, numbers in said:
            if other.equals(found):
                numbers.append(number)
                break
        else:
            said.append((found, [number]))
    if not said:
        return nothing
    if len(said) == 1 and len(said[0][1]) == len(regimes):
        return said[0][0]
    return ibis.cases(*((t["_regime"].isin(numbers), found) for found, numbers in said))


def _months(t: ir.Table, regimes: tuple[Regime, ...], catalogue: Catalogue) -> dict[str, ir.IntegerValue]:
    """Months of each row: shortest and longest of its term, and the longest that the next regime would give."""

    def of(terms: tuple[Term, ...], place: ir.IntegerValue, months: Callable[[Term], int | None]) -> ir.Value:
        known = [(ibis.literal(n, "int8"), months(term)) for n, term in enumerate(terms)]
        branches = [(n, ibis.literal(m, "int32")) for n, m in known if m is not None]
        return place.cases(*branches, else_=_NO_MONTHS) if branches else _NO_MONTHS

    def theirs(regime: Regime) -> ir.Value | None:
        if regime.transition is None:
            return None
        successor = catalogue.regimes[regime.transition.to]
        place = _term_within(t, successor)
        return of(successor.terms, place, lambda term: 0 if term.publish == "never" else term.max_months)

    def least(term: Term) -> int | None:
        return term.min_months

    def most(term: Term) -> int | None:
        return term.max_months

    found = {
        "_least": _by_regime(t, regimes, lambda r: of(r.terms, t["_term"], least), _NO_MONTHS),
        "_most": _by_regime(t, regimes, lambda r: of(r.terms, t["_term"], most), _NO_MONTHS),
        "_theirs": _by_regime(t, regimes, theirs, _NO_MONTHS),
    }
    return {name: months.cast("int32") for name, months in found.items()}


def _added(t: ir.Table, regimes: tuple[Regime, ...], months: str) -> ir.DateValue:
    """The first day of each row plus its months, under its regime's counting."""
    return _by_regime(t, regimes, lambda r: add_months_bulk(t["_starts"], t[months], r.counting))


def _ends(t: ir.Table, item: Item, regimes: tuple[Regime, ...]) -> ir.DateValue:
    """The first day outside by the row's own regime: after its longest term, or after the record's own validity."""
    by_months = _added(t, regimes, "_most")
    if not any(regime.end_by == "validity" for regime in regimes):
        return by_months
    until = t[item.roles["valid_until"]].try_cast("date")
    by_validity = ibis.cases((until < ibis.literal(LONG_TERM), _next_day(until)), else_=_FAR)
    return _by_regime(t, regimes, lambda r: by_validity if r.end_by == "validity" else by_months)


def _shortened(t: ir.Table, regimes: tuple[Regime, ...], catalogue: Catalogue) -> ir.DateValue:
    """The end under the transition rule ``shorter``: from its first day on the next regime may end a window sooner."""

    def end(regime: Regime) -> ir.Value:
        if regime.transition is None:
            return t["_ends"]
        at = ibis.literal(regime.transition.at)
        counting = catalogue.regimes[regime.transition.to].counting
        sooner = add_months_bulk(_first_day(t["_decided"], counting), t["_theirs"], counting)
        return ibis.cases((t["_ends"] > at, ibis.least(t["_ends"], ibis.greatest(sooner, at))), else_=t["_ends"])

    return _by_regime(t, regimes, end)


def _first_day(decided: ir.DateValue, counting: Counting) -> ir.DateValue:
    return decided if counting.start == "decision-day" else _next_day(decided)


def _next_day(day: ir.DateValue) -> ir.DateValue:
    return _as_day(day + ibis.interval(days=1))


def _as_day(moment: ir.DateValue) -> ir.DateValue:
    # DuckDB makes a timestamp of a day plus an interval, and Ibis believes it is still a day.
    found: ir.DateValue = moment.cast("timestamp").cast("date")
    return found


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
