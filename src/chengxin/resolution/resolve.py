"""Resolving (主体解析): which subject a name and a code given by anybody mean, decided in the order of ``linking``.

What a file of records would be linked to, an asker is told too; beyond that a code without any name is answered, and
what cannot be decided becomes candidates. A citizen's number is recognised and never looked up.
"""

from collections.abc import Mapping
from enum import StrEnum

import ibis
import ibis.expr.types as ir

from chengxin.kernel.text import Text
from chengxin.resolution import linking
from chengxin.subjects import identifiers, identifiers_bulk, names


class Decision(StrEnum):
    """What is said of a row (解析结论)."""

    BY_CODE = "linked-by-code"
    BY_NAME = "linked-by-name"
    CANDIDATE = "candidate"
    NONE = "none"


class Confidence(StrEnum):
    """How much stands behind it (置信等级): classes with a meaning, not a number."""

    EXACT = "exact"  # code and present name agree
    STRONG = "strong"  # the code with a former or branch name, an old number with the name, or the code alone
    NAME = "name"  # the name alone, borne by exactly one
    LIKELY = "likely"  # a candidate that differs little
    POSSIBLE = "possible"  # a candidate that differs more
    NONE = "none"


CODE_ONLY, PERMIT, PERSON, NO_QUESTION = "code-only", "permit", "person", "nothing-asked"
"""Ways and reasons that only resolving knows, beside those of ``linking``."""
CURRENT, FORMER, WRITTEN = "code-and-name", "code-and-former-name", "code-and-spelling"

MEANING: Mapping[str, tuple[Decision, Confidence]] = {
    CURRENT: (Decision.BY_CODE, Confidence.EXACT),
    FORMER: (Decision.BY_CODE, Confidence.STRONG),
    WRITTEN: (Decision.BY_CODE, Confidence.STRONG),
    "legacy": (Decision.BY_CODE, Confidence.STRONG),
    CODE_ONLY: (Decision.BY_CODE, Confidence.STRONG),
    "name": (Decision.BY_NAME, Confidence.NAME),
}
"""What each way of deciding comes to."""

WORDS: Mapping[str, Text] = {
    Decision.BY_CODE: Text("按代码确定", "linked by code"),
    Decision.BY_NAME: Text("仅按名称确定", "linked by name"),
    Decision.CANDIDATE: Text("有候选，须人工判断", "candidates for a person to judge"),
    Decision.NONE: Text("没有找到", "none found"),
    CURRENT: Text("代码和现用名称都一致", "code and present name agree"),
    FORMER: Text("代码一致，名称是该主体的曾用名或分支名称", "the code agrees; the name is a former or branch name"),
    WRITTEN: Text("代码一致，名称只是写法不同（繁简、叠字、数字等）", "the code agrees; the name is only written otherwise (traditional or doubled characters, numerals)"),
    CODE_ONLY: Text("代码一致，没有给出名称，未作核对", "the code agrees; no name was given to compare"),
    PERMIT: Text("所填号码以统一社会信用代码开头（如排污许可证编号），取其前 18 位", "the number begins with a unified code, as discharge permits do; its first 18 characters were taken"),
    PERSON: Text("所填为公民身份号码，不按个人号码查询", "this is a citizen's number; nothing is looked up by it"),
    NO_QUESTION: Text("名称和代码都没有给出", "neither name nor code was given"),
    "legacy": linking.WAYS["legacy"].sentence,
    "name": linking.WAYS["name"].sentence,
}  # fmt: skip
"""What decisions and reasons are called; rules of linking and of codes have their own texts."""

ASKED = ibis.schema({"row": "int64", "name": "string", "code": "string"})
"""What somebody asks: either may be null."""
PERMIT_PATTERN = f"^[{identifiers.USCC_ALPHABET}]{{18}}[0-9]{{3}}[0-9A-Z]$"
"""排污许可证编号: the holder's unified code, a serial number and a check character."""


def prepare(asked: ir.Table) -> ir.Table:
    """The rows as ``linking.ROWS``, and what was found out about the code: ``permit`` and ``fault`` (a rule or null)."""
    whole = identifiers_bulk.normalise_code_bulk(asked.code)
    permit = whole.re_search(PERMIT_PATTERN).fill_null(False)
    t = asked.mutate(given=ibis.cases((permit, whole.substr(0, 18)), else_=whole).nullif(""), permit=permit)
    t = t.mutate(
        uscc=identifiers_bulk.uscc_ok(t.given),
        registration=identifiers_bulk.registration_ok(t.given),
        organisation=identifiers_bulk.organisation_ok(t.given),
        norm=names.normalise_bulk(t.name).nullif(""),
    )
    good = t.uscc | t.registration | t.organisation
    none = ibis.null("string")
    return t.select(
        "row",
        code=ibis.cases((t.uscc, t.given), else_=none),
        former_code=none,
        registration_no=ibis.cases((t.registration, t.given), else_=none),
        organisation_code=ibis.cases((t.organisation, t.given), else_=none),
        norm=t.norm,
        permit=t.permit,
        fault=ibis.cases(
            (t.given.isnull() & t.norm.isnull(), NO_QUESTION),
            (t.given.isnull() | good, none),
            (identifiers_bulk.citizen_ok(t.given), PERSON),
            else_=identifiers_bulk.uscc_rule(t.given),
        ),
    )


def decide(rows: ir.Table, codes: ir.Table, bearers: ir.Table) -> ir.Table:
    """``row, subject, how, problem, permit, fault`` for rows as ``prepare`` gives them; ``how`` is a key of ``MEANING``.

    ``codes`` and ``bearers`` are what the base knows, as ``linking.CODES`` and ``linking.NAMES``.
    """
    linked = linking.link(rows.select(list(linking.ROWS.names)), codes, bearers, introduce=False)
    alone = _by_code_alone(rows.filter(rows.norm.isnull()), codes)
    kinds = linking.borne(bearers).select(s="subject", n="norm")
    current = bearers.filter(bearers.kind == "current").select(s="subject", n="norm").distinct().mutate(is_current=True)
    borne = kinds.left_join(current, ["s", "n"]).select("s", "n", is_current=ibis._.is_current.fill_null(False))
    t = rows.left_join(linked.select(r1="row", s1="subject", how="how", problem="problem"), [("row", "r1")])
    t = t.left_join(alone.select(r2="row", s2="subject"), [("row", "r2")])
    only, silent = t.s2.notnull(), t.fault == PERSON
    none = ibis.null("string")
    t = t.mutate(
        subject=ibis.cases((silent, none), (only, t.s2), (t.norm.isnull(), none), else_=t.s1),
        way=ibis.cases((silent, none), (only, CODE_ONLY), (t.norm.isnull(), none), else_=t.how),
        rule=ibis.cases((silent | only, none), (t.norm.isnull(), linking.UNKNOWN), else_=t.problem),
    )
    t = t.left_join(borne, [("subject", "s"), ("norm", "n")])
    by_code = ibis.cases((t.is_current.isnull(), WRITTEN), (t.is_current, CURRENT), else_=FORMER)
    how = ibis.cases((t.way == "code", by_code), else_=t.way)
    return t.select("row", "subject", "permit", "fault", how=how, problem="rule")


def _by_code_alone(rows: ir.Table, codes: ir.Table) -> ir.Table:
    """``row, subject`` for rows whose code, of whatever scheme, exactly one subject has."""
    found = None
    for column, scheme in (
        ("code", "uscc"),
        ("registration_no", "registration"),
        ("organisation_code", "organisation"),
    ):
        known = linking.known(codes, scheme)
        one = known.group_by("known_code").agg(subject=known.subject.min(), bearers=known.subject.nunique())
        one = one.filter(one.bearers == 1)
        part = (
            rows.select("row", asked=rows[column]).inner_join(one, [("asked", "known_code")]).select("row", "subject")
        )
        found = part if found is None else found.union(part)
    return found
