"""Explanation of a window (公示期限说明): which regime and which of its terms a published record's days come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.conditions import holds
from chengxin.catalogue.model import Catalogue
from chengxin.catalogue.terms import Regime, Term
from chengxin.kernel.periods import add_months
from chengxin.records.model import Window


@dataclass(frozen=True)
class Explanation:
    """``term`` is what the regime says of the record; ``shortened_by`` is the later regime that ends it sooner."""

    regime: Regime
    term: Term
    shortened_by: Regime | None = None

    @property
    def confirmed(self) -> bool:
        shortened = self.shortened_by is None or self.shortened_by.confirmed
        return self.regime.confirmed and self.term.confirmed and shortened


def explain(
    window: Window, severity: str, fields: Mapping[str, str | None], catalogue: Catalogue
) -> Explanation | None:
    """Where a window comes from; None when the catalogue in force no longer holds its regime or term."""
    regime = catalogue.regimes.get(window.regime)
    term = term_of(regime, severity, fields) if regime else None
    if regime is None or term is None:
        return None
    if regime.transition is not None and ends_early(window, term):
        return Explanation(regime, term, catalogue.regimes.get(regime.transition.to))
    return Explanation(regime, term)


def term_of(regime: Regime, severity: str, fields: Mapping[str, str | None]) -> Term | None:
    """The term of a regime that governs one record: the first whose severity and condition fit."""
    for term in regime.terms:
        if term.severity == severity and (term.when is None or holds(term.when, fields)):
            return term
    return None


def ends_early(window: Window, term: Term) -> bool:
    """Whether the window ends before the regime's own longest term would have run."""
    if window.ends is None or term.max_months is None:
        return False
    longest: date = add_months(window.starts, term.max_months)
    return window.ends < longest
