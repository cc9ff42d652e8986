"""Unlinked rows (待确认主体的行): the queue of rows that lack nothing but a subject, and one of them beside its candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import judged, lookup, receipts, resolve
from chengxin.operations.judged import Party
from chengxin.operations.receipts import Reason, Row
from chengxin.operations.resolve import Question
from chengxin.resolution.judgement import Judgement, Verdict, differing, standing
from chengxin.storage.models import Mend, Submission, SubmissionRow
from chengxin.subjects import names
from chengxin.subjects.identifiers import check_uscc, normalise_code
from chengxin.subjects.model import Scheme, Subject

PAGE = 50
LISTED = 5
"""Candidates shown beside a row."""
COUNTED = 10_000
Pieces = Sequence[tuple[str, bool]]
"""A name in pieces, each with whether it differs."""


@dataclass(frozen=True)
class Waiting:
    """A row in the queue: whom it names, its nearest candidate ('' when there is none), what was said of it so far."""

    submission: Submission
    row: int
    party: Party
    reasons: tuple[Reason, ...]
    nearest: str
    score: float | None
    unsure: tuple[Judgement, ...]


@dataclass(frozen=True)
class Side:
    """A candidate beside the row: the name compared, in pieces, what agrees, and what was said of the pair before.

    ``against`` is True where the row carries a valid code and it is not this subject's: then they cannot be the same.
    """

    subject: Subject
    name: str
    name_kind: str
    pieces: Pieces
    score: float | None
    reasons: tuple[Mapping[str, str], ...]
    against: bool
    said: Judgement | None
    before: tuple[Judgement, ...]


@dataclass(frozen=True)
class Comparison:
    """A row beside its candidates (并列比对). ``pieces`` marks in the row's name what differs from the first candidate.

    ``coded`` is the row's unified code where it is valid, else ''.
    """

    submission: Submission
    row: Row
    party: Party
    coded: str
    pieces: Pieces
    sides: tuple[Side, ...]
    history: tuple[Judgement, ...]


def queue(*, source: str | None, after: str = "", limit: int = PAGE) -> tuple[list[Waiting], str]:
    """Waiting rows of one source or all, those of the oldest receipt first, and the cursor of the next page or ''.

    ``after`` is the cursor of the page before; one that no page gave out begins at the beginning.
    """
    number, _, row = after.rpartition(":")
    started = not (number and row.isdecimal())
    found: list[tuple[Submission, Row]] = []
    for each in _with_unlinked(source):
        if not started and each.id != number:
            continue
        since = int(row) if each.id == number and not started else None
        started = True
        found += [(each, one) for one in receipts.unlinked_rows(each.id, after=since, limit=limit + 1 - len(found))]
        if len(found) > limit:
            break
    page = found[:limit]
    more = f"{page[-1][0].id}:{page[-1][1].row}" if len(found) > limit else ""
    return _described(page), more


def waiting_count(source: str | None) -> int:
    """How many rows wait that were handed in so; counted to ``COUNTED`` and no further."""
    numbers = receipts.files().filter(unlinked__gt=0, state="done")
    if source is not None:
        numbers = numbers.filter(source_id=source)
    closed = receipts.closing(Mend.objects.filter(submission=OuterRef("submission"), row=OuterRef("row")))
    rows = SubmissionRow.objects.filter(~Exists(closed), outcome="unlinked", submission__in=numbers.values("id"))
    return rows[:COUNTED].count()


def compare(*, submission: str, row: int, code: str = "", source: str | None = None) -> Comparison:
    """One waiting row beside its candidates; ``code`` adds the subject that has it, whatever it is called.

    Raises Refusal: ``receipt.unknown``, ``judgement.row`` (the row does not wait), ``subject.unknown`` (no subject has
    the code).
    """
    found = receipts.submission(submission, source=source)
    waiting = receipts.unlinked_rows(submission, after=row - 1, limit=1)
    if not waiting or waiting[0].row != row:
        raise judged.no_row(submission, row)
    party = judged.party(found.item, waiting[0].cells)
    history = judged.of_row(submission, row)
    (answer,) = resolve.resolve([Question(party.name, _given(party))], limit=LISTED)
    said = {one.subject: one for one in standing(history)}
    elsewhere = [
        one for one in judged.of_names([names.normalise(party.name)]) if (one.submission, one.row) != (submission, row)
    ]
    coded = normalise_code(party.code)
    coded = coded if check_uscc(coded).ok else ""
    sides = []
    for each in answer.candidates:
        subject = lookup.subject(each.subject.id)
        if subject is not None:
            shown = (each.name, each.name_kind, each.score, each.reasons)
            sides.append(_side(subject, shown, party, coded, said, elsewhere))
    if code and (added := _added(code)).id not in {side.subject.id for side in sides}:
        sides.insert(0, _side(added, (added.name, "current", None, ()), party, coded, said, elsewhere))
    first = sides[0].name if sides else party.name
    pieces = differing(first, party.name)
    return Comparison(found, waiting[0], party, coded, pieces, tuple(sides), tuple(history))


def _side(
    subject: Subject,
    shown: tuple[str, str, float | None, tuple[Mapping[str, str], ...]],
    party: Party,
    coded: str,
    said: Mapping[str, Judgement],
    elsewhere: Sequence[Judgement],
) -> Side:
    name, kind, score, reasons = shown
    own = {each.value for each in subject.codes if each.scheme == Scheme.USCC}
    return Side(
        subject=subject,
        name=name,
        name_kind=kind,
        pieces=differing(party.name, name),
        score=score,
        reasons=reasons,
        against=bool(coded and own and coded not in own),
        said=said.get(subject.id),
        before=tuple(one for one in elsewhere if one.subject == subject.id),
    )


def _described(page: Sequence[tuple[Submission, Row]]) -> list[Waiting]:
    parties = [judged.party(found.item, row.cells) for found, row in page]
    answers = resolve.resolve([Question(party.name, _given(party)) for party in parties], limit=1)
    unsure: dict[tuple[str, int], list[Judgement]] = {}
    for one in standing(judged.of_rows([(found.id, row.row) for found, row in page])):
        if one.verdict == Verdict.UNSURE:
            unsure.setdefault((one.submission, one.row), []).append(one)
    described = []
    for (found, row), party, answer in zip(page, parties, answers, strict=True):
        near = answer.candidates[0] if answer.candidates else None
        described.append(
            Waiting(
                found,
                row.row,
                party,
                row.reasons,
                near.name if near else "",
                near.score if near else None,
                tuple(unsure.get((found.id, row.row), ())),
            )
        )
    return described


def _given(party: Party) -> str:
    """The code of a party that says most."""
    return next(filter(None, (party.code, party.registration_no, party.organisation_code)), "")


def _with_unlinked(source: str | None) -> list[Submission]:
    """Receipts that have, or after mending came to have, rows without a subject; the oldest first."""
    found = receipts.files().filter(receipts.MAY_HAVE_UNLINKED, state="done").select_related("source")
    if source is not None:
        found = found.filter(source_id=source)
    return list(found.order_by("received_at", "id").distinct())


def _added(code: str) -> Subject:
    given = normalise_code(code)
    found = lookup.subject(given) if given.isascii() and given.isalnum() else None
    if found is None:
        raise Refusal(
            "subject.unknown",
            Text("主体库中没有这个代码", "the subject base has no such code"),
            where=Text(given[:40], given[:40]),
            remedy=Text("请核对代码，或先在查询页按名称查找", "check the code, or look the name up on the search page"),
        )
    return found
