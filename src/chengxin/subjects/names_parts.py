"""Parts of a name (名称组成): place 行政区划, brand 字号, trade 行业, legal form 组织形式, brackets and branch.

企业名称登记管理规定 (国务院令第734号, in force since 2021-03-01), article 6: a name consists of place, brand, trade or
trait of business, and form of organisation, in this order. What a registered name holds beside them is a remark in
brackets and, of a branch, its own ending (article 13: 分公司, 分厂, 分店 … after the full name of the enterprise).
"""

from collections.abc import Iterator
from functools import lru_cache
from operator import eq
from typing import NamedTuple

from chengxin.subjects import names_folding
from chengxin.subjects.names_words import (
    PLACELESS,
    Form,
    forms,
    forms_by_end,
    lies_in,
    places,
    places_by_start,
    trades,
    trades_by_start,
)

PLACE, BRAND, TRADE, FORM, BRACKET, BRANCH = "place", "brand", "trade", "form", "bracket", "branch"

_OPEN, _CLOSE = "（", "）"
_DEEPEST = 3
"""A place has at most three words: province, city, county."""
_WORD, _UNKNOWN, _NO_TRADE, _TRADE_AS_BRAND = 0.5, 1.8, 2.2, 1.5
_BRAND = (1.1, 1.7, 0.0, 0.35, 0.75, 1.6, 2.2)
_LONGER_BRAND = 0.4
"""What a split costs: a word of trade, a character of the trade that no word explains, no trade at all, a brand that is a
word of trade itself; a brand by its length. Registered brands have two to four characters, rarely more (article 8)."""
_HEADS = ("有限公司", "有限责任公司", "股份公司", "集团公司", "总公司", "合作社", "公司", "集团", "总厂", "银行")
"""Endings of an enterprise's own name, after which a branch may follow; only the longer ones whatever follows."""
_LIMITED = "有限公司"
_SHORT_OF_ONE = frozenset({"限公司", "有公司", "有限司", "有限公"})
_LOCAL = 2
_SURE_HEAD = 4
_SURE_BRANCH = 3


class Span(NamedTuple):
    """A part's piece: ``text`` stands at ``[start, end)`` of the simplified comparison form."""

    part: str
    text: str
    start: int
    end: int


class Parts(NamedTuple):
    """The parts of one name, each "" where it has none; ``spans`` in the order in which they stand.

    ``places`` are the division codes (GB/T 2260, six digits) that the place may mean, ``form_class`` the group of legal
    forms. A branch keeps its own place in ``branch``: ``place`` is its enterprise's.
    """

    text: str
    place: str
    brand: str
    trade: str
    form: str
    bracket: str
    branch: str
    places: tuple[str, ...]
    form_class: str
    spans: tuple[Span, ...]


def split(name: str, local: frozenset[str] = frozenset()) -> Parts:
    """The parts of a name. Whatever a name is made of, its pieces do not overlap; a name of no known form is a brand.

    ``local`` are beginnings of two characters that are places where the name comes from, beside those of the lists.
    """
    return _Splitter(names_folding.simplify(name), local).parts()


class _Splitter:
    """One name being taken apart. Positions count in the name without its brackets; ``_at`` maps them back."""

    def __init__(self, text: str, local: frozenset[str]) -> None:
        self._text = text
        self._local = local
        self._at: list[int] | None = None
        self._spans: list[Span] = []
        self._codes: tuple[str, ...] = ()
        self._group = ""

    def parts(self) -> Parts:
        plain = self._without_brackets() if _OPEN in self._text else self._text
        form = self._form(plain, self._branch(plain))
        self._core(plain, self._place(plain, form), form)
        if len(self._spans) > 1:
            self._spans.sort(key=_start)
        texts = dict.fromkeys((PLACE, BRAND, TRADE, FORM, BRACKET, BRANCH), "")
        for part, text, _, _ in self._spans:
            texts[part] += text
        place, brand, trade, form_text, bracket, branch = texts.values()
        spans = tuple(self._spans)
        return Parts(self._text, place, brand, trade, form_text, bracket, branch, self._codes, self._group, spans)

    def _without_brackets(self) -> str:
        """Take brackets out: a place, a legal form or a remark. An open bracket without its end is left where it is."""
        kept: list[int] = []
        last, start = 0, self._text.find(_OPEN)
        while start >= 0 and (end := self._text.find(_CLOSE, start)) >= 0:
            self._one_bracket(start + 1, end)
            kept += range(last, start)
            last, start = end + 1, self._text.find(_OPEN, end)
        self._at = [*kept, *range(last, len(self._text))]
        return "".join(self._text[at] for at in self._at)

    def _one_bracket(self, start: int, end: int) -> None:
        inner = self._text[start:end]
        if inner in forms():
            self._spans.append(Span(FORM, inner, start, end))
        elif (codes := places().get(inner)) is not None:
            self._spans.append(Span(PLACE, inner, start, end))
            self._codes = self._codes or codes
        elif inner:
            self._spans.append(Span(BRACKET, inner, start, end))

    def _branch(self, plain: str) -> int:
        """Where the enterprise's own name ends and its branch begins; the length of the name where there is none."""
        size = len(plain)
        if plain.endswith("公司") and plain.find("公司") == size - 2 and plain[-3:-2] not in "分支":
            return size  # most names
        for mark in _HEADS:
            at = plain.rfind(mark, 0, size - 1)
            end = at + len(mark)
            if at > 0 and end < size and (len(mark) >= _SURE_HEAD or _branch_ending(plain, end)):
                self._add(BRANCH, plain, end, size)
                return end
        ending = _branch_ending(plain, 0)
        if len(ending) >= _SURE_BRANCH and forms()[ending].group == "branch":
            begin = _place_before(plain, size - len(ending))
            self._add(BRANCH, plain, begin, size)
            return begin
        return size

    def _form(self, plain: str, end: int) -> int:
        """Where the legal form begins."""
        for form in _endings(plain, end):
            if len(form.word) == 1 and plain[end - 2 : end] in trades():
                break  # 银行, 药业: the last character belongs to the trade
            if form.group != "branch":
                begin = end - len(form.word)
                self._add(FORM, plain, begin, end)
                self._group = form.group
                return begin
        if (begin := _slipped_form(plain, end)) < end:
            self._add(FORM, plain, begin, end)
            self._group = "limited"
        return begin

    def _place(self, plain: str, end: int) -> int:
        """Where the place at the beginning ends."""
        begin, codes = 0, self._codes
        for depth in range(_DEEPEST):
            size, found = _place_at(plain, begin, end, codes if depth else ())
            if not size and not codes and begin + _LOCAL < end and plain[begin : begin + _LOCAL] in self._local:
                size = _LOCAL
            if not size:
                break
            self._add(PLACE, plain, begin, begin + size)
            begin, codes = begin + size, found or codes  # an unlisted place lies where the one before it does
        self._codes = codes if begin else self._codes
        return begin

    def _core(self, plain: str, begin: int, end: int) -> None:
        """Divide what lies between place and form into brand and trade, as cheaply as words of trade allow."""
        if begin >= end:
            return
        if not begin and not self._codes and (at := _place_before(plain, end)) < end and at >= 2:
            self._add(PLACE, plain, at, end)
            self._codes = places()[plain[at:end]]
            end = at
        cut = begin + _cut(plain[begin:end])
        if cut > begin:
            self._add(BRAND, plain, begin, cut)
        if cut < end:
            self._add(TRADE, plain, cut, end)

    def _add(self, part: str, plain: str, begin: int, end: int) -> None:
        """Note a piece; one with a bracket inside is two."""
        at = self._at
        if at is None:
            self._spans.append(Span(part, plain[begin:end], begin, end))
            return
        for stop in range(begin + 1, end + 1):
            if stop == end or at[stop] != at[stop - 1] + 1:
                self._spans.append(Span(part, plain[begin:stop], at[begin], at[stop - 1] + 1))
                begin = stop


def _start(span: Span) -> int:
    return span.start


def _branch_ending(plain: str, begin: int) -> str:
    """The ending of a branch that the name has after ``begin``, "" when it has none."""
    for form in _endings(plain, len(plain)):
        if form.branch and len(form.word) <= len(plain) - begin:
            return form.word
    return ""


def _slipped_form(plain: str, end: int) -> int:
    """Where a 有限公司 with one wrong or missing character, or two exchanged, begins: a slip there must not turn it into a brand."""
    size = len(_LIMITED)
    last = plain[max(0, end - size) : end]
    if len(last) == size and (sum(map(eq, last, _LIMITED)) == size - 1 or sorted(last) == sorted(_LIMITED)):
        return end - size
    short = last[1:]
    return end - len(short) if short in _SHORT_OF_ONE else end


def _endings(plain: str, end: int) -> Iterator[Form]:
    """Forms that stand before ``end``, longest first."""
    by_end = forms_by_end()
    for last in (plain[end - 2 : end], plain[end - 1 : end]):
        for form in by_end.get(last, ()):
            if plain.endswith(form.word, 0, end):
                yield form


def _place_at(plain: str, begin: int, end: int, within: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Length and codes of the place that begins here; after another place only one that lies in it."""
    for place in places_by_start().get(plain[begin : begin + 2], ()):
        stop = begin + len(place.word)
        if stop > end or not plain.startswith(place.word, begin):
            continue
        codes = place.codes
        if within:
            codes = tuple(code for code in codes if any(lies_in(code, other) for other in within))
        elif place.weak and not _stands_alone(plain[stop:end]):
            continue
        if codes and not _begins_trade(plain, stop - 1, end):
            return len(place.word), codes
    return _unlisted_place(plain, begin, end, "区县镇乡村" if within or begin else "省市县"), ()


def _begins_trade(plain: str, at: int, end: int) -> bool:
    """Whether the last character of a place rather begins a word of trade: 雅安 + 市政工程."""
    return plain[at] == "市" and at + 2 <= end and plain[at : at + 2] in trades()


def _unlisted_place(plain: str, begin: int, end: int, endings: str) -> int:
    """Length of a place no list has, told by its ending: a county of former times, a town after its county."""
    for size in (3, 4):
        stop = begin + size
        if stop + 2 > end or plain[stop - 1] not in endings:
            continue
        if plain[stop - 2 : stop] not in PLACELESS and not _begins_trade(plain, stop - 1, end):
            return size if plain[begin:stop] not in trades() else 0
    return 0


def _stands_alone(rest: str) -> bool:
    """Whether what follows a county's short name is a brand and a trade by itself; else the county's name is the brand."""
    return 2 <= _cut(rest) <= 4 and _cut(rest) < len(rest)


def _place_before(plain: str, end: int) -> int:
    """Where the province or city that ends here begins; ``end`` when none does."""
    for size in (4, 3, 2):
        place = places().get(plain[end - size : end]) if end > size else None
        if place and any(code.endswith("00") for code in place):
            return end - size
    return end


@lru_cache(maxsize=200_000)
def _cut(core: str) -> int:
    """How many characters of the core are brand: the cheapest split into a brand and words of trade."""
    size = len(core)
    cost = [0.0] * (size + 1)
    for at in range(size - 1, -1, -1):
        cheapest = _UNKNOWN + cost[at + 1]
        for word in trades_by_start().get(core[at : at + 2], ()):
            if core.startswith(word, at):
                cheapest = min(cheapest, _WORD + cost[at + len(word)])
        cost[at] = cheapest
    cost[size] = _NO_TRADE
    best, found = float("inf"), 0
    for cut in range(size + 1):
        price = cost[cut] + _BRAND[min(cut, 6)] + max(0, cut - 6) * _LONGER_BRAND
        price += _TRADE_AS_BRAND if core[:cut] in trades() else 0.0
        if price < best:
            best, found = price, cut
    return found
