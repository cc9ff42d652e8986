"""Repair certificate (信用修复证明): that a record was repaired, who had received it, when each was told and confirmed.

The text is signed with the log's key, and its digest is an entry of the log: so nobody can later say it read otherwise.
The log holds the digest only, because recipients are nobody else's business; the text is for the organisation, the body
that decided, and the credit centre. It can be asked for again: each issue is an entry of its own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import transaction
from django.utils import timezone

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import acts, deliveries, logkey, notifications, proofs, sources
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.storage import acts as stored
from chengxin.storage.models import Certificate, Notification

ACT = "certificate"
NOTE = "/certificate"


@dataclass(frozen=True)
class Reached:
    """A recipient of the record (接收单位): first and last delivery, when it was told of the repair and confirmed."""

    code: str
    name: str
    first: str
    last: str
    told_at: str | None
    confirmed_at: str | None


@dataclass(frozen=True)
class Issued:
    """A certificate as issued: entry in the log, the text as values, note over it, proof that its digest is in the log
    (None while the published checkpoint does not cover it)."""

    entry: int
    certificate: Mapping[str, object]
    text: str
    note: str
    at: datetime
    proof: Mapping[str, object] | None


def issue(record: str, *, by: str = "", now: datetime | None = None) -> Issued:
    """Issue a certificate of how things stand now, by the organisation ``by`` (default: the centre).

    Raises Refusal ``certificate.not-repaired``, ``act.unknown-record``.
    """
    moment = now or timezone.now()
    notifications.make(now=moment)
    with transaction.atomic():
        standing = acts.standing_of(record)
        if Mark.REPAIRED not in standing.marks:
            raise Refusal(
                "certificate.not-repaired",
                Text("该信息没有修复，或修复已被撤销", "the record is not repaired, or its repair was undone"),
                where=Text(record, record),
                remedy=Text("修复决定作出后再开具", "ask again once the repair is decided"),
            )
        repair = stored.told((Act.REPAIR,), record=record, newest=True, limit=1)[0]
        told = reached(standing.seq, repair.seq)
        text = orjson.dumps(
            {
                "certificate": "chengxin-repair-certificate-v1",
                "record": record,
                "item": standing.item,
                "subject": standing.subject,
                "repaired": {"entry": repair.seq, "at": repair.at, "by": repair.by},
                "issued_at": _moment(moment),
                "recipients": told,
                "unconfirmed": sum(each.confirmed_at is None for each in told),
            }
        ).decode()
        digest = hashlib.sha256(text.encode()).digest()
        entered = acts.enter(
            [{"act": ACT, "kind": standing.item, "record": record, "digest": digest.hex()}],
            by=by or sources.operator(),
            at=moment,
        )
        note = logkey.signed(len(text.encode()), digest, NOTE)
        Certificate.objects.create(seq=entered.first_seq, record=record, body=text, note=note, at=moment)
    found = latest(record)
    if found is None:
        raise LookupError(record)
    return found


def latest(record: str) -> Issued | None:
    """The certificate issued last; None where there is none, or it was erased with the record."""
    row = Certificate.objects.filter(record=record).order_by("-seq").first()
    if row is None or not row.body:
        return None
    try:
        proof = proofs.of_entry(row.seq)
    except Refusal:
        proof = None
    return Issued(row.seq, orjson.loads(row.body), row.body, row.note, row.at, proof)


def reached(first: int, repair: int) -> list[Reached]:
    """Every recipient of the record before it was repaired, with what it was told about the repair (its entry)."""
    told = {
        code: (at, confirmed)
        for code, at, confirmed in Notification.objects.filter(record=first, seq=repair).values_list(
            "recipient__code", "told_at", "acknowledged_at"
        )
    }
    found: dict[str, Reached] = {}
    for each in deliveries.of_record(first):
        at, confirmed = told.get(each.recipient, (None, None))
        begun = found[each.recipient].first if each.recipient in found else _moment(each.at)
        found[each.recipient] = Reached(
            *(each.recipient, each.name, begun, _moment(each.at)),
            *(_moment(moment) if moment else None for moment in (at, confirmed)),
        )
    return list(found.values())


def forget(record: str) -> int:
    """Take the text of all certificates of an erased record away; returns how many. Inside the erasing transaction."""
    return Certificate.objects.filter(record=record).exclude(body="").update(body="")


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")


def plain(issued: Issued) -> Mapping[str, object]:
    """A certificate as a file: the text exactly as signed, note, entry and proof."""
    return {
        "format": "chengxin-repair-certificate-v1",
        "text": issued.text,
        "note": issued.note,
        "entry": issued.entry,
        "proof": issued.proof,
    }
