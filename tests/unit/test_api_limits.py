"""How often a client may ask, and who counts as one client."""

import pytest
from django.test import RequestFactory

from chengxin.kernel.refusal import Refusal
from chengxin.web.api import paging
from chengxin.web.api.limits import Limiter, client_of


class Clock:
    def __init__(self) -> None:
        self.now = 120.0

    def __call__(self) -> float:
        return self.now


def test_the_fourth_request_of_three_has_to_wait_for_the_next_minute():
    clock = Clock()
    limiter = Limiter(requests=3, seconds=60, clock=clock)
    assert [limiter.take("a").allowed for _ in range(4)] == [True, True, True, False]
    clock.now += 59
    assert limiter.take("a").resets_in == 1
    clock.now += 1
    assert limiter.take("a").allowed


def test_one_client_does_not_use_up_anothers_requests():
    limiter = Limiter(requests=1, seconds=60, clock=Clock())
    assert limiter.take("a").allowed
    assert limiter.take("b").allowed
    assert not limiter.take("a").allowed


@pytest.mark.parametrize(
    ("proxies", "address", "forwarded", "client"),
    [
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody in front: the header is the client's own invention
        (1, "192.0.2.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "192.0.2.1", "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
    ],
)
def test_the_client_is_whom_the_trusted_proxies_saw(settings, proxies, address, forwarded, client):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_of(request) == client


def test_a_cursor_comes_back_as_it_went_out():
    assert paging.unseal(paging.seal("xzcf.20000.17")) == "xzcf.20000.17"
    assert paging.seal(None) is None
    assert paging.row_number(paging.seal("17")) == 17


@pytest.mark.parametrize("cursor", ["%%%", "中文", "a", "_w"])
def test_a_made_up_cursor_is_refused_with_what_to_do(cursor):
    with pytest.raises(Refusal) as refused:
        paging.row_number(cursor)
    assert refused.value.rule == "api.cursor"
    assert refused.value.remedy.zh
