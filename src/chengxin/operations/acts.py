"""Acts (行为): what is done to a record after it was stated, as entries of the ledger, with their effect at once.

Entry, signed checkpoint and effect are one transaction: whoever reads after it sees the record as the act left it, and
``chengxin rebuild`` makes the same of the entries alone. What an act does stands in ``records.fold``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.db import connection, transaction
from django.utils import timezone

from chengxin.kernel.canonical import Canonical, encode
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger.model import Batch
from chengxin.operations import logkey, numbering, publishing
from chengxin.operations.rulebook import catalogue
from chengxin.operations.sequencing import together
from chengxin.records import fold
from chengxin.records.fold import EFFECTS, Done, Mark
from chengxin.records.model import Act
from chengxin.records.words import NAMES, STATES
from chengxin.storage import acts as stored
from chengxin.storage import sequencing
from chengxin.storage.acts import Standing
from chengxin.storage.ledger import Appender
from chengxin.subjects.free_text import without_persons


@dataclass(frozen=True)
class Entered:
    """What was entered (入账): number of the batch and of its first entry, size and root (hex) of the log after it."""

    batch: str
    first_seq: int
    size: int
    root: str


def enter(contents: Sequence[Mapping[str, object]], *, by: str, at: datetime | None = None) -> Entered:
    """Append acts in the order given, by the organisation with the code ``by``, and fold what they do to records.

    Each content has at least ``act`` and, for an act on a record, ``record`` (32 hex characters); ``kind`` and
    ``subject`` are then filled in. Other acts name their ``kind`` and whatever else; values are texts or mappings of
    texts. Joins the Django transaction under way; without one it is committed with others that come at the same time.
    Raises Refusal ``act.unknown-record``, ``act.not-now``, ``text.personal-number``.
    """
    if not contents:
        raise ValueError("nothing to enter")
    for content in contents:
        without_persons(*_typed(content))
    moment = at or timezone.now()
    if connection.in_atomic_block:
        return _enter(contents, by, moment)
    return together(lambda: _enter(contents, by, moment))


def _enter(contents: Sequence[Mapping[str, object]], by: str, moment: datetime) -> Entered:
    with transaction.atomic():
        ledger_session = sequencing.session()
        ids = (str(each["record"]) for each in contents if _on_record(each))
        standing = dict(stored.standings(filter(_is_id, ids)))
        batch = Batch(
            id=numbering.take(moment),
            at=moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            by=by,
            catalogue=catalogue().digest,
        )
        ledger = Appender(ledger_session, batch)
        before, day = dict(standing), today(moment)
        written = []
        for seq, content in enumerate(contents, ledger.first_seq):
            if _on_record(content):
                content = _fold(standing, content, seq, day)
            written.append(encode(_texts(content)))
        ledger.add(written)
        size, root, _ = ledger.close(logkey.signed)
        stored.store([(before[id], now) for id, now in standing.items() if now != before[id]])
        transaction.on_commit(publishing.publish)
        for id, now in standing.items():
            if Mark.ERASED in now.marks and Mark.ERASED not in before[id].marks:
                stored.blank(now.seq, now.acts[-1].seq)
    return Entered(batch.id, ledger.first_seq, size, root.hex())


def on_record(act: Act, record: str, *, by: str, **details: object) -> Entered:
    """Enter one act on one record; see :func:`enter`."""
    return enter([{"act": act.value, "record": record, **details}], by=by)


def unlink(record: str, *, by: str, reason: str) -> Entered:
    """End a record that was made under the wrong subject: it leaves every output, and may be stated again.

    No public notice follows: the decision stands, and a notice would name whom it was not about.
    """
    return on_record(Act.UNLINK, record, by=by, reason=reason)


def standing_of(record: str) -> Standing:
    """The record (hex id) as acts have left it. Raises Refusal ``act.unknown-record``."""
    found = stored.standings([record]).get(record) if _is_id(record) else None
    if found is None:
        raise _unknown(record)
    return found


def _on_record(content: Mapping[str, object]) -> bool:
    return content["act"] in _ON_RECORDS and "record" in content


_ON_RECORDS = frozenset(act.value for act in EFFECTS if act is not Act.STATE)


def _fold(standing: dict[str, Standing], content: Mapping[str, object], seq: int, day: date) -> Mapping[str, object]:
    """Let one act count for its record; returns the content with what the platform knows of the record filled in."""
    id, act = str(content["record"]), Act(str(content["act"]))
    before = standing.get(id)
    if before is None:
        raise _unknown(id)
    if not fold.may(act, before.marks):
        raise _not_now(act, before)
    now = replace(before, marks=fold.after(before.marks, act), acts=(*before.acts, Done(seq, act, day)))
    if act is Act.ERASE:
        now = replace(now, starts=None, ends=None)
    standing[id] = now
    # an erasure says which record it was, never whom it was about: that would be kept for ever
    known = {"subject": before.subject} if before.subject and act is not Act.ERASE else {}
    return {"kind": before.item, **known, **content}


def _typed(content: Mapping[str, object]) -> list[str]:
    """What people typed into an act: reason, paper and the fields of a form; the rest is ids and codes."""
    fields = content.get("fields")
    said = [content.get("reason"), content.get("paper"), *(fields.values() if isinstance(fields, Mapping) else ())]
    return [str(each) for each in said if each is not None]


def _texts(content: Mapping[str, object]) -> Canonical:
    return {
        key: _texts(value) if isinstance(value, Mapping) else str(value)
        for key, value in content.items()
        if value is not None
    }


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(char in "0123456789abcdef" for char in text)


def _unknown(record: str) -> Refusal:
    return Refusal(
        "act.unknown-record",
        Text("没有这个编号的信息", "no record has this number"),
        where=Text(record[:40], record[:40]),
        remedy=Text("请核对信息编号", "check the record's number"),
    )


def _not_now(act: Act, standing: Standing) -> Refusal:
    effect = EFFECTS[act]
    against = standing.marks & effect.bars
    if against:
        zh, en = "、".join(STATES[mark].zh for mark in against), ", ".join(STATES[mark].en for mark in against)
        what = Text(f"该信息{zh}，不能再作“{NAMES[act].zh}”", f"the record is {en}; {NAMES[act].en} cannot be entered")
    else:
        missing = effect.needs & ~standing.marks
        zh, en = "、".join(STATES[mark].zh for mark in missing), ", ".join(STATES[mark].en for mark in missing)
        what = Text(
            f"该信息并非{zh}，不能作“{NAMES[act].zh}”", f"the record is not {en}; {NAMES[act].en} cannot be entered"
        )
    return Refusal(
        "act.not-now",
        what,
        where=Text(standing.id, standing.id),
        remedy=Text("请查看该信息的现状和历次记录后再办理", "look at the record's present state and history first"),
    )
