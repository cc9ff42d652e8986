"""Watching other logs (见证他方日志): the witness side. Another platform shows us its checkpoints, we cosign what has only grown.

``CHENGXIN_WITNESS_LOGS`` names a policy file whose ``log`` lines are the logs we are a witness of; without it we are none.
The head we stand by is stored before the cosignature leaves the house, and only ever replaced by a larger one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from chengxin.ledger import bundle, witness
from chengxin.ledger.verify import Checkpoint, Key, parse_note
from chengxin.ledger.witness import Decision, Request, Verdict
from chengxin.operations import keyring
from chengxin.operations.policy import read_policy
from chengxin.storage.models import SplitView, WatchedLog

log = logging.getLogger("chengxin.witness")
USE = "witness"
"""What our witness key is called in the key ring."""


@dataclass(frozen=True)
class Answer:
    """What a witness answers: HTTP status, body, media type."""

    status: int
    body: str = ""
    media: str = "text/plain; charset=utf-8"


def logs() -> Sequence[Key]:
    """Keys of the logs we are a witness of; none when we are no witness. Raises Refusal ``log.policy``."""
    if not settings.WITNESS_LOGS:
        return []
    return [key for key, _ in read_policy(Path(settings.WITNESS_LOGS)).logs]


def verifier() -> str:
    """Our public key as a witness, as one line for others' policy files."""
    return witness.witness_key(settings.WITNESS_NAME, _key()).line


def renew() -> str:
    """Put a new witness key in place of the old one, which is destroyed: for a witness that may have forgotten what it
    signed. Returns the new public key as one line."""
    with keyring.changing() as ring:
        ring[:] = [key for key in ring if key.use != USE]
    return verifier()


def add_checkpoint(body: str, *, now: datetime) -> Answer:
    """Answer an add-checkpoint request (C2SP tlog-witness)."""
    keys = logs()
    try:
        request = witness.parse_request(body)
    except ValueError as error:
        return Answer(Verdict.MALFORMED, f"{error}\n")
    early = witness.decide(request, keys, None)
    if early.head is None or early.verdict == Verdict.MALFORMED:
        return Answer(early.verdict)  # before any lock is taken: strangers cost us a signature check at most
    decision, stands = _stand(request, keys, early.head.origin, now)
    if decision.verdict == Verdict.CONFLICT:
        return Answer(Verdict.CONFLICT, f"{stands.size if stands else 0}\n", witness.SIZE_TYPE)
    if decision.verdict != Verdict.COSIGN:
        log.warning("witness: %s refused for %s", decision.verdict.name, early.head.origin)
        return Answer(decision.verdict)
    line = witness.cosign(parse_note(request.note).text, settings.WITNESS_NAME, _key(), int(now.timestamp()))
    return Answer(Verdict.COSIGN, line)


def _stand(request: Request, keys: Sequence[Key], origin: str, now: datetime) -> tuple[Decision, Checkpoint | None]:
    """Decide against the stored head and store the new one, as one step that nobody can come between."""
    WatchedLog.objects.get_or_create(origin=origin, defaults={"size": 0, "root": "", "note": "", "cosigned_at": now})
    with transaction.atomic():
        row = WatchedLog.objects.select_for_update().get(origin=origin)
        stands = Checkpoint(origin, row.size, bytes.fromhex(row.root)) if row.note else None
        decision = witness.decide(request, keys, stands)
        head = decision.head
        if decision.split:
            _keep(row.note, request.note, origin, keys, now)
        if decision.verdict == Verdict.COSIGN and head is not None:
            row.size, row.root, row.note, row.cosigned_at = head.size, head.root.hex(), request.note, now
            row.save()
    return decision, stands


def _keep(first: str, second: str, origin: str, keys: Sequence[Key], now: datetime) -> None:
    """Keep two signed heads that contradict each other: the log itself has signed the evidence."""
    log.error("witness: %s has signed two roots for one size", origin)
    evidence = bundle.split(first=first, second=second, path=[], keys=[k.line for k in keys if k.name == origin])
    fingerprint = sha256((parse_note(first).text + parse_note(second).text).encode()).hexdigest()
    SplitView.objects.get_or_create(
        fingerprint=fingerprint, defaults={"origin": origin, "found_at": now, "proof": evidence}
    )


def _key() -> Ed25519PrivateKey:
    return keyring.private_key(USE)
