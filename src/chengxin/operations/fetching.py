"""Asking other logs and witnesses (外部日志访问): one small request over HTTP, bounded in time and size, no redirects."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT = 10.0
MOST_BYTES = 32 * 1024 * 1024
"""An entry bundle of 256 leaves of 64 KiB is 16 MiB; nothing honest is larger."""


@dataclass(frozen=True)
class Reply:
    """What came back (应答): HTTP status, media type without parameters, body."""

    status: int
    media: str
    body: bytes

    def text(self) -> str:
        """The body as text; ValueError when it is not UTF-8."""
        return self.body.decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """A log is where its operator said it is: a redirect is an answer like any other."""


_OPENER = urllib.request.build_opener(_Stay)


def fetch(url: str, body: bytes | None = None, *, timeout: float = TIMEOUT, kind: str = "text/plain") -> Reply:
    """GET, or POST with a body of a media type. Any status is a reply; OSError when there is none, or it is larger than it may be."""
    if not url.startswith(("http://", "https://")):
        raise OSError(f"not an http address: {url}")
    request = urllib.request.Request(url, data=body, headers={"User-Agent": "chengxin", "Content-Type": kind})
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return _reply(answer)
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error)


def _reply(answer: Any) -> Reply:
    body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise OSError("the answer is larger than any honest one")
    return Reply(answer.status, answer.headers.get_content_type(), body)
