"""An organisation's own records (本单位信息): all of them, public or not, each with its state, why, and what can be done.

Left out are records that were erased, and those taken off because they named the wrong organisation: they are not its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from chengxin.cases.repair import Eligibility, eligibility
from chengxin.disclosure.publication import WITHHELD
from chengxin.kernel.periods import today
from chengxin.kernel.text import Text
from chengxin.operations import casefacts, deliveries, held, matters
from chengxin.operations.deliveries import Delivered
from chengxin.operations.held import Held
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import State
from chengxin.records.model import SUBJECT_BASE
from chengxin.storage.models import Attachment, Case, LedgerBatch, LedgerItem, RecordKey, RecordVersion, Source


@dataclass(frozen=True)
class Own:
    """A record of the organisation (本单位的一条信息). ``eligibility`` is None for items that are not adverse."""

    record: Held
    eligibility: Eligibility | None
    why: Text | None
    """Why it is not public today; None where it is."""


@dataclass(frozen=True)
class Edition:
    """One statement of a record (信息版本): when, by whom, and what it changed: field → (before, after)."""

    at: datetime
    by: str
    changed: Mapping[str, tuple[str, str]]


def records(subject: str, *, day: date | None = None) -> list[Own]:
    """The records of a subject (id), the latest first."""
    on = day or today()
    found = [each for each in held.of_subject(subject, scope=None, day=on) if _own(each, subject)]
    known = matters.matters([each.id for each in found])
    barred = casefacts.barred(subject, on)
    rules = catalogue()
    return [
        Own(
            each,
            eligibility(known[each.id], day=on, catalogue=rules, barred_until=barred)
            if rules.items[each.item].adverse and each.id in known
            else None,
            why(each),
        )
        for each in found
    ]


def record(id: str, subject: str, *, day: date | None = None) -> Held:
    """One record of a subject (id). Raises Refusal ``record.not-held``: another's looks like one that does not exist."""
    found = held.held(id, scope=None, day=day)
    if not _own(found, subject):
        raise held.not_held()
    return found


def why(record: Held) -> Text | None:
    """Why a record is not public; None where it is."""
    if record.state is State.PUBLISHED:
        return None
    if record.state is State.WITHHELD:
        return WITHHELD.get(record.withheld, _STATES[State.WITHHELD])
    return _STATES[record.state]


def editions(id: str) -> list[Edition]:
    """The statements of a record in order, each with what it changed against the one before."""
    first = RecordKey.objects.get(id=bytes.fromhex(id)).seq
    seqs = sorted({first, *RecordVersion.objects.filter(record=first).values_list("seq", flat=True)})
    items = dict(LedgerItem.objects.filter(seq__in=seqs).values_list("seq", "content"))
    found: list[Edition] = []
    before: dict[str, str] = {}
    for seq in seqs:
        fields = orjson.loads(items.get(seq, "{}")).get("fields", {})
        batch = LedgerBatch.objects.filter(first_seq__lte=seq).order_by("-first_seq").first()
        assert batch is not None
        changed = {
            name: (before.get(name, ""), fields.get(name, ""))
            for name in (*fields, *before)
            if before.get(name, "") != fields.get(name, "")
        }
        found.append(Edition(datetime.fromisoformat(batch.at), batch.by, changed if before else {}))
        before = fields
    names = dict(Source.objects.filter(code__in={each.by for each in found}).values_list("code", "name"))
    return [Edition(each.at, names.get(each.by, each.by), each.changed) for each in found]


def received(id: str) -> list[Delivered]:
    """Who received the record through a keyed door, the latest delivery to each, the latest first."""
    latest = {each.recipient: each for each in deliveries.of_record(RecordKey.objects.get(id=bytes.fromhex(id)).seq)}
    return sorted(latest.values(), key=lambda each: each.at, reverse=True)


def commitment(id: str) -> tuple[Text, datetime] | None:
    """The public commitment an organisation has signed for a record whose repair is being decided, and when it signed.

    It stands on the record's public page and ends with it: a list of its own would outlive the record.
    """
    signed = (
        Attachment.objects.filter(case__record=id, case__kind="repair", case__closed_on__isnull=True, scanned="signed")
        .select_related("case")
        .order_by("-at")
        .first()
    )
    if signed is None:
        return None
    paper = catalogue().workflows[signed.case.workflow].papers[signed.paper]
    return filled(paper.text, signed.case), signed.at


def filled(text: Text, case: Case) -> Text:
    """The text of a paper with the facts of a case, which need not have begun."""
    body = Source.objects.filter(code=case.body).values_list("name", flat=True).first() or case.body
    places = {"subject": case.name, "document": case.document, "body": body}
    return Text(text.zh.format_map(places), text.en.format_map(places))


def _own(record: Held, subject: str) -> bool:
    """Registration is left out: it stands on the subject's page, has no term and is corrected by the register."""
    gone = record.state in (State.UNLINKED, State.ERASED)
    return record.subject == subject and record.item not in SUBJECT_BASE and not gone


_STATES: Mapping[State, Text] = {
    State.COMING: Text("公示尚未开始。", "Publication has not begun."),
    State.EXPIRED: Text("公示期已满，自动停止公示。", "The term has run and publication stopped by itself."),
    State.WITHHELD: Text("依规定不公示。", "Under the rules it is not published."),
    State.SUSPENDED: Text("公示暂停，原因见办理经过。", "Publication is suspended; what was done says why."),
    State.REPAIRED: Text(
        "已修复：停止公示、停止共享使用、解除措施。", "Repaired: publication, sharing, use and measures have ended."
    ),
    State.TAKEN_DOWN: Text("已紧急下线，等待复核。", "Taken down in haste; a second look is due."),
    State.WITHDRAWN: Text("来源单位已撤回，本信息不得再使用。", "Withdrawn by its source; it may no longer be used."),
}
