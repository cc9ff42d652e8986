"""Log key (日志签名密钥): the Ed25519 key that signs checkpoints. A file of its own, never in the database."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from chengxin.ledger.checkpoint import Checkpoint, sign, verifier_key


def signing_key() -> Ed25519PrivateKey:
    """The log's key; made on first use, readable by the owner only."""
    path = Path(settings.HOME) / "keys" / "log"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"log.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails when another process made a key in the meantime: its key counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def signed(size: int, root: bytes) -> str:
    """The signed note over a size and root of this log."""
    return sign(Checkpoint(settings.LOG_ORIGIN, size, root), signing_key())


def verifier() -> str:
    """The public key as one line for stock verifiers."""
    return verifier_key(settings.LOG_ORIGIN, signing_key().public_key())
