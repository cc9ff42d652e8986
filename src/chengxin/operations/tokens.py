"""API tokens (接口令牌): issued to a source, checked at the door, revoked; only digests are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import sources
from chengxin.storage.models.tokens import ApiToken

PREFIX = "cxt_"
"""Every token begins so: a leaked one is recognised by secret scanners and by people."""
DAYS = 365
MOST_DAYS = 1100
"""Three years: whoever made the integration may be gone by then."""
_SHOWN = 6
"""Characters after the prefix that lists show."""


@dataclass(frozen=True)
class Issued:
    """A fresh token; ``token`` is never shown again."""

    id: int
    token: str
    source: str
    expires_at: datetime


@dataclass(frozen=True)
class Listed:
    """A token as lists show it: enough to know it again, not enough to use it."""

    id: int
    hint: str
    label: str
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    revoked_at: datetime | None


@transaction.atomic
def issue(*, source: str, label: str, by: str, now: datetime, days: int = DAYS) -> Issued:
    """Issue a token for the source with this code, valid ``days`` days.

    Raises Refusal ``source.unknown`` when no such source is registered, ``token.days`` for a term that is none or longer
    than MOST_DAYS.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Refusal(
            "token.days",
            Text(f"令牌有效期应为 1 至 {MOST_DAYS} 天", f"a token holds for 1 to {MOST_DAYS} days"),
            where=Text(f"{days} 天", f"{days} days"),
            remedy=Text("请改用较短的有效期，到期前换发", "choose a shorter term and replace the token before it ends"),
        )
    sources.find(source)
    token, hint = fresh(PREFIX)
    row = ApiToken.objects.create(
        digest=digest(token),
        hint=hint,
        source_id=source,
        label=label,
        issued_at=now,
        issued_by=by,
        expires_at=now + timedelta(days=days),
    )
    return Issued(id=row.pk, token=token, source=source, expires_at=row.expires_at)


def check(*, token: str, now: datetime) -> str | None:
    """The code of the source the token speaks for; None when it is unknown, expired or revoked (not told apart)."""
    if not token.startswith(PREFIX):
        return None
    return (
        ApiToken.objects.filter(digest=digest(token), revoked_at__isnull=True, expires_at__gt=now)
        .values_list("source_id", flat=True)
        .first()
    )


@transaction.atomic
def revoke(*, id: int, by: str, now: datetime) -> bool:
    """Revoke a token at once; False when there is none, or it was revoked before (the first revocation stands)."""
    return bool(ApiToken.objects.filter(pk=id, revoked_at__isnull=True).update(revoked_at=now, revoked_by=by))


def of_source(source: str) -> tuple[Listed, ...]:
    """All tokens ever issued to a source, newest first."""
    rows = ApiToken.objects.filter(source_id=source).order_by("-issued_at", "-pk")
    return tuple(Listed(r.pk, r.hint, r.label, r.issued_at, r.issued_by, r.expires_at, r.revoked_at) for r in rows)


def fresh(prefix: str) -> tuple[str, str]:
    """A new secret and what lists show of it."""
    token = prefix + secrets.token_urlsafe(32)
    return token, token[: len(prefix) + _SHOWN]


def digest(token: str) -> str:
    """What is kept of a secret: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()
