"""Recipients (信息接收单位): organisations with a key, to whom records are delivered and who are told what becomes of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import tokens
from chengxin.storage.models import Notification, Recipient, RecipientKey, Source

PREFIX = "cxr_"
"""Every key of a recipient begins so; a source's token (``cxt_``) names an organisation too and counts as a key."""
DAYS = 365


@dataclass(frozen=True)
class Issued:
    """A fresh key; ``key`` is never shown again."""

    id: int
    key: str
    recipient: str
    expires_at: datetime


@transaction.atomic
def register(*, code: str, name: str, webhook: str = "", email: str = "", agency: bool = False) -> Recipient:
    """Record an organisation that receives; the same code again changes everything but the code.

    Raises Refusal ``recipient.blank`` without code or name, ``recipient.webhook`` for an address that is none.
    """
    code, name, webhook = code.strip().upper(), name.strip(), webhook.strip()
    if not code or not name:
        raise Refusal(
            "recipient.blank",
            Text("接收单位须有代码和名称", "a recipient needs a code and a name"),
            remedy=Text("请补齐两项", "give both"),
        )
    parts = urlsplit(webhook)
    if webhook and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
        raise Refusal(
            "recipient.webhook",
            Text("推送地址不是可用的网址", "the webhook is no address to send to"),
            where=Text(webhook[:80], webhook[:80]),
            remedy=Text("请写成 https://主机/路径，不含用户名", "write https://host/path, without a user name"),
        )
    found, _ = Recipient.objects.update_or_create(
        code=code,
        defaults={
            **{"name": name, "webhook": webhook, "email": email.strip(), "agency": agency},
            **{"failures": 0, "retry_at": None, "problem": ""},
        },
    )
    return found


def find(code: str) -> Recipient:
    """The recipient with this code. Raises Refusal ``recipient.unknown``."""
    found = Recipient.objects.filter(code=code.strip().upper()).first()
    if found is None:
        raise Refusal(
            "recipient.unknown",
            Text(f"没有代码为 {code} 的接收单位", f"no recipient has the code {code}"),
            remedy=Text("请先用 chengxin recipients add 登记", "register it first: chengxin recipients add"),
        )
    return found


@transaction.atomic
def issue(*, code: str, now: datetime, days: int = DAYS) -> Issued:
    """Issue a key, valid ``days`` days. Raises Refusal ``recipient.unknown``, ``recipient.days``."""
    if not 1 <= days <= tokens.MOST_DAYS:
        raise Refusal(
            "recipient.days",
            Text(f"密钥有效期应为 1 至 {tokens.MOST_DAYS} 天", f"a key holds for 1 to {tokens.MOST_DAYS} days"),
            where=Text(f"{days} 天", f"{days} days"),
            remedy=Text("请改用较短的有效期，到期前换发", "choose a shorter term and replace the key before it ends"),
        )
    recipient = find(code)
    key, hint = tokens.fresh(PREFIX)
    row = RecipientKey.objects.create(
        digest=tokens.digest(key),
        hint=hint,
        recipient=recipient,
        issued_at=now,
        expires_at=now + timedelta(days=days),
    )
    return Issued(row.pk, key, recipient.code, row.expires_at)


@dataclass(frozen=True)
class Listed:
    """A recipient as lists show it (接收单位): where it is told, what it has not confirmed, what went wrong last."""

    code: str
    name: str
    agency: bool
    webhook: str
    email: str
    keys: int
    open: int
    problem: str
    retry_at: datetime | None


def listed() -> list[Listed]:
    """Every recipient, by name."""
    now = timezone.now()
    waiting = dict(
        Notification.objects.filter(acknowledged_at__isnull=True).values_list("recipient").annotate(n=Count("id"))
    )
    held = RecipientKey.objects.filter(revoked_at__isnull=True, expires_at__gt=now)
    valid = dict(held.values_list("recipient").annotate(n=Count("id")))
    return [
        Listed(
            *(row.code, row.name, row.agency, row.webhook, row.email),
            *(valid.get(row.pk, 0), waiting.get(row.pk, 0), row.problem, row.retry_at),
        )
        for row in Recipient.objects.order_by("name", "id")
    ]


@dataclass(frozen=True)
class Key:
    """A key as lists show it (密钥): its number, its first characters, and whether it still opens anything."""

    id: int
    hint: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def keys(code: str) -> list[Key]:
    """Every key ever issued to a recipient, the latest first. Raises Refusal ``recipient.unknown``."""
    rows = RecipientKey.objects.filter(recipient=find(code)).order_by("-id")
    return [Key(row.pk, row.hint, row.issued_at, row.expires_at, row.revoked_at) for row in rows]


def revoke(*, id: int, now: datetime) -> bool:
    """Revoke a key at once; False when there is none, or it was revoked before."""
    return bool(RecipientKey.objects.filter(pk=id, revoked_at__isnull=True).update(revoked_at=now))


def reader(*, key: str, now: datetime) -> Recipient | None:
    """Who holds this key; None when it is unknown, expired or revoked. A source is a recipient from its first question on."""
    if key.startswith(PREFIX):
        held = RecipientKey.objects.select_related("recipient").filter(digest=tokens.digest(key))
        row = held.filter(revoked_at__isnull=True, expires_at__gt=now).first()
        return None if row is None else row.recipient
    code = tokens.check(token=key, now=now)
    if code is None:
        return None
    found = Recipient.objects.filter(code=code).first()
    if found is None:
        name = Source.objects.values_list("name", flat=True).get(code=code)
        found, _ = Recipient.objects.get_or_create(code=code, defaults={"name": name})
    return found
