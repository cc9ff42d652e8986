"""Judgement (人工判断): a person says whether a row speaks of a subject: same, different or unsure; it can be taken back.

A judgement is never edited: taking it back is another entry. What stands is the fold of all of them. Only ``same``
links a row, only that row, and never against a checked code: two subjects are never merged by a judgement.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import ibis
import ibis.expr.types as ir

from chengxin.kernel.text import Text

HOW = "judgement"
"""How a row is linked that a person judged, among the ways of ``resolution.linking``."""


class Verdict(StrEnum):
    """What a person says (判断结论) about a row and a subject; ``REVOKED`` takes an earlier judgement back."""

    SAME = "same"  # 同一主体
    DIFFERENT = "different"  # 不是同一主体
    UNSURE = "unsure"  # 不能确定
    REVOKED = "revoked"  # 撤销


WORDS: Mapping[str, Text] = {
    Verdict.SAME: Text("同一主体", "Same"),
    Verdict.DIFFERENT: Text("不是同一主体", "Different"),
    Verdict.UNSURE: Text("不能确定", "Unsure"),
    Verdict.REVOKED: Text("撤销", "Revoked"),
}


@dataclass(frozen=True)
class Judgement:
    """One judgement as it was made. ``revokes`` is the number of the judgement it takes back, else None.

    ``name`` and ``code`` are those of the row, ``subject`` the id of the subject that was compared.
    """

    id: int
    submission: str
    row: int
    subject: str
    verdict: str
    by: str
    at: datetime
    reason: str
    name: str = ""
    code: str = ""
    norm: str = ""
    score: float | None = None
    revokes: int | None = None


def standing(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The judgements that hold: not taken back, and of each row and subject the last one, in order of number."""
    made = sorted(judgements, key=lambda one: one.id)
    gone = {one.revokes for one in made if one.revokes is not None}
    last: dict[tuple[str, int, str], Judgement] = {}
    for one in made:
        if one.revokes is None and one.id not in gone:
            last[one.submission, one.row, one.subject] = one
    return tuple(sorted(last.values(), key=lambda one: one.id))


LINKED = ibis.schema({"row": "int64", "subject": "string", "how": "string", "problem": "string"})
"""What ``resolution.linking`` says of the rows."""
JUDGED = ibis.schema({"row": "int64", "subject": "string"})
"""Rows that a person judged to be about a subject."""


def overrule(linked: ir.Table, judged: ir.Table) -> ir.Table:
    """The links with the judged rows put where the person said; the other rows as they are."""
    t = linked.left_join(judged.select(judged_row="row", judged="subject"), [("row", "judged_row")])
    mine = t.judged.notnull()
    return t.select(
        "row",
        subject=ibis.cases((mine, t.judged), else_=t.subject),
        how=ibis.cases((mine, HOW), else_=t.how),
        problem=ibis.cases((mine, ibis.null("string")), else_=t.problem),
    )


TEST_SHARE = 5
"""One pair in so many goes to the test data."""


@dataclass(frozen=True)
class Pair:
    """A judged pair (判断样本): the row's name and code beside the subject's, ``label`` same, different or unsure.

    ``split`` is ``train`` or ``test``; all pairs with one comparison form of the row's name are on one side, so that a
    name learned from is never a name tested with. Who judged is left out: it teaches nothing about names.
    """

    name: str
    code: str
    subject_name: str
    subject_code: str
    label: str
    split: str
    score: float | None
    judged_on: str


def pairs(judgements: Iterable[Judgement], subjects: Mapping[str, tuple[str, str]]) -> tuple[Pair, ...]:
    """The pairs of all standing judgements; ``subjects`` gives name and code by id, those it lacks are left out."""
    found: list[Pair] = []
    for one in standing(judgements):
        if one.name and one.subject in subjects:
            name, code = subjects[one.subject]
            day = one.at.date().isoformat()
            found.append(Pair(one.name, one.code, name, code, one.verdict, split(one.norm), one.score, day))
    return tuple(found)


def split(norm: str) -> str:
    """``train`` or ``test`` for a name in its comparison form, always the same for the same name."""
    return "test" if hashlib.sha256(norm.encode()).digest()[0] % TEST_SHARE == 0 else "train"


def differing(one: str, other: str) -> Sequence[tuple[str, bool]]:
    """``other`` in pieces, each with whether it differs from ``one``; characters left out there are not shown.

    The longest common subsequence stands still: what is marked is the least that differs.
    """
    same = _common(one, other)
    pieces: list[tuple[str, bool]] = []
    for char, differs in zip(other, (not each for each in same), strict=True):
        if pieces and pieces[-1][1] == differs:
            pieces[-1] = (pieces[-1][0] + char, differs)
        else:
            pieces.append((char, differs))
    return pieces


def _common(one: str, other: str) -> list[bool]:
    """For each character of ``other``: whether it belongs to the longest subsequence common with ``one``."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1 if one[i] == other[j] else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    kept, i, j = [False] * len(other), 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            kept[j] = True
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return kept
