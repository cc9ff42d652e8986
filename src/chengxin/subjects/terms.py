"""Search terms (检索词): the pieces of a name that the index keeps, and those a question must find.

A name leaves three kinds of terms, all of the searched form (``names.squeeze``) in lower case: two-character grams
``海尔``; three-letter grams of its pinyin initials ``heg``; and how it begins, marked with ``·`` (``·青岛``, ``·qd``).
Terms that nearly every company shares (有限, 公司 …) are left out on both sides. Terms only propose: whether a name
really answers a question is checked on the name itself.
"""

from collections.abc import Iterator
from itertools import pairwise

from rapidfuzz.distance import OSA

from chengxin.subjects import names

START = "·"
COMMON_GRAMS = frozenset({"有限", "限公", "公司", "限责", "责任", "任公"})
COMMON_INITIALS = frozenset({"yxg", "xgs", "yxz", "xzr", "zrg", "rgs"})
NO_INITIAL = "_"
SHORTEST_TYPO = 4
"""A question of fewer characters is not tried with a slip: too much would match."""
_PARTS = 4

Terms = tuple[str, ...]


def terms(name: str) -> Terms:
    """All terms of one name, each once. The bulk twin is ``storage.search.documents``."""
    plain, letters = searched(name), names.initials(name)
    found = [*_grams(plain), *_initial_grams(letters)]
    if len(plain) >= 2:
        found.append(START + plain[:2])
        if NO_INITIAL not in letters[:2]:
            found.append(START + letters[:2])
    return tuple(dict.fromkeys(found))


def searched(text: str) -> str:
    """The searched form in lower case."""
    return "".join(char.lower() if char.isascii() else char for char in names.squeeze(text))


def part(text: str) -> Terms:
    """Terms that a name must hold to contain the text; empty when the text is too short or too common to ask for."""
    return tuple(dict.fromkeys(_grams(searched(text))))


def start(text: str) -> Terms:
    """Terms that a name must hold to begin with the text; empty when the text is too short."""
    plain = searched(text)
    return tuple(dict.fromkeys([START + plain[:2], *_grams(plain)])) if len(plain) >= 2 else ()


def initials(letters: str) -> Terms:
    """Terms that a name must hold to contain these initials; two letters are only looked for at its beginning."""
    if len(letters) == 2:
        return (START + letters,)
    return tuple(dict.fromkeys(_initial_grams(letters)))


def slips(text: str) -> tuple[Terms, ...]:
    """Alternatives of which a name with one slip against the text must hold at least one completely.

    A slip (a wrong, missing, added character or two exchanged) spoils one place only. So one place after another is
    left out and the rest must be found: quarters of a long text and the seams between them, single characters of a
    short one. Slips between characters that sound alike are found by the initials.
    """
    plain = searched(text)
    if len(plain) < SHORTEST_TYPO:
        return ()
    found = [tuple(dict.fromkeys(rest)) for gap in _gaps(len(plain)) if (rest := _without(plain, *gap))]
    if len(plain) < 2 * _PARTS and (sound := tuple(dict.fromkeys(_initial_grams(names.initials(text))))):
        found = [(*sound, gram) for gram in dict.fromkeys(_grams(plain))] + found
    return tuple(dict.fromkeys(found))


def one_slip_apart(text: str, name: str) -> bool:
    """Whether some stretch of the name differs from the text by at most one slip; both in searched form."""
    size = len(text)
    if OSA.distance(text, name, score_cutoff=1) <= 1:
        return True
    return any(
        OSA.distance(text, name[at : at + length], score_cutoff=1) <= 1
        for length in (size, size + 1, size - 1)
        for at in range(len(name) - length + 1)
    )


def _grams(plain: str) -> Iterator[str]:
    pairs = (plain[at : at + 2] for at in range(len(plain) - 1))
    return (pair for pair in pairs if pair not in COMMON_GRAMS)


def _initial_grams(letters: str) -> Iterator[str]:
    triples = (letters[at : at + 3] for at in range(len(letters) - 2))
    return (triple for triple in triples if NO_INITIAL not in triple and triple not in COMMON_INITIALS)


def _gaps(size: int) -> list[tuple[int, int]]:
    if size < 2 * _PARTS:
        return [(at, at + 1) for at in range(size)]
    cuts = [size * number // _PARTS for number in range(_PARTS + 1)]
    seams = [(cut - 1, cut + 1) for cut in cuts[1:-1]]
    return [*pairwise(cuts), *seams]


def _without(plain: str, begin: int, end: int) -> list[str]:
    return [*_grams(plain[:begin]), *_grams(plain[end:])]
