"""Words of names (名称用语): places, words of trade and legal forms, as the lists under ``data`` have them.

Sources and licences: docs/adr/0010.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple, TypeVar

NATION = "000000"
PLACELESS = frozenset(
    ["社区", "小区", "园区", "农村", "乡村", "山区", "景区", "城市", "超市", "都市", "夜市", "城镇", "故乡"]
)
"""Words that end like a division and are none."""


class Place(NamedTuple):
    """A name of divisions (行政区划名称), full or short; ``weak`` where only counties bear it and in short form.

    永兴, 新安 … begin brands more often than places.
    """

    word: str
    codes: tuple[str, ...]
    weak: bool


class Form(NamedTuple):
    """A legal form (组织形式): its class, and whether branches end so."""

    word: str
    group: str
    branch: bool


T = TypeVar("T", Place, Form)


@cache
def places() -> Mapping[str, tuple[str, ...]]:
    """Names of divisions, full and short → their codes. Short names of districts are none: they are words like 鼓楼."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows("places.tsv"):
        found[row["name"]].append(row["code"])
        if row["short"] and not _is_district(row):
            found[row["short"]].append(row["code"])
    return {word: tuple(sorted(codes)) for word, codes in found.items()}


@cache
def places_by_start() -> Mapping[str, tuple[Place, ...]]:
    """The same by their first two characters, longest first."""
    full = {row["name"] for row in _rows("places.tsv")}
    found = [
        Place(word, codes, word not in full and not any(code.endswith("00") for code in codes))
        for word, codes in places().items()
    ]
    return _by(found, lambda place: place.word[:2])


@cache
def trades() -> frozenset[str]:
    """Words of trade (行业用语)."""
    return frozenset(row["word"] for row in _rows("trades.tsv"))


@cache
def trades_by_start() -> Mapping[str, tuple[str, ...]]:
    """The same by their first two characters."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(trades()):
        found[word[:2]].append(word)
    return {start: tuple(words) for start, words in found.items()}


@cache
def forms() -> Mapping[str, Form]:
    """Legal forms and endings of branches."""
    return {row["word"]: Form(row["word"], row["class"], row["branch"] == "true") for row in _rows("legal_forms.tsv")}


@cache
def forms_by_end() -> Mapping[str, tuple[Form, ...]]:
    """The same by their last two characters (their only one), longest first."""
    return _by(forms().values(), lambda form: form.word[-2:])


def lies_in(code: str, other: str) -> bool:
    """Whether one division lies in another: 370200 in 370000, everything in the nation."""
    return other == NATION or (code != other and code.startswith(_stem(other)))


def _stem(code: str) -> str:
    """The digits that all divisions of a province, a city or a county begin with."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _is_district(row: Mapping[str, str]) -> bool:
    return row["name"].endswith("区") and not row["code"].endswith("00")


def _by(found: Iterable[T], key: Callable[[T], str]) -> Mapping[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for one in sorted(found, key=lambda one: (-len(one.word), one.word)):
        grouped[key(one)].append(one)
    return {start: tuple(listed) for start, listed in grouped.items()}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("chengxin.subjects") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))
