"""Canonical form (规范形式): one byte string per value, and its digest.

Every value is text, keys are sorted, there are no spaces, missing values are absent. Under these rules DuckDB's
``to_json`` and orjson write the same bytes, so a row of a bulk file and a single row get the same digest.
Control characters other than tab, line feed and carriage return are refused: engines escape them differently.
"""

import hashlib
from collections.abc import Mapping
from typing import Union

import orjson

Canonical = Mapping[str, Union[str, "Canonical"]]

NONCE_BYTES = 16
_ALLOWED_CONTROLS = "\t\n\r"


def encode(value: Canonical) -> bytes:
    """Return the canonical bytes (UTF-8 JSON) of a mapping of texts.

    Raises ValueError when a value is neither text nor a mapping of texts, or holds a refused control character.
    """
    _check(value, "")
    return orjson.dumps(_without_missing(value), option=orjson.OPT_SORT_KEYS)


def item_digest(nonce: bytes, content: bytes) -> bytes:
    """SHA-256 over the nonce (16 random bytes) followed by the canonical content: 32 bytes."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    return hashlib.sha256(nonce + content).digest()


def has_refused_control(text: str) -> bool:
    """Whether the text holds a C0 control character that no stored value may hold."""
    return any(char < " " and char not in _ALLOWED_CONTROLS for char in text)


def _without_missing(value: Canonical) -> dict[str, object]:
    return {
        key: inner if isinstance(inner, str) else _without_missing(inner)
        for key, inner in value.items()
        if inner is not None
    }


def _check(value: Canonical, where: str) -> None:
    for key, inner in value.items():
        at = f"{where}/{key}"
        if inner is None:
            continue
        if isinstance(inner, str):
            if has_refused_control(inner):
                raise ValueError(f"{at}: control characters other than tab, LF and CR are refused")
        elif isinstance(inner, Mapping):
            _check(inner, at)
        else:
            raise ValueError(f"{at}: every stored value is text, not {type(inner).__name__}")
