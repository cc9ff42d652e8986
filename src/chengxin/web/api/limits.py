"""Rate limit (访问频率限制): a fixed window per client, told in every answer (draft-ietf-httpapi-ratelimit-headers).

Counted in the memory of each server process: with N workers a client gets at most N times the figure. That is meant
as a fair-use fence, not as protection against attack, which belongs in front of the server.
"""

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = "default"


@dataclass(frozen=True)
class Standing:
    """Where a client stands: requests left in this window and seconds until the next one."""

    allowed: bool
    left: int
    resets_in: int


class Limiter:
    """At most ``requests`` per client in each window of ``seconds``; windows are aligned, old counts are dropped."""

    def __init__(self, requests: int, seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.requests = requests
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._window = -1
        self._counts: dict[str, int] = {}

    def take(self, client: str) -> Standing:
        """Count one request of the client."""
        now = self._clock()
        window = int(now // self.seconds)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            used = self._counts[client] = self._counts.get(client, 0) + 1
        resets_in = max(1, round((window + 1) * self.seconds - now))
        return Standing(used <= self.requests, max(0, self.requests - used), resets_in)

    def tell(self, response: HttpResponse, standing: Standing) -> None:
        """Write the policy and the standing into the answer."""
        response["RateLimit-Policy"] = f'"{POLICY}";q={self.requests};w={self.seconds}'
        response["RateLimit"] = f'"{POLICY}";r={standing.left};t={standing.resets_in}'


def limiter() -> Limiter:
    """The limiter the settings ask for (CHENGXIN_API_REQUESTS per CHENGXIN_API_SECONDS)."""
    return Limiter(settings.API_REQUESTS, settings.API_SECONDS)


def client_of(request: HttpRequest) -> str:
    """The client's address. Behind CHENGXIN_PROXIES trusted proxies it is that many places from the right of
    X-Forwarded-For (what stands further left anyone can write). IPv6 clients count by their /64 network."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.PROXIES
    if proxies:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(chain) >= proxies:
            address = chain[-proxies]
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        return address
