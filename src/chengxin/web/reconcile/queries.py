"""Queries (核对请求) of the reconciliation service: a batch of names, each with candidates and what is certain."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import resolve as resolving
from chengxin.operations.resolve import Answer, Candidate, Party, Question
from chengxin.resolution import resolve_one
from chengxin.subjects.model import Kind
from chengxin.web.reconcile.vocabulary import ANY, TYPES, both, described

BATCH = 50
"""How many queries a client is asked to send at once; up to ``resolving.MOST`` are answered."""
_LONGEST = 300
_LIMIT = 10


def answered(batch: object) -> dict[str, dict[str, object]]:
    """The result batch of a query batch. Raises Refusal ``reconcile.query`` for what is none."""
    if not isinstance(batch, Mapping) or len(batch) > resolving.MOST:
        raise unreadable(f"queries: 1–{resolving.MOST}")
    read = {str(key): _read(str(key), query) for key, query in batch.items()}
    limit = max((limit for _, limit in read.values()), default=0)
    found = resolving.resolve([question for question, _ in read.values()], limit=limit)
    return {
        key: {"result": _results(answer)[:limit]} for (key, (_, limit)), answer in zip(read.items(), found, strict=True)
    }


def unreadable(where: str) -> Refusal:
    """What is sent is not as the Reconciliation API says."""
    return Refusal(
        "reconcile.query",
        Text("请求不符合 Reconciliation API 0.2", "the request is not as the Reconciliation API 0.2 says"),
        where=Text(where, where),
        remedy=Text(
            "以表单字段 queries 或 extend 发送 JSON；格式见说明文档",
            "send JSON in the form field queries or extend; see the documentation",
        ),
    )


def _read(key: str, query: object) -> tuple[Question, int]:
    """The question, and how many results it asks for. Tables have empty cells: an empty text is a question without result."""
    if not isinstance(query, Mapping):
        raise unreadable(key)
    text, limit = query.get("query", ""), query.get("limit", _LIMIT)
    properties = query.get("properties", [])
    if not isinstance(text, str) or not isinstance(properties, list) or isinstance(limit, bool):
        raise unreadable(key)
    if not isinstance(limit, int | float) or (isinstance(limit, float) and not isfinite(limit)):
        raise unreadable(key)
    if "query" not in query and not properties:
        raise unreadable(key)
    code = next((_text(each) for each in properties if isinstance(each, Mapping) and each.get("pid") == "code"), "")
    text = text[:_LONGEST]
    if not code and resolve_one.prepare("", text).codes:
        text, code = "", text
    return Question(text, code[:_LONGEST], _kind(query.get("type"))), max(0, min(int(limit), 20))


def _text(given: Mapping[str, Any]) -> str:
    """The value of a property; of several the first."""
    value = given.get("v", "")
    value = value[0] if isinstance(value, list) and value else value
    return str(value.get("id", "")) if isinstance(value, Mapping) else str(value)


def _kind(type: object) -> str:
    """The one kind that is asked for; '' where any will do."""
    given = type if isinstance(type, list) else [type]
    kinds = [each for each in given if isinstance(each, str) and each in TYPES and each != ANY]
    return Kind(kinds[0]) if len(kinds) == 1 else ""


def _results(answer: Answer) -> list[dict[str, object]]:
    if answer.subject is not None:
        why = "；".join(resolving.words(reason).zh for reason in answer.reasons)
        return [_result(answer.subject, 100.0, match=True, why=why, features=[])]
    return [_candidate(one) for one in answer.candidates]


def _candidate(one: Candidate) -> dict[str, object]:
    features: list[dict[str, object]] = [{"id": "similarity", "value": one.score}]
    features += [{"id": f"same-{reason['part']}", "value": reason["verdict"] == "same"} for reason in one.reasons]
    kind = resolving.NAME_KINDS.get(one.name_kind)
    why = f"“{one.name}”（{kind.zh}）" if kind else ""
    return _result(one.subject, round(one.score * 100, 2), match=False, why=why, features=features)


def _result(
    party: Party, score: float, *, match: bool, why: str, features: list[dict[str, object]]
) -> dict[str, object]:
    facts = (party.code, both(TYPES[party.kind]), party.region, party.status, why)
    return {
        "id": party.id,
        "name": party.name,
        "description": " · ".join(filter(None, facts)),
        "type": [described(party.kind), described(ANY)],
        "score": score,
        "match": match,
        "features": features,
    }
