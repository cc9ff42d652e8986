"""Resolving (主体解析): which subject somebody's name and code mean: one question, a thousand, or a file.

The order is that of linking a record; what it does not decide becomes candidates with scores and reasons. Sole traders
(个体工商户) are answered by code or full name only, as in the search. Nothing is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
import pyarrow as pa

from chengxin.kernel.text import Text
from chengxin.operations import matching
from chengxin.resolution import linking, resolve_one
from chengxin.resolution.resolve import MEANING, PERMIT, PERSON, WORDS, Confidence, Decision
from chengxin.storage.linking import described, known
from chengxin.storage.models import Subject
from chengxin.subjects.identifiers import CODE_RULES

MOST = 1000
"""Questions answered in one go."""
CANDIDATES = 5
LIKELY = 0.9
"""A candidate of this score differs little: a slip, a spelling, a part left out."""


@dataclass(frozen=True)
class Question:
    """What is asked: a name, a code, or both; ``kind`` narrows the candidates to one kind of subject."""

    name: str = ""
    code: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Party:
    """A subject as an answer names it."""

    id: str
    code: str
    name: str
    kind: str
    status: str
    region: str


@dataclass(frozen=True)
class Candidate:
    """A subject that may be meant: the name that answered and its kind, score from 0 to 1, and why.

    ``reasons`` are ``{part, verdict, asked, found}``; see ``operations.matching``.
    """

    subject: Party
    name: str
    name_kind: str
    score: float
    reasons: tuple[Mapping[str, str], ...]


NAME_KINDS: Mapping[str, Text] = {
    "former": Text("曾用名", "former name"),
    "branch": Text("分支机构名称", "branch name"),
    "english": Text("英文名称", "English name"),
}
"""What a candidate's name is, where it is not the present one."""


@dataclass(frozen=True)
class Answer:
    """What is said of one question. ``reasons`` are ids that ``words`` explains; the first says how it was decided."""

    decision: Decision
    confidence: Confidence
    subject: Party | None
    reasons: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()


def words(reason: str) -> Text:
    """A decision or reason in words."""
    if reason in linking.RULES:
        return linking.RULES[reason].message
    if reason in CODE_RULES:
        return CODE_RULES[reason].message
    return WORDS[reason]


def resolve(questions: Sequence[Question], *, limit: int = CANDIDATES) -> list[Answer]:
    """Answer questions in their order, with up to ``limit`` candidates each.

    Raises ValueError for more than ``MOST``.
    """
    if len(questions) > MOST:
        raise ValueError(f"more than {MOST} questions at once")
    asked = [resolve_one.prepare(question.name, question.code) for question in questions]
    base = known([code for each in asked for code in each.codes], [each.norm for each in asked if each.norm])
    codes, bearers = _by_first(base.codes), _by_first(base.names)
    borne = _by_first((subject, norm, kind) for norm, subject, kind in base.names)
    decided = []
    for each in asked:
        held = [one for code in each.codes for one in codes.get(code, ())]
        of_coded = [(norm, subject, kind) for _, _, id in held for subject, norm, kind in borne.get(id, ())]
        decided.append(resolve_one.decide(each, held, [*bearers.get(each.norm, ()), *of_coded]))
    rows = [
        Row(number, question.name, (*each.codes, "")[0], question.kind, found, each.permit, each.fault)
        for number, (question, each, found) in enumerate(zip(questions, asked, decided, strict=True))
    ]
    return answers(rows, limit=limit)


@dataclass(frozen=True)
class Row:
    """A question with what was decided about it: ``code`` is the checked code or empty."""

    number: int
    name: str
    code: str
    kind: str
    decided: resolve_one.Decided
    permit: bool
    fault: str


Near = Mapping[int, Sequence[Mapping[str, str]]]
"""Candidates as ``operations.matching`` gives them, best first, by the number of the row."""


def answers(rows: Sequence[Row], *, limit: int = CANDIDATES, near: Near | None = None) -> list[Answer]:
    """Answers for decided rows: subjects described, candidates looked up (unless given) for rows that have none."""
    if near is None:
        near = _candidates([row for row in rows if not row.decided.subject and row.fault != PERSON], limit)
    wanted = {row.decided.subject for row in rows if row.decided.subject}
    wanted |= {one["subject"] for listed in near.values() for one in listed}
    parties = {id: _party(subject) for id, subject in described(wanted).items()}
    return [_answer(row, parties, near.get(row.number, []), limit) for row in rows]


def _answer(row: Row, parties: Mapping[str, Party], near: Sequence[Mapping[str, str]], limit: int) -> Answer:
    found = row.decided
    extra = (*((PERMIT,) if row.permit else ()), *((row.fault,) if row.fault else ()))
    if found.subject:
        decision, confidence = MEANING[found.how]
        return Answer(decision, confidence, parties[found.subject], (found.how, *extra))
    offered = tuple(
        Candidate(
            parties[one["subject"]],
            one["name"],
            one["name_kind"],
            float(one["score"]),
            tuple(orjson.loads(one["reasons"])),
        )
        for one in near
        if one["subject"] in parties and row.kind in ("", parties[one["subject"]].kind)
    )[:limit]
    reasons = (*((found.problem,) if found.problem else ()), *extra)
    if not offered:
        return Answer(Decision.NONE, Confidence.NONE, None, reasons)
    confidence = Confidence.LIKELY if offered[0].score >= LIKELY else Confidence.POSSIBLE
    return Answer(Decision.CANDIDATE, confidence, None, reasons, offered)


def _candidates(rows: Sequence[Row], limit: int) -> Near:
    """Candidates of these rows, more than asked for where a kind will narrow them."""
    if not rows:
        return {}
    table = pa.table(
        {
            "row": pa.array([row.number for row in rows], pa.int64()),
            "name": pa.array([row.name for row in rows], pa.string()),
            "code": pa.array([row.code or None for row in rows], pa.string()),
        }
    )
    wanted = 4 * limit if any(row.kind for row in rows) else limit
    found: dict[int, list[Mapping[str, str]]] = {}
    for one in matching.candidates(table, limit=wanted).to_pylist():
        found.setdefault(one["row"], []).append(one)
    return found


def _by_first(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, list[tuple[str, str, str]]]:
    grouped: dict[str, list[tuple[str, str, str]]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(row)
    return grouped


def _party(subject: Subject) -> Party:
    return Party(subject.id, subject.code, subject.name, subject.kind, subject.status, subject.region)
