"""Webhooks (变动推送): notifications sent to a recipient's own address, signed, tried again at growing intervals.

A request follows Standard Webhooks: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` (``v1a``, Ed25519 with a
key of the platform). Addresses inside a network are refused unless CHENGXIN_WEBHOOKS_INSIDE is set: what a recipient
gives as its address must not reach services that trust the platform. Mail is the other way, for who has no system.
"""

import base64
import http.client
import ipaddress
import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chengxin.operations import keyring, notifications
from chengxin.operations.notifications import Told
from chengxin.storage.models import Notification, Recipient

log = logging.getLogger("chengxin.webhooks")
USE = "webhook"
WEBHOOK, MAIL = "webhook", "mail"
BATCH = 500
TIMEOUT = 10.0
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=6)
MAIL_AFTER = 5
"""Failed attempts after which a recipient with an e-mail address is written to as well."""
SALT = "chengxin.acknowledge"


@dataclass
class Sent:
    """What a round of sending did (推送结果): notifications pushed and mailed, recipients that could not be reached."""

    pushed: int = 0
    mailed: int = 0
    failed: int = 0


def public_key() -> str:
    """The key that signs webhooks, as ``whpk_`` and base64 (Standard Webhooks)."""
    public = keyring.private_key(USE).public_key().public_bytes_raw()
    return f"whpk_{base64.b64encode(public).decode()}"


def send_due(*, now: datetime | None = None, most: int = 3) -> Sent:
    """Make notifications of what is new, and send what is due to at most ``most`` recipients. Run by the worker."""
    moment, sent = now or timezone.now(), Sent()
    notifications.make(now=moment)
    untold = Notification.objects.filter(recipient=OuterRef("pk"), told_at__isnull=True)
    due = Recipient.objects.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=moment), Exists(untold))
    for recipient in due.exclude(webhook="", email="").order_by("retry_at", "id")[:most]:
        _send(recipient, notifications.untold(recipient, BATCH), moment, sent)
    return sent


def body_of(recipient: Recipient, told: Sequence[Told], moment: datetime) -> bytes:
    """The body of a request: which records changed how, with the entry to confirm each by."""
    notices = [plain(each) for each in told]
    return orjson.dumps(
        {"type": "record.notifications", "timestamp": moment, "recipient": recipient.code, "notifications": notices},
        option=orjson.OPT_UTC_Z,
    )


def plain(told: Told) -> dict[str, object]:
    """A notification as every door gives it."""
    return {
        "entry": told.entry,
        "record": told.record,
        "act": told.act,
        "title": told.title.to_dict(),
        "said": dict(told.said),
        "made_at": told.made_at,
        "told_at": told.told_at,
        "acknowledged_at": told.acknowledged_at,
    }


def mail_token(recipient: Recipient, until: int) -> str:
    """What a link in a mail carries: whose notifications, up to which entry. Signed; holds as long as notifications wait."""
    return signing.dumps({"recipient": recipient.code, "until": until}, salt=SALT)


def of_mail(token: str) -> tuple[Recipient, int] | None:
    """Whose notifications up to which entry a link speaks of; None for one that we did not write."""
    try:
        held = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    recipient = Recipient.objects.filter(code=held["recipient"]).first()
    return None if recipient is None else (recipient, int(held["until"]))


def _send(recipient: Recipient, told: Sequence[Told], now: datetime, sent: Sent) -> None:
    problem = ""
    entries = [each.entry for each in told]
    if recipient.webhook:
        id = f"msg_{recipient.pk}_{entries[0]}_{entries[-1]}"
        try:
            _post(recipient.webhook, body_of(recipient, told, now), id, now)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"[:200]
        else:
            sent.pushed += notifications.reached(recipient, entries, WEBHOOK, now=now)
    failures = recipient.failures + 1 if problem else 0
    if recipient.email and (not recipient.webhook or failures >= MAIL_AFTER):
        try:
            _mail(recipient, told)
        except OSError as error:
            problem, failures = f"{type(error).__name__}: {error}"[:200], max(failures, recipient.failures + 1)
        else:
            sent.mailed += notifications.reached(recipient, entries, MAIL, now=now)
    if problem:
        sent.failed += 1
        log.warning("recipient %s could not be told: %s", recipient.code, problem)
    wait = min(FIRST_RETRY * 2 ** min(failures - 1, 20), LONGEST_RETRY) if failures else None
    Recipient.objects.filter(pk=recipient.pk).update(
        failures=failures, problem=problem, retry_at=now + wait if wait else None
    )


def _post(url: str, body: bytes, id: str, now: datetime) -> None:
    """POST once, to the address that was checked and no other; OSError unless the answer is 2xx."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(parts.hostname or "", port)
    stamp = str(int(now.timestamp()))
    signature = keyring.private_key(USE).sign(f"{id}.{stamp}.".encode() + body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "chengxin",
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
    }
    link = _Pinned(parts.hostname or "", port, address, secure=parts.scheme == "https")
    try:
        link.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
        answer = link.getresponse()
        if not 200 <= answer.status < 300:
            raise OSError(f"the answer was {answer.status}")
    finally:
        link.close()


def _address(host: str, port: int) -> str:
    """The address to connect to. OSError when the name has none, or one that lies inside a network and may not be used."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.WEBHOOKS_INSIDE and not all(ipaddress.ip_address(each.split("%")[0]).is_global for each in found):
        raise OSError("the address lies inside a network (CHENGXIN_WEBHOOKS_INSIDE)")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address: the name is not asked for again, so it cannot point elsewhere meanwhile."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._checked, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._checked, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _mail(recipient: Recipient, told: Sequence[Told]) -> None:
    link = f"{settings.SITE_URL}/acknowledge/{mail_token(recipient, told[-1].entry)}"
    lines = [f"{each.record}  {each.title.zh} / {each.title.en}" for each in told[:50]]
    send_mail(
        f"{settings.SITE_NAME}：{len(told)} 条信息有变动，请处理并确认 / {len(told)} records changed, please confirm",
        "\n".join(
            [
                "贵单位接收过的下列信息有变动，请停止使用或者更正，并打开下面的网址确认。",
                "Records you received have changed. Stop using them or correct them, then confirm at this address.",
                *("", link, "", *lines),
            ]
        ),
        None,
        [recipient.email],
    )
