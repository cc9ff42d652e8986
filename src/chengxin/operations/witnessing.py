"""Witnessing (检查点见证): our checkpoints are shown to the witnesses of the policy file, and published with what they sign.

``CHENGXIN_LOG_POLICY`` names a C2SP tlog-policy file: who our witnesses are, where they listen, how many are enough. Below
that number a checkpoint is published with the cosignatures it has, marked as such; or, with
``CHENGXIN_LOG_BELOW_QUORUM=hold``, the last one that had enough stays the published one until the next has.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import proof
from chengxin.ledger.verify import Key, Policy, parse_key, parse_note
from chengxin.ledger.witness import SIZE_TYPE, Request, Verdict, cosigned_by
from chengxin.operations import fetching, logtiles, publishing
from chengxin.operations.policy import read_policy
from chengxin.operations.publishing import Published
from chengxin.storage.models import Cosignature, LedgerBatch, WitnessContact

log = logging.getLogger("chengxin.witness")
Ask = Callable[[str, bytes], fetching.Reply]
_LOOK_BACK = 1000
"""Cosigned checkpoints looked through for the last one with enough witnesses."""


class Quorum(StrEnum):
    """Whether enough witnesses cosigned (见证情况)."""

    NONE = "none"  # 未设见证方
    REACHED = "reached"  # 已达到
    BELOW = "below"  # 未达到


class Outcome(StrEnum):
    """What came of asking a witness (联系结果)."""

    COSIGNED = "cosigned"
    UNREACHABLE = "unreachable"
    UNKNOWN_LOG = "unknown-log"
    UNKNOWN_KEY = "unknown-key"
    REFUSED = "refused"
    WRONG_SIGNATURE = "wrong-signature"
    AHEAD = "ahead"
    CONFLICT = "conflict"


SAYINGS: Mapping[Outcome, Text] = {
    Outcome.COSIGNED: Text("已签名", "cosigned"),
    Outcome.UNREACHABLE: Text("联系不上", "not reached"),
    Outcome.UNKNOWN_LOG: Text("对方没有登记本日志", "does not know our log"),
    Outcome.UNKNOWN_KEY: Text("对方登记的公钥不是本日志的", "knows another key for our log"),
    Outcome.REFUSED: Text("对方不接受一致性证明", "does not accept our proof of consistency"),
    Outcome.WRONG_SIGNATURE: Text("对方的签名与规则文件中的公钥不符", "its signature does not fit the policy's key"),
    Outcome.AHEAD: Text(
        "对方见过更大的日志：本日志可能是从旧备份恢复的，请停止写入并核查",
        "has seen a larger log: ours may come from an old backup; stop writing and find out",
    ),
    Outcome.CONFLICT: Text(
        "对方见过同样大小、根不同的日志：本日志出现分叉，请停止写入并核查",
        "has seen another log of the same size: ours has split; stop writing and find out",
    ),
}
_REFUSALS: Mapping[int, Outcome] = {
    Verdict.MALFORMED: Outcome.REFUSED,
    Verdict.UNTRUSTED: Outcome.UNKNOWN_KEY,
    Verdict.UNKNOWN: Outcome.UNKNOWN_LOG,
    Verdict.INCONSISTENT: Outcome.REFUSED,
}
ALARMS = frozenset({Outcome.AHEAD, Outcome.CONFLICT, Outcome.REFUSED})
"""Outcomes that say that the log itself may be wrong, not only the way to the witness."""


_NOBODY = Policy((), {}, {"nobody": (1, ())}, "nobody")
"""In the place of a policy file that cannot be read: there are never enough witnesses."""


@dataclass(frozen=True)
class Head:
    """The checkpoint that everybody is given (公布的检查点): ``note`` with all cosignatures, ``root`` 32 bytes,
    ``cosigned`` pairs of key name and moment, ``newest`` whether no newer one is being held back."""

    size: int
    root: bytes
    at: datetime
    note: str
    cosigned: tuple[tuple[str, datetime], ...]
    quorum: Quorum
    newest: bool


@dataclass(frozen=True)
class Contact:
    """One witness and what came of asking it; ``size`` is where it stands."""

    witness: str
    outcome: Outcome
    size: int

    @property
    def alarm(self) -> bool:
        return self.outcome in ALARMS


def policy() -> Policy | None:
    """The policy in force; None when no file is named. Raises Refusal ``log.policy`` when the file cannot be used."""
    path = Path(settings.LOG_POLICY) if settings.LOG_POLICY else None
    return read_policy(path) if path else None


def head() -> Head | None:
    """The checkpoint that everybody is given; None before the first one (or the first with enough witnesses)."""
    newest = publishing.published()
    if newest is None:
        return None
    try:
        rules = policy()
    except Refusal as refusal:  # a slip in the file must not take every page of a record down
        log.error("%s: %s", refusal.rule, refusal.where.en)
        rules = _NOBODY
    if rules is None:
        return _head(newest, {}, Quorum.NONE, True)
    found = _cosignatures(newest, rules)
    if rules.satisfied(set(found)):
        return _head(newest, found, Quorum.NONE if rules.quorum == "none" else Quorum.REACHED, True)
    if settings.LOG_BELOW_QUORUM != "hold":
        return _head(newest, found, Quorum.BELOW, True)
    for size in Cosignature.objects.order_by("-size").values_list("size", flat=True).distinct()[:_LOOK_BACK]:
        if (older := _at(size)) is not None:
            found = _cosignatures(older, rules)
            if rules.satisfied(set(found)):
                return _head(older, found, Quorum.REACHED, False)
    return None


def collect(*, now: datetime, ask: Ask = fetching.fetch) -> list[Contact]:
    """Ask each witness that has not signed our newest checkpoint yet; stores what they sign and what became of it."""
    rules, newest = policy(), publishing.published()
    if rules is None or newest is None:
        return []
    done = _cosignatures(newest, rules)
    stands = dict(WitnessContact.objects.values_list("witness", "size"))
    asked = {
        name: _request(stands.get(key.line, 0), newest)
        for name, (key, url) in rules.witnesses.items()
        if url and name not in done
    }
    contacts = []
    for last in (False, True):  # a witness that stands elsewhere says where, and is asked once more from there
        again = {}
        for name, reply in _ask_all(rules, asked, ask).items():
            told = _told_size(reply)
            if not last and told is not None and told != asked[name].old and told <= newest.size:
                again[name] = _request(told, newest)
            else:
                contacts.append(_settle(name, rules.witnesses[name][0], newest, reply, now))
        asked = again
    return contacts


def contacts() -> list[tuple[str, str, WitnessContact | None]]:
    """Name, address and last contact of every witness of the policy."""
    rules = policy()
    if rules is None:
        return []
    known = {each.witness: each for each in WitnessContact.objects.all()}
    return [(name, url, known.get(key.line)) for name, (key, url) in rules.witnesses.items()]


def keys() -> list[str]:
    """Our witnesses' public keys as lines."""
    rules = policy()
    return [key.line for key, _ in rules.witnesses.values()] if rules else []


def _head(signed: Published, found: Mapping[str, Cosignature], quorum: Quorum, newest: bool) -> Head:
    note = signed.note + "".join(each.line for each in found.values())
    cosigned = tuple((parse_key(each.witness).name, each.signed_at) for each in found.values())
    return Head(signed.size, signed.root, datetime.fromisoformat(signed.at), note, cosigned, quorum, newest)


def _at(size: int) -> Published | None:
    """The checkpoint over the first ``size`` entries, None where no batch ends there."""
    batch = LedgerBatch.objects.filter(first_seq__lt=size).order_by("-first_seq").first()
    if batch is None or batch.first_seq + batch.size != size:
        return None
    return Published(size, bytes.fromhex(batch.root), batch.checkpoint, batch.at)


def _cosignatures(signed: Published, rules: Policy) -> dict[str, Cosignature]:
    """Policy name → cosignature under this checkpoint, in the order of the policy."""
    found = {each.witness: each for each in Cosignature.objects.filter(size=signed.size, root=signed.root.hex())}
    return {name: found[key.line] for name, (key, _) in rules.witnesses.items() if key.line in found}


def _request(old: int, newest: Published) -> Request:
    """What a witness that stands at ``old`` is asked; one that stands beyond us is asked as if it knew nothing."""
    old = old if old <= newest.size else 0
    return Request(old, proof.consistency(old, newest.size, logtiles.read), newest.note)


def _ask_all(rules: Policy, asked: Mapping[str, Request], ask: Ask) -> dict[str, fetching.Reply | None]:
    def one(name: str) -> fetching.Reply | None:
        try:
            return ask(rules.witnesses[name][1].rstrip("/") + "/add-checkpoint", asked[name].body().encode())
        except OSError as error:
            log.warning("witness %s: %s", name, error)
            return None

    with ThreadPoolExecutor(8) as pool:
        return dict(zip(asked, pool.map(one, asked), strict=True))


def _told_size(reply: fetching.Reply | None) -> int | None:
    if reply is None or reply.status != Verdict.CONFLICT or reply.media != SIZE_TYPE:
        return None
    digits = reply.body.strip()
    return int(digits) if digits.isdigit() and len(digits) < 20 else None


def _settle(name: str, key: Key, newest: Published, reply: fetching.Reply | None, now: datetime) -> Contact:
    """Store a witness's final answer."""
    told = _told_size(reply)
    if reply is None:
        outcome = Outcome.UNREACHABLE
    elif reply.status == Verdict.COSIGN:
        outcome = Outcome.COSIGNED if _take(key, newest, reply) else Outcome.WRONG_SIGNATURE
    elif reply.status == Verdict.CONFLICT:
        outcome = Outcome.AHEAD if told is not None and told > newest.size else Outcome.CONFLICT
    else:
        outcome = _REFUSALS.get(reply.status, Outcome.UNREACHABLE)
    if outcome in ALARMS:
        log.error("witness %s: %s", name, SAYINGS[outcome].en)
    contact, _ = WitnessContact.objects.get_or_create(witness=key.line, defaults={"at": now, "outcome": ""})
    contact.at, contact.outcome = now, outcome.value
    contact.size = newest.size if outcome == Outcome.COSIGNED else told or contact.size
    contact.save()
    return Contact(name, outcome, contact.size)


def _take(key: Key, newest: Published, reply: fetching.Reply) -> bool:
    """Store the cosignature in an answer; False when it holds none by this witness."""
    try:
        signed = cosigned_by(parse_note(newest.note).text, reply.text(), key)
    except ValueError:
        signed = None
    if signed is None:
        return False
    line, moment = signed
    Cosignature.objects.get_or_create(
        size=newest.size,
        root=newest.root.hex(),
        witness=key.line,
        defaults={"line": line, "signed_at": datetime.fromtimestamp(moment, UTC)},
    )
    return True
