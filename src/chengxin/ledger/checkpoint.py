"""Checkpoint (检查点): size and root of the log, signed. A C2SP signed note by one or more keys of the log.

Every checkpoint carries an Ed25519 signature; while a key is being replaced it carries those of both, and where it is switched
on an SM2 one beside it. Whoever does not know a key ignores its line (C2SP signed-note), so stock clients need only Ed25519.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chengxin.ledger import sm2, verify
from chengxin.ledger.verify import Checkpoint as Checkpoint

_SM2_TYPE = b"\xffchengxin/sm2-sm3\n"
"""C2SP signed-note keeps the type 0xff, followed by a name of one's own, for algorithms it has given no number."""


class Kind(StrEnum):
    """Signature algorithms (签名算法) of a log key."""

    ED25519 = "ed25519"
    SM2 = "sm2"


_TYPES = {Kind.ED25519: bytes([verify.LOG_KEY]), Kind.SM2: _SM2_TYPE}
_LENGTHS = {Kind.ED25519: 32, Kind.SM2: sm2.POINT_BYTES}


@dataclass(frozen=True)
class LogKey:
    """A public key of the log (日志公钥): its name is the log's, ``public`` 32 bytes, or 65 for SM2."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names its key (C2SP signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPES[self.kind] + self.public).digest()[:4]

    @property
    def line(self) -> str:
        """The key as one line ``name+hash+base64`` that verifiers read."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_TYPES[self.kind] + self.public).decode()}"


@dataclass(frozen=True)
class Signer:
    """A key that can sign: ``sign`` takes the note's text and returns the signature's bytes."""

    key: LogKey
    sign: Callable[[bytes], bytes]


def parse_key(line: str) -> LogKey:
    """A key from its line; raises ValueError when it is damaged or of a kind unknown here."""
    name, _, rest = line.strip().partition("+")
    _, _, body = rest.partition("+")
    raw = base64.b64decode(body, validate=True)
    for kind, prefix in _TYPES.items():
        if raw.startswith(prefix) and len(raw) == len(prefix) + _LENGTHS[kind]:
            key = LogKey(name, kind, raw.removeprefix(prefix))
            if key.line == line.strip():
                return key
    raise ValueError("not a key of the log: name+hash+base64")


def text_of(checkpoint: Checkpoint) -> str:
    """The signed part of the note (C2SP tlog-checkpoint): three lines."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def sign(checkpoint: Checkpoint, signers: Iterable[Signer]) -> str:
    """The whole note: text, empty line, a line for each signature."""
    text = text_of(checkpoint)
    lines = [f"— {by.key.name} {base64.b64encode(by.key.id + by.sign(text.encode())).decode()}\n" for by in signers]
    return f"{text}\n{''.join(lines)}"


def opened(note: str, keys: Sequence[LogKey]) -> Checkpoint:
    """The checkpoint a note holds. Raises ValueError unless every line in the name of one of these keys holds, and at least
    one is Ed25519.
    """
    parsed = verify.parse_note(note)
    checkpoint = verify.parse_checkpoint(parsed.text)
    known = {(key.name, key.id): key for key in keys}
    signed = set()
    for name, id, signature in parsed.signatures:
        if (key := known.get((name, id))) is not None:
            _check(key, signature, parsed)
            signed.add(key.kind)
    if Kind.ED25519 not in signed:
        raise ValueError("the checkpoint carries no Ed25519 signature by a key of this log")
    return checkpoint


def _check(key: LogKey, signature: bytes, note: verify.Note) -> None:
    if key.kind is Kind.ED25519:
        note.signed(verify.parse_key(key.line))
    elif not sm2.holds(key.public, signature, note.text.encode()):
        raise ValueError(f"the SM2 signature of {key.name} does not hold")
