"""Dates (日期核查): one real day, not in the future, in order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Field
from chengxin.intake.normalise_dates import CANONICAL, IMPRECISE
from chengxin.intake.rules.model import ERROR, WARNING, Explanation, Ground, Quick, Rule, never_null
from chengxin.kernel.periods import LONG_TERM
from chengxin.kernel.text import Text

FIRST, LAST = "1900-01-01", LONG_TERM.isoformat()
_PAST = ("decided_on", "established_on", "removed_on")
"""Roles of days that lie behind us."""
_ENDS = ("valid_until", "claimed_end")


def rules(ground: Ground) -> Iterator[Rule]:
    for field in ground.fields:
        if field.type == "date":
            past = ground.role(field) in _PAST
            quick = _quick(field, ground.day.isoformat() if past else LAST)
            yield replace(_imprecise(ground, field), quick=quick)
            yield replace(_invalid(ground, field), quick=quick)
            if past:
                yield replace(_future(ground, field), quick=quick)
    yield from _orders(ground)


def is_day(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a cell names a day between 1900 and 2099; false for null."""
    real = value.try_cast("date").notnull() & value.between(FIRST, LAST)
    return ibis.cases((value.re_search(CANONICAL), real), else_=False)


def _quick(field: Field, last: str) -> Quick:
    def fine(t: ir.Table) -> ir.BooleanValue:
        value = t[field.id]
        return ibis.cases((value.isnull(), True), (value <= last, is_day(value)), else_=False)

    return Quick(f"{field.id} is a day", fine)


def _imprecise(ground: Ground, field: Field) -> Rule:
    basis, confirmed = ground.layout(field, "type")
    return Rule(
        ground.rule_id(field, "imprecise"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}没有写到日", f"{field.label.en} names no day, only a month or a year"),
        basis,
        Text(
            "请按决定书补填到日（年-月-日）；本平台不猜测日期，Excel 可能把“2017-10”改成了“Oct-17”",
            "Give the day as the document does (year-month-day); days are never guessed. Excel may have made “Oct-17” of “2017-10”",
        ),
        lambda t: never_null(
            ibis.cases((t[field.id].re_search(CANONICAL), False), else_=t[field.id].re_search(IMPRECISE))
        ),
        confirmed,
    )


def _invalid(ground: Ground, field: Field) -> Rule:
    basis, confirmed = ground.layout(field, "type")

    def violated(t: ir.Table) -> ir.BooleanValue:
        value = t[field.id]
        return ibis.cases(
            (value.isnull(), False),
            (value.re_search(CANONICAL), ~is_day(value)),
            else_=~value.re_search(IMPRECISE),
        )

    def explained(value: str) -> Explanation:
        return _explained(value, field, ground)

    return Rule(
        ground.rule_id(field, "invalid"),
        field.id,
        ERROR,
        Text(
            f"{field.label.zh}不是 1900 年至 2099 年之间的一个日期",
            f"{field.label.en} is no day between 1900 and 2099",
        ),
        basis,
        Text("请按“2024-03-05”的写法填写", "Write it like 2024-03-05"),
        violated,
        confirmed,
        explained,
    )


def _explained(value: str, field: Field, ground: Ground) -> Explanation:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return Explanation(Text(f"“{value}”不是日历上的日期", f"“{value}” is no day of the calendar"))
    message = Text(f"{day.year} 年不在 1900–2099 年之间", f"the year {day.year} is not between 1900 and 2099")
    forever = ground.role(field) in _ENDS and day > LONG_TERM
    return Explanation(message, (0, 1, 2, 3), LAST if forever else None)


def _future(ground: Ground, field: Field) -> Rule:
    today = ground.day.isoformat()

    def violated(t: ir.Table) -> ir.BooleanValue:
        return ibis.cases((t[field.id] > today, is_day(t[field.id])), else_=False)

    return Rule(
        ground.rule_id(field, "future"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}在将来", f"{field.label.en} lies in the future"),
        "数据质量规则（已经发生的日期不晚于报送之日）；未经核实",
        Text(
            "请对照决定书核对年份、月份是否写错或颠倒",
            "Compare with the document: is the year wrong, are month and day swapped?",
        ),
        violated,
        False,
    )


def _orders(ground: Ground) -> Iterator[Rule]:
    """Pairs of days whose order is certain."""
    start, end, decided = ground.of("valid_from"), ground.of("valid_until"), ground.of("decided_on")
    if start and end:
        yield _order(ground, start, end, ERROR)
    elif decided and end:
        yield _order(ground, decided, end, ERROR)
    removed = ground.of("removed_on")
    if decided and removed:
        yield _order(ground, decided, removed, ERROR)
    claimed = ground.of("claimed_end")
    if decided and claimed:
        # what the sender says about the end of publication is not used, so a wrong one stops nothing
        yield _order(ground, decided, claimed, WARNING)


def _order(ground: Ground, first: Field, second: Field, level: str) -> Rule:
    def violated(t: ir.Table) -> ir.BooleanValue:
        swapped = is_day(t[first.id]) & is_day(t[second.id])
        return ibis.cases((t[second.id] < t[first.id], swapped), else_=False)

    return Rule(
        ground.rule_id(second, "order"),
        second.id,
        level,
        Text(f"{second.label.zh}早于{first.label.zh}", f"{second.label.en} lies before {first.label.en}"),
        "数据质量规则（起止日期先后）；未经核实",
        Text("请核对两个日期是否填反", "See whether the two days were swapped"),
        violated,
        False,
    )
