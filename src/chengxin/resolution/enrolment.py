"""Enrolment (主体入库): whose registration a row of a register is. Rows do not look for a subject, they say who there is.

1. a checked 统一社会信用代码 the base knows → that subject, whatever its name is now
2. 原统一社会信用代码 (code exchanged) the base knows, under a name the subject bears → that subject
3. a 工商注册号 the base knows, under such a name, and the subject has no unified code yet → that subject gets the code
4. otherwise a new subject, known by its code, or by its number where it has none

Rows of one slice are seen together: an organisation listed by number in one row and with its code in another, under
one name, is one subject whichever row comes first, and so is one listed with its old code in one row and with the
code it was exchanged for in another, however often it was exchanged. What two codes claim stays apart; the cross-check
reports it.
"""

import ibis
import ibis.expr.types as ir

from chengxin.resolution.linking import UNKNOWN, borne, candidates, known

_DOUBLINGS = 3
"""Codes exchanged up to eight times in one slice are followed; each doubling joins the exchanges with themselves once."""


def enrol(rows: ir.Table, codes: ir.Table, names: ir.Table) -> ir.Table:
    """Columns ``row, subject, how, problem`` as ``linking.link`` gives them; ``how`` is ``code`` or ``registered``."""
    t = _known_to_base(rows, codes, names)
    found = _code_to_subject(t)
    coded = t.filter(t.code.notnull()).join(found, [("code", "of_code")])
    bare = t.filter(t.code.isnull()).left_join(_number_to_subject(t, found), [("registration_no", "n"), ("norm", "m")])
    subjects = coded.select("row", subject="subject", was_known="was_known").union(
        bare.select(
            "row",
            subject=ibis.coalesce(bare.claimed, bare.by_group, bare.registration_no),
            was_known=bare.claimed.notnull() | bare.group_known.fill_null(False),
        )
    )
    return subjects.select(
        "row",
        "subject",
        how=ibis.cases(
            (subjects.was_known, "code"), (subjects.subject.notnull(), "registered"), else_=ibis.null("string")
        ),
        problem=ibis.cases((subjects.subject.isnull(), UNKNOWN), else_=ibis.null("string")),
    )


def _known_to_base(rows: ir.Table, codes: ir.Table, names: ir.Table) -> ir.Table:
    """``row, code, former_code, registration_no, norm, by_code, claimed``: the subject the base knows under the code, and the one that
    the row claims by an exchanged code or an old number under a name it bears; null where there is none."""
    borne_names = borne(names)
    by_number = candidates(rows, codes, borne_names, "registration_no", "registration")
    exchanging = rows.filter(rows.code.notnull())
    by_former = candidates(exchanging, codes, borne_names, "former_code", "uscc")
    by_former = by_former.filter(by_former.agrees.notnull())
    with_code = codes.filter(codes.scheme == "uscc").select(coded="subject").distinct().mutate(has_code=True)
    t = (
        rows.left_join(known(codes, "uscc").select(c="known_code", s1="subject"), [("code", "c")])
        .left_join(by_former.select(r2="row", s2="subject"), [("row", "r2")])
        .left_join(by_number.select(r3="row", s3="subject"), [("row", "r3")])
        .left_join(with_code, [("s3", "coded")])
    )
    by_old_number = ibis.cases((t.code.isnull() | t.has_code.isnull(), t.s3), else_=ibis.null("string"))
    own = ["row", "code", "former_code", "registration_no", "norm"]
    return t.select(*own, by_code="s1", claimed=ibis.coalesce(t.s2, by_old_number))


def _code_to_subject(t: ir.Table) -> ir.Table:
    """``of_code, subject, was_known`` for every code in the rows."""
    coded = t.filter(t.code.notnull())
    claims = coded.filter(coded.by_code.isnull() & coded.claimed.notnull())
    claims = claims.group_by("code", "claimed").agg(first_row=ibis._.row.min())
    # two codes that claim one known subject: the row that comes first has it, as it would from one file to the next
    first = claims.mutate(
        place=ibis.row_number().over(group_by="claimed", order_by="first_row"),
        subjects=ibis._.claimed.nunique().over(group_by="code"),
    )
    first = first.filter((first.place == 0) & (first.subjects == 1)).select(kc="code", won="claimed")
    seen = coded.group_by("code").agg(first_coded=coded.row.min(), by_code=coded.by_code.min())
    groups = _groups(t)
    attached = groups.filter(groups.first_bare.notnull())
    earlier = attached.group_by("one_code").agg(
        first_bare=attached.first_bare.min(), number=attached.n.argmin(attached.first_bare)
    )
    all_codes = seen.left_join(first, [("code", "kc")]).left_join(earlier, [("code", "one_code")])
    new = ibis.cases((all_codes.first_bare < all_codes.first_coded, all_codes.number), else_=all_codes.code)
    found = all_codes.select(
        of_code="code",
        subject=ibis.coalesce(all_codes.by_code, all_codes.won, new),
        was_known=all_codes.by_code.notnull() | all_codes.won.notnull(),
        since=ibis.least(all_codes.first_coded, ibis.coalesce(all_codes.first_bare, all_codes.first_coded)),
    )
    same = _exchanged(coded, found)
    found = found.left_join(same, [("of_code", "exchanged")])
    return found.select(
        "of_code",
        was_known=found.shared_known.fill_null(found.was_known),
        subject=ibis.coalesce(found.shared, found.subject),
    )


def _exchanged(coded: ir.Table, found: ir.Table) -> ir.Table:
    """``exchanged, shared, shared_known``: codes of one subject, each exchanged for the one before it under one name.

    All but the oldest are new to the base. Its subject is theirs where the base knows it, else that of the code which
    the rows name first. Of two codes exchanged for one the first has it; a code said to be exchanged for two, codes in a
    circle and those more than ``2 ** _DOUBLINGS`` steps from the oldest stay as they are.
    """
    old = coded.select(old="code", as_norm="norm").distinct()
    pairs = coded.filter(coded.former_code != coded.code).join(old, [("former_code", "old"), ("norm", "as_norm")])
    pairs = pairs.semi_join(found.filter(~found.was_known), [("code", "of_code")])
    pairs = pairs.group_by("code", "old").agg(first=pairs.row.min())
    pairs = pairs.mutate(
        place=ibis.row_number().over(group_by="old", order_by="first"), olds=ibis._.count().over(group_by="code")
    )
    pairs = pairs.filter((pairs.place == 0) & (pairs.olds == 1))
    steps = pairs.select("code", oldest="old")
    for _ in range(_DOUBLINGS):
        farther = steps.select(through="code", end="oldest")
        met = steps.left_join(farther, steps.oldest == farther.through).select("code", "oldest", "end")
        steps = met.select("code", oldest=ibis.coalesce(met.end, met.oldest))
    steps = steps.anti_join(pairs.select(middle="code"), [("oldest", "middle")])
    members = steps.union(steps.select(code="oldest", oldest="oldest").distinct())
    members = members.join(found, [("code", "of_code")])
    chains = members.group_by(chain="oldest").agg(
        first_named=members.subject.argmin(members.since),
        known_subject=members.subject.max(where=members.was_known),
    )
    named = members.join(chains, [("oldest", "chain")])
    return named.select(
        exchanged="code",
        shared=ibis.coalesce(named.known_subject, named.first_named),
        shared_known=named.known_subject.notnull(),
    )


def _number_to_subject(t: ir.Table, found: ir.Table) -> ir.Table:
    """``n, m, by_group, group_known``: the subject of a number under a name, where exactly one code goes with them."""
    groups = _groups(t)
    return groups.join(found, [("one_code", "of_code")]).select("n", "m", by_group="subject", group_known="was_known")


def _groups(t: ir.Table) -> ir.Table:
    """Numbers under a name that go with exactly one code: ``n, m, one_code, first_bare`` (first row without a code).

    A number that two codes claim, under whatever names, goes with neither.
    """
    numbered = t.filter(t.registration_no.notnull() & t.norm.notnull())
    claimed = numbered.group_by(number="registration_no").agg(codes=numbered.code.nunique())
    groups = numbered.group_by(n="registration_no", m="norm").agg(
        one_code=numbered.code.min(),
        first_bare=numbered.row.min(where=numbered.code.isnull() & numbered.claimed.isnull()),
    )
    sole = claimed.filter(claimed.codes == 1)
    return groups.filter(groups.one_code.notnull()).semi_join(sole, [("n", "number")])
