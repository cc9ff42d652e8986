"""Identity provider (统一身份认证): OpenID Connect code flow with PKCE; what it claims becomes an authorisation for a day.

Only the settings ``IDENTITY_*`` name the provider. Everything it says counts only once its signature, issuer, audience,
nonce and times have been checked.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import authorisations, entrance, fetching, lookup

ALGORITHMS = ("ES256", "ES384", "EdDSA", "RS256", "PS256")
"""Signatures that are taken: none with a shared secret, never ``none``."""
_LEEWAY = 60
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """A question to the provider (认证请求): where the browser goes, and what has to come back."""

    url: str
    state: str
    nonce: str
    verifier: str


def offered() -> bool:
    """Whether this installation knows an identity provider."""
    return bool(settings.IDENTITY_ISSUER and settings.IDENTITY_CLIENT)


def begin(back: str) -> Asked:
    """The address at the provider to send the browser to; ``back`` is ours. Raises Refusal ``identity.unreachable``."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": settings.IDENTITY_CLIENT,
        "redirect_uri": back,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Asked(f"{_provider()['authorization_endpoint']}?{urlencode(query)}", state, nonce, verifier)


def finish(*, code: str, nonce: str, verifier: str, back: str, now: datetime | None = None) -> User:
    """Exchange the code, check the token, and let the claims stand as authorisations until tomorrow.

    Raises Refusal ``identity.unreachable``, ``identity.refused``, ``identity.token``, ``entrance.closed``.
    """
    moment = now or timezone.now()
    provider = _provider()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": settings.IDENTITY_CLIENT,
        "client_secret": settings.IDENTITY_SECRET,
        "code_verifier": verifier,
    }
    answer = _json(provider["token_endpoint"], urlencode(form).encode())
    claims = checked(str(answer.get("id_token", "")), _json(provider["jwks_uri"]), nonce)
    user = entrance.of_identity(issuer=settings.IDENTITY_ISSUER, subject=str(claims["sub"]))
    authorisations.claimed(
        user=user,
        subjects=_subjects(claims),
        person=str(claims.get("name", "")),
        until=today(moment) + timedelta(days=1),
        now=moment,
    )
    return user


def checked(token: str, keys: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
    """The claims of an id token that ``keys`` (a JWK set) vouch for. Raises Refusal ``identity.token``."""
    try:
        wanted = jwt.get_unverified_header(token).get("kid")
        known = jwt.PyJWKSet.from_dict(dict(keys)).keys
        key = next(each for each in known if wanted is None or each.key_id == wanted)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=settings.IDENTITY_CLIENT,
            issuer=settings.IDENTITY_ISSUER,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "sub", "aud", "iss", "nonce"]},
        )
    except (jwt.PyJWTError, StopIteration, ValueError) as error:
        raise _untrusted() from error
    if not secrets.compare_digest(str(claims["nonce"]), nonce):
        raise _untrusted()
    return claims


def _subjects(claims: Mapping[str, Any]) -> set[str]:
    """Ids of the organisations claimed that the base knows; others are left out."""
    said = claims.get(settings.IDENTITY_CLAIM, [])
    codes = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    found = (lookup.subject(str(code)) for code in codes)
    return {subject.id for subject in found if subject is not None}


def _provider() -> Mapping[str, Any]:
    found = _json(f"{settings.IDENTITY_ISSUER.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != settings.IDENTITY_ISSUER:
        raise _untrusted()
    return found


def _json(url: str, form: bytes | None = None) -> dict[str, Any]:
    try:
        reply = fetching.fetch(url, form, kind=FORM)
        found = json.loads(reply.body)
    except (OSError, ValueError) as error:
        raise _unreachable() from error
    if reply.status >= 500 or not isinstance(found, dict):
        raise _unreachable()
    if reply.status >= 400:
        raise Refusal(
            "identity.refused",
            Text("身份认证没有通过。", "The identity provider did not confirm who you are."),
            where=Text(str(found.get("error", ""))[:60], str(found.get("error", ""))[:60]),
            remedy=Text("请重新登录，或者用用户名登录。", "Sign in again, or with a user name."),
        )
    return found


def _unreachable() -> Refusal:
    return Refusal(
        "identity.unreachable",
        Text("身份认证服务暂时不能访问。", "The identity provider cannot be reached."),
        remedy=Text("请稍后再试，或者用用户名登录。", "Try later, or sign in with a user name."),
    )


def _untrusted() -> Refusal:
    return Refusal(
        "identity.token",
        Text(
            "身份认证的结果核对不上，没有登录。", "What the identity provider said does not hold; nobody was signed in."
        ),
        remedy=Text("请重新登录。", "Sign in again."),
    )
