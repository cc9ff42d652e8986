"""Scores (相似度): how alike two names are, with the reason for each point: which part agreed, which differed.

A score proposes, it never links. 1 means the same comparison form; a name that only folding makes the same stays below
it. Similarity counts characters (rapidfuzz), never bytes, as the engine's string distances do.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from os.path import commonpath
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Indel, LCSseq, Levenshtein

from chengxin.subjects import names, names_folding, names_parts, names_words

SAME, SIMILAR, DIFFERENT, MISSING = "same", "similar", "different", "missing"
FOLDED, DOUBLED, SOUND, SHAPE = "folded", "doubled", "sound", "shape"
"""Why two spellings count as similar: one name after folding, doubled characters, one sound, one shape."""

_BY_FOLDING, _BY_DOUBLING, _BY_SOUND, _BY_SHAPE = 0.98, 0.97, 0.98, 0.96
"""What an agreement is worth that holds only after folding, and so on; 1 is an agreement of every character."""
_WEIGHTS = {"name": 0.48, "brand": 0.30, "trade": 0.10, "place": 0.08, "form": 0.04}
_ONE_MISSING = {"brand": 0.3, "trade": 0.6, "place": 0.75, "form": 0.7}
"""What a part is worth that only one of two names has: places and forms are left out more often than brands."""
_ALIKE = 0.6
"""Two different texts of one part are similar from here on."""
_ALIKE_PLACE = 0.5
_CALLED = {ord(char): None for char in "省市县区镇乡村"}
_OTHER_BRANCH, _OTHER_NUMBER, _OTHER_PLACE = 0.72, 0.8, 0.85
"""A branch is not its enterprise, 二分公司 is not 一分公司, and 青岛 is not 烟台: nothing else makes up for it."""

_SHORT_FORMS = frozenset({"", "股份", "集团"})
_LONGEST_SHORT = 8
_HEARD = 0.16
"""Two characters of twelve may be other ones of the same sound."""
_SHORT_WORTH = 0.85
"""A short name that fits in every way is still no full name."""

WORTH_SHOWING = 0.5
"""Below, two names have nothing in common that a person would want to see."""

Reason = dict[str, str]
Similarity = np.ndarray[tuple[int], np.dtype[np.float64]]
Rows = np.ndarray[tuple[int], np.dtype[np.int32]]


Forms = tuple[str, str, str]
"""The three forms texts are compared in: characters, classes of sound, classes of shape."""


class Name(NamedTuple):
    """A name made ready for comparing: its forms and its parts; ``core`` is brand and trade together."""

    norm: str
    forms: Forms
    undoubled: str
    parts: names_parts.Parts
    brand: Forms
    core: Forms
    trade: Forms
    digits: str


@lru_cache(maxsize=20_000)
def prepare(name: str, local: frozenset[str] = frozenset()) -> Name:
    """The forms of a name; kept, because one name is compared with many. ``local``: see ``names_parts.split``."""
    norm = names.normalise(name)
    parts = names_parts.split(norm, local)
    chars = names_folding.numbered(parts.text)
    each = (chars, names_folding.sounded(chars), names_folding.shaped(chars))
    folded = names_folding.fold(norm)
    forms = each if folded == chars else compared(folded)
    brand, trade = _slices(each, parts, names_parts.BRAND), _slices(each, parts, names_parts.TRADE)
    core = (brand[0] + trade[0], brand[1] + trade[1], brand[2] + trade[2])
    digits = "" if folded.isalpha() else "".join(char for char in folded if char in "0123456789")
    return Name(norm, forms, names_folding.undoubled(folded), parts, brand, core, trade, digits)


def _slices(forms: Forms, parts: names_parts.Parts, wanted: str) -> Forms:
    """The pieces of one part in each form: forms and parts count characters alike."""
    chars = sound = shape = ""
    for part, _, start, end in parts.spans:
        if part == wanted:
            chars += forms[0][start:end]
            sound += forms[1][start:end]
            shape += forms[2][start:end]
    return chars, sound, shape


def compared(folded: str) -> Forms:
    """The three forms of a folded text."""
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
    places = [_place(a.parts, b.parts) for a, b in pairs]
    total += _WEIGHTS["place"] * np.array([worth for _, worth in places])
    total += _WEIGHTS["form"] * np.array([_form(a.parts, b.parts)[1] for a, b in pairs])
    total *= np.array([_veto(a, b) for a, b in pairs])
    total *= np.where([verdict == DIFFERENT for verdict, _ in places], _OTHER_PLACE, 1.0)
    total = np.maximum(total, [_abbreviation(a, b) for a, b in pairs])
    same = np.array([_sameness(a, b) for a, b in pairs])
    found_alike: Similarity = np.maximum(np.minimum(total, _BY_DOUBLING - 0.01), same).round(4)
    return found_alike


def likeness(asked: Sequence[str], found: Sequence[str], rows: Rows | None = None) -> Similarity:
    """How alike pairs of folded forms are as a whole, by characters or by sound: the cheap sieve before ``scores``.

    ``rows`` says which asked name a pair belongs to, those of one name together: then sounds are only compared where the
    characters are not much less alike than those of the name's best pair.
    """
    if not len(asked):
        return np.zeros(0)
    best = _cpdist(asked, found)
    short = np.array([len(one) <= _LONGEST_SHORT for one in asked])
    heard = np.arange(len(best)) if rows is None else np.flatnonzero(short | (best >= best_of(rows, best) - _HEARD))
    places = heard.tolist()
    sounds = "\n".join([*(asked[at] for at in places), *(found[at] for at in places)])
    sounded = names_folding.sounded(sounds).split("\n")
    best[heard] = np.maximum(best[heard], _BY_SOUND * _cpdist(sounded[: len(heard)], sounded[len(heard) :]))
    for at in np.flatnonzero(short).tolist():
        if len(found[at]) > len(asked[at]):
            best[at] = max(best[at], _contained(asked[at], found[at]))
    return best


def best_of(rows: Rows, alike: Similarity) -> Similarity:
    """For each pair the best value among the pairs of its row."""
    new = np.append(True, rows[1:] != rows[:-1])
    best: Similarity = np.maximum.reduceat(alike, np.flatnonzero(new))[np.cumsum(new) - 1]
    return best


def _contained(short: str, full: str) -> float:
    """How much of a short text the full one has, in order and in one piece."""
    in_order = LCSseq.similarity(short, full) / len(short) if short else 0.0
    return _SHORT_WORTH * (0.7 * in_order + 0.3 * fuzz.partial_ratio(short, full) / 100)


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
    told += [_textual("brand", a.brand, b.brand, asked.brand, found.brand)]
    told += [_textual("trade", a.trade, b.trade, asked.trade, found.trade)]
    told += [_reason("form", _form(a, b)[0], a.form, b.form)]
    for part in ("bracket", "branch"):
        one, other = getattr(a, part), getattr(b, part)
        if one or other:
            told += [_textual(part, one, other, compared(names_folding.fold(one)), compared(names_folding.fold(other)))]
    return [reason for reason in told if reason["asked"] or reason["found"]]


def as_json(told: Sequence[Reason]) -> str:
    return json.dumps(list(told), ensure_ascii=False, separators=(",", ":"))


def _alike(asked: Sequence[Forms], found: Sequence[Forms]) -> Similarity:
    """The best of three similarities: of characters, of sounds, of shapes."""
    best = np.zeros(len(asked))
    for form, worth in ((0, 1.0), (1, _BY_SOUND), (2, _BY_SHAPE)):
        best = np.maximum(best, worth * _cpdist([one[form] for one in asked], [one[form] for one in found]))
    return best


def _cpdist(asked: Sequence[str], found: Sequence[str]) -> Similarity:
    """Pair by pair; two neighbours exchanged count as one slip."""
    return process.cpdist(asked, found, scorer=OSA.normalized_similarity, dtype=np.float64)


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


def _abbreviation(asked: Name, found: Name) -> float:
    """How well a short name (简称) may stand for a full one: its characters in their order, best in one piece.

    0 for what is no short name: 海尔 and 海尔股份 are, a name with a legal form of its own is not.
    """
    short, full = asked.forms[0], found.forms[0]
    if asked.parts.form not in _SHORT_FORMS or not 2 <= len(short) <= _LONGEST_SHORT or len(short) >= len(full):
        return 0.0
    begins = max(len(commonpath([short, found.core[0]])), len(commonpath([short, full]))) / len(short)
    return 0.8 * _contained(short, full) + 0.2 * _SHORT_WORTH * begins


def _place(asked: names_parts.Parts, found: names_parts.Parts) -> tuple[str, float]:
    """Same place; one within the other (青岛 in 山东); or none on one side."""
    if asked.place == found.place:
        return SAME, 1.0
    if not asked.place or not found.place:
        return MISSING, _ONE_MISSING["place"]
    if set(asked.places) & set(found.places):
        return SAME, 0.98
    pairs = [(one, other) for one in asked.places for other in found.places]
    if any(names_words.lies_in(one, other) or names_words.lies_in(other, one) for one, other in pairs):
        return SIMILAR, 0.85
    one, other = _bare(asked.place), _bare(found.place)
    if one in other or other in one:
        return SIMILAR, 0.85
    alike = Indel.normalized_similarity(one, other)
    return (SIMILAR, 0.85 * alike) if alike >= _ALIKE_PLACE else (DIFFERENT, 0.0)


def _bare(place: str) -> str:
    """A place without what it is called: 青岛市 → 青岛."""
    return place.translate(_CALLED) or place


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


def _textual(part: str, asked: str, found: str, a: Forms, b: Forms) -> Reason:
    if asked == found:
        return _reason(part, SAME, asked, found)
    if not asked or not found:
        return _reason(part, MISSING, asked, found)
    for form, why in enumerate((FOLDED, SOUND, SHAPE)):
        if a[form] == b[form]:
            return _reason(part, SIMILAR, asked, found, why)
    alike = max(map(OSA.normalized_similarity, a, b))
    return _reason(part, SIMILAR if alike >= _ALIKE else DIFFERENT, asked, found)


def _reason(part: str, verdict: str, asked: str, found: str, why: str = "") -> Reason:
    told = {"part": part, "verdict": verdict, "asked": asked, "found": found}
    return {**told, "why": why} if why else told
