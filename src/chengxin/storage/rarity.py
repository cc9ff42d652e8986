"""Rarity (词项稀有度): how many names hold a term, told from a sample, and which terms are therefore worth reading.

The index reads a term's whole list, however short the list beside it: 澜州 stands in seven of ten names of that city and
tells nothing. So a question is asked by its rarest terms, as many as leave few enough names to look at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate

from django.db import connection

from chengxin.subjects import terms

SAMPLE = 4_000
"""Names of the sample; in a base of fewer than four times as many every term is worth reading."""
MANY = 1_000
"""Of fewer names nothing is common: all that hold a term can be looked at."""
MOST_TERMS = 5
FEW_NAMES = 250
"""Terms are added until so few names are expected to hold them all."""
CHEAP = 20_000
"""Entries of a list that are read without asking whether they are worth it."""
WORTH = 8
"""A second term is read as long as its list is not so many times longer than the shortest."""
READ = 400_000
"""Entries read for all alternatives of a question together: some 10 ms."""
_COMMON = 50


@dataclass(frozen=True)
class Rarity:
    """``counts``: how many of ``size`` sampled names hold a term; ``names``: how many names the index has."""

    counts: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    names: int = 0

    def is_common(self, wanted: Sequence[str]) -> bool:
        """Whether more than one name in fifty holds each of these terms, and more names than can be looked at."""
        most = max(self.size / _COMMON, self.size * MANY / self.names) if self.size else 0
        return bool(self.size) and all(self.counts.get(term, 0) > most for term in wanted)

    def telling(self, wanted: terms.Terms) -> terms.Terms:
        """The terms worth reading, rarest first: all of them in a small base."""
        if self.names < 4 * SAMPLE:
            return wanted
        first, *others = sorted(wanted, key=lambda term: self.counts.get(term, 0))
        kept, left = [first], self.held(first)
        worth = max(CHEAP, WORTH * left)
        for term in others[: MOST_TERMS - 1]:
            if self.held(term) > worth or (left <= FEW_NAMES and len(kept) > 1):
                break
            kept.append(term)
            left *= self.held(term) / self.names
        return tuple(kept)

    def affordable(self, alternatives: Iterable[terms.Terms]) -> list[terms.Terms]:
        """Alternatives in their telling terms, cheapest first, until enough is read; those that another contains left out."""
        costs = {one: sum(map(self.held, one)) for one in fewest(self.telling(one) for one in alternatives)}
        kept: list[terms.Terms] = []
        spent = 0.0
        for one, cost in sorted(costs.items(), key=lambda item: item[1]):
            spent += cost
            if kept and spent > READ:
                break
            kept.append(one)
        return kept

    def rarest(self, alternatives: Sequence[terms.Terms], limit: int) -> tuple[list[terms.Terms], list[terms.Terms]]:
        """The alternatives that together are likely to find no more than so many names, and the others."""
        found = {one: min(map(self.held, one)) for one in alternatives}
        ordered = sorted(found, key=lambda one: found[one])
        within = sum(total <= limit for total in accumulate(found[one] for one in ordered))
        return ordered[:within], ordered[within:]

    def held(self, term: str) -> float:
        """How many names are likely to hold the term; of one that the sample has not, half as many as if it had it once."""
        return max(self.counts.get(term, 0), 0.5) * self.names / self.size if self.size else 0.0

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """How more than one name in a hundred begins: places, listed or not. A small base does not tell."""
        if self.names < 4 * SAMPLE:
            return frozenset()
        starts = ((term[1:], count) for term, count in self.counts.items() if term.startswith(terms.START))
        return frozenset(start for start, count in starts if count * 100 > self.size and not start.isascii())


def fewest(alternatives: Iterable[terms.Terms]) -> list[terms.Terms]:
    """The alternatives without those that hold all of another: whatever they find, the other finds."""
    kept: list[terms.Terms] = []
    for one in sorted(alternatives, key=len):
        if not any(set(other) <= set(one) for other in kept):
            kept.append(one)
    return kept


def expression(alternatives: Iterable[terms.Terms]) -> str:
    """The alternatives as SQLite's FTS5 reads them, terms drawn together: it would read a list anew for every mention."""
    heads: dict[terms.Terms, dict[str, None]] = {}
    for head, *tail in alternatives:
        heads.setdefault(tuple(tail), {})[head] = None
    tails: dict[terms.Terms, list[terms.Terms]] = {}
    for rest, beginning in heads.items():
        tails.setdefault(tuple(beginning), []).append(rest)
    return _joined(
        "OR",
        [
            _joined("OR", map(_quoted, beginning))
            # where the beginning alone is enough nothing else matters
            if () in rests
            else _joined("AND", [_joined("OR", map(_quoted, beginning)), _joined("OR", map(_all, rests))])
            for beginning, rests in tails.items()
        ],
    )


def _all(wanted: terms.Terms) -> str:
    return _joined("AND", map(_quoted, wanted))


def _joined(by: str, parts: Iterable[str]) -> str:
    return f"({f' {by} '.join(parts)})"


def _quoted(term: str) -> str:
    return f'"{term}"'


def rarity() -> Rarity:
    """The rarity of terms in the index now; the sample is taken anew whenever the base has doubled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(doc), 0) FROM name_doc")
        last = cursor.fetchone()[0]
    return sampled(str(connection.settings_dict["NAME"]), last.bit_length())


@cache
def sampled(database: str, doublings: int) -> Rarity:
    """A sample of the index's first names, as many as are there for sure when their number has so many binary places."""
    names = 1 << doublings >> 1
    if names < MANY:
        return Rarity()
    docs = range(1, names, max(1, names // SAMPLE))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT norm FROM name_doc WHERE doc IN ({', '.join(map(str, docs))})")
        read = cursor.fetchall()
    return Rarity(Counter(term for (name,) in read for term in terms.terms(name)), len(read), names)
