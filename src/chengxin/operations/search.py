"""Search (查询): which organisations answer a text: a code, a name, part of one, pinyin initials, one typing error.

Sole traders (个体工商户) are found by code or full name only. A person's number is recognised and answered with
nothing but the reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chengxin.kernel.text import Text
from chengxin.storage import search as index
from chengxin.storage.search import Found, Named
from chengxin.subjects import free_text, identifiers, names, terms
from chengxin.subjects.identifiers import Check

LOOKED_AT = 200
"""Names taken from the index and ordered for one question; who needs more must ask more precisely."""
LOOKED_AT_FOR_SLIPS = 1000
"""The same when a slip is looked for: most of what is taken turns out to differ by more."""
LONGEST = 120
"""Characters of a question that are used; the longest registered names have about 60."""


@dataclass(frozen=True)
class Hit:
    """One organisation that answers. ``matched`` is the name (or code) that did; ``matched_kind`` says which kind.

    ``how`` is ``code``, ``exact``, ``part``, ``initials`` or ``typo``; ``matched_kind`` is ``code`` or a kind of name
    (``current``, ``former``, ``branch``, ``english``).
    """

    subject: str
    code: str
    name: str
    status: str
    region: str
    kind: str
    provisional: bool
    matched: str
    how: str
    matched_kind: str


@dataclass(frozen=True)
class SearchAnswer:
    """What a question gave. ``query`` is its normalised form, "" when it must not be repeated.

    ``code_problem`` explains a code that is wrong; ``explanation`` says why there is nothing, or that the list was
    cut (``total_is_floor``). ``next`` is the value of ``after`` for the following page, None on the last.
    """

    query: str
    hits: tuple[Hit, ...]
    code_problem: Check | None = None
    explanation: Text | None = None
    total: int = 0
    total_is_floor: bool = False
    next: str | None = None


def search(text: str, *, limit: int = 20, after: str | None = None) -> SearchAnswer:
    """Answer a question. An ``after`` that is no page of this question starts at the beginning."""
    code = identifiers.normalise_code(text[: 2 * LONGEST])
    if _holds_person(text[: 2 * LONGEST], code):
        return SearchAnswer("", (), explanation=PERSON)
    if _is_code(code) or (_may_be_inner(code) and index.by_inner_code(code, 1)):
        return _by_code(code, limit)
    query = names.normalise(text[:LONGEST])
    hits, cut = _by_text(query)
    page = int(after) if after and after.isascii() and after.isdigit() and len(after) < 6 else 0
    start = page if page < len(hits) else 0
    rest = start + limit
    return SearchAnswer(
        query,
        tuple(hits[start:rest]),
        explanation=_explain(query, hits, cut),
        total=len(hits),
        total_is_floor=cut,
        next=str(rest) if rest < len(hits) else None,
    )


def _by_code(code: str, limit: int) -> SearchAnswer:
    """Look a code up; without an answer say what is wrong with it, or that it is right and unknown."""
    found = index.by_code(code, limit)
    if not found and _may_be_inner(code):
        found = index.by_inner_code(code, limit)
    if found:
        return SearchAnswer(code, tuple(_hit(one, "code") for one in _in_order(found)), total=len(found))
    check = _check_for(code)(code)
    if check.ok:
        return SearchAnswer(code, (), explanation=UNKNOWN_CODE)
    return SearchAnswer(code, (), code_problem=check, explanation=check.message)


def _by_text(query: str) -> tuple[list[Hit], bool]:
    """Hits in order, and whether there would have been more names to look at."""
    plain = terms.searched(query)
    hits = [_hit(one, "exact") for one in _in_order(index.by_name(query, LOOKED_AT))] if query else []
    cut = len(hits) == LOOKED_AT
    if len(plain) >= 2:
        held = index.holding([terms.part(query)], LOOKED_AT)
        if not held or len(held) >= LOOKED_AT:  # too common to see them all: then at least those that begin so
            held = index.holding([terms.start(query)], LOOKED_AT) + held
            cut |= len(held) >= LOOKED_AT
        hits += _chosen(held, "part", lambda name: plain in name, lambda name: not name.startswith(plain))
    if len(plain) >= 2 and plain.isascii() and plain.isalpha():
        held = index.holding([terms.initials(plain)], LOOKED_AT)
        cut |= len(held) >= LOOKED_AT
        hits += _chosen(held, "initials", lambda name: plain in names.initials(name), _not_starting(plain))
    for exchanged in (False, True):
        if not hits:
            held = index.holding(terms.slips(query, exchanged=exchanged), LOOKED_AT_FOR_SLIPS, telling=True)
            hits = _chosen(held, "typo", lambda name: terms.one_slip_apart(plain, name), _sounding_unlike(query))
            cut |= bool(hits) and len(held) >= LOOKED_AT_FOR_SLIPS
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.subject, hit)
    return list(best.values()), cut


def _in_order(found: list[Found]) -> list[Found]:
    """Bearers before former bearers; sorted here, since a database asked for an order may walk its whole index."""
    return sorted(found, key=lambda one: (one.name_kind != "current", one.name_kind, one.subject))


def _chosen(
    held: Iterable[Named], how: str, answers: Callable[[str], bool], farther: Callable[[str], int]
) -> list[Hit]:
    """The names that really answer, nearest first, then short before long."""
    named = ((one, terms.searched(one[1])) for one in dict.fromkeys(held))
    kept = [((farther(name), len(name), one[1], one[0]), one) for one, name in named if answers(name)]
    nearest = [one for _, one in sorted(kept)[:LOOKED_AT]]
    return [_hit(found, how) for found in index.borne(nearest)]


def _not_starting(letters: str) -> Callable[[str], int]:
    return lambda name: not names.initials(name).startswith(letters)


def _sounding_unlike(query: str) -> Callable[[str], int]:
    """Slips between characters that sound alike come first: most are made by choosing the wrong one in an input method."""
    sound = names.initials(query)
    return lambda name: sound not in names.initials(name)


def _hit(found: Found, how: str) -> Hit:
    return Hit(
        subject=found.subject,
        code=found.code,
        name=found.name,
        status=found.status,
        region=found.region,
        kind=found.kind,
        provisional=bool(found.provisional),
        matched=found.matched,
        how=how,
        matched_kind=found.name_kind,
    )


def _is_code(code: str) -> bool:
    """Whether a text is meant as a code: letters and digits of ASCII only, mostly digits, long enough."""
    digits = sum(char in identifiers.DIGITS for char in code)
    return 8 <= len(code) <= 25 and code.isascii() and code.isalnum() and digits >= 6


def _may_be_inner(code: str) -> bool:
    """Whether a text has the form of an organisation code (组织机构代码), which holds letters as often as digits."""
    return code != identifiers.NO_ORGANISATION and identifiers.check_organisation_code(code).ok


def _holds_person(text: str, code: str) -> bool:
    """Whether a citizen's number stands in the text, unless all of it is an organisation's code (a few numbers are both)."""
    shaped = free_text.holds_citizen_number(text) or identifiers.check_citizen_id(code).ok
    return shaped and not identifiers.check_uscc(code).ok


def _check_for(code: str) -> Callable[[str], Check]:
    return {
        9: identifiers.check_organisation_code,
        13: identifiers.check_registration_no,
        15: identifiers.check_registration_no,
    }.get(len(code), identifiers.check_uscc)


def _explain(query: str, hits: list[Hit], cut: bool) -> Text | None:
    if cut:
        return MANY
    if hits:
        return None
    if len(terms.searched(query)) < 2:
        return TOO_SHORT
    if not terms.part(query):
        return TOO_COMMON
    return NOTHING


PERSON = Text(
    "输入的是公民身份号码。本平台不按个人身份号码提供查询，也不保存该号码；请输入组织的统一社会信用代码或名称。",
    "This is a citizen's identity number. The platform answers nothing by such numbers and does not keep them; "
    "enter an organisation's unified social credit code or name.",
)
UNKNOWN_CODE = Text(
    "代码格式正确，但主体库中没有该代码。可能尚未登记入库，或登记机关尚未报送；也可改用名称查询。",
    "The code is well-formed, but the subject base does not hold it. It may be too new or not yet submitted by the "
    "registration authority; try the name.",
)
TOO_SHORT = Text("请至少输入两个字。", "Enter at least two characters.")
TOO_COMMON = Text(
    "这几个字几乎每个公司都有，请补充名称中的其他字。", "Nearly every company's name has these words; add others."
)
NOTHING = Text(
    "没有找到。请核对名称；个体工商户只能按统一社会信用代码或完整名称查询。",
    "Nothing found. Check the name; sole traders are found only by code or by their full name.",
)
MANY = Text(
    "结果较多，只列出一部分，请补充名称中的其他字。",
    "There are many results; these are some of them. Add more of the name.",
)
