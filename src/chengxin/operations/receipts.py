"""Receipts (回执): what became of each row of a file, in numbers that add up, and the rows that need a person."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from chengxin.intake.mapping import APPROXIMATE
from chengxin.intake.receipt import OUTCOMES, Receipt
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.resolution import linking
from chengxin.storage.models import Mend, Submission, SubmissionRow

TO_MEND = ("quarantined", "unlinked")
LISTED = (*TO_MEND, "refused")
"""Outcomes whose rows are listed one by one."""
STORED = ("accepted", "unchanged", "corrected", "stored")
"""Outcomes of a row that lies in the record; ``stored`` is a row of a mended file, counted on that file's receipt."""
RESENT = "resent"
"""The row was handed in again with a mended file and did not pass: it is open on that file's receipt, not here."""
NO_SUBJECT = (linking.UNKNOWN, linking.AMBIGUOUS)
"""Rules of a row that is right in itself, only that nobody knows whom it speaks of."""
CLOSED = (*STORED, RESENT, "refused")
"""Outcomes of a mend after which the row waits no longer; ``refused`` means it turned out to be about a person."""
REOPENED = "reopened"
"""Outcome of a mend that was taken back: the row waits again."""
PAGE = 50


@dataclass(frozen=True)
class Reason:
    """One failing rule of a row: rule id and field id ('' when the rule concerns the whole row)."""

    rule: str
    field: str


@dataclass(frozen=True)
class Row:
    """A row that needs a person (待更正行): number in the sender's file, outcome, reasons, cells as sent.

    ``cells`` are the cells with the mends tried so far; ``sent`` those of the file; both are empty for refused rows.
    ``mended`` is the outcome of the mend that closed the row (one of CLOSED), '' while it waits.
    """

    row: int
    outcome: str
    reasons: tuple[Reason, ...]
    cells: Mapping[str, str]
    sent: Mapping[str, str] = field(default_factory=dict)
    mended: str = ""
    into: str = ""


def submission(number: str, *, source: str | None = None) -> Submission:
    """The submission with this receipt number, of this source (code) if one is given.

    Raises Refusal ``receipt.unknown``, the same for a number that is another source's and for one that does not exist.
    """
    found = Submission.objects.select_related("source").filter(id=number).first()
    if found is not None and source is not None and found.source_id != source:
        found = None
    if found is None:
        raise Refusal(
            "receipt.unknown",
            Text(f"没有回执 {number}。", f"There is no receipt {number}."),
            remedy=Text("请核对回执号，格式如 R-20261121-0001。", "Check the number; it looks like R-20261121-0001."),
        )
    return found


def require_listed(outcome: str | None) -> None:
    """Raises Refusal ``receipt.outcome`` unless rows of this outcome are listed one by one."""
    if outcome in LISTED:
        return
    if outcome is None:
        why = Text("没有说明要导出哪些行。", "it was not said which to write.")
    elif outcome in OUTCOMES:
        why = Text(
            f"{outcome} 的行不逐行列出：只列出需要人处理的行。",
            f"rows that are {outcome} are stored, and only those that need a person are listed.",
        )
    else:
        why = Text(f"没有“{outcome}”这种结果。", f"there is no outcome “{outcome}”.")
    raise Refusal(
        "receipt.outcome",
        Text(f"这些行列不出来：{why.zh}", f"These rows cannot be listed: {why.en}"),
        where=Text("--rows", "--rows"),
        basis="docs/reference/cli.md",
        remedy=Text(
            "请用 --rows quarantined（疑问数据）、--rows unlinked（未关联数据）或 --rows refused（不予接收）。",
            "Use --rows quarantined, --rows unlinked or --rows refused.",
        ),
    )


def require_parent(number: str, *, source: str, item: str) -> None:
    """Raises Refusal ``upload.parent`` unless a mended file of this source and item may name this receipt."""
    if not Submission.objects.filter(id=number, source_id=source, item=item).exists():
        raise Refusal(
            "upload.parent",
            Text(f"回执 {number} 不是本单位同一事项的回执。", f"Receipt {number} is not of this source and item."),
            remedy=Text(
                "请在原回执页上传更正后的文件；命令行请核对 --parent。",
                "Upload the mended file on the page of its receipt; at the command line check --parent.",
            ),
        )


def receipt(number: str) -> dict[str, Any]:
    """The receipt, how far the file is (``state``) and why it was refused as a whole (``problem``, else None).

    Raises Refusal ``receipt.unknown``.
    """
    found = submission(number)
    # what a person asks first comes first
    return {"submission": found.id, "state": found.state, "problem": found.problem, **summary(found)}


def summary(found: Submission) -> dict[str, object]:
    """A stored receipt as it was printed when the file was handed in, see ``Receipt.to_dict``."""
    return Receipt(
        submission=found.id,
        parent=found.parent_id,
        outcomes={outcome: getattr(found, outcome) for outcome in OUTCOMES},
        warnings=found.warnings,
        reasons=found.reasons,
        normalised=found.normalised,
        tree_size=found.tree_size or 0,
        root=found.root,
        reading=found.reading,
    ).to_dict()


def listing(*, source: str | None, before: str | None = None, limit: int = PAGE) -> list[Submission]:
    """Files handed in, newest first, of one source or (None) of all; ``before`` is the last number of the page above.

    Rows mended one by one at the desk have no file of their own and stand on the receipt they belong to.
    """
    found = files().select_related("source")
    if source is not None:
        found = found.filter(source_id=source)
    if before and (last := Submission.objects.filter(id=before).first()):
        found = found.filter(Q(received_at__lt=last.received_at) | Q(received_at=last.received_at, id__lt=last.id))
    return list(found.order_by("-received_at", "-id")[:limit])


def files() -> "QuerySet[Submission]":
    """Submissions that came as a file, so without those that hold rows mended at the desk."""
    return Submission.objects.exclude(parent__isnull=False, file_digest="")


def rows(
    number: str,
    *,
    outcome: str | Sequence[str] | None = None,
    rule: str | None = None,
    after: int | None = None,
    limit: int = PAGE,
    open_only: bool = False,
    only: Iterable[int] | None = None,
) -> list[Row]:
    """Rows of a receipt in the order of the file, from the one behind ``after``.

    ``outcome`` one outcome or several; ``rule`` only rows that break it; ``open_only`` without those mended since;
    ``only`` just these row numbers.
    """
    found = SubmissionRow.objects.filter(submission=number)
    if after is not None:
        found = found.filter(row__gt=after)
    if outcome is not None:
        found = found.filter(outcome__in=[outcome] if isinstance(outcome, str) else list(outcome))
    if rule is not None:
        found = found.filter(reasons__contains=json.dumps(rule))
    if open_only:
        found = found.exclude(row__in=_closed(number))
    if only is not None:
        found = found.filter(row__in=list(only))
    return _with_mends(number, list(found.order_by("row")[:limit]))


def unlinked_rows(number: str, *, after: int | None = None, limit: int = PAGE) -> list[Row]:
    """Open rows that lack nothing but a subject, those among them that were mended to that point included."""
    mended = Mend.objects.filter(submission_id=number, outcome="unlinked").values("row")
    found = SubmissionRow.objects.filter(Q(outcome="unlinked") | Q(outcome="quarantined", row__in=mended))
    found = found.filter(submission=number, row__gt=-1 if after is None else after).exclude(row__in=_closed(number))
    shown = _with_mends(number, list(found.order_by("row")[:limit]))
    return [row for row in shown if any(reason.rule in NO_SUBJECT for reason in row.reasons)]


MAY_HAVE_UNLINKED = Q(unlinked__gt=0) | Q(mends__outcome="unlinked")
"""Receipts whose rows ``unlinked_rows`` may give."""


def open_count(number: str, outcomes: Sequence[str] = TO_MEND) -> int:
    """How many rows of a receipt still wait for a person."""
    waiting = SubmissionRow.objects.filter(submission=number, outcome__in=outcomes)
    return waiting.exclude(row__in=_closed(number)).count()


def open_counts(found: Iterable[Submission]) -> dict[str, int]:
    """The same for several receipts in one query: quarantined + unlinked less the rows closed since."""
    submissions = list(found)
    closed: dict[str, set[int]] = defaultdict(set)
    for number, row in closing(Mend.objects.filter(submission__in=submissions)).values_list("submission_id", "row"):
        closed[number].add(row)
    return {s.id: max(0, s.quarantined + s.unlinked - len(closed[s.id])) for s in submissions}


def mended_count(number: str) -> int:
    """How many rows of a receipt were mended and lie in the record now."""
    stored = closing(Mend.objects.filter(submission_id=number)).filter(outcome__in=STORED)
    return stored.values("row").distinct().count()


def reason_counts(number: str) -> dict[str, int]:
    """Rule id → rows that break it, over all rows of the receipt, most frequent first."""
    counted = submission(number).reasons
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def parse_reasons(text: str) -> tuple[Reason, ...]:
    """The reasons of a stored row (JSON list of {rule, field})."""
    return tuple(Reason(each["rule"], each.get("field") or "") for each in json.loads(text or "[]"))


def _closed(number: str) -> "QuerySet[Mend, Any]":
    return closing(Mend.objects.filter(submission_id=number)).values("row")


def closing(mends: "QuerySet[Mend]") -> "QuerySet[Mend]":
    """Mends that closed their row and were not taken back since."""
    back = Mend.objects.filter(
        submission=OuterRef("submission"), row=OuterRef("row"), id__gt=OuterRef("id"), outcome=REOPENED
    )
    return mends.filter(~Exists(back), outcome__in=CLOSED)


def _with_mends(number: str, stored: list[SubmissionRow]) -> list[Row]:
    mends: dict[int, list[Mend]] = defaultdict(list)
    if stored:  # a range and not a list: databases take a limited number of parameters
        within = Mend.objects.filter(submission_id=number, row__gte=stored[0].row, row__lte=stored[-1].row)
        for mend in within.order_by("id"):
            mends[mend.row].append(mend)
    shown = {each.row for each in stored}
    tried = _reasons_after(_last_try(tries) for row, tries in mends.items() if row in shown)
    result = []
    for each in stored:
        sent = {key: value for key, value in json.loads(each.cells or "{}").items() if value is not None}
        cells, mended, into = dict(sent), "", ""
        for mend in mends[each.row]:
            cells = put_right(cells, mend.after)
            if mend.outcome in CLOSED:
                mended, into = mend.outcome, mend.into_id
            elif mend.outcome == REOPENED:
                mended, into = "", ""
        reasons = tried.get(each.row) or parse_reasons(each.reasons)
        cells = {key: value for key, value in cells.items() if value}
        result.append(Row(each.row, each.outcome, reasons, cells, sent, mended, into))
    return result


def put_right(cells: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """A row's cells with those that were changed; nothing stands in any more for a field that somebody filled."""
    left = [field for field in cells.get(APPROXIMATE, "").split(";") if field not in after]
    return {**cells, **after} | ({APPROXIMATE: ";".join(left)} if APPROXIMATE in cells else {})


def _last_try(tries: Sequence[Mend]) -> Mend:
    """The mend whose reasons count: of a row that waits again the one before what was taken back."""
    if tries[-1].outcome != REOPENED:
        return tries[-1]
    return next((each for each in reversed(tries) if each.outcome in TO_MEND), tries[-1])


def _reasons_after(last: Iterable[Mend]) -> dict[int, tuple[Reason, ...]]:
    """Row → reasons found when its last, unsuccessful mend was checked."""
    failed = {mend.row: mend.into_id for mend in last if mend.outcome in TO_MEND}
    if not failed:
        return {}
    # the n-th row of a desk mend, in the order of the original rows, is row n of the submission it became
    place: dict[str, list[int]] = defaultdict(list)
    for into, row in (
        Mend.objects.filter(into_id__in=set(failed.values())).order_by("row").values_list("into_id", "row")
    ):
        place[into].append(row)
    found = {
        (each.submission, each.row): parse_reasons(each.reasons)
        for each in SubmissionRow.objects.filter(submission__in=set(failed.values()))
    }
    return {row: found.get((into, place[into].index(row) + 1), ()) for row, into in failed.items()}
