"""Checkpoint (检查点): size and root of the log, signed. A C2SP signed note with an Ed25519 signature."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"


@dataclass(frozen=True)
class Checkpoint:
    """``origin`` names the log, ``size`` counts its entries, ``root`` is the 32-byte Merkle root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed part of the note (C2SP tlog-checkpoint): three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: Ed25519PublicKey) -> bytes:
    """The four bytes by which a note's signature line names its key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public.public_bytes_raw()).digest()[:4]


def verifier_key(name: str, public: Ed25519PublicKey) -> str:
    """The key as one line ``name+hash+base64`` that stock verifiers read."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public.public_bytes_raw()).decode()}"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The whole note: text, blank line, signature line. The key's name is the origin."""
    signature = key.sign(checkpoint.text().encode())
    body = base64.b64encode(key_id(checkpoint.origin, key.public_key()) + signature).decode()
    return f"{checkpoint.text()}\n— {checkpoint.origin} {body}\n"


def parse_verifier_key(line: str) -> tuple[str, Ed25519PublicKey]:
    """Name and key from a ``name+hash+base64`` line; raises ValueError when it is damaged."""
    parts = line.strip().split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key is name+hash+base64")
    name, hash_hex, body = parts
    raw = base64.b64decode(body)
    if raw[:1] != _ED25519 or len(raw) != 33:
        raise ValueError("not an Ed25519 verifier key")
    public = Ed25519PublicKey.from_public_bytes(raw[1:])
    if key_id(name, public).hex() != hash_hex:
        raise ValueError("the verifier key's hash does not fit its key")
    return name, public


def verify(note: str, public: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint a note holds, after checking its signature; raises ValueError when it does not hold."""
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) != 3:
        raise ValueError("a checkpoint note has three lines, a blank line and signatures")
    try:
        checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except ValueError as error:
        raise ValueError("the checkpoint's size or root cannot be read") from error
    wanted = key_id(checkpoint.origin, public)
    for line in signatures.splitlines():
        _, _, rest = line.partition("— ")
        name, _, body = rest.partition(" ")
        raw = base64.b64decode(body or "")
        if name == checkpoint.origin and raw[:4] == wanted:
            try:
                public.verify(raw[4:], (text + "\n").encode())
            except InvalidSignature:
                raise ValueError("the checkpoint's signature does not fit the key") from None
            return checkpoint
    raise ValueError("the checkpoint carries no signature by this key")
