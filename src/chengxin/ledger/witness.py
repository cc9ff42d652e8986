"""Witness (见证方): the C2SP tlog-witness protocol as values — what is asked, what a witness decides, how it signs.

A witness stands by one head of each log it knows. It signs a newer one only after seeing a proof that the log has only
grown since, so two stories told to two people cannot both carry its cosignature.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chengxin.ledger.bundle import texts
from chengxin.ledger.verify import (
    WITNESS_KEY,
    Checkpoint,
    Key,
    Note,
    consistent,
    cosigned_message,
    parse_checkpoint,
    parse_note,
)

SIZE_TYPE = "text/x.tlog.size"
MOST_HASHES = 63
MOST_BYTES = 64 * 1024
"""A request holds at most 63 hashes and a checkpoint with its signatures."""


class Verdict(IntEnum):
    """What becomes of a request (见证结论); the values are the HTTP statuses of the protocol."""

    COSIGN = 200
    MALFORMED = 400
    UNTRUSTED = 403  # no signature by a key we know for this log
    UNKNOWN = 404  # no such log here
    CONFLICT = 409  # we stand elsewhere: the answer says where
    INCONSISTENT = 422  # the proof does not hold


@dataclass(frozen=True)
class Request:
    """An add-checkpoint request: the size the witness is believed to stand at, the proof from there, the new note."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def body(self) -> str:
        return "\n".join([f"old {self.old}", *texts(self.path), "", self.note])


def parse_request(body: str) -> Request:
    """The request in a body; raises ValueError when it is none."""
    head, separator, note = body.partition("\n\n")
    first, *lines = head.split("\n")
    digits = first.removeprefix("old ")
    if not separator or not first.startswith("old ") or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a request is an old size, a proof, an empty line and a checkpoint")
    if str(int(digits)) != digits or len(lines) > MOST_HASHES:
        raise ValueError("the old size has leading zeroes, or the proof is too long")
    path = tuple(base64.b64decode(line, validate=True) for line in lines)
    if any(len(each) != 32 for each in path):
        raise ValueError("a hash has 32 bytes")
    return Request(int(digits), path, note)


@dataclass(frozen=True)
class Decision:
    """What a witness decides: ``head`` is the checkpoint of the note where it could be read and is truly the log's;
    ``split`` says that the log has signed two roots for one size."""

    verdict: Verdict
    head: Checkpoint | None = None
    split: bool = False


def decide(request: Request, keys: Sequence[Key], stands: Checkpoint | None) -> Decision:
    """Judge a request against the log's ``keys`` (of any log we know) and the head we stand by, None when there is none.

    The order of the checks is that of the protocol.
    """
    try:
        note = parse_note(request.note)
        head = parse_checkpoint(note.text)
    except ValueError:
        return Decision(Verdict.MALFORMED)
    own = [key for key in keys if key.name == head.origin]
    if not own:
        return Decision(Verdict.UNKNOWN)
    if not _signed(note, own):
        return Decision(Verdict.UNTRUSTED)
    if request.old > head.size:
        return Decision(Verdict.MALFORMED, head)
    split = stands is not None and stands.size == head.size and stands.root != head.root
    if request.old != (stands.size if stands else 0) or split:
        return Decision(Verdict.CONFLICT, head, split)
    before = stands or Checkpoint(head.origin, 0, b"")
    return Decision(Verdict.COSIGN if consistent(before, head, request.path) else Verdict.INCONSISTENT, head)


def _signed(note: Note, keys: Sequence[Key]) -> bool:
    """Whether a key of the log signed; signatures by others do not matter."""
    for key in keys:
        try:
            if note.signed(key) is not None:
                return True
        except ValueError:
            return False
    return False


def witness_key(name: str, key: Ed25519PrivateKey) -> Key:
    """The public key under which a witness of this name signs."""
    public = key.public_key().public_bytes_raw()
    bare = Key(name, WITNESS_KEY, public, "")
    line = f"{name}+{bare.id.hex()}+{base64.b64encode(bytes([WITNESS_KEY]) + public).decode()}"
    return Key(name, WITNESS_KEY, public, line)


def cosign(text: str, name: str, key: Ed25519PrivateKey, moment: int) -> str:
    """The signature line (cosignature/v1) under a checkpoint's text at a moment in seconds since 1970."""
    body = witness_key(name, key).id + moment.to_bytes(8, "big") + key.sign(cosigned_message(text, moment))
    return f"— {name} {base64.b64encode(body).decode()}\n"


def cosigned_by(text: str, lines: str, key: Key) -> tuple[str, int] | None:
    """The witness's line among those it answered with, and its moment; None when it holds none that verifies."""
    for line in lines.splitlines():
        try:
            moment = parse_note(f"{text}\n{line}\n").signed(key)
        except ValueError:
            continue
        if moment is not None:
            return f"{line}\n", moment
    return None
