"""Mending (更正): a quarantined row is put right and goes through the same door again; what was stays on record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.db.models import F, Q

from chengxin.intake.normalise_texts import ERASED, erase
from chengxin.intake.rules.persons import PERSONAL
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import receipts, resending
from chengxin.operations.receipts import STORED, TO_MEND, Reason, Row, parse_reasons
from chengxin.operations.submit import submit_rows
from chengxin.storage.models import Mend, Submission, SubmissionRow

BATCH = 5000
"""Most rows mended in one go; more is a case for the mended file."""


@dataclass(frozen=True)
class MendResult:
    """What became of a mended row: its outcome, the rules it still breaks, the submission it went in as."""

    row: int
    outcome: str
    reasons: tuple[Reason, ...]
    into: str

    @property
    def stored(self) -> bool:
        """Whether the row lies in the record now."""
        return self.outcome in STORED


def mend(*, submission: str, row: int, values: Mapping[str, str], by: str) -> MendResult:
    """Put one row right: ``values`` replace cells by field id; the row is checked and, when right, stored.

    Raises Refusal: ``mend.row`` (no such open row), ``mend.nothing`` (nothing changed).
    """
    return mend_rows(submission=submission, changes={row: values}, by=by)[0]


def mend_rows(*, submission: str, changes: Mapping[int, Mapping[str, str]], by: str) -> list[MendResult]:
    """Put several rows of one receipt right in one go (row number → field id → new value), in row order.

    Every change is written down: who, when, from what to what, and what became of the row.
    """
    found = receipts.submission(submission)
    if len(changes) > BATCH:
        raise Refusal(
            "mend.batch",
            Text(f"一次最多更正 {BATCH} 行。", f"At most {BATCH} rows are mended in one go."),
            remedy=Text("请下载待更正行，改好后上传。", "Download the rows, mend the file and upload it."),
        )
    waiting = _open_rows(found.id, changes)
    changed = {row: _difference(waiting[row], values) for row, values in sorted(changes.items())}
    sent = [receipts.put_right(waiting[row].cells, after) for row, after in changed.items()]
    receipt = submit_rows(
        rows=[{key: value for key, value in cells.items() if value} for cells in sent],
        item=found.item,
        source=found.source_id,
        by=by,
        parent=found.id,
    )
    results = _results(receipt.submission, list(changed))
    Mend.objects.bulk_create(
        Mend(
            submission=found,
            row=result.row,
            by=by,
            before={key: waiting[result.row].cells.get(key, "") for key in changed[result.row]},
            after=_kept(changed[result.row], result.reasons),
            outcome=result.outcome,
            into_id=result.into,
        )
        for result in results
    )
    _forget(found.id, [result.row for result in results if result.outcome == "refused"])
    return results


def _kept(typed: Mapping[str, str], broken: Iterable[Reason]) -> dict[str, str]:
    """What is kept of cells that somebody typed: citizens' numbers are kept nowhere, nor a cell a rule found one in."""
    personal = {reason.field for reason in broken if reason.rule.endswith(PERSONAL)}
    return {field: ERASED if field in personal else erase(value) for field, value in typed.items()}


def _forget(number: str, rows: list[int]) -> None:
    """Rows that turned out to be about a natural person: only number and rule stay, here and in what was tried."""
    SubmissionRow.objects.filter(submission=number, row__in=rows).update(cells=None)
    Mend.objects.filter(submission_id=number, row__in=rows).update(before={}, after={})


def reasons_in_file(number: str, rows: Iterable[int]) -> dict[int, tuple[Reason, ...]]:
    """What was wrong with rows as the file had them, by row number, whatever was tried since."""
    kept = SubmissionRow.objects.filter(submission=number, row__in=list(rows))
    return {each.row: parse_reasons(each.reasons) for each in kept}


def settle(number: str, data: BinaryIO | None = None) -> int:
    """After a mended file has run: note on the receipt it mends which rows came back; returns how many.

    Of a file that was handed in again as it was every row comes back, and what was mended since counts on the new receipt.
    ``data`` is the file where it was not uploaded. Does nothing for other submissions, and nothing the second time.
    """
    child = receipts.submission(number)
    if child.parent_id is None or child.state != "done" or child.mended_from.exists():
        return 0
    listed = SubmissionRow.objects.filter(submission=child.id, outcome__in=[*TO_MEND, "refused"])
    failed = {each.row: each for each in listed.only("row", "outcome", "reasons")}
    if child.parent is not None and child.parent.file_digest == child.file_digest:
        return _settle_same(child, set(failed))
    came_back = resending.rows_sent_again(child, data)
    waiting = {each.row: each for each in _rows(child.parent_id, set(came_back))}
    mends = []
    for row, (line, cells) in came_back.items():
        if row not in waiting or waiting[row].mended:
            continue
        before, again = waiting[row].cells, failed.get(line)
        after = {key: value for key, value in cells.items() if value != before.get(key, "")}
        mends.append(
            Mend(
                submission_id=child.parent_id,
                row=row,
                by=child.by,
                before={key: before.get(key, "") for key in after},
                after=_kept(after, parse_reasons(again.reasons) if again else ()),
                outcome=receipts.RESENT if again else "stored",
                into=child,
            )
        )
    Mend.objects.bulk_create(mends, batch_size=500)
    refused = {line for line, again in failed.items() if again.outcome == "refused"}
    _forget(str(child.parent_id), [row for row, (line, _) in came_back.items() if line in refused])
    return len(mends)


def _settle_same(child: Submission, failed: set[int]) -> int:
    """Each row waits on one receipt: on the new one, unless somebody mended it, or it went to a third one, from the old one;
    returns how many came back."""
    numbers = SubmissionRow.objects.filter(submission=child.parent_id, outcome__in=TO_MEND).values_list(
        "row", flat=True
    )
    mends = []
    for row in _rows(str(child.parent_id), set(numbers)):
        waits = row.row in failed
        if not row.mended:
            outcome = receipts.RESENT if waits else "stored"
            mends.append(_unchanged(str(child.parent_id), row.row, child.by, outcome, into=child.id))
        elif waits and row.mended in (*STORED, receipts.RESENT):
            mends.append(_unchanged(child.id, row.row, child.by, row.mended, into=row.into))
    Mend.objects.bulk_create(mends, batch_size=500)
    return sum(mend.submission_id == child.parent_id for mend in mends)


def _unchanged(receipt: str, row: int, by: str, outcome: str, *, into: str) -> Mend:
    return Mend(submission_id=receipt, row=row, by=by, before={}, after={}, outcome=outcome, into_id=into)


def settle_unsettled() -> int:
    """Settle mended files whose process died between storing and noting; returns how many rows were noted."""
    left = Submission.objects.filter(state="done", parent__isnull=False, mended_from__isnull=True).exclude(
        file_digest=""
    )
    at_hand = left.filter(~Q(upload="") | Q(file_digest=F("parent__file_digest")))
    return sum(settle(number) for number in at_hand.values_list("id", flat=True))


def _open_rows(number: str, changes: Mapping[int, Mapping[str, str]]) -> dict[int, Row]:
    waiting = {each.row: each for each in _rows(number, set(changes)) if not each.mended}
    for row in changes:
        if row not in waiting:
            raise Refusal(
                "mend.row",
                Text(f"第 {row} 行不在待更正之列。", f"Row {row} does not wait to be mended."),
                where=Text(number, number),
                remedy=Text("它可能已由同事更正，请刷新页面。", "A colleague may have mended it; reload the page."),
            )
    return waiting


def _rows(number: str, only: set[int]) -> list[Row]:
    found: list[Row] = []
    ordered = sorted(only)
    for start in range(0, len(ordered), 500):  # SQLite takes a limited number of parameters
        part = ordered[start : start + 500]
        found += receipts.rows(number, outcome=TO_MEND, only=part, limit=len(part))
    return found


def _difference(row: Row, values: Mapping[str, str]) -> dict[str, str]:
    after = {key: value.strip() for key, value in values.items()}
    after = {key: value for key, value in after.items() if value != row.cells.get(key, "").strip()}
    if not after:
        raise Refusal(
            "mend.nothing",
            Text(f"第 {row.row} 行没有改动。", f"Nothing was changed in row {row.row}."),
            remedy=Text("请先改正有问题的值。", "Change the value that is wrong first."),
        )
    return after


def _results(child: str, order: list[int]) -> list[MendResult]:
    kept = {each.row: each for each in SubmissionRow.objects.filter(submission=child)}
    counts = receipts.submission(child)
    # rows that are simply stored are not listed; when all of them went one way the receipt says which
    ways = [outcome for outcome in STORED[:3] if getattr(counts, outcome)]
    plain = ways[0] if len(ways) == 1 else "stored"
    results = []
    for line, row in enumerate(order, start=1):
        one = kept.get(line)
        reasons = parse_reasons(one.reasons) if one else ()
        results.append(MendResult(row, one.outcome if one else plain, reasons, child))
    return results
