"""Parts of a name (名称组成): place 行政区划, brand 字号, trade 行业, legal form 组织形式, brackets and branch.

企业名称登记管理规定 (国务院令第734号, in force since 2021-03-01), article 6: a name consists of place, brand, trade or
trait of business, and form of organisation, in this order. What a registered name holds beside them is a remark in
brackets and, of a branch, its own ending (article 13: 分公司, 分厂, 分店 … after the full name of the enterprise).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chengxin.subjects import names_folding

PLACE, BRAND, TRADE, FORM, BRACKET, BRANCH = "place", "brand", "trade", "form", "bracket", "branch"
NATION = "000000"

_OPEN, _CLOSE = "（", "）"
_LONGEST = 12
_DEEPEST = 3
_NO_PLACES = frozenset(
    {"社区", "小区", "园区", "农村", "乡村", "山区", "景区", "城市", "超市", "都市", "夜市", "城镇", "故乡"}
)
"""Words that end like a division and are none."""
"""A place has at most three words: province, city, county."""
_WORD, _UNKNOWN, _NO_TRADE, _TRADE_AS_BRAND = 0.5, 1.8, 2.2, 1.5
_BRAND = (1.1, 1.7, 0.0, 0.35, 0.75, 1.6, 2.2)
"""What a split costs: a word of trade, a character of the trade that no word explains, no trade at all, a brand that is a
word of trade itself; a brand by its length. Registered brands have two to four characters, rarely more (article 8)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part's piece: ``text`` stands at ``[start, end)`` of the simplified comparison form."""

    part: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parts:
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


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form (组织形式): its class, and whether branches end so."""

    group: str
    branch: bool


def split(name: str) -> Parts:
    """The parts of a name. Whatever a name is made of, its pieces do not overlap; a name of no known form is a brand."""
    return _Splitter(names_folding.simplify(name)).parts()


class _Splitter:
    """One name being taken apart. Positions count in the simplified comparison form; ``_at`` maps the name without its
    brackets back to it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: list[Span] = []
        self._bracketed: list[tuple[int, int]] = []
        self._codes: tuple[str, ...] = ()
        self._group = ""

    def parts(self) -> Parts:
        self._brackets()
        plain = "".join(self._text[at] for at in self._at)
        head = self._branch(plain)
        form = self._form(plain, head)
        begin = self._place(plain, form)
        self._core(plain, begin, form)
        spans = tuple(sorted(self._spans, key=lambda span: span.start))
        joined = {
            part: "".join(s.text for s in spans if s.part == part) for part in (PLACE, BRAND, TRADE, FORM, BRACKET)
        }
        branch = "".join(s.text for s in spans if s.part == BRANCH)
        return Parts(
            self._text, joined[PLACE], joined[BRAND], joined[TRADE], joined[FORM], joined[BRACKET], branch,
            self._codes, self._group, spans,
        )  # fmt: skip

    def _brackets(self) -> None:
        """Take brackets out: a place, a legal form or a remark. An open bracket without its end is left where it is."""
        self._at = list(range(len(self._text)))
        if _OPEN not in self._text:
            return
        out: set[int] = set()
        start = self._text.find(_OPEN)
        while start >= 0 and (end := self._text.find(_CLOSE, start)) >= 0:
            self._one_bracket(start + 1, end)
            out.update(range(start, end + 1))
            start = self._text.find(_OPEN, end)
        self._at = [at for at in self._at if at not in out]

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
        for mark in (
            "有限公司",
            "有限责任公司",
            "股份公司",
            "集团公司",
            "总公司",
            "合作社",
            "公司",
            "集团",
            "总厂",
            "银行",
        ):
            at = plain.rfind(mark, 0, len(plain) - 1)
            end = at + len(mark)
            if at > 0 and end < len(plain) and (len(mark) >= 4 or _branch_ending(plain, end)):
                self._add(BRANCH, plain, end, len(plain))
                return end
        ending = _branch_ending(plain, 0)
        if ending and len(ending) >= 3 and forms()[ending].group == "branch":
            end = len(plain) - len(ending)
            begin = _place_before(plain, end)
            self._add(BRANCH, plain, begin, len(plain))
            return begin
        return len(plain)

    def _form(self, plain: str, end: int) -> int:
        """Where the legal form begins."""
        for size in range(min(_LONGEST, end), 0, -1):
            form = forms().get(plain[end - size : end])
            if size == 1 and plain[end - 2 : end] in trades():
                break  # 银行, 药业: the last character belongs to the trade
            if form is not None and form.group != "branch":
                self._add(FORM, plain, end - size, end)
                self._group = form.group
                return end - size
        return end

    def _place(self, plain: str, end: int) -> int:
        """Where the place at the beginning ends."""
        begin, codes = 0, self._codes
        for depth in range(_DEEPEST):
            size, found = _place_at(plain, begin, end, codes if depth else ())
            if not size:
                break
            found = found or codes  # an unlisted place lies where the one before it does
            self._add(PLACE, plain, begin, begin + size)
            begin, codes = begin + size, found
        self._codes = codes if begin else self._codes
        return begin

    def _core(self, plain: str, begin: int, end: int) -> None:
        """Divide what lies between place and form into brand and trade, as cheaply as words of trade allow."""
        if begin >= end:
            return
        at = _place_before(plain, end)
        if begin + 2 <= at < end and not any(span.part == PLACE for span in self._spans):
            self._add(PLACE, plain, at, end)
            self._codes = places()[plain[at:end]]
            end = at
        cut = _cut(plain[begin:end]) + begin
        if cut > begin:
            self._add(BRAND, plain, begin, cut)
        if cut < end:
            self._add(TRADE, plain, cut, end)

    def _add(self, part: str, plain: str, begin: int, end: int) -> None:
        self._spans.append(Span(part, plain[begin:end], self._at[begin], self._at[end - 1] + 1))


def _branch_ending(plain: str, begin: int) -> str:
    """The ending of a branch that the name has after ``begin``, "" when it has none."""
    for size in range(min(8, len(plain) - begin), 0, -1):
        form = forms().get(plain[len(plain) - size :])
        if form is not None and form.branch:
            return plain[len(plain) - size :]
    return ""


def _place_at(plain: str, begin: int, end: int, within: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Length and codes of the place that begins here; after another place only one that lies in it."""
    for size in range(min(_LONGEST, end - begin), 1, -1):
        word = plain[begin : begin + size]
        codes = places().get(word)
        if codes is None:
            continue
        if within:
            codes = tuple(code for code in codes if any(lies_in(code, other) for other in within))
        elif word in _short_counties() and not _stands_alone(plain, begin + size, end):
            continue
        if codes and not _begins_trade(plain, begin + size - 1, end):
            return size, codes
    return _unlisted_place(plain, begin, end, bool(within)), ()


def _begins_trade(plain: str, at: int, end: int) -> bool:
    """Whether the last character of a place rather begins a word of trade: 雅安 + 市政工程."""
    return plain[at] == "市" and at + 2 <= end and plain[at : at + 2] in trades()


def _unlisted_place(plain: str, begin: int, end: int, after_place: bool) -> int:
    """Length of a place no list has, told by its ending: a county of former times, a town after its county."""
    endings = "区县镇乡村" if after_place else "省市县"
    for size in (3, 4):
        if begin + size + 2 > end or plain[begin + size - 1] not in endings:
            continue
        word, pair = plain[begin : begin + size], plain[begin + size - 2 : begin + size]
        if pair not in _NO_PLACES and not _begins_trade(plain, begin + size - 1, end):
            return size if word not in trades() else 0
    return 0


def _stands_alone(plain: str, begin: int, end: int) -> bool:
    """Whether what follows a county's short name is a brand and a trade by itself; else the county's name is the brand."""
    rest = plain[begin:end]
    cut = _cut(rest)
    return 2 <= cut <= 4 and cut < len(rest)


def _place_before(plain: str, end: int) -> int:
    """Where the province or city that ends here begins; ``end`` when none does."""
    for size in range(min(_LONGEST, end), 1, -1):
        word = plain[end - size : end]
        if word in places() and word not in _short_counties():
            return end - size
    return end


def lies_in(code: str, other: str) -> bool:
    """Whether one division lies in another: 370200 in 370000, everything in the nation."""
    return other == NATION or (code != other and code.startswith(other.rstrip("0").ljust(2, "0")))


@cache
def _cut(core: str) -> int:
    """How many characters of the core are brand: the cheapest split into a brand and words of trade."""
    size = len(core)
    cost = [0.0] * (size + 1)
    for at in range(size - 1, -1, -1):
        cost[at] = _UNKNOWN + cost[at + 1]
        for length in range(2, min(_longest_trade(), size - at) + 1):
            if core[at : at + length] in trades():
                cost[at] = min(cost[at], _WORD + cost[at + length])
    cost[size] = _NO_TRADE
    prices = []
    for cut in range(size + 1):
        brand = _BRAND[min(cut, 6)] + max(0, cut - 6) * 0.4 + (_TRADE_AS_BRAND if core[:cut] in trades() else 0)
        prices.append((brand + cost[cut], cut))
    return min(prices)[1]


@cache
def _longest_trade() -> int:
    return max(map(len, trades()))


@cache
def places() -> Mapping[str, tuple[str, ...]]:
    """Names of divisions, full and short → their codes. Short names of districts are none: they are words like 和平."""
    found: dict[str, list[str]] = {}
    for row in _rows("places.tsv"):
        district = row["name"].endswith("区") and not row["code"].endswith("00")
        for word in (row["name"], "" if district else row["short"]):
            if word:
                found.setdefault(word, []).append(row["code"])
    return {word: tuple(sorted(codes)) for word, codes in found.items()}


@cache
def _short_counties() -> frozenset[str]:
    """Short names that only counties bear: 永兴, 新安 … begin brands more often than places."""
    return frozenset(
        row["short"]
        for row in _rows("places.tsv")
        if row["short"] and all(not code.endswith("00") for code in places().get(row["short"], ("00",)))
    )


@cache
def trades() -> frozenset[str]:
    """Words of trade (行业用语)."""
    return frozenset(row["word"] for row in _rows("trades.tsv"))


@cache
def forms() -> Mapping[str, Form]:
    """Legal forms and endings of branches."""
    return {row["word"]: Form(row["class"], row["branch"] == "true") for row in _rows("legal_forms.tsv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("chengxin.subjects") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))
