"""Signing in through an identity provider: a provider on this machine, signed tokens, and what happens to false ones."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed
from tests.integration.desk_seed import COMPANIES

from chengxin.operations import authorisations, identity
from chengxin.storage.models import Authorisation

FIRST, SECOND = list(COMPANIES)[:2]
CLIENT = "chengxin-test"


class Provider:
    """An identity provider: discovery, keys and tokens; ``claims`` and ``key`` are what it will say and sign with."""

    def __init__(self) -> None:
        self.true_key = self.key = ec.generate_private_key(ec.SECP256R1())
        self.claims: dict[str, object] = {}
        self.forms: list[dict[str, list[str]]] = []
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
                self.say(known[self.path]())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.forms.append(parse_qs(body))
                assert self.headers["Content-Type"] == identity.FORM
                self.say({"id_token": provider.token()})

            def say(self, what: dict) -> None:
                data = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """A test's output is no access log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def discovery(self) -> dict[str, str]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.issuer} | {name: self.issuer + path for name, path in ends.items()}

    def keys(self) -> dict[str, object]:
        key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.true_key.public_key()))
        return {"keys": [{**key, "kid": "one", "use": "sig", "alg": "ES256"}]}

    def token(self) -> str:
        now = datetime.now(UTC)
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "person-7", "iat": now, "exp": now + timedelta(minutes=5)}
        return jwt.encode({**said, **self.claims}, self.key, algorithm="ES256", headers={"kid": "one"})


@pytest.fixture(scope="module")
def base(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    desk_seed.people()
    desk_seed.companies(tmp_path_factory.mktemp("seed"))


@pytest.fixture
def provider(base: None, settings) -> Iterator[Provider]:
    made = Provider()
    settings.IDENTITY_ISSUER, settings.IDENTITY_CLIENT, settings.IDENTITY_SECRET = made.issuer, CLIENT, "secret"
    yield made
    made.server.shutdown()
    made.server.server_close()


def go(provider: Provider, client: Client, **claims: object) -> object:
    """Go to the provider and come back with what it says; returns our answer."""
    where = urlsplit(client.get("/my/identity")["Location"])
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert asked["code_challenge_method"] == "S256"
    provider.claims = {"nonce": asked["nonce"], "organisation_code": FIRST, **claims}
    return client.get("/my/identity/back", {"code": "c0de", "state": asked["state"]})


def test_a_claim_opens_the_entrance_for_a_day_and_no_longer_than_it_is_made(provider: Provider) -> None:
    client = Client()
    assert "用统一身份认证登录" in client.get("/my/sign-in").content.decode()
    assert go(provider, client, organisation_code=[FIRST, SECOND, "91990100000000000X"])["Location"] == "/my/"
    assert len(provider.forms[-1]["code_verifier"][0]) >= 43
    page = client.get("/my/").content.decode()
    assert COMPANIES[FIRST] in page
    assert COMPANIES[SECOND] in page
    row = Authorisation.objects.get(subject=FIRST)
    assert (row.way, row.decided_by) == ("identity", "identity")
    assert authorisations.holders(row.user, day=row.until + timedelta(days=1)) == []
    assert client.get("/desk/").status_code == 403
    go(provider, Client(), organisation_code=[SECOND])
    assert [each.subject for each in authorisations.holders(row.user)] == [SECOND]
    assert Authorisation.objects.filter(user=row.user).count() == 2, "what still holds is not written twice"


def test_behind_a_proxy_that_ends_tls_the_way_back_is_https(provider: Provider, settings) -> None:
    def back(client: Client) -> str:
        return parse_qs(urlsplit(client.get("/my/identity")["Location"]).query)["redirect_uri"][0]

    through = Client(headers={"x-forwarded-proto": "https"})
    assert back(through).startswith("http://"), "a header that nobody vouches for says nothing"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert back(through).startswith("https://")
    assert back(Client()).startswith("http://")


def test_somebody_who_acts_for_nobody_is_signed_in_and_sees_nothing(provider: Provider) -> None:
    client = Client()
    go(provider, client, sub="person-8", organisation_code=[])
    assert client.get("/my/record/")["Location"] == "/my/"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"nonce": "of another sign-in"},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"sub": None},
    ],
)
def test_a_token_for_somebody_else_signs_nobody_in(provider: Provider, claims: dict) -> None:
    client = Client()
    answer = go(provider, client, **claims)
    assert answer.status_code == 403
    assert "identity.token" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_token_signed_by_another_key_or_by_none_signs_nobody_in(provider: Provider) -> None:
    client = Client()
    provider.key = ec.generate_private_key(ec.SECP256R1())
    assert go(provider, client).status_code == 403
    provider.token = lambda: jwt.encode({**provider.claims, "sub": "x"}, None, algorithm="none")
    assert go(provider, client).status_code == 403
    assert "_auth_user_id" not in client.session


def test_an_answer_nobody_asked_for_is_not_taken_and_none_is_taken_twice(provider: Provider) -> None:
    client = Client()
    assert client.get("/my/identity/back", {"code": "c", "state": ""}).status_code == 403
    where = client.get("/my/identity")["Location"]
    state = parse_qs(urlsplit(where).query)["state"][0]
    assert client.get("/my/identity/back", {"code": "c", "state": "forged"}).status_code == 403
    assert client.get("/my/identity/back", {"code": "c", "state": state}).status_code == 403
    assert "identity.lost" in client.get("/my/identity/back", {"code": "c", "state": state}).content.decode()


def test_a_provider_that_is_away_is_said_to_be_away(base: None, settings) -> None:
    settings.IDENTITY_ISSUER, settings.IDENTITY_CLIENT = "http://127.0.0.1:9", CLIENT
    answer = Client().get("/my/identity")
    assert answer.status_code == 502
    assert "暂时不能访问" in answer.content.decode()
    settings.IDENTITY_ISSUER = ""
    assert Client().get("/my/identity")["Location"].startswith("/my/sign-in")
