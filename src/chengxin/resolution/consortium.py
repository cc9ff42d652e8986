"""Consortium (联合体): the members of a winner that is several organisations in one cell.

Award notices write 甲、乙联合体, 甲（牵头人）、乙（成员）, 甲;乙 or 联合体：甲、乙. A registered name may hold 、 or 和 itself, in
brackets or in its trade (甲（日用品、食品）有限公司), so a cell is only cut where every piece is an organisation's name.
"""

import re
from dataclasses import dataclass

from chengxin.subjects import names_parts

LEAD, MEMBER = "lead", "member"


@dataclass(frozen=True)
class Member:
    """A member: its name, its part (``lead`` 牵头人 or ``member``), and where it stands in the cell."""

    name: str
    part: str
    start: int
    end: int


_MARKS = "、,，;；/／|+＋&＆\n"
_AND = "和与及"
"""Words that separate members too, but only after a whole name: 和 begins brands."""
SEPARATED = f"[{re.escape(_MARKS)}{_AND}]"
"""What a cell of several organisations holds at least (a pattern): most cells need not be looked at closely."""
_WHOLE = re.compile(
    "(?:^(?:联合体(?:成员)?(?:单位)?[:：]))|(?:[（(]?(?:组成的?)?(?:投标)?联合体(?:投标|中标)?(?:单位|体)?[)）]?$)"
)
_ROLE = re.compile(
    "[（(【\\[](?:联合体)?(牵头|牵头人|牵头方|牵头单位|主办人|主办方|主体|成员|成员单位|成员方|联合体成员|参加方|设计|施工|勘察|监理)[)）】\\]]$"
    "|^(?:联合体)?(牵头人|牵头单位|牵头方|主办人|主办方|成员单位|成员|成员方)[一二三四五六七八九十0-9]*[:：]"
)
_BLANKS = " \t\n\u3000。"
_OPEN, _CLOSE = "（([【〔", "）)]】〕"


def split(cell: str) -> tuple[Member, ...]:
    """The members in their order; a cell of one organisation is one ``lead``; an empty one has none.

    Every cell has a lead: where none is named, the first.
    """
    start, end = _inner(cell)
    pieces = [piece for piece in _pieces(cell, start, end) if cell[piece[0] : piece[1]].strip()]
    if len(pieces) > 1 and not all(_is_organisation(_named(cell[a:b])[0]) for a, b in pieces):
        pieces = _joined(cell, pieces)
    found = [_member(cell, a, b) for a, b in pieces]
    found = [one for one in found if one.name]
    if found and all(one.part != LEAD for one in found):
        found[0] = Member(found[0].name, LEAD, found[0].start, found[0].end)
    return tuple(found)


def _inner(cell: str) -> tuple[int, int]:
    """What is left of the cell without the words that only say it is a consortium."""
    start, end = 0, len(cell)
    changed = True
    while changed:
        changed = False
        while end > start and cell[end - 1] in _BLANKS:
            end -= 1
        for found in _WHOLE.finditer(cell[start:end]):
            if found.start() == 0 and found.end() < end - start:
                start, changed = start + found.end(), True
            elif found.end() == end - start and found.start() > 0:
                end, changed = start + found.start(), True
            break
    return start, end


def _pieces(cell: str, start: int, end: int) -> list[tuple[int, int]]:
    """Pieces between separating marks that stand in no brackets."""
    depth, last, found = 0, start, []
    for at in range(start, end):
        char = cell[at]
        depth += (char in _OPEN) - (char in _CLOSE)
        depth = max(depth, 0)
        if not depth and (char in _MARKS or (char in _AND and _is_organisation(_named(cell[last:at])[0]))):
            found.append((last, at))
            last = at + 1
    return [*found, (last, end)]


def _joined(cell: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces put together again until each is an organisation: a piece that is none belongs to what follows it."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for start, end in pieces:
        begin = start if begin is None else begin
        if _is_organisation(_named(cell[begin:end])[0]):
            found.append((begin, end))
            begin = None
    if begin is not None:
        if found:
            found[-1] = (found[-1][0], pieces[-1][1])
        else:
            found.append((begin, pieces[-1][1]))
    return found


def _member(cell: str, start: int, end: int) -> Member:
    name, part = _named(cell[start:end])
    at = cell.find(name, start) if name else start
    return Member(name, part, at, at + len(name))


def _named(piece: str) -> tuple[str, str]:
    """Name and part of one piece: 甲公司（牵头人） is 甲公司, lead."""
    part, name = MEMBER, piece.strip(_BLANKS)
    while found := _ROLE.search(name):
        part = LEAD if any(word and word[0] in "牵主" for word in found.groups()) else part
        name = (name[: found.start()] + name[found.end() :]).strip(_BLANKS)
    return name, part


def _is_organisation(name: str) -> bool:
    """Whether a piece can stand by itself: it has a legal form, and something beside it."""
    parts = names_parts.split(name)
    return bool(parts.form or parts.branch) and len(parts.text) > len(parts.form) + 1
