"""Registry (登记与赋码): relations between subjects, and which office assigns which codes here."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from chengxin.catalogue.assignments import Assignment
from chengxin.catalogue.model import Code
from chengxin.kernel.periods import in_force, today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Assigner, Source
from chengxin.subjects.model import Relation, Subject

RELATION_KINDS = "relation-kind"
STATUSES = "registration-status"
_BASIS = "GB 32100-2015 登记管理部门代码和机构类别代码"
_OUTWARD = """
SELECT r.kind, 1, o.id, coalesce(o.code, r.related), coalesce(o.name, r.name), CAST(r.since AS text),
       CAST(r.until AS text)
FROM subject_relation r
LEFT JOIN subject o ON o.id = (SELECT min(subject) FROM subject_code WHERE code = r.related)
WHERE r.subject = %s
"""
_INWARD = """
SELECT r.kind, 0, o.id, o.code, o.name, CAST(r.since AS text), CAST(r.until AS text)
FROM subject_code c JOIN subject_relation r ON r.related = c.code JOIN subject o ON o.id = r.subject
WHERE c.subject = %s AND o.id <> c.subject
"""
ORDER = ("branch-of", "subordinate-of", "merged-into", "split-from")
MOST = 200
"""Relations shown of one subject; a bank has thousands of branches."""


def relations(subject: Subject) -> tuple[Relation, ...]:
    """Relations of a subject seen from both sides, in a fixed order of kinds; the most recent ``MOST``."""
    means = {code.value: code.means for code in catalogue().codelists[RELATION_KINDS].values}
    with connection.cursor() as cursor:
        cursor.execute(f"{_OUTWARD} UNION ALL {_INWARD} ORDER BY 1, 2, 4 LIMIT {MOST}", [subject.id, subject.id])
        found = [_relation(row, means) for row in cursor.fetchall()]
    return tuple(sorted(found, key=lambda r: (ORDER.index(r.means), not r.outward, r.code)))


def _relation(row: Sequence[Any], means: dict[str, str]) -> Relation:
    kind, outward, id, code, name, since, until = row
    days = [date.fromisoformat(day) if day else None for day in (since, until)]
    return Relation(means[kind], bool(outward), id or "", code, name, *days)


def status(text: str) -> Code | None:
    """What a register's words for the state of a registration mean, None where the catalogue does not know them."""
    known = catalogue().codelists[STATUSES]
    value = known.canonical(text.strip())
    return next((code for code in known.values if code.value == value), None)


def assignment(day: date | None = None) -> Assignment:
    """Which registering department may assign which classes of unified codes on a day (default today)."""
    found = [
        one
        for one in catalogue().assignments.values()
        if one.scheme == "uscc" and in_force(day or today(), one.in_force_from, one.in_force_to)
    ]
    return max(found, key=lambda one: one.in_force_from or date.min)


def assigns(source: str) -> bool:
    """Whether a source assigns codes today: it may then hand in registrations, whose codes the cross-check looks at."""
    day = today()
    lines = Assigner.objects.filter(source_id=source, since__lte=day)
    return lines.filter(Q(until=None) | Q(until__gt=day)).exists()


def assigners() -> list[Assigner]:
    """Every line of who assigns what here, those in force first."""
    return sorted(
        Assigner.objects.select_related("source"),
        key=lambda one: (one.until is not None, one.department, one.division, one.source_id, one.id),
    )


@transaction.atomic
def let_assign(
    *,
    source: str,
    department: str,
    classes: str = "",
    division: str = "",
    since: date | None = None,
    by: str = "",
) -> Assigner:
    """Record that a source assigns codes of a department, for classes (default all) and divisions that begin so.

    Raises Refusal ``assigner.source``, ``assigner.range`` (the national rule knows no such department or class),
    ``assigner.division``, ``assigner.taken`` (another office assigns exactly the same).
    """
    known = assignment().departments.get(department)
    if not Source.objects.filter(code=source).exists():
        raise Refusal(
            "assigner.source",
            Text(f"没有代码为 {source} 的单位。", f"No source has the code {source}."),
            remedy=Text("请先登记该单位。", "Register the source first."),
        )
    if known is None or not set(classes) <= set(known.classes):
        raise Refusal(
            "assigner.range",
            Text(
                f"统一代码的赋码分工中没有登记管理部门“{department}”的机构类别“{classes}”。",
                f"No registering department {department!r} assigns codes of class {classes!r}.",
            ),
            basis=_BASIS,
            remedy=Text("可用的部门和类别见目录 uscc-2015。", "See uscc-2015 in the catalogue for both."),
        )
    if not ((division.isascii() and division.isdigit()) or division == "") or len(division) > 6:
        raise Refusal(
            "assigner.division",
            Text(f"“{division}”不是行政区划码的开头。", f"{division!r} does not begin a division code."),
            basis="GB 32100-2015 登记管理机关行政区划码",
            remedy=Text("请填 2、4 或 6 位数字，全部区划留空。", "Give 2, 4 or 6 digits, nothing for all divisions."),
        )
    wanted = classes or "".join(known.classes)
    standing = Assigner.objects.filter(department=department, division=division, until=None)
    for other in standing:
        if set(other.classes) & set(wanted):
            raise Refusal(
                "assigner.taken",
                Text(
                    f"部门 {department}、区划“{division}”的这些类别已由 {other.source_id} 赋码。",
                    f"{other.source_id} assigns these classes of department {department} for {division!r} already.",
                ),
                basis=_BASIS,
                remedy=Text("请先终止原来的一条。", "End the earlier line first."),
            )
    return Assigner.objects.create(
        source_id=source,
        department=department,
        classes=wanted,
        division=division,
        since=since or date(1900, 1, 1),
        by=by,
        at=timezone.now(),
    )


@transaction.atomic
def end_assigning(id: int, *, until: date | None = None) -> Assigner:
    """End a line from ``until`` (default today) on. Raises Refusal ``assigner.unknown`` when none such is in force."""
    found = Assigner.objects.select_for_update().filter(pk=id, until=None).first()
    if found is None:
        raise Refusal(
            "assigner.unknown",
            Text("没有这条赋码分工，或已终止。", "There is no such line, or it has ended."),
            remedy=Text("请刷新后重试。", "Reload and try again."),
        )
    found.until = until or today()
    found.save(update_fields=["until"])
    return found
