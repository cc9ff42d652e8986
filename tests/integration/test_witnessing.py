"""Witnesses: our checkpoints carry their signatures, and we sign for others only what has grown and nothing else."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client
from tests.databases import Place
from tests.integration.foreign_log import ORIGIN, ForeignLog

from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify, witness
from chengxin.ledger.verify import Checkpoint, consistent, parse_checkpoint, parse_note
from chengxin.ledger.witness import SIZE_TYPE, Request, Verdict, cosign, decide, parse_request
from chengxin.operations import acts, logkey, publishing, watching, witnessing
from chengxin.operations.fetching import Reply
from chengxin.operations.witnessing import Outcome, Quorum
from chengxin.storage.models import Cosignature, SplitView, WatchedLog

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Neighbour:
    """A witness next door that stands by the standard: keeps one head, signs what has grown from it."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.url = name, f"https://{name}"
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.line = witness.witness_key(name, self._key).line
        self.head: Checkpoint | None = None
        self.asked: list[Request] = []
        self.down = False

    def answer(self, body: bytes) -> Reply:
        if self.down:
            raise OSError("connection refused")
        request = parse_request(body.decode())
        self.asked.append(request)
        decision = decide(request, [verify.parse_key(line) for line in logkey.verifiers()], self.head)
        if decision.verdict == Verdict.CONFLICT:
            return Reply(409, SIZE_TYPE, f"{self.head.size if self.head else 0}\n".encode())
        if decision.verdict != Verdict.COSIGN:
            return Reply(decision.verdict, "text/plain", b"")
        self.head = decision.head
        line = cosign(parse_note(request.note).text, self.name, self._key, int(NOW.timestamp()))
        return Reply(200, "text/plain", line.encode())


def grow(count: int = 1) -> None:
    acts.enter([{"act": "note", "kind": "test", "n": str(n)} for n in range(count)], by="11990100000000001X")
    publishing.publish()


@pytest.fixture
def neighbours(empty_database: Place, tmp_path: Path, settings) -> list[Neighbour]:
    """Three witnesses of our log, two of which are enough."""
    found = [Neighbour(f"w{n}.example", n) for n in (1, 2, 3)]
    lines = [f"witness W{n} {each.line} {each.url}" for n, each in enumerate(found, start=1)]
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*lines, "group two 2 W1 W2 W3", "quorum two", ""]))
    settings.LOG_POLICY = str(policy)
    grow()
    return found


def collect(neighbours: list[Neighbour]) -> dict[str, Outcome]:
    by_url = {f"{each.url}/add-checkpoint": each for each in neighbours}
    contacts = witnessing.collect(now=NOW, ask=lambda url, body: by_url[url].answer(body))
    return {contact.witness: contact.outcome for contact in contacts}


def test_a_checkpoint_is_published_with_the_signatures_of_its_witnesses(neighbours):
    assert witnessing.head().quorum == Quorum.BELOW
    assert set(collect(neighbours).values()) == {Outcome.COSIGNED}
    head = witnessing.head()
    assert (head.quorum, [name for name, _ in head.cosigned]) == (Quorum.REACHED, [each.name for each in neighbours])
    served = Client(headers={"host": "127.0.0.1"}).get("/log/checkpoint").content.decode()
    assert set(witnessing.policy().cosigned(parse_note(served))) == {"W1", "W2", "W3"}
    told = Client(headers={"host": "127.0.0.1"}).get("/api/v1/checkpoint").json()
    assert (told["note"], told["quorum"], len(told["witnesses"])) == (served, "reached", 3)


def test_a_growing_log_shows_each_witness_the_proof_from_where_it_stands(neighbours):
    collect(neighbours)
    grow(300)
    neighbours[2].down = True
    assert collect(neighbours)["W3"] == Outcome.UNREACHABLE
    grow(5)
    neighbours[2].down = False
    assert set(collect(neighbours).values()) == {Outcome.COSIGNED}
    assert [request.old for request in neighbours[0].asked] == [0, 1, 301]
    assert [request.old for request in neighbours[2].asked] == [0, 1], "it stood where it was when it went down"
    assert collect(neighbours) == {}, "who has signed is not asked again"


def test_a_witness_that_stands_elsewhere_says_so_and_is_asked_from_there(neighbours):
    collect(neighbours)
    grow(10)
    witnessing.WitnessContact.objects.all().delete()  # what we knew of them is lost
    assert set(collect(neighbours).values()) == {Outcome.COSIGNED}
    assert [request.old for request in neighbours[0].asked] == [0, 0, 1]


def test_below_the_quorum_the_checkpoint_is_published_and_marked(neighbours):
    neighbours[0].down = neighbours[1].down = True
    collect(neighbours)
    head = witnessing.head()
    assert (head.quorum, [name for name, _ in head.cosigned]) == (Quorum.BELOW, ["w3.example"])
    page = Client(headers={"host": "127.0.0.1"}).get("/log").content.decode()
    assert "见证不足" in page
    assert "w3.example" in page


def test_a_place_may_choose_to_hold_a_checkpoint_back_until_enough_have_signed(neighbours, settings):
    settings.LOG_BELOW_QUORUM = "hold"
    assert witnessing.head() is None
    assert Client(headers={"host": "127.0.0.1"}).get("/log/checkpoint").status_code == 404
    collect(neighbours)
    grow(4)
    head = witnessing.head()
    assert (head.size, head.quorum, head.newest) == (1, Quorum.REACHED, False)
    assert "正在等待见证" in Client(headers={"host": "127.0.0.1"}).get("/log").content.decode()
    collect(neighbours)
    assert (witnessing.head().size, witnessing.head().newest) == (5, True)


def test_a_witness_that_has_seen_more_than_we_have_raises_the_alarm(neighbours):
    """The database was brought back from an old backup."""
    neighbours[0].head = Checkpoint(settings.LOG_ORIGIN, 40, b"\1" * 32)
    assert collect(neighbours)["W1"] == Outcome.AHEAD
    assert Outcome.AHEAD in witnessing.ALARMS


def test_a_witness_that_has_seen_another_log_of_our_size_raises_the_alarm(neighbours):
    neighbours[0].head = Checkpoint(settings.LOG_ORIGIN, 1, b"\1" * 32)
    assert collect(neighbours)["W1"] == Outcome.CONFLICT
    grow(2)
    assert collect(neighbours)["W1"] == Outcome.REFUSED, "no proof can lead from there to here"
    assert Outcome.CONFLICT in witnessing.ALARMS


def test_a_signature_that_is_not_the_witnesses_is_never_published(neighbours):
    neighbours[0].answer = neighbours[1].answer
    assert collect(neighbours)["W1"] == Outcome.WRONG_SIGNATURE
    assert Cosignature.objects.filter(witness=neighbours[0].line).count() == 0


def test_what_a_witness_answers_is_told_in_words(neighbours):
    answers = {404: "unknown-log", 403: "unknown-key", 422: "refused", 400: "refused", 503: "unreachable"}
    for status, outcome in answers.items():
        neighbours[0].answer = lambda body, status=status: Reply(status, "text/plain", b"")
        found = collect(neighbours)["W1"]
        assert (status, found) == (status, outcome)
        assert witnessing.SAYINGS[found].zh


def test_a_policy_that_cannot_be_used_is_refused_with_the_line(neighbours, settings):
    Path(settings.LOG_POLICY).write_text("quorum nobody\n")
    with pytest.raises(Refusal, match=r"log\.policy") as refused:
        witnessing.policy()
    assert "line 1" in refused.value.where.en
    assert witnessing.head().quorum == Quorum.BELOW, "pages go on, and say that nobody stands by the checkpoint"
    settings.LOG_BELOW_QUORUM = "hold"
    assert witnessing.head() is None


@pytest.fixture
def watched(database: Place, tmp_path: Path, settings) -> ForeignLog:
    """We are a witness of the province's log, and have signed nothing yet."""
    WatchedLog.objects.all().delete()
    SplitView.objects.all().delete()
    log = ForeignLog(300)
    policy = tmp_path / "logs"
    policy.write_text(f"log {log.key.line}\nquorum none\n")
    settings.WITNESS_LOGS = str(policy)
    return log


def post(request: Request | str):
    body = request.body() if isinstance(request, Request) else request
    return Client(headers={"host": "127.0.0.1"}).post("/witness/add-checkpoint", body, content_type="text/plain")


def test_we_sign_what_has_grown_and_remember_it(watched):
    key = verify.parse_key(watching.verifier())
    for old, size in ((0, 1), (1, 256), (256, 300), (300, 300)):
        answer = post(watched.request(old, size))
        assert answer.status_code == 200
        assert witness.cosigned_by(parse_note(watched.note(size)).text, answer.content.decode(), key) is not None
        assert WatchedLog.objects.get().size == size


def test_whoever_asks_from_elsewhere_is_told_where_we_stand(watched):
    post(watched.request(0, 200))
    answer = post(watched.request(0, 300))
    assert (answer.status_code, answer["Content-Type"], answer.content) == (409, "text/x.tlog.size", b"200\n")
    smaller = post(watched.request(100, 150))
    assert (smaller.status_code, WatchedLog.objects.get().size) == (409, 200), "never back"


def test_we_never_sign_two_heads_and_keep_the_evidence(watched):
    post(watched.request(0, 300))
    watched.leaves[3] = b"rewritten"
    again = post(Request(300, (), watched.note(300)))
    assert again.status_code == 409
    watched.leaves.append(b"more")
    assert post(watched.request(300, 301)).status_code == 422
    assert WatchedLog.objects.get().size == 300
    kept = SplitView.objects.get()
    report = verify.check(kept.proof, [watched.key])
    assert [line[0] for line in report.held][-1] == "split.shown"
    watched.leaves.pop()
    post(Request(300, (), watched.note(300)))
    assert SplitView.objects.count() == 1, "the same evidence is kept once"


def test_strangers_and_nonsense_are_turned_away_by_the_statuses_of_the_protocol(watched):
    other = ForeignLog(10, origin="elsewhere.example/log")
    assert post(other.request(0, 10)).status_code == 404
    forged = ForeignLog(10, seed=9)
    assert post(forged.request(0, 10)).status_code == 403
    assert post(Request(301, (), watched.note(300))).status_code == 400
    for body in ("", "old 01\n\n" + watched.note(1), "old 0\nAAAA\n\n" + watched.note(1), "old 0\n\nno note\n"):
        assert post(body).status_code == 400
    assert (
        post("old 0\n" + f"{base64.b64encode(bytes(32)).decode()}\n" * 64 + "\n" + watched.note(1)).status_code == 400
    )
    assert post("x" * 70_000).status_code == 400
    assert WatchedLog.objects.count() == 0
    assert Client(headers={"host": "127.0.0.1"}).get("/witness/add-checkpoint").status_code == 405


def test_who_is_no_witness_answers_nobody(watched, settings):
    settings.WITNESS_LOGS = ""
    assert post(watched.request(0, 1)).status_code == 404


def test_what_we_sign_says_when(watched):
    answer = watching.add_checkpoint(watched.request(0, 5).body(), now=NOW + timedelta(seconds=7))
    key = verify.parse_key(watching.verifier())
    line, moment = witness.cosigned_by(parse_note(watched.note(5)).text, answer.body, key)
    assert moment == int(NOW.timestamp()) + 7
    assert line == answer.body


def test_a_witness_that_forgot_what_it_signed_goes_on_under_a_new_key(watched):
    before = watching.verifier()
    assert watching.verifier() == before
    after = watching.renew()
    assert after != before
    answer = post(watched.request(0, 5)).content.decode()
    text = parse_note(watched.note(5)).text
    assert witness.cosigned_by(text, answer, verify.parse_key(before)) is None
    assert witness.cosigned_by(text, answer, verify.parse_key(after)) is not None


def test_a_city_and_a_province_can_watch_each_other(neighbours, tmp_path, settings):
    """Our own log shown to ourselves by the web's door: both sides speak the same protocol."""
    own = tmp_path / "own"
    own.write_text("\n".join([f"log {line}" for line in logkey.verifiers()]) + "\nquorum none\n")
    settings.WITNESS_LOGS = str(own)
    policy = tmp_path / "mutual"
    policy.write_text(f"witness us {watching.verifier()} https://us.example/witness\nquorum us\n")
    settings.LOG_POLICY = str(policy)

    def ask(url: str, body: bytes) -> Reply:
        assert url == "https://us.example/witness/add-checkpoint"
        answer = Client(headers={"host": "127.0.0.1"}).post("/witness/add-checkpoint", body, content_type="text/plain")
        return Reply(answer.status_code, answer["Content-Type"].partition(";")[0], answer.content)

    for count in (1, 300):
        grow(count)
        assert [contact.outcome for contact in witnessing.collect(now=NOW, ask=ask)] == [Outcome.COSIGNED]
    head = witnessing.head()
    assert head.quorum == Quorum.REACHED
    stands = WatchedLog.objects.get()
    assert (stands.size, bytes.fromhex(stands.root)) == (head.size, head.root)
    assert consistent(parse_checkpoint(parse_note(stands.note).text), Checkpoint(ORIGIN, head.size, head.root), ())
