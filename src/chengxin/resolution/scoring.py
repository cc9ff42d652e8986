"""Scores (相似度): how alike two names are, with the reason for each point: which part agreed, which differed.

A score proposes, it never links. 1 means the same comparison form; a name that only folding makes the same stays below
it. Similarity counts characters (rapidfuzz), never bytes, as the engine's string distances do.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from chengxin.subjects import names, names_folding, names_parts

SAME, SIMILAR, DIFFERENT, MISSING = "same", "similar", "different", "missing"
FOLDED, DOUBLED, SOUND, SHAPE = "folded", "doubled", "sound", "shape"
"""Why two spellings count as similar: one name after folding, doubled characters, one sound, one shape."""

_BY_FOLDING, _BY_DOUBLING, _BY_SOUND, _BY_SHAPE = 0.98, 0.97, 0.98, 0.96
"""What an agreement is worth that holds only after folding, and so on; 1 is an agreement of every character."""
_WEIGHTS = {"name": 0.30, "brand": 0.38, "trade": 0.14, "place": 0.13, "form": 0.05}
_ONE_MISSING = {"brand": 0.3, "trade": 0.6, "place": 0.75, "form": 0.7}
"""What a part is worth that only one of two names has: places and forms are left out more often than brands."""
_ALIKE = 0.6
"""Two different texts of one part are similar from here on."""
_OTHER_BRANCH, _OTHER_NUMBER = 0.72, 0.8
"""A branch is not its enterprise, and 二分公司 is not 一分公司: nothing else makes up for it."""

Reason = dict[str, str]
Similarity = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Name:
    """A name made ready for comparing: its forms and its parts, each part with the three forms it is compared in."""

    norm: str
    forms: tuple[str, str, str]
    undoubled: str
    parts: names_parts.Parts
    brand: tuple[str, str, str]
    core: tuple[str, str, str]
    trade: tuple[str, str, str]
    digits: str


@lru_cache(maxsize=200_000)
def prepare(name: str) -> Name:
    """The forms of a name; kept, because one name is compared with many."""
    parts = names_parts.split(name)
    folded = names_folding.fold(name)
    core = names_folding.fold(parts.brand + parts.trade)
    return Name(
        names.normalise(name),
        _forms(folded),
        names_folding.undoubled(folded),
        parts,
        _forms(names_folding.fold(parts.brand)),
        _forms(core),
        _forms(names_folding.fold(parts.trade)),
        "".join(char for char in folded if char.isdigit()),
    )


def _forms(folded: str) -> tuple[str, str, str]:
    return folded, names_folding.sounded(folded), names_folding.shaped(folded)


def scores(asked: Sequence[Name], found: Sequence[Name]) -> Similarity:
    """One score in [0, 1] for each pair."""
    if not asked:
        return np.zeros(0)
    whole = _alike([one.forms for one in asked], [one.forms for one in found])
    brand = np.maximum(
        _alike([one.brand for one in asked], [one.brand for one in found]),
        # a slip may move the border between brand and trade: then the brand of one begins the core of the other
        np.maximum(_beginning(asked, found), _beginning(found, asked)),
    )
    trade = _alike([one.trade for one in asked], [one.trade for one in found])
    total = _WEIGHTS["name"] * whole
    for part, similarity in (("brand", brand), ("trade", trade)):
        total += _WEIGHTS[part] * np.where(_one_lacks(asked, found, part), _ONE_MISSING[part], similarity)
    pairs = list(zip(asked, found, strict=True))
    total += _WEIGHTS["place"] * np.array([_place(a.parts, b.parts)[1] for a, b in pairs])
    total += _WEIGHTS["form"] * np.array([_form(a.parts, b.parts)[1] for a, b in pairs])
    total *= np.array([_veto(a, b) for a, b in pairs])
    same = np.array([_sameness(a, b) for a, b in pairs])
    return np.maximum(np.minimum(total, _BY_DOUBLING - 0.01), same).round(4)


def reasons(asked: Name, found: Name) -> list[Reason]:
    """Which parts agree and which differ, in the order in which a name is read.

    ``verdict`` is ``same``, ``similar``, ``different`` or ``missing`` (one of the two has no such part); ``why`` says by
    what similar parts agree, where it is more than some of their characters.
    """
    if asked.norm == found.norm:
        return [_reason("name", SAME, asked.norm, found.norm)]
    if asked.forms[0] == found.forms[0] or asked.undoubled == found.undoubled:
        why = FOLDED if asked.forms[0] == found.forms[0] else DOUBLED
        return [_reason("name", SIMILAR, asked.norm, found.norm, why)]
    a, b = asked.parts, found.parts
    told = [_reason("place", _place(a, b)[0], a.place, b.place)]
    told += [_textual("brand", a.brand, b.brand), _textual("trade", a.trade, b.trade)]
    told += [_reason("form", _form(a, b)[0], a.form, b.form)]
    told += [_textual("bracket", a.bracket, b.bracket), _textual("branch", a.branch, b.branch)]
    return [reason for reason in told if reason["asked"] or reason["found"]]


def as_json(told: Sequence[Reason]) -> str:
    return json.dumps(list(told), ensure_ascii=False, separators=(",", ":"))


def _alike(asked: Sequence[tuple[str, str, str]], found: Sequence[tuple[str, str, str]]) -> Similarity:
    """The best of three similarities: of characters, of sounds, of shapes."""
    best = np.zeros(len(asked))
    for form, worth in ((0, 1.0), (1, _BY_SOUND), (2, _BY_SHAPE)):
        found_alike = process.cpdist(
            [one[form] for one in asked],
            [one[form] for one in found],
            scorer=Levenshtein.normalized_similarity,
            dtype=np.float64,
        )
        best = np.maximum(best, worth * found_alike)
    return best


def _beginning(asked: Sequence[Name], found: Sequence[Name]) -> Similarity:
    """How far the brand of the one begins the core of the other."""
    cut = [tuple(form[: len(a.brand[0])] for form in b.core) for a, b in zip(asked, found, strict=True)]
    alike = _alike([one.brand for one in asked], cut)  # type: ignore[arg-type]
    return np.where([len(one.brand[0]) >= 2 for one in asked], alike, 0.0)


def _one_lacks(asked: Sequence[Name], found: Sequence[Name], part: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([bool(getattr(a, part)[0]) != bool(getattr(b, part)[0]) for a, b in zip(asked, found, strict=True)])


def _sameness(asked: Name, found: Name) -> float:
    if asked.norm == found.norm:
        return 1.0
    if asked.forms[0] == found.forms[0]:
        return _BY_FOLDING
    return _BY_DOUBLING if asked.undoubled == found.undoubled else 0.0


def _place(asked: names_parts.Parts, found: names_parts.Parts) -> tuple[str, float]:
    """Same place; one within the other (青岛 in 山东); or none on one side."""
    if not asked.place and not found.place:
        return SAME, 1.0
    if not asked.place or not found.place:
        return MISSING, _ONE_MISSING["place"]
    if asked.place == found.place:
        return SAME, 1.0
    if set(asked.places) & set(found.places):
        return SAME, 0.98
    pairs = [(one, other) for one in asked.places for other in found.places]
    if any(names_parts.lies_in(one, other) or names_parts.lies_in(other, one) for one, other in pairs):
        return SIMILAR, 0.85
    alike = Levenshtein.normalized_similarity(asked.place, found.place)
    return (SIMILAR, alike) if alike >= _ALIKE else (DIFFERENT, 0.0)


def _form(asked: names_parts.Parts, found: names_parts.Parts) -> tuple[str, float]:
    if asked.form == found.form:
        return SAME, 1.0
    if not asked.form or not found.form:
        return MISSING, _ONE_MISSING["form"]
    return (SIMILAR, 0.9) if asked.form_class == found.form_class else (DIFFERENT, 0.3)


def _veto(asked: Name, found: Name) -> float:
    worth = 1.0
    if asked.parts.branch != found.parts.branch:
        both = asked.parts.branch and found.parts.branch
        alike = Levenshtein.normalized_similarity(asked.parts.branch, found.parts.branch) if both else 0.0
        worth *= _OTHER_BRANCH + (1 - _OTHER_BRANCH) * alike
    if asked.digits != found.digits:
        worth *= _OTHER_NUMBER
    return worth


def _textual(part: str, asked: str, found: str) -> Reason:
    if asked == found:
        return _reason(part, SAME, asked, found)
    if not asked or not found:
        return _reason(part, MISSING, asked, found)
    a, b = _forms(names_folding.fold(asked)), _forms(names_folding.fold(found))
    for form, why in ((0, FOLDED), (1, SOUND), (2, SHAPE)):
        if a[form] == b[form]:
            return _reason(part, SIMILAR, asked, found, why)
    alike = float(_alike([a], [b])[0])
    return _reason(part, SIMILAR if alike >= _ALIKE else DIFFERENT, asked, found)


def _reason(part: str, verdict: str, asked: str, found: str, why: str = "") -> Reason:
    told = {"part": part, "verdict": verdict, "asked": asked, "found": found}
    return {**told, "why": why} if why else told
