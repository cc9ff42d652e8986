"""Soundness of terms and severity standards (期限与标准的一致性): what would make a window or a class undecidable."""

from collections.abc import Iterator
from datetime import date

from chengxin.catalogue.model import Catalogue, Item
from chengxin.catalogue.terms import Regime, SeverityStandard
from chengxin.kernel.text import Text

WITHHOLD_REASONS = ("not-valid", "removed")
"""Reasons a regime may give for withholding; ``disclosure.publication`` explains each."""

Found = Iterator[tuple[Text, str]]


def problems_of_terms(catalogue: Catalogue) -> Found:
    for regime in catalogue.regimes.values():
        items = [catalogue.items[i] for i in regime.items if i in catalogue.items]
        for what in _regime(catalogue, regime, items):
            yield what, regime.source
    for item in catalogue.items.values():
        regimes = catalogue.regimes_of(item.id)
        for n, one in enumerate(regimes):
            for other in regimes[n + 1 :]:
                if one.precedence == other.precedence and one.when == other.when and _overlap(one, other):
                    text = f"{one.id} / {other.id}"
                    yield Text(f"{text}：同一时期两种公示规则", f"{text}: two regimes for the same days"), one.source


def _regime(catalogue: Catalogue, regime: Regime, items: list[Item]) -> Iterator[Text]:
    id = regime.id
    if regime.in_force_to is not None and regime.in_force_to < regime.in_force_from:
        yield Text(f"{id}：施行日晚于失效日", f"{id}: ends before it begins")
    if regime.applies_by != "decision":
        yield Text(f"{id}：公示期限只能按决定日适用", f"{id}: a publication regime applies by the decision day only")
    if not regime.basis:
        yield Text(f"{id}：没有依据", f"{id}: no legal basis")
    for term in regime.terms:
        at = f"{id} {term.severity}"
        if regime.end_by == "months" and term.publish != "never":
            if term.min_months is None or not term.max_months:
                yield Text(f"{at}：缺少最短或最长期限", f"{at}: the shortest or the longest term is missing")
            elif term.min_months > term.max_months:
                yield Text(f"{at}：最短期限长于最长期限", f"{at}: the shortest term is longer than the longest")
    for item in items:
        for severity in _possible(catalogue, item):
            if not any(t.severity == severity and t.when is None for t in regime.terms):
                yield Text(f"{id}：没有写明 {severity}", f"{id}: says nothing of {severity}")
        if item.role("decided_on") is None:
            yield Text(f"{id}：{item.id} 没有决定日期", f"{id}: {item.id} has no decision date")
        if regime.end_by == "validity" and item.role("valid_until") is None:
            yield Text(f"{id}：{item.id} 没有有效期至", f"{id}: {item.id} has no end of validity")
    for withhold in regime.withhold:
        if withhold.reason not in WITHHOLD_REASONS:
            yield Text(f"{id}：不认识的不公示情形 {withhold.reason}", f"{id}: unknown reason {withhold.reason}")
    if regime.transition is not None:
        successor = catalogue.regimes.get(regime.transition.to)
        if successor is None:
            yield Text(f"{id}：过渡到不存在的规则", f"{id}: a transition to a regime that does not exist")
        elif successor.end_by != "months" or regime.end_by != "months":
            yield Text(f"{id}：过渡只适用于按月计算的规则", f"{id}: a transition needs terms in months on both sides")
        elif successor.in_force_from != regime.transition.at:
            yield Text(
                f"{id}：过渡日不是新规则的施行日", f"{id}: the transition is not on the first day of its successor"
            )
    layer = regime.source.partition("/")[0]
    if layer in catalogue.overlays:
        yield from _longer(catalogue, regime)


def _possible(catalogue: Catalogue, item: Item) -> tuple[str, ...]:
    """Every severity that a record of the item can have and that a regime has to speak of."""
    if not item.adverse:
        return ("none",)
    every = tuple(sorted({s.every for s in catalogue.standards_of(item.id) if s.every}))
    return every if every and item.role("severity") is None else ("minor", "general", "serious")


def _longer(catalogue: Catalogue, regime: Regime) -> Iterator[Text]:
    """An overlay may shorten publication, not lengthen it."""
    for other in catalogue.regimes.values():
        if other.source.startswith("national/") and set(other.items) & set(regime.items) and _overlap(regime, other):
            for term in regime.terms:
                longest = [
                    t.max_months for t in other.terms if t.severity == term.severity and t.max_months is not None
                ]
                if term.max_months is not None and longest and term.max_months > max(longest):
                    text = f"{regime.id} {term.severity}"
                    yield Text(
                        f"{text}：比 {other.id} 更长", f"{text}: longer than {other.id}, an overlay may only shorten"
                    )


def _overlap(one: Regime, other: Regime) -> bool:
    return one.in_force_from <= (other.in_force_to or date.max) and other.in_force_from <= (one.in_force_to or date.max)


def problems_of_severity(catalogue: Catalogue) -> Found:
    for standard in catalogue.severity_standards.values():
        for what in _standard(catalogue, standard):
            yield what, standard.source


def _standard(catalogue: Catalogue, standard: SeverityStandard) -> Iterator[Text]:
    id = standard.id
    if not standard.basis:
        yield Text(f"{id}：没有依据", f"{id}: no legal basis")
    if standard.extends:
        parent = catalogue.severity_standards.get(standard.extends)
        if parent is None or parent.extends or parent is standard:
            yield Text(
                f"{id}：只能沿用不再沿用他者的标准", f"{id}: extends a standard that does not exist or extends another"
            )
    for item_id in standard.items:
        item = catalogue.items.get(item_id)
        if item is None:
            continue  # ``check`` says so
        field = item.role("kinds")
        if standard.every and (standard.kinds or standard.procedures or standard.amounts or standard.extends):
            yield Text(f"{id}：every 不能与其他认定并用", f"{id}: every cannot stand beside other ways of classing")
        codelist = catalogue.codelists.get(item.field(field).codelist or "") if field else None
        known = {v.value for v in codelist.values} if codelist else set()
        named = [
            *standard.kinds,
            *(k for p in standard.procedures for k in p.kinds),
            *(a.kind for a in standard.amounts),
        ]
        for kind in named:
            if kind not in known:
                yield Text(f"{id}：没有此处罚类别 {kind}", f"{id}: there is no kind of penalty {kind}")
        for amount in standard.amounts:
            fields = {f.id: f for f in item.stored_fields}
            if amount.field not in fields or fields[amount.field].unit != "万元":
                yield Text(
                    f"{id}：{amount.field} 不是以万元计的金额", f"{id}: {amount.field} is no amount in 10,000 yuan"
                )
            if amount.general_from > amount.serious_from:
                yield Text(
                    f"{id}：{amount.kind} 的金额次序颠倒", f"{id}: the amounts of {amount.kind} are in the wrong order"
                )
