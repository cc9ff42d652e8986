"""Search terms (检索词): the pieces of a name that the index keeps, and those a question must find.

A name leaves three kinds of terms, all of the searched form (``names.squeeze``) in lower case: two-character grams
``海尔``; three-letter grams of its pinyin initials ``heg``; and how it begins, marked with ``·`` (``·青岛``, ``·qd``).
Terms that nearly every company shares (有限, 公司 …) are left out on both sides. Terms only propose: whether a name
really answers a question is checked on the name itself.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from chengxin.subjects import names

START = "·"
COMMON_GRAMS = frozenset({"有限", "限公", "公司", "限责", "责任", "任公"})
COMMON_INITIALS = frozenset({"yxg", "xgs", "yxz", "xzr", "zrg", "rgs"})
NO_INITIAL = "_"
SHORTEST_TYPO = 4
"""A question of fewer characters is not tried with a slip: too much would match."""
_SINGLE = 16
"""Up to this length every character is left out in turn; of longer texts, one twelfth at a time."""
_SHORT = 8
_LOWER = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}

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
    return names.squeeze(text).translate(_LOWER)


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


def slips(text: str, *, exchanged: bool = False) -> tuple[Terms, ...]:
    """Alternatives of which a name with one slip against the text must hold at least one completely.

    A slip (a wrong, missing or added character) spoils one place only, so one place after another is left out and the
    rest must be found. ``exchanged`` leaves out two neighbours at a time, for characters exchanged: more names hold
    such an alternative. Slips between characters that sound alike in a short text are found by the initials.
    """
    plain = searched(text)
    if len(plain) < SHORTEST_TYPO:
        return ()
    gaps = _gaps(len(plain), 2 if exchanged else 1)
    found = [rest for gap in gaps if (rest := _without(plain, *gap))]
    if len(plain) < _SHORT and (sound := tuple(dict.fromkeys(_initial_grams(names.initials(text))))):
        found = [(*sound, gram) for gram in dict.fromkeys(_grams(plain))] + found
    return tuple(dict.fromkeys(found))


def one_slip_apart(text: str, name: str) -> bool:
    """Whether some stretch of the name differs from the text by at most one slip; both in searched form."""
    size = len(text)
    if fuzz.partial_ratio(text, name) < 100 * (size - 2) / size:
        return False  # cheap, and never true of one slip
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


def _gaps(size: int, width: int) -> Iterator[tuple[int, int]]:
    step = 1 if size <= _SINGLE else -(-size // 12)
    return ((at, at + width * step) for at in range(0, size, step))


def _without(plain: str, begin: int, end: int) -> Terms:
    return tuple(dict.fromkeys([*_grams(plain[:begin]), *_grams(plain[end:])]))
