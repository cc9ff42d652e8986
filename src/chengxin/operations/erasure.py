"""Erasure (依法删除): a record's content goes from everywhere it lies; its entries and every proof of them stay.

One officer proposes, another confirms. Confirming enters the act in the log, deletes the items it names and empties what
was made of them, all in one transaction: from then on no door answers. What a deleted row leaves in free pages, files and
copies is purged right after (``finish``), and what only an administrator can reach is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chengxin.catalogue.laws import Basis
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import accounts, acts, backups, exported, traces
from chengxin.operations.manifest import lines, write_lines
from chengxin.operations.rulebook import catalogue
from chengxin.operations.shredding import shred
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.storage import purging, sequencing
from chengxin.storage.models import ErasedItem, Erasure, LedgerItem, Submission
from chengxin.subjects.free_text import without_persons

SPILL_SECONDS = 86_400
"""No run of the engine takes longer: scratch files older than this were left behind."""


@dataclass(frozen=True)
class State:
    """Where an order to erase stands (办理状态)."""

    id: str
    words: Text


PROPOSED = State("proposed", Text("待第二人确认", "waits for a second officer"))
REJECTED = State("rejected", Text("已退回", "rejected"))
ERASED = State("erased", Text("已删除，正在清除残留", "erased, remains are being purged"))
PURGED = State("purged", Text("已删除并清除残留", "erased and purged"))


def state(erasure: Erasure) -> State:
    """What has become of an order."""
    if erasure.decided_at is None:
        return PROPOSED
    if erasure.act is None:
        return REJECTED
    return ERASED if erasure.purged_at is None else PURGED


def officer(name: str) -> accounts.Principal:
    """The officer of the credit centre with this user name. Raises Refusal ``erase.officer``."""
    user = accounts.find(name)
    if user is None or not user.sees_all:
        raise Refusal(
            "erase.officer",
            Text("只有信用中心人员可以办理删除", "only an officer of the credit centre may erase"),
            basis="docs/adr/0013-erasure.md",
            remedy=Text("请以信用中心人员的账号办理", "use the account of an officer"),
        )
    return user


def basis_of(text: str) -> Basis:
    """A basis as ``law/article``, both ids of the catalogue. Raises Refusal ``erase.basis``."""
    law, _, article = text.partition("/")
    known = catalogue().laws.get(law)
    if known is None or article not in known.articles:
        raise Refusal(
            "erase.basis",
            Text(f"目录中没有依据 {text}", f"the catalogue knows no basis {text}"),
            remedy=Text(
                "写成 法规编号/条款编号，例如 geren-xinxi-baohu-fa/47；见 /rules/laws/",
                "write law/article, for example geren-xinxi-baohu-fa/47; see /rules/laws/",
            ),
        )
    return Basis(law, article)


def propose(*, record: str, basis: Basis, paper: str, by: str) -> Erasure:
    """Propose that a record (32 hex characters) be erased. ``paper`` is the number of the order or decision it follows.

    Raises Refusal: ``erase.officer``, ``act.unknown-record``, ``erase.registration``, ``erase.erased``, ``erase.open``.
    """
    officer(by)
    without_persons(paper)
    standing = acts.standing_of(record)
    if "document_no" not in catalogue().items[standing.item].roles:
        raise Refusal(
            "erase.registration",
            Text("登记信息不在此删除", "what the register states is not erased here"),
            where=Text(record, record),
            remedy=Text("由登记机关报送变更或注销", "the registering department reports the change or cancellation"),
        )
    if Mark.ERASED in standing.marks:
        raise Refusal(
            "erase.erased", Text("该信息已经删除", "the record is erased already"), where=Text(record, record)
        )
    if (before := waiting(record)) is not None:
        raise _open(before)
    return Erasure.objects.create(
        record=record,
        item=standing.item,
        law=basis.law,
        article=basis.article,
        paper=paper.strip(),
        proposed_by=by,
        proposed_at=timezone.now(),
    )


def waiting(record: str) -> Erasure | None:
    """The proposal that waits for a second officer."""
    return Erasure.objects.filter(record=record, decided_at=None).first()


def count_waiting() -> int:
    """How many proposals wait for a second officer."""
    return Erasure.objects.filter(decided_at=None).count()


def of_record(record: str) -> Erasure:
    """The last order about a record. Raises Refusal ``erase.nothing``."""
    found = Erasure.objects.filter(record=record).order_by("-id").first()
    if found is None:
        raise _nothing(record)
    return found


def confirm(*, record: str, basis: Basis, by: str) -> Erasure:
    """Confirm what another officer proposed: the record is erased when this returns; ``finish`` purges the rest.

    ``basis`` is what the second officer read. Raises Refusal: ``erase.officer``, ``erase.nothing`` (no proposal waits),
    ``erase.same-person``, ``erase.other-basis``.
    """
    confirming = officer(by)
    found = _waiting(record)
    if found.proposed_by == by:
        raise Refusal(
            "erase.same-person",
            Text("提出和确认须为两人", "the one who proposes cannot confirm"),
            where=Text(record, record),
            basis="docs/adr/0013-erasure.md",
            remedy=Text("请由另一名信用中心人员确认", "another officer of the credit centre has to confirm"),
        )
    if Basis(found.law, found.article) != basis:
        raise Refusal(
            "erase.other-basis",
            Text("提出时的依据与此不同", "it was proposed on another basis"),
            where=Text(f"{found.law}/{found.article}", f"{found.law}/{found.article}"),
            remedy=Text("请核对；不同意时退回", "compare them; reject it if you do not agree"),
        )
    with transaction.atomic():
        sequencing.session()  # nothing is added to the record between finding its traces and removing them
        traced = traces.find(record)
        locked = Erasure.objects.select_for_update().filter(id=found.id, decided_at=None).first()
        if locked is None:
            raise _nothing(record)
        entered = acts.on_record(
            Act.ERASE,
            record,
            by=confirming.source,
            entries=" ".join(map(str, traced.entries)),
            basis={"law": found.law, "article": found.article},
            paper=found.paper or None,
            proposed_by=found.proposed_by,
            confirmed_by=by,
        )
        ErasedItem.objects.bulk_create(ErasedItem(seq=seq, act=entered.first_seq) for seq in traced.entries)
        LedgerItem.objects.filter(seq__in=traced.entries).delete()
        traces.remove(traced)
        locked.decided_by, locked.decided_at, locked.act = by, timezone.now(), entered.first_seq
        locked.staged = list(traced.submissions)
        locked.save()
    _remember(locked, traced.entries)
    return locked


def reject(*, record: str, by: str) -> Erasure:
    """Turn a proposal down; the proposer may take it back this way too. Raises ``erase.officer``, ``erase.nothing``."""
    officer(by)
    found = _waiting(record)
    found.decided_by, found.decided_at = by, timezone.now()
    found.save(update_fields=["decided_by", "decided_at"])
    return found


def finish(*, again: bool = False) -> list[Erasure]:
    """Purge what is left of everything erased: staged files, exports, free pages; note which backups hold it.

    May be broken off and run again at any time. The worker calls it whenever something waits; ``again`` also looks after
    what was purged before.
    """
    orders = Erasure.objects.filter(act__isnull=False).order_by("act")
    erased = list(orders if again else orders.filter(purged_at=None))
    if not erased:
        return []
    # what came back after its erasure goes again
    LedgerItem.objects.filter(seq__in=ErasedItem.objects.values("seq")).delete()
    for each in erased:
        for submission in Submission.objects.filter(id__in=each.staged).exclude(upload=""):
            shred(Path(submission.upload))
            Submission.objects.filter(id=submission.id).update(upload="")
        exported.remove(each.record, each.item)
    _sweep_spill()
    left = [text.to_dict() for text in purging.purge()]
    for each in erased:
        assert each.act is not None
        entries = list(ErasedItem.objects.filter(act=each.act).values_list("seq", flat=True))
        holding = [_in_backup(copy) for copy in backups.erased(each.act, entries)]
        each.left, each.purged_at = [*left, *holding], timezone.now()
        each.save(update_fields=["left", "purged_at"])
    return erased


def _sweep_spill() -> None:
    """The engine's scratch files are gone when it ends, but not when it was killed."""
    long_ago = timezone.now().timestamp() - SPILL_SECONDS
    for path in (Path(settings.HOME) / "spill").rglob("*"):
        if path.is_file() and path.stat().st_mtime < long_ago:
            shred(path)


def listing(*, limit: int = 200) -> list[Erasure]:
    """Orders, those that wait first, then the newest."""
    open_ones = list(Erasure.objects.filter(decided_at=None).order_by("proposed_at")[:limit])
    return open_ones + list(Erasure.objects.exclude(decided_at=None).order_by("-decided_at")[: limit - len(open_ones)])


def lost() -> list[dict[str, str]]:
    """Records that were erased once and are not erased in this database: an old backup was put back.

    They have to be proposed and confirmed anew; ``{record, basis, paper}`` of each.
    """
    erased = set(Erasure.objects.filter(act__isnull=False).values_list("record", flat=True))
    return [
        {"record": line["record"], "basis": f"{line['law']}/{line['article']}", "paper": line["paper"]}
        for line in lines(_path())
        if line["record"] not in erased
    ]


def told(erasure: Erasure) -> dict[str, object]:
    """An order as plain values, for the command line."""
    return {
        "record": erasure.record,
        "item": erasure.item,
        "state": state(erasure).id,
        "basis": f"{erasure.law}/{erasure.article}",
        "paper": erasure.paper,
        "proposed_by": erasure.proposed_by,
        "decided_by": erasure.decided_by,
        "act": erasure.act,
        "left": erasure.left,
    }


def _waiting(record: str) -> Erasure:
    found = waiting(record)
    if found is None:
        raise _nothing(record)
    return found


def _remember(erasure: Erasure, entries: Sequence[int]) -> None:
    """Outside the database too: a backup that is put back does not know what was erased after it."""
    line = {
        "record": erasure.record,
        "law": erasure.law,
        "article": erasure.article,
        "paper": erasure.paper,
        "at": erasure.decided_at,
        "entries": list(entries),
    }
    write_lines(_path(), [*lines(_path()), line])


def _path() -> Path:
    return Path(settings.HOME) / "erased.ndjson"


def _in_backup(copy: backups.Backup) -> dict[str, str]:
    return dict(
        Text(
            f"备份 {copy.id} 仍含有内容：另作新备份后运行 chengxin backup destroy {copy.id}",
            f"backup {copy.id} still holds it: make a new one, then run chengxin backup destroy {copy.id}",
        ).to_dict()
    )


def _open(waiting: Erasure) -> Refusal:
    return Refusal(
        "erase.open",
        Text(f"已由 {waiting.proposed_by} 提出，待确认", f"{waiting.proposed_by} has proposed this already"),
        where=Text(waiting.record, waiting.record),
        remedy=Text("请由另一名信用中心人员确认或退回", "another officer confirms or rejects it"),
    )


def _nothing(record: str) -> Refusal:
    return Refusal(
        "erase.nothing",
        Text("没有待确认的删除", "no erasure of this record waits for confirmation"),
        where=Text(record[:40], record[:40]),
        remedy=Text("它可能已由同事办理，请刷新", "a colleague may have dealt with it; look again"),
    )
