"""Log key (日志签名密钥): who signs checkpoints now, who did before, and how a key is replaced.

A new key and the one it replaces both sign for a time, so that whoever verifies can change over at leisure. Keys that sign no
longer stay listed: the checkpoints they signed are still to be verified. Their private halves are destroyed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from chengxin.ledger import sm2
from chengxin.ledger.checkpoint import Checkpoint, Kind, LogKey, Signer, sign
from chengxin.operations import keyring
from chengxin.operations.keyring import Kept

USE = "log"
OVERLAP_DAYS = 30


@dataclass(frozen=True)
class Listed:
    """A key as published: its verifier line, kind, from and until when it signs (UTC, ISO; empty: no end set)."""

    line: str
    kind: str
    since: str
    until: str
    signs: bool


def signed(size: int, root: bytes, of: str = "") -> str:
    """The note over a size and root of this log, signed by every key that signs now.

    With ``of`` (``/withdrawn``) it is over the length and SHA-256 of a file of that kind: its first line tells them apart.
    """
    return sign(Checkpoint(settings.LOG_ORIGIN + of, size, root), [_signer(key, *_secret()) for key in _signing()])


def keys() -> Sequence[LogKey]:
    """Every key that has ever signed for this log, oldest first."""
    return [_public(key) for key in _all()]


def verifiers() -> list[str]:
    """The Ed25519 keys ever valid as lines for stock verifiers, the newest last."""
    return [key.line for key in keys() if key.kind is Kind.ED25519]


def verifier() -> str:
    """The newest Ed25519 key as one line."""
    return verifiers()[-1]


def listed() -> Sequence[Listed]:
    """All keys as they are published, oldest first."""
    now = _now()
    return [Listed(_public(key).line, key.kind, key.since, key.until, key.signs(now)) for key in _all()]


def rotate(*, kind: Kind = Kind.ED25519, days: int = OVERLAP_DAYS) -> Listed:
    """Put a new key in the place of those of its kind, which go on signing for ``days``; 0 ends them at once.

    Private halves of keys whose time is over are destroyed. Returns the new key as listed.
    """
    _signing()
    now = _now()
    end = _text(datetime.now(UTC) + timedelta(days=days))
    with keyring.changing() as ring:
        for place, key in enumerate(ring):
            if key.use == USE and key.kind == kind and not key.until:
                key = Kept(**{**asdict(key), "until": end})
            if key.use == USE and not key.signs(now):
                key = Kept(**{**asdict(key), "sealed": ""})
            ring[place] = key
        ring.append(keyring.make(USE, kind, now))
    return [each for each in listed() if each.kind == kind][-1]


def _signing() -> Sequence[Kept]:
    """The keys that sign now, oldest first. Made on first use; SM2 only where it is switched on."""
    wanted = {Kind.ED25519, Kind.SM2} if settings.LOG_SM2 else {Kind.ED25519}
    found = _current(_all(), wanted)
    if missing := wanted - {Kind(key.kind) for key in found}:
        with keyring.changing() as ring:
            missing -= {Kind(key.kind) for key in _current(ring, wanted)}  # another process may have been first
            ring.extend(keyring.make(USE, kind, _now()) for kind in sorted(missing))
        found = _current(_all(), wanted)
    return found


def _all() -> Sequence[Kept]:
    found = keyring.kept(USE)
    if not found:
        _begin()
        found = keyring.kept(USE)
    return found


def _begin() -> None:
    """The first key: the one an older version kept as a bare file, else a new one."""
    bare = Path(settings.HOME) / "keys" / "log"
    with keyring.changing() as ring:
        if not any(key.use == USE for key in ring):
            private = bare.read_bytes() if bare.exists() else None
            ring.append(keyring.make(USE, Kind.ED25519, _now(), private))
    bare.unlink(missing_ok=True)


def _current(ring: Sequence[Kept], kinds: set[Kind]) -> Sequence[Kept]:
    now = _now()
    return [key for key in ring if key.use == USE and key.kind in kinds and key.signs(now)]


def _public(key: Kept) -> LogKey:
    return LogKey(settings.LOG_ORIGIN, Kind(key.kind), bytes.fromhex(key.public))


def _secret() -> tuple[str, str]:
    return settings.KEY_SECRET, settings.KEY_FILE


@lru_cache(maxsize=8)
def _signer(key: Kept, *secret: str) -> Signer:
    """A key opened; kept open for as long as the process lives and is given the same secret."""
    private = keyring.private(key)
    if key.kind == Kind.SM2:
        return Signer(_public(key), lambda text: sm2.sign(private, text))
    return Signer(_public(key), Ed25519PrivateKey.from_private_bytes(private).sign)


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
