"""Judgements (人工判断): a person compares an unlinked row with candidates, decides, and may take the decision back.

``same`` sends the row through the one door again, linked to the judged subject; taking that back ends the record made
under it, as an entry in the ledger, and the row waits again. Everything is written down and nothing is ever changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson
from django.db import transaction
from django.utils import timezone

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import acts, judged, receipts
from chengxin.operations.judged import Party
from chengxin.operations.receipts import REOPENED, STORED, Row
from chengxin.operations.submit import submit_rows
from chengxin.resolution.judgement import Verdict, standing
from chengxin.storage import models
from chengxin.storage.models import JudgementEffect, LedgerBatch, LedgerItem, Mend, Submission
from chengxin.subjects import names
from chengxin.subjects.free_text import without_persons
from chengxin.subjects.identifiers import check_uscc, normalise_code
from chengxin.subjects.model import Scheme

SHORTEST_REASON = 2
UNDER_WAY = timedelta(minutes=2)
"""How long carrying out a judgement may take before somebody else does it."""


@dataclass(frozen=True)
class Outcome:
    """What came of a judgement or of taking one back: ``effect`` as in ``storage.models.judgements``, '' where nothing
    followed; ``outcome`` is the row's where it was sent again, ``record`` the record it became (hex)."""

    effect: str
    outcome: str = ""
    record: str = ""


def judge(
    *,
    submission: str,
    row: int,
    verdicts: Mapping[str, Verdict],
    reason: str,
    by: str,
    scores: Mapping[str, float] | None = None,
) -> Outcome:
    """Write down what a person says of a row and one or more subjects (id → verdict), and carry it out.

    Raises Refusal: ``judgement.row`` (no such open row), ``judgement.nothing``, ``judgement.two`` (same as two
    subjects), ``judgement.reason``, ``judgement.subject`` (no such subject), ``judgement.code`` (the row carries a
    valid code of somebody else).
    """
    waiting = _open_row(submission, row)
    found = receipts.submission(submission)
    named = judged.party(found.item, waiting.cells)
    same = _checked(verdicts, reason, named)
    with transaction.atomic():
        # two people at one row: the second waits here and then finds it decided
        Submission.objects.select_for_update().get(id=submission)
        if any(one.verdict == Verdict.SAME for one in standing(judged.of_row(submission, row))):
            raise judged.no_row(submission, row)
        made = {
            subject: models.Judgement.objects.create(
                submission=found,
                row=row,
                subject=subject,
                verdict=verdict,
                reason=reason.strip(),
                by=by,
                at=timezone.now(),
                name=named.name,
                code=named.code,
                norm=names.normalise(named.name),
                score=(scores or {}).get(subject),
            )
            for subject, verdict in verdicts.items()
        }
    return _link(made[same]) if same else Outcome("")


def revoke(*, judgement: int, reason: str, by: str, acting: str) -> Outcome:
    """Take a judgement back; ``acting`` is the code of the organisation for which the person works.

    Raises Refusal: ``judgement.unknown``, ``judgement.gone`` (taken back already), ``judgement.reason``.
    """
    _check_reason(reason)
    with transaction.atomic():
        found = models.Judgement.objects.select_related("submission").filter(id=judgement).first()
        if found is None or found.verdict == Verdict.REVOKED:
            raise _unknown(judgement)
        Submission.objects.select_for_update().get(id=found.submission_id)
        if models.Judgement.objects.filter(revokes=found).exists():
            raise Refusal(
                "judgement.gone",
                Text("该判断已被撤销", "this judgement was taken back already"),
                where=Text(str(judgement), str(judgement)),
                remedy=Text("请刷新页面", "reload the page"),
            )
        taken_back = models.Judgement.objects.create(
            submission=found.submission,
            row=found.row,
            subject=found.subject,
            verdict=Verdict.REVOKED,
            reason=reason.strip(),
            by=by,
            at=timezone.now(),
            revokes=found,
        )
        done = _take_back(found, taken_back, acting)
    return _restate(found, taken_back, acting) if done is None else done


def settle_unsettled(*, older_than: timedelta = UNDER_WAY) -> int:
    """Carry out judgements whose process died between the word and the deed; returns how many.

    Those made just now are left to whoever makes them.
    """
    made = models.Judgement.objects.filter(effects__isnull=True, at__lt=timezone.now() - older_than)
    undone = made.select_related("submission", "revokes")
    same = list(undone.filter(verdict=Verdict.SAME, revoked_by__isnull=True))
    back = list(undone.filter(verdict=Verdict.REVOKED, revokes__verdict=Verdict.SAME))
    for each in same:
        _link(each)
    for each in back:
        if each.revokes is not None:
            _restate(each.revokes, each, each.submission.source_id)
    return len(same) + len(back)


def _checked(verdicts: Mapping[str, Verdict], reason: str, named: Party) -> str:
    """The subject that is the same, '' when none is."""
    if not verdicts or Verdict.REVOKED in verdicts.values():
        raise Refusal(
            "judgement.nothing",
            Text("没有作出判断", "nothing was decided"),
            remedy=Text("请对至少一个候选主体选择“同一主体”“不是”或“不能确定”", "decide on at least one candidate"),
        )
    same = [subject for subject, verdict in verdicts.items() if verdict == Verdict.SAME]
    if len(same) > 1:
        raise Refusal(
            "judgement.two",
            Text("一行只能是一个主体", "a row speaks of one organisation only"),
            remedy=Text(
                "只选一个“同一主体”；拿不准的选“不能确定”", "choose one as the same; where in doubt say unsure"
            ),
        )
    _check_reason(reason)
    known = {each.id: each for each in models.Subject.objects.filter(id__in=list(verdicts))}
    for subject in verdicts:
        if subject not in known:
            raise Refusal(
                "judgement.subject",
                Text("主体库中没有这个主体", "the subject base has no such organisation"),
                where=Text(subject[:40], subject[:40]),
                remedy=Text("请重新打开页面，从候选中选择", "open the page again and choose among the candidates"),
            )
    for subject in same:
        _check_code(named, subject)
    return same[0] if same else ""


def _check_code(named: Party, subject: str) -> None:
    """A valid code says who is meant; no person's judgement puts it on somebody else."""
    given = normalise_code(named.code)
    if not check_uscc(given).ok:
        return
    borne = models.SubjectCode.objects.filter(subject=subject, scheme=Scheme.USCC).values_list("code", flat=True)
    if borne and given not in borne:
        raise Refusal(
            "judgement.code",
            Text(
                "该行载有有效的统一社会信用代码，且不是所选主体的代码，不能判为同一主体",
                "the row carries a valid code, and it is not this organisation's: they cannot be judged the same",
            ),
            where=Text(given, given),
            basis="GB 32100-2015",
            remedy=Text(
                "代码填错的，请先更正代码；代码无误的，待登记信息入库后重新报送",
                "mend the code if it is wrong; if it is right, send the row again once its registration has arrived",
            ),
        )


def _check_reason(reason: str) -> None:
    without_persons(reason)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refusal(
            "judgement.reason",
            Text("没有写明理由", "no reason was given"),
            remedy=Text("请写明依据，例如查了哪份登记档案", "say why, for example which file you looked at"),
        )


def _link(made: models.Judgement) -> Outcome:
    """Send the row through the door, linked to the subject, and note what came of it."""
    found = made.submission
    waiting = receipts.rows(found.id, only=[made.row], limit=1)[0]
    receipt = submit_rows(
        rows=[{key: value for key, value in waiting.cells.items() if value}],
        item=found.item,
        source=found.source_id,
        by=made.by,
        parent=found.id,
        judged={1: made.subject},
    )
    outcome = next(name for name, count in receipt.outcomes.items() if count)
    done = Outcome("linked" if outcome in STORED else "kept-out", outcome, _record_of(receipt.submission))
    with transaction.atomic():
        Mend.objects.create(
            submission=found,
            row=made.row,
            by=made.by,
            before={},
            after={},
            outcome=outcome,
            into_id=receipt.submission,
        )
        _note(made, done, into=receipt.submission)
    return done


def _take_back(found: models.Judgement, taken_back: models.Judgement, acting: str) -> Outcome | None:
    """End what the judgement made, inside the transaction; None where the statement before it must be made again."""
    if found.verdict != Verdict.SAME:
        return Outcome("")
    effect = found.effects.filter(effect="linked").first()
    if effect is None:  # the row failed a check after all and still waits
        _note(taken_back, Outcome("left"), into=None)
        return Outcome("left")
    _reopen(found, taken_back, effect)
    done, seq = Outcome("left", effect.outcome, effect.record), None
    if effect.record and _stands(effect):
        if effect.outcome == "corrected":
            return None
        seq = acts.unlink(effect.record, by=acting, reason=taken_back.reason).first_seq
        done = replace(done, effect="ended")
    _note(taken_back, done, into=effect.into_id, seq=seq)
    return done


def _restate(found: models.Judgement, taken_back: models.Judgement, acting: str) -> Outcome:
    """The judged row had corrected a record: what was stated before it is stated again, under its own link."""
    effect = found.effects.get(effect="linked")
    before = _statement_before(effect)
    receipt = submit_rows(
        rows=[before], item=found.submission.item, source=found.submission.source_id, by=taken_back.by
    )
    outcome = next(name for name, count in receipt.outcomes.items() if count)
    done, seq = Outcome("restated", outcome, effect.record), None
    with transaction.atomic():
        if outcome not in STORED:  # its own link holds no longer: then the record cannot stay either
            seq = acts.unlink(effect.record, by=acting, reason=taken_back.reason).first_seq
            done = replace(done, effect="ended")
        _note(taken_back, done, into=receipt.submission, seq=seq)
    return done


def _reopen(found: models.Judgement, taken_back: models.Judgement, effect: JudgementEffect) -> None:
    Mend.objects.create(
        submission=found.submission,
        row=found.row,
        by=taken_back.by,
        before={},
        after={},
        outcome=REOPENED,
        into_id=effect.into_id or found.submission_id,
    )


def _note(made: models.Judgement, done: Outcome, *, into: str | None, seq: int | None = None) -> None:
    JudgementEffect.objects.create(
        judgement=made,
        at=timezone.now(),
        effect=done.effect,
        outcome=done.outcome,
        into_id=into,
        record=done.record,
        seq=seq,
    )


def _stands(effect: JudgementEffect) -> bool:
    """Whether the record still says what the judged row said: nobody has stated it since."""
    record = models.Record.objects.filter(id=bytes.fromhex(effect.record)).first()
    batch = LedgerBatch.objects.filter(id=effect.into_id).first()
    return record is not None and batch is not None and record.latest == batch.first_seq


def _record_of(submission: str) -> str:
    """The record (hex) that a submission of one row stated, '' when it stated nothing new."""
    batch = LedgerBatch.objects.filter(id=submission).first()
    content = (
        LedgerItem.objects.filter(seq=batch.first_seq).values_list("content", flat=True).first() if batch else None
    )
    return str(orjson.loads(content)["record"]) if content else ""


def _statement_before(effect: JudgementEffect) -> dict[str, str]:
    """The fields of the record as they were stated before the judged row."""
    record = models.Record.objects.get(id=bytes.fromhex(effect.record))
    own = LedgerBatch.objects.get(id=effect.into_id).first_seq
    stated = models.RecordVersion.objects.filter(record=record.seq, seq__lt=own).order_by("-seq")
    seq = stated.values_list("seq", flat=True).first() or record.seq
    fields: dict[str, str] = orjson.loads(LedgerItem.objects.get(seq=seq).content)["fields"]
    return fields


def _open_row(submission: str, row: int) -> Row:
    found = receipts.unlinked_rows(submission, after=row - 1, limit=1)
    if not found or found[0].row != row:
        raise judged.no_row(submission, row)
    return found[0]


def _unknown(judgement: int) -> Refusal:
    return Refusal(
        "judgement.unknown",
        Text("没有这个判断", "there is no such judgement"),
        where=Text(str(judgement), str(judgement)),
        remedy=Text("请从判断记录中选择", "choose one from the list of judgements"),
    )
