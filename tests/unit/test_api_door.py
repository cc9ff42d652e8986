"""What the API's door does with every answer, whatever view is behind it."""

from django.http import HttpResponse
from django.test import RequestFactory

from chengxin.web.api.door import door
from chengxin.web.api.limits import Limiter


def view(request) -> HttpResponse:
    return HttpResponse(b'{"a":1}', content_type="application/json")


def test_who_asks_too_often_is_told_when_to_come_back():
    asked = door(view, Limiter(requests=2, seconds=60))
    answers = [asked(RequestFactory().get("/api/v1/")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit"] == f'"default";r=0;t={refused["Retry-After"]}'
    assert refused["RateLimit-Policy"] == '"default";q=2;w=60'


def test_several_kept_copies_and_weak_ones_are_compared():
    asked = door(view, Limiter(requests=100, seconds=60))
    etag = asked(RequestFactory().get("/"))["ETag"]
    for held in (f'"other", {etag}', f"W/{etag}", "*"):
        assert asked(RequestFactory().get("/", HTTP_IF_NONE_MATCH=held)).status_code == 304
    assert asked(RequestFactory().get("/", HTTP_IF_NONE_MATCH='"other"')).status_code == 200


def test_a_view_that_fails_outside_of_the_framework_still_answers_with_a_problem():
    def fails(request):
        raise RuntimeError("inner matters")

    answer = door(fails, Limiter(requests=100, seconds=60))(RequestFactory().get("/"))
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert b"inner matters" not in answer.content


def test_what_a_view_says_about_caching_is_kept():
    def private(request):
        return HttpResponse(b"{}", headers={"Cache-Control": "private, no-cache"})

    answer = door(private, Limiter(requests=100, seconds=60))(RequestFactory().get("/"))
    assert answer["Cache-Control"] == "private, no-cache"
