"""Webhooks (变动推送): notifications sent to a recipient's own address, signed, tried again at growing intervals.

A request follows Standard Webhooks: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` (``v1a``, Ed25519 with a
key of the platform). Addresses inside a network are refused unless CHENGXIN_WEBHOOKS_INSIDE is set: what a recipient
gives as its address must not reach services that trust the platform. Mail is the other way, for who has no system.

A round sends to many at once and ends after ``ROUND`` seconds whoever is slow: files and other recipients never wait for one
server. Who did not answer by then counts as failed and is tried again later, with the same ``webhook-id`` unless more was
entered meanwhile.
"""

import base64
import http.client
import ipaddress
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import keyring, notifications
from chengxin.operations.notifications import Told
from chengxin.storage.models import Notification, Recipient

log = logging.getLogger("chengxin.webhooks")
USE = "webhook"
WEBHOOK, MAIL = "webhook", "mail"
BATCH = 500
TIMEOUT = 3.0
"""Seconds in which a server has to take the connection, and then to answer."""
ROUND = 4.0
"""Seconds after which a round of sending is over."""
AT_ONCE = 20
"""Recipients that one round sends to."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=6)
MAIL_AFTER = 5
"""Failed attempts after which a recipient with an e-mail address is written to as well."""
SALT = "chengxin.acknowledge"


@dataclass(frozen=True)
class Letter:
    """What one recipient is to be sent (待发通知): made before anything goes out, so that sending needs no database."""

    recipient: Recipient
    entries: Sequence[int]
    body: bytes
    mail: bool
    """Whether it is written to as well: it has no webhook, or that one has failed too often."""
    subject: str
    text: str
    problem: str = ""
    channel: str = ""
    """By which way it was reached, empty where it was not."""


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


def send_due(*, now: datetime | None = None, most: int = AT_ONCE) -> Sent:
    """Make notifications of what is new, and send what is due to at most ``most`` recipients at once. Run by the worker.

    Takes ``ROUND`` seconds at most besides the work in the database.
    """
    moment, sent = now or timezone.now(), Sent()
    notifications.make(now=moment)
    untold = Notification.objects.filter(recipient=OuterRef("pk"), told_at__isnull=True)
    due = Recipient.objects.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=moment), Exists(untold))
    due = due.exclude(webhook="", email="").order_by("retry_at", "id")[:most]
    letters = [_letter(recipient, notifications.untold(recipient, BATCH), moment) for recipient in due]
    for letter in _sent_by(time.monotonic() + ROUND, letters, moment):
        _written_down(letter, moment, sent)
    return sent


def remind(recipient: Recipient) -> int:
    """Mail a recipient everything that it has not confirmed, with a fresh link; returns how many. 0 without an address.

    Raises OSError when the mail cannot be sent.
    """
    told = notifications.waiting(recipient)
    if not told or not recipient.email:
        return 0
    _mail(_letter(recipient, told, timezone.now()))
    return len(told)


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
    """What a link in a mail carries: whose notifications, up to which entry, since when. Signed; holds CHENGXIN_MAIL_LINK_DAYS."""
    return signing.dumps({"recipient": recipient.code, "until": until}, salt=SALT)


def of_mail(token: str) -> tuple[Recipient, int] | None:
    """Whose notifications up to which entry a link speaks of; None for one that we did not write.

    Raises Refusal ``recipient.link-expired``.
    """
    try:
        held = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.MAIL_LINK_DAYS))
    except signing.SignatureExpired as late:
        raise Refusal(
            "recipient.link-expired",
            Text(
                f"链接已过期：邮件发出满 {settings.MAIL_LINK_DAYS} 天。",
                f"The link has expired: the mail is older than {settings.MAIL_LINK_DAYS} days.",
            ),
            remedy=Text(
                "请用密钥通过接口确认，或者请信用中心重新发送通知。",
                "Confirm with your key through the API, or ask the credit centre to send the notice again.",
            ),
        ) from late
    except signing.BadSignature:
        return None
    recipient = Recipient.objects.filter(code=held["recipient"]).first()
    return None if recipient is None else (recipient, int(held["until"]))


def _letter(recipient: Recipient, told: Sequence[Told], now: datetime) -> Letter:
    link = f"{settings.SITE_URL}/acknowledge/{mail_token(recipient, told[-1].entry)}"
    last = today(now) + timedelta(days=settings.MAIL_LINK_DAYS - 1)
    lines = [f"{each.record}  {each.title.zh} / {each.title.en}" for each in told[:50]]
    return Letter(
        recipient=recipient,
        entries=[each.entry for each in told],
        body=body_of(recipient, told, now),
        mail=bool(recipient.email) and (not recipient.webhook or recipient.failures + 1 >= MAIL_AFTER),
        subject=f"{settings.SITE_NAME}：{len(told)} 条信息有变动，请处理并确认 / {len(told)} records changed, please confirm",
        text="\n".join(
            [
                f"贵单位接收过的下列信息有变动，请停止使用或者更正，并在 {last} 以前打开下面的网址确认。",
                f"Records you received have changed. Stop using them or correct them, then confirm at this address by {last}.",
                *("", link, "", *lines),
            ]
        ),
    )


def _sent_by(deadline: float, letters: Sequence[Letter], now: datetime) -> list[Letter]:
    """Every letter with what became of it; whoever has not answered at ``deadline`` (monotonic seconds) has failed.

    Each goes out in a thread of its own that touches no database. Connections still open at the deadline are cut.
    """
    if not letters:
        return []
    key = keyring.private_key(USE)
    done: queue.Queue[Letter] = queue.Queue()
    links: list[_Pinned] = []

    def deliver(letter: Letter) -> None:
        done.put(_deliver(letter, key, now, links))

    for letter in letters:
        threading.Thread(target=deliver, args=[letter], daemon=True).start()
    answered: dict[int, Letter] = {}
    while len(answered) < len(letters):
        try:
            letter = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        answered[letter.recipient.pk] = letter
    for link in links:
        link.cut()
    slow = f"TimeoutError: no answer within {ROUND:g} seconds"
    return [answered.get(each.recipient.pk) or replace(each, problem=slow) for each in letters]


def _deliver(letter: Letter, key: Ed25519PrivateKey, now: datetime, links: list["_Pinned"]) -> Letter:
    recipient, problem = letter.recipient, ""
    if recipient.webhook:
        id = f"msg_{recipient.pk}_{letter.entries[0]}_{letter.entries[-1]}"
        try:
            _post(recipient.webhook, letter.body, id, now, key, links)
            return replace(letter, channel=WEBHOOK)
        except Exception as error:  # whatever a stranger's server makes of a request is written down, and no more
            problem = f"{type(error).__name__}: {error}"[:200]
    if letter.mail:
        try:
            _mail(letter)
            return replace(letter, channel=MAIL, problem=problem)
        except OSError as error:
            problem = f"{type(error).__name__}: {error}"[:200]
    return replace(letter, problem=problem)


def _written_down(letter: Letter, now: datetime, sent: Sent) -> None:
    recipient, problem = letter.recipient, letter.problem
    if letter.channel:
        reached = notifications.reached(recipient, letter.entries, letter.channel, now=now)
        if letter.channel == WEBHOOK:
            sent.pushed += reached
        else:
            sent.mailed += reached
    if problem:
        sent.failed += 1
        log.warning("recipient %s could not be told: %s", recipient.code, problem)
    failures = recipient.failures + 1 if problem else 0
    wait = min(FIRST_RETRY * 2 ** min(failures - 1, 20), LONGEST_RETRY) if failures else None
    Recipient.objects.filter(pk=recipient.pk).update(
        failures=failures, problem=problem, retry_at=now + wait if wait else None
    )


def _post(url: str, body: bytes, id: str, now: datetime, key: Ed25519PrivateKey, links: list["_Pinned"]) -> None:
    """POST once, to the address that was checked and no other; OSError unless the answer is 2xx."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(parts.hostname or "", port)
    stamp = str(int(now.timestamp()))
    signature = key.sign(f"{id}.{stamp}.".encode() + body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "chengxin",
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
    }
    link = _Pinned(parts.hostname or "", port, address, secure=parts.scheme == "https")
    links.append(link)
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

    def cut(self) -> None:
        """End whatever still goes on; who reads from it gets an error at once."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _mail(letter: Letter) -> None:
    send_mail(letter.subject, letter.text, None, [letter.recipient.email])
