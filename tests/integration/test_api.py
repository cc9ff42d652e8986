"""What a program sees that asks the API about organisations and their records."""

import pytest
from django.test import Client
from tests.integration.api_seed import FORMER, NAME, ORGANISATION, SOURCE, seed

from chengxin.web.api import shapes

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def ids(database) -> list[str]:
    return seed(records=5)


@pytest.fixture
def client(ids) -> Client:
    return Client(raise_request_exception=False)


def test_an_organisation_is_found_by_its_code_with_names_and_registration(client):
    answer = client.get(f"/api/v1/subjects/{ORGANISATION}")
    assert answer.status_code == 200
    told = shapes.SubjectShape.model_validate(answer.json(), strict=False)
    assert (told.name, told.code, told.provisional) == (NAME, ORGANISATION, False)
    assert {(name.text, name.kind) for name in told.names} == {(NAME, "current"), (FORMER, "former")}
    assert told.registration["DJ_JG"] == "澜州市示例登记局"
    assert NAME.encode() in answer.content, "Chinese is written as Chinese"


@pytest.mark.parametrize("written", [ORGANISATION.lower(), "990100000000015", f" {ORGANISATION} "])
def test_a_code_may_be_written_in_lower_case_or_be_an_old_registration_number(client, written):
    assert client.get(f"/api/v1/subjects/{written}").json()["code"] == ORGANISATION


def test_only_public_records_are_listed_newest_first(client, ids):
    page = client.get(f"/api/v1/subjects/{ORGANISATION}/records").json()
    shapes.RecordPage.model_validate(page)
    assert [record["id"] for record in page["records"]] == ids[:-1]
    assert page["next"] is None
    assert page["records"][0]["window"]["regime"] == "2026-order36"


def test_one_question_may_bring_the_organisation_and_its_newest_records(client, ids):
    told = client.get(f"/api/v1/subjects/{ORGANISATION}", {"records": 2}).json()
    shapes.SubjectShape.model_validate(told)
    rest = client.get(f"/api/v1/subjects/{ORGANISATION}/records", {"after": told["records"]["next"]}).json()
    assert [record["id"] for record in told["records"]["records"] + rest["records"]] == ids[:-1]


def test_pages_follow_one_another_without_gap_or_repetition(client, ids):
    seen, after = [], ""
    for _ in range(10):
        page = client.get(f"/api/v1/subjects/{ORGANISATION}/records", {"limit": 2, "after": after}).json()
        seen += [record["id"] for record in page["records"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ids[:-1]


def test_a_record_shows_who_decided_what_and_where_it_lies_in_the_log(client, ids):
    told = client.get(f"/api/v1/records/{ids[0]}").json()
    shapes.RecordShape.model_validate(told)
    assert told["fields"]["CF_WSH"] == "澜示罚〔2026〕1号"
    assert told["versions"] == [{"seq": 1, "at": "2026-11-01T01:02:03Z", "by": SOURCE, "batch": "R-20261101-0001"}]
    assert "CF_FR_ZJHM" not in told["fields"], "a personal number that got into a content never gets out"


def test_an_ended_record_and_one_that_never_was_answer_alike(client, ids):
    ended, never = ids[-1], "ff" * 16
    answers = [client.get(f"/api/v1/records/{id}") for id in (ended, never)]
    bodies = [answer.content.replace(id.encode(), b"ID") for answer, id in zip(answers, (ended, never), strict=True)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert bodies[0] == bodies[1]
    names = [sorted(set(answer.headers) - {"RateLimit"}) for answer in answers]
    assert names[0] == names[1]


def test_no_earlier_day_can_be_asked_for(client, ids):
    assert client.get(f"/api/v1/records/{ids[-1]}?on=2026-01-01").status_code == 404
    page = client.get(f"/api/v1/subjects/{ORGANISATION}/records?on=2026-01-01").json()
    assert ids[-1] not in [record["id"] for record in page["records"]]


@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/api/v1/subjects/91990100MA0000009X", 404, "api.not-found"),
        (f"/api/v1/subjects/{ORGANISATION}/records?limit=many", 422, "api.parameter"),
        (f"/api/v1/subjects/{ORGANISATION}/records?limit=0", 422, "api.parameter"),
        (f"/api/v1/subjects/{ORGANISATION}/records?after=nonsense", 422, "api.cursor"),
        (f"/api/v1/subjects/{ORGANISATION}/records?after=%00", 422, "api.cursor"),
        ("/api/v1/records/not-a-number", 404, "api.not-found"),
        ("/api/v1/records/%00", 404, "api.not-found"),
        ("/api/v1/subjects/%00", 404, "api.not-found"),
        (f"/api/v1/subjects/{ORGANISATION}/records?item=%00", 422, "api.parameter"),
        ("/api/v1/search?q=%00", 422, "api.parameter"),
        ("/api/v1/nowhere/at/all", 404, "api.not-found"),
        ("/api/v1/search", 422, "api.parameter"),
        ("/api/v1/receipts/R-20261101-0001", 401, "api.token"),
        ("/api/v1/submissions/R-20261101-0001", 401, "api.token"),
    ],
)
def test_every_error_says_what_under_which_rule_and_what_to_do(client, path, status, rule):
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    problem = answer.json()
    shapes.Problem.model_validate(problem)
    assert set(problem) <= set(shapes.Problem.model_fields), "every member is in the contract"
    assert ("errors" in problem) == (rule == "api.parameter")
    assert (problem["rule"], problem["type"]) == (rule, f"urn:chengxin:problem:{rule}")
    assert problem["what"]["zh"]
    assert problem["remedy"]["zh"]
    assert problem["remedy"]["en"]


def test_the_error_speaks_the_language_of_the_caller(client):
    zh = client.get("/api/v1/records/x", headers={"accept-language": "zh-CN"}).json()
    en = client.get("/api/v1/records/x", headers={"accept-language": "en-GB"}).json()
    assert zh["title"] == zh["what"]["zh"]
    assert en["title"] == en["what"]["en"]


def test_a_wrong_method_is_told_which_ones_are_right(client):
    answer = client.delete(f"/api/v1/subjects/{ORGANISATION}")
    assert (answer.status_code, answer["Content-Type"], answer.json()["rule"]) == (405, PROBLEM, "api.method")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/", f"/api/v1/subjects/{ORGANISATION}", "/api/v1/nowhere"])
def test_under_a_foreign_host_name_nothing_is_answered_neither_by_pages_nor_by_the_api(client, path):
    answer = client.get(path, headers={"host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"], answer.json()["rule"]) == (400, PROBLEM, "api.host")
    assert "evil" not in answer.content.decode()
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    assert client.get(path).status_code != 400


def test_a_failure_of_ours_shows_a_number_and_nothing_else(client, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("password=secret")

    monkeypatch.setattr("chengxin.operations.lookup.subject", fail)
    answer = client.get(f"/api/v1/subjects/{ORGANISATION}")
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "secret" not in answer.content.decode()
    assert answer.json()["error"] in caplog.text
    assert set(answer.json()) <= set(shapes.Problem.model_fields), "every member is in the contract"


def test_what_is_unchanged_is_not_sent_again(client):
    first = client.get(f"/api/v1/subjects/{ORGANISATION}/records")
    assert first["Cache-Control"] == "no-cache"
    again = client.get(f"/api/v1/subjects/{ORGANISATION}/records", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    other = client.get(f"/api/v1/subjects/{ORGANISATION}", headers={"if-none-match": first["ETag"]})
    assert other.status_code == 200


def test_every_answer_tells_how_many_requests_are_left(client):
    good = client.get(f"/api/v1/subjects/{ORGANISATION}")
    bad = client.get("/api/v1/records/x")
    for answer in (good, bad):
        assert answer["RateLimit-Policy"].startswith('"default";q=')
        assert answer["RateLimit"].startswith('"default";r=')


def test_a_head_request_gets_the_headers_alone(client):
    got, head = (getattr(client, how)(f"/api/v1/subjects/{ORGANISATION}") for how in ("get", "head"))
    assert (head.status_code, head["ETag"], head.content) == (200, got["ETag"], b"")


def test_the_checkpoint_of_the_log_is_public(client):
    told = client.get("/api/v1/checkpoint").json()
    shapes.CheckpointShape.model_validate(told)
    assert (told["size"], told["root"]) == (7, "ab" * 32)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_search_by_a_persons_number_is_refused_and_not_repeated(client, method):
    number = "99010119000101001"  # no such division; with the right check character
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    number += "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11]
    ask = {
        "get": lambda: client.get("/api/v1/search", {"q": number}),
        "post": lambda: client.post("/api/v1/search", {"q": f"张 {number}"}, content_type="application/json"),
    }[method]
    answer = ask()
    assert (answer.status_code, answer.json()["rule"]) == (422, "api.personal-number")
    assert number not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"q":', 400),
        ("[]", 422),
        ('{"q": null}', 422),
        ('{"q": "\\ud800"}', 422),
        ('{"q": "\\u0000"}', 422),
        ('{"q": "a", "limit": 1000000000}', 422),
        ('{"q": "' + "x" * 100_000 + '"}', 422),
    ],
    ids=["cut off", "no object", "null", "half a character", "NUL", "too many", "too long"],
)
def test_a_body_that_is_not_as_described_is_refused_and_not_repeated(client, body, status):
    answer = client.post("/api/v1/search", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["rule"] == "api.parameter"
    assert len(answer.content) < 2_000


def test_a_search_finds_the_organisation_by_its_exact_name(client):
    for answer in (
        client.get("/api/v1/search", {"q": NAME}),
        client.post("/api/v1/search", {"q": NAME}, content_type="application/json"),
    ):
        told = answer.json()
        shapes.SearchShape.model_validate(told)
        assert [hit["code"] for hit in told["hits"]] == [ORGANISATION]


def test_the_direct_way_and_the_way_through_all_middleware_answer_alike(client, settings):
    direct = "chengxin.web.api.direct.DirectApi"
    through = [name for name in settings.MIDDLEWARE if name != direct]
    answers = []
    for middleware in (through, [through[0], direct, *through[1:]]):
        settings.MIDDLEWARE = middleware
        answers.append(Client(raise_request_exception=False).get(f"/api/v1/subjects/{ORGANISATION}"))
    assert answers[0].content == answers[1].content
    assert answers[0]["ETag"] == answers[1]["ETag"]
    settings.MIDDLEWARE = [through[0], direct, *through[1:]]
    assert Client().get("/").status_code == 200, "pages take their own way"


def test_the_index_leads_on(client):
    told = client.get("/api/v1/").json()
    shapes.IndexShape.model_validate(told)
    assert client.get(told["links"]["openapi"]).status_code == 200
