"""SM2 with SM3 (商用密码签名, GB/T 32918.2 and GB/T 32905): the additional signature under a checkpoint.

``cryptography`` has SM3 but no SM2, and pure Python manages a hundred signatures a second. OpenSSL 3 has it and lies on every
Debian as libcrypto.so.3, because Python's own ssl needs it; so it is called there. Signatures are DER (GB/T 35276), with the
signer's identity of GB/T 35276, 10: ``openssl pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:1234567812345678`` checks them.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

IDENTITY = b"1234567812345678"
POINT_BYTES = 65
_ALGORITHM = b"SM2"
# SubjectPublicKeyInfo of an uncompressed point: ecPublicKey on the curve 1.2.156.10197.1.301
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")

_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "EVP_PKEY_CTX_new_from_name": (_POINTER, [_POINTER, ctypes.c_char_p, ctypes.c_char_p]),
    "EVP_PKEY_keygen_init": (ctypes.c_int, [_POINTER]),
    "EVP_PKEY_generate": (ctypes.c_int, [_POINTER, ctypes.POINTER(_POINTER)]),
    "EVP_PKEY_CTX_free": (None, [_POINTER]),
    "EVP_PKEY_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_set1_id": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_size_t]),
    "i2d_PrivateKey": (ctypes.c_int, [_POINTER, ctypes.POINTER(_POINTER)]),
    "i2d_PUBKEY": (ctypes.c_int, [_POINTER, ctypes.POINTER(_POINTER)]),
    "d2i_AutoPrivateKey": (_POINTER, [_POINTER, ctypes.POINTER(_POINTER), ctypes.c_long]),
    "d2i_PUBKEY": (_POINTER, [_POINTER, ctypes.POINTER(_POINTER), ctypes.c_long]),
    "EVP_MD_CTX_new": (_POINTER, []),
    "EVP_MD_CTX_free": (None, [_POINTER]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [_POINTER, _POINTER]),
    "EVP_PKEY_CTX_new": (_POINTER, [_POINTER, _POINTER]),
    "EVP_sm3": (_POINTER, []),
    "EVP_DigestSignInit": (ctypes.c_int, [_POINTER] * 5),
    "EVP_DigestVerifyInit": (ctypes.c_int, [_POINTER] * 5),
    "EVP_DigestSign": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t), ctypes.c_char_p, ctypes.c_size_t],
    ),
    "EVP_DigestVerify": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t],
    ),
}


class Unavailable(RuntimeError):
    """This machine's OpenSSL is older than 3 or was built without SM2."""


def generate() -> bytes:
    """A new private key (DER). Raises Unavailable."""
    crypto = _crypto()
    context = crypto.EVP_PKEY_CTX_new_from_name(None, _ALGORITHM, None)
    key = _POINTER()
    try:
        if not context or crypto.EVP_PKEY_keygen_init(context) <= 0:
            raise Unavailable("this machine's OpenSSL has no SM2")
        if crypto.EVP_PKEY_generate(context, ctypes.byref(key)) <= 0:
            raise Unavailable("OpenSSL could not make an SM2 key")
        return _written(crypto.i2d_PrivateKey, key)
    finally:
        crypto.EVP_PKEY_CTX_free(context)
        crypto.EVP_PKEY_free(key)


def public_of(private: bytes) -> bytes:
    """The public key of a private one (DER): an uncompressed point, 65 bytes. ValueError when it is none."""
    with _key(_crypto().d2i_AutoPrivateKey, private) as key:
        return _written(_crypto().i2d_PUBKEY, key)[-POINT_BYTES:]


def spki(public: bytes) -> bytes:
    """The public key as other tools read it (DER, SubjectPublicKeyInfo)."""
    return _SPKI + public


def sign(private: bytes, message: bytes) -> bytes:
    """The signature (DER, up to 72 bytes) over a message."""
    crypto = _crypto()
    with _key(crypto.d2i_AutoPrivateKey, private) as key, _ready(crypto.EVP_DigestSignInit, key) as digest:
        length = ctypes.c_size_t(128)
        room = ctypes.create_string_buffer(length.value)
        if crypto.EVP_DigestSign(digest, room, ctypes.byref(length), message, len(message)) <= 0:
            raise Unavailable("OpenSSL did not sign")
        return room.raw[: length.value]


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature over a message is by this public key (65 bytes). ValueError when the key is none."""
    crypto = _crypto()
    with _key(crypto.d2i_PUBKEY, spki(public)) as key, _ready(crypto.EVP_DigestVerifyInit, key) as digest:
        return bool(crypto.EVP_DigestVerify(digest, signature, len(signature), message, len(message)) == 1)


@lru_cache(maxsize=1)
def _crypto() -> ctypes.CDLL:
    try:
        crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(crypto, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise Unavailable(f"no OpenSSL 3 on this machine: {error}") from error
    return crypto


@contextmanager
def _key(read: Callable[..., int], der: bytes) -> Iterator[int]:
    start = ctypes.cast(ctypes.create_string_buffer(der, len(der)), _POINTER)
    key = read(None, ctypes.byref(start), len(der))
    if not key:
        raise ValueError("not an SM2 key")
    try:
        yield key
    finally:
        _crypto().EVP_PKEY_free(key)


@contextmanager
def _ready(start: Callable[..., int], key: int) -> Iterator[int]:
    """A digest context over SM3 for a key, with the signer's identity set before it starts, as SM2 demands."""
    crypto = _crypto()
    digest, context = crypto.EVP_MD_CTX_new(), crypto.EVP_PKEY_CTX_new(key, None)
    try:
        crypto.EVP_MD_CTX_set_pkey_ctx(digest, context)
        if (
            crypto.EVP_PKEY_CTX_set1_id(context, IDENTITY, len(IDENTITY)) <= 0
            or start(digest, None, crypto.EVP_sm3(), None, key) <= 0
        ):
            raise Unavailable("OpenSSL does not take the key for SM2")
        yield digest
    finally:
        crypto.EVP_MD_CTX_free(digest)
        crypto.EVP_PKEY_CTX_free(context)


def _written(write: Callable[..., int], key: object) -> bytes:
    """What one of OpenSSL's i2d functions writes of a key."""
    length = write(key, None)
    room = ctypes.create_string_buffer(length)
    write(key, ctypes.byref(ctypes.cast(room, _POINTER)))
    return room.raw
