"""Keyring (密钥环): the platform's private keys, sealed in one file, never in the database and so never in its dump.

Each key is sealed with AES-256-GCM under a key that scrypt makes of a secret: ``CHENGXIN_KEY_SECRET``, or what stands in the
file ``CHENGXIN_KEY_FILE`` names. An installation that gives neither gets a secret made for it, which lies beside the ring: that
is no protection against somebody who reads the folder, and ``chengxin log key show`` says so.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import sm2
from chengxin.ledger.checkpoint import Kind

_SALT_BYTES, _NONCE_BYTES = 16, 12
_SCRYPT_COST = 1 << 15
"""With r=8: 32 MiB and a tenth of a second, once per process and key file."""


@dataclass(frozen=True)
class Kept:
    """A key as kept: whose it is (``log``, ``witness``), its public half (hex), from and until when it signs (UTC, ISO).

    ``until`` is empty while no end is set; ``sealed`` is empty once the private half has been destroyed.
    """

    use: str
    kind: str
    public: str
    since: str
    until: str
    sealed: str

    def signs(self, moment: str) -> bool:
        return bool(self.sealed) and (not self.until or moment < self.until)


def kept(use: str) -> Sequence[Kept]:
    """All keys of one use, oldest first, those included that sign no longer."""
    return [key for key in _read() if key.use == use]


def make(use: str, kind: Kind, since: str, private: bytes | None = None) -> Kept:
    """A new key (or the given one), not in the ring yet."""
    if kind is Kind.SM2:
        private = private or sm2.generate()
        public = sm2.public_of(private)
    else:
        private = private or Ed25519PrivateKey.generate().private_bytes_raw()
        public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    named = f"{use} {kind} {public.hex()}"
    return Kept(use, kind.value, public.hex(), since, "", _seal(private, named, _secret()))


def private(key: Kept) -> bytes:
    """The private half. Raises Refusal ``platform.key-locked`` when the secret is not the one it was sealed under."""
    return _open(key.sealed, f"{key.use} {key.kind} {key.public}", _secret())


def private_key(use: str) -> Ed25519PrivateKey:
    """The one Ed25519 key of a use that is never replaced, made on first use."""
    found = kept(use)
    if not found:
        with changing() as ring:
            found = [key for key in ring if key.use == use] or [make(use, Kind.ED25519, "")]
            ring[:] = [*(key for key in ring if key.use != use), *found]
    return Ed25519PrivateKey.from_private_bytes(private(found[0]))


@contextmanager
def changing() -> Iterator[list[Kept]]:
    """The ring as a list to change; written back whole at the end. One process at a time; a crash leaves the old one."""
    folder = _folder()
    lock = os.open(folder / "ring.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ring = list(_read())
        yield ring
        fresh = folder / f"ring.{os.getpid()}"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump([asdict(key) for key in ring], file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(_path())
        _flush(folder)
    finally:
        os.close(lock)


def reseal(secret: bytes) -> None:
    """Seal every key anew under another secret, which the platform must be given from then on."""
    with changing() as ring:
        for place, key in enumerate(ring):
            if key.sealed:
                named = f"{key.use} {key.kind} {key.public}"
                ring[place] = Kept(**{**asdict(key), "sealed": _seal(private(key), named, secret)})


def protected() -> bool:
    """Whether the secret comes from outside the home folder."""
    return bool(settings.KEY_SECRET or settings.KEY_FILE)


def _read() -> Sequence[Kept]:
    path = _path()
    try:
        now = path.stat()
    except FileNotFoundError:
        return ()
    return _parsed(path, now.st_ino, now.st_mtime_ns)


@lru_cache(maxsize=4)
def _parsed(path: Path, inode: int, changed: int) -> Sequence[Kept]:
    """The ring in the file; a ring that was replaced is another file."""
    return tuple(Kept(**each) for each in json.loads(path.read_text()))


def _path() -> Path:
    return Path(settings.HOME) / "keys" / "ring.json"


def _folder() -> Path:
    folder = _path().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _secret() -> bytes:
    if settings.KEY_SECRET:
        return settings.KEY_SECRET.encode()
    path = Path(settings.KEY_FILE) if settings.KEY_FILE else _folder() / "secret-of-ring"
    if not settings.KEY_FILE and not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # whoever is second keeps the first one's
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise _locked(str(path)) from error


def _seal(private: bytes, named: str, secret: bytes) -> str:
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    body = AESGCM(_derived(secret, salt)).encrypt(nonce, private, named.encode())
    return base64.b64encode(salt + nonce + body).decode()


@lru_cache(maxsize=32)
def _open(sealed: str, named: str, secret: bytes) -> bytes:
    raw = base64.b64decode(sealed)
    salt, nonce, body = (
        raw[:_SALT_BYTES],
        raw[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES],
        raw[_SALT_BYTES + _NONCE_BYTES :],
    )
    try:
        return AESGCM(_derived(secret, salt)).decrypt(nonce, body, named.encode())
    except InvalidTag as error:
        raise _locked(str(_path())) from error


def _derived(secret: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(secret)


def _locked(where: str) -> Refusal:
    return Refusal(
        "platform.key-locked",
        Text(
            "签名密钥打不开：口令缺失或不对", "the signing keys cannot be opened: the secret is missing or another one"
        ),
        where=Text(where, where),
        remedy=Text(
            "请核对 CHENGXIN_KEY_SECRET 或 CHENGXIN_KEY_FILE", "check CHENGXIN_KEY_SECRET or CHENGXIN_KEY_FILE"
        ),
    )


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
