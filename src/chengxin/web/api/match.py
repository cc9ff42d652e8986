"""Matching (主体匹配) in the API: which subjects up to a thousand examples of name and code mean."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from chengxin.operations import resolve as resolving
from chengxin.operations.resolve import Answer, Candidate, Party
from chengxin.subjects.model import Kind
from chengxin.web.api.rendering import BASE, answer
from chengxin.web.api.shapes import PLAIN, Problem, TextShape

router = Router(tags=["match 匹配"])
_LONGEST = 300


class Example(Schema):
    """What is known of a subject (样例): a name, a code, or both."""

    id: str = Field(
        "", max_length=100, pattern=PLAIN, description="调用方自己的编号，原样返回 / yours, given back as it is"
    )
    name: str = Field("", max_length=_LONGEST, pattern=PLAIN)
    code: str = Field("", max_length=_LONGEST, pattern=PLAIN, description="统一社会信用代码、注册号或组织机构代码")
    kind: Kind | None = Field(None, description="候选只限这一类主体 / only candidates of this kind")


class Examples(Schema):
    """Up to 1,000 examples in one request."""

    queries: list[Example] = Field(min_length=1, max_length=resolving.MOST)
    limit: int = Field(resolving.CANDIDATES, ge=0, le=20, description="每个样例的候选数 / candidates for each example")


class PartyShape(Schema):
    """A subject (信用主体) in short."""

    id: str
    code: str
    name: str
    kind: str
    status: str
    region: str
    links: dict[str, str]


class PartReason(Schema):
    """How one part of the name compares (比对理由): same, similar, different or missing."""

    part: str
    verdict: str
    asked: str
    found: str
    why: str = Field("", description="similar 的原因：folded, doubled, sound, shape")


class CandidateShape(Schema):
    """A subject that may be meant (候选): the name that answered, its score from 0 to 1, and why."""

    subject: PartyShape
    name: str
    name_kind: str
    score: float
    reasons: list[PartReason]


class SaidReason(Schema):
    """A reason by its id, in words."""

    id: str
    words: TextShape


class MatchShape(Schema):
    """What is said of one example (匹配结果)."""

    id: str
    decision: str = Field(description="linked-by-code, linked-by-name, candidate, none")
    confidence: str = Field(description="exact, strong, name, likely, possible, none")
    subject: PartyShape | None = Field(description="只在 linked-… 时给出 / only where linked")
    reasons: list[SaidReason]
    candidates: list[CandidateShape]


class MatchPage(Schema):
    """One result for each example, in the order they came."""

    results: list[MatchShape]


@router.post("/match", response={200: MatchPage, 422: Problem, 429: Problem}, operation_id="match")
def match(request: HttpRequest, examples: Examples) -> HttpResponse:
    """Which subjects are meant (匹配). A citizen's number is recognised, not looked up and not repeated."""
    questions = [
        resolving.Question(each.name, each.code, each.kind.value if each.kind else "") for each in examples.queries
    ]
    found = resolving.resolve(questions, limit=examples.limit)
    return answer({"results": [_told(each.id, one) for each, one in zip(examples.queries, found, strict=True)]})


def _told(id: str, found: Answer) -> dict[str, object]:
    return {
        "id": id,
        "decision": found.decision,
        "confidence": found.confidence,
        "subject": _party(found.subject) if found.subject else None,
        "reasons": [{"id": reason, "words": resolving.words(reason).to_dict()} for reason in found.reasons],
        "candidates": [_candidate(one) for one in found.candidates],
    }


def _candidate(one: Candidate) -> dict[str, object]:
    return {
        "subject": _party(one.subject),
        "name": one.name,
        "name_kind": one.name_kind,
        "score": one.score,
        "reasons": one.reasons,
    }


def _party(party: Party) -> dict[str, object]:
    return {**asdict(party), "links": {"subject": f"{BASE}/subjects/{party.id}"}}
