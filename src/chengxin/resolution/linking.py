"""Linking (主体关联): which subject a row speaks of, in a fixed order, with the reason. Code first, name second.

1. a checked 统一社会信用代码 that the subject base knows, and a name the subject bears or bore, or one that is written
   otherwise only (繁简, 叠字, numerals, stray marks) → ``code``
2. a 工商注册号 or 组织机构代码 the base knows, and exactly such a name → ``legacy``; not where the row gives a checked
   code and that subject has another one: rule 1001. A checked code the base does not know, that such rows of a source
   trusted to introduce bring to one subject without a code, becomes its code → ``coded``
3. no 统一社会信用代码 given, and the exact current name of exactly one subject → ``name``
4. a checked code the base does not know, from a source trusted to introduce subjects → ``introduced``
5. otherwise the row is unlinked; a known code with a foreign name is rule 1001 of the national platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from chengxin.kernel.text import Text
from chengxin.subjects import names_folding


@dataclass(frozen=True)
class LinkRule:
    """A reason why a row was not linked; ``outcome`` is what then becomes of the row."""

    id: str
    outcome: str
    role: str
    message: Text
    basis: str
    remedy: Text


DISAGREES = "subject.1001"
UNKNOWN = "subject.unknown"
AMBIGUOUS = "subject.ambiguous"

RULES: Mapping[str, LinkRule] = {
    rule.id: rule
    for rule in (
        LinkRule(
            DISAGREES,
            "quarantined",
            "name",
            Text(
                "所填代码与名称在主体库中对不上：该代码登记在另一名称（也不是曾用名）之下，或所填旧号码的主体另有代码",
                "code and name do not go together in the subject base: the code belongs to another name, past or present, "
                "or the organisation with the old number has another code",
            ),
            "平台校验规则 1001",
            Text(
                "请核对名称和代码；主体已更名的，请先更新主体库，不要改动决定内容",
                "check name and code; if the organisation was renamed, update the subject base, not the decision",
            ),
        ),
        LinkRule(
            UNKNOWN,
            "unlinked",
            "code",
            Text(
                "主体库中没有与所填代码或名称对应的主体",
                "the subject base knows no organisation with this code or name",
            ),
            "平台校验规则 1001",
            Text(
                "请核对代码；确为新设主体的，待登记信息入库后重新报送，或由有权单位引入",
                "check the code; if the organisation is new, send the row again once its registration has arrived",
            ),
        ),
        LinkRule(
            AMBIGUOUS,
            "unlinked",
            "name",
            Text(
                "有多个主体使用该名称，仅凭名称不能确定是哪一个",
                "several organisations bear this name; the name alone does not tell which one is meant",
            ),
            "平台校验规则 1001",
            Text("请补充统一社会信用代码", "add the unified social credit code"),
        ),
    )
}


@dataclass(frozen=True)
class Way:
    """A way of linking (归集方式) in a word and in a sentence; ``weak``: so little stands behind it that the word is
    shown with every mention of the record."""

    word: Text
    sentence: Text
    weak: bool = False


WAYS: Mapping[str, Way] = {
    "legacy": Way(
        Text("按旧号码归集", "Linked by an old number"),
        Text(
            "决定文书未载统一社会信用代码；所载注册号或组织机构代码与名称一致，据此归到该主体",
            "the decision names no unified code; its old number and its name agree on this organisation",
        ),
    ),
    "coded": Way(
        Text("按旧号码归集", "Linked by an old number"),
        Text(
            "报送时主体库中没有该代码；报送单位所报旧号码与名称和该主体一致，该代码据此登记，待登记机关确认",
            "the subject base did not know this code; an old number and the name sent with it agree on this organisation, "
            "which has the code on the source's word until the register confirms it",
        ),
    ),
    "name": Way(
        Text("按名称归集", "Linked by name"),
        Text(
            "决定文书未载代码；所载名称与唯一一个主体的现用名称完全一致，据此归到该主体",
            "the decision names no code; its name is exactly the present name of this one organisation",
        ),
        weak=True,
    ),
    "introduced": Way(
        Text("随报送引入", "Introduced by the source"),
        Text(
            "报送时主体库中没有该代码，由报送单位引入，待登记机关确认",
            "the subject base did not know this code; the source introduced it, the register has yet to confirm it",
        ),
    ),
    "judgement": Way(
        Text("经人工判断归集", "Linked by a person"),
        Text(
            "决定文书所载名称或代码不能确定主体，由工作人员核对后归到该主体，可以撤销",
            "name and code did not tell; a person compared and decided, which can be taken back",
        ),
        weak=True,
    ),
}
"""Ways of linking that a record says of itself wherever it is shown; by a checked code needs no word."""

ROWS = ibis.schema(
    {
        "row": "int64",
        "code": "string",
        "former_code": "string",
        "registration_no": "string",
        "organisation_code": "string",
        "norm": "string",
    }
)
"""One row of a file: ``code`` only when it passed its checks; ``norm`` is the normalised name. ``former_code`` (the code
that was exchanged for ``code``) speaks in registrations only."""
CODES = ibis.schema({"code": "string", "scheme": "string", "subject": "string"})
"""What the base knows of the codes in the rows."""
NAMES = ibis.schema({"norm": "string", "subject": "string", "kind": "string"})
"""All names of subjects that a code in the rows points to, and of subjects that bear a name in the rows."""


def plain(codes: ir.Table, names: ir.Table) -> ir.Table:
    """``code, norm, subject``, perhaps repeated: a row that gives this checked code and name needs no further looking at.

    ``link`` says ``code`` of it: the code belongs to this one subject, which bears or bore the name.
    """
    bearers = _identifying(names).select(of="subject", norm="norm")
    of_one = known(codes, "uscc")
    return of_one.join(bearers, [("subject", "of")]).select(code="known_code", norm="norm", subject="subject")


def link(rows: ir.Table, codes: ir.Table, names: ir.Table, *, introduce: bool) -> ir.Table:
    """Columns ``row, subject, how, problem``: subject and how are null where ``problem`` names a rule, and vice versa.

    A row introduced by an earlier row of the same file must bear that row's name, else rule 1001.
    """
    coded = _by_code(rows.filter(rows.code.notnull()), codes, names, introduce=introduce)
    return coded.union(_without_code(rows.filter(rows.code.isnull()), codes, names))


def _by_code(rows: ir.Table, codes: ir.Table, names: ir.Table, *, introduce: bool) -> ir.Table:
    """Rows with a checked code: the code decides, the name must agree; an old number only where the code is not known.

    A code that one row of the file brings to a subject of the base is that subject's code in all its rows.
    """
    uscc = codes.filter(codes.scheme == "uscc")
    in_base = uscc.select(given="code").distinct().mutate(in_base=True)
    coded = uscc.select(coded="subject").distinct().mutate(has_code=True)
    numbered = _by_number(rows.anti_join(in_base, [("code", "given")]), codes, names)
    numbered = numbered.left_join(coded, [("subject", "coded")]).join(
        rows.select(of="row", brings="code"), [("row", "of")]
    )
    brought = _brought(numbered)
    if introduce:
        codes = codes.union(brought.select(code="code", scheme=ibis.literal("uscc"), subject="subject"))
    found = _agreeing(rows, candidates(rows, codes, borne(names), "code", "uscc"), borne(names))
    t = rows.left_join(found.select(r="row", s="subject", a="agrees"), [("row", "r")])
    t = t.left_join(numbered.select(r2="row", s2="subject", c2="has_code"), [("row", "r2")])
    new, fits, is_brought = ibis.literal(False), ibis.literal(False), ibis.literal(False)
    if introduce:
        claimed = numbered.select(claimed_code="brings").distinct().mutate(claimed=True)
        t = _with_newcomers(t, rows).left_join(in_base, [("code", "given")])
        t = t.left_join(claimed, [("code", "claimed_code")])
        t = t.left_join(brought.select(brought_code="code"), [("code", "brought_code")])
        # a code that one row of the file brings to a subject of the base makes no second one in another row
        new, fits = t.in_base.isnull() & t.claimed.isnull(), t.norm == t.first_norm
        is_brought = t.brought_code.notnull()
    known, numbered_before = t.s.notnull(), t.s2.notnull()
    linked, legacy = known & t.a.fill_null(False), numbered_before & t.c2.isnull()
    introduced = ~known & new & fits
    none = ibis.null("string")
    return t.select(
        "row",
        subject=ibis.cases((linked, t.s), (legacy, t.s2), (introduced, t.code), else_=none),
        how=ibis.cases(
            (linked & is_brought, "coded"),
            (linked, "code"),
            (legacy, "legacy"),
            (introduced, "introduced"),
            else_=none,
        ),
        problem=ibis.cases(
            (linked | legacy | introduced, none), (known | new | numbered_before, DISAGREES), else_=UNKNOWN
        ),
    )


def _brought(numbered: ir.Table) -> ir.Table:
    """``code, subject``: codes new to the base that an old number and a name bring to a subject without one, one to one.

    Two codes for a subject, or a code for two, are for a person to look at: none is registered.
    """
    pairs = numbered.select("subject", "has_code", code="brings").distinct()
    pairs = pairs.mutate(
        subjects=ibis._.subject.count().over(group_by="code"), codes=ibis._.code.count().over(group_by="subject")
    )
    return pairs.filter((pairs.subjects == 1) & (pairs.codes == 1) & pairs.has_code.isnull()).select("code", "subject")


def _agreeing(rows: ir.Table, found: ir.Table, borne: ir.Table) -> ir.Table:
    """``found`` with ``agrees`` set too where the row's name is one of the subject's, written otherwise."""
    doubtful = found.filter(found.agrees.isnull()).join(rows.select("row", one="norm"), "row")
    pairs = doubtful.join(borne.select(of="subject", other="norm"), [("subject", "of")]).select("row", "one", "other")
    alike = names_folding.alike_bulk(pairs).select(a="one", b="other")
    met = pairs.join(alike, [("one", "a"), ("other", "b")]).select(met="row").distinct().mutate(alike=True)
    t = found.left_join(met, [("row", "met")])
    return t.select("row", "subject", agrees=ibis.coalesce(t.agrees, t.alike))


def _by_number(rows: ir.Table, codes: ir.Table, names: ir.Table) -> ir.Table:
    """``row, subject``: rows with an old number under a name its bearer has; 工商注册号 before 组织机构代码."""
    agreeing = borne(names)
    by_registration = candidates(rows, codes, agreeing, "registration_no", "registration")
    by_organisation = candidates(rows, codes, agreeing, "organisation_code", "organisation")
    return by_registration.union(by_organisation.anti_join(by_registration, "row"))


def _without_code(rows: ir.Table, codes: ir.Table, names: ir.Table) -> ir.Table:
    """Rows without one: an old number with an agreeing name, or a name that exactly one subject bears now."""
    asked = names.filter(names.kind == "current").semi_join(rows, "norm")
    bearers = asked.group_by("norm").agg(bearer=asked.subject.min(), bearers=asked.subject.nunique())
    t = rows.left_join(_by_number(rows, codes, names).select(r2="row", legacy="subject"), [("row", "r2")])
    t = t.left_join(bearers.select(n4="norm", s4="bearer", c4="bearers"), [("norm", "n4")])
    by_name = t.legacy.isnull() & (t.c4 == 1).fill_null(False)
    subject = ibis.cases((by_name, t.s4), else_=t.legacy)
    return t.select(
        "row",
        subject=subject,
        how=ibis.cases((by_name, "name"), (t.legacy.notnull(), "legacy"), else_=ibis.null("string")),
        problem=ibis.cases((subject.notnull(), ibis.null("string")), (t.c4 > 1, AMBIGUOUS), else_=UNKNOWN),
    )


def borne(names: ir.Table) -> ir.Table:
    """Names that identify: those in English are kept for display, a Chinese registration does not know them."""
    return _identifying(names).distinct().mutate(agrees=True)


def _identifying(names: ir.Table) -> ir.Table:
    return names.filter(names.kind != "english").select("subject", "norm")


def _with_newcomers(t: ir.Table, rows: ir.Table) -> ir.Table:
    """Adds ``first_norm``: the name that the file's first row gives the code."""
    first = (
        rows.filter(rows.code.notnull())
        .group_by("code")
        .agg(first_row=rows.row.min())
        .join(rows.select(first_row="row", first_norm="norm"), "first_row")
        .select(introduced_code="code", first_norm="first_norm")
    )
    return t.left_join(first, [("code", "introduced_code")])


def known(codes: ir.Table, scheme: str) -> ir.Table:
    """``known_code, subject`` of one scheme; a legacy number may stand there for several subjects."""
    of_scheme = codes.filter(codes.scheme == scheme)
    if scheme == "uscc":
        # A code on two subjects is an error of the base (a task for the registrar): it links nothing.
        one = of_scheme.group_by("code").agg(subject=of_scheme.subject.min(), last=of_scheme.subject.max())
        of_scheme = one.filter(one.subject == one.last)
    return of_scheme.select(known_code="code", subject="subject")


def candidates(rows: ir.Table, codes: ir.Table, borne: ir.Table, column: str, scheme: str) -> ir.Table:
    """Rows whose code in ``column`` the base knows. Legacy codes count only with an agreeing name."""
    found = rows.select("row", "norm", given=rows[column]).inner_join(known(codes, scheme), [("given", "known_code")])
    joined = found.left_join(
        borne.select(of="subject", as_norm="norm", agrees="agrees"),
        [("subject", "of"), ("norm", "as_norm")],
    )
    if scheme == "uscc":
        return joined.select("row", "subject", "agrees")
    # Two subjects may carry one legacy number: then it identifies nobody.
    agreeing = joined.filter(joined.agrees.notnull())
    return (
        agreeing.group_by("row")
        .agg(subject=agreeing.subject.min(), subjects=agreeing.subject.nunique())
        .filter(ibis._.subjects == 1)
        .select("row", "subject")
    )
