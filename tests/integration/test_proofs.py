"""Proofs by API: for every entry and every growth of the log, and files that verify.py accepts."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from tests.integration import site_seed

from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify
from chengxin.ledger.verify import Checkpoint, consistent, parse_checkpoint, parse_note, root_from
from chengxin.ledger.witness import witness_key
from chengxin.operations import logkey, proofs, tokens, witnessing
from chengxin.storage.models import LedgerBatch, Submission
from chengxin.web.api import shapes


@pytest.fixture(scope="module")
def city(database):
    return site_seed.seed()


@pytest.fixture
def client(city) -> Client:
    return Client(headers={"host": "127.0.0.1"})


def keys() -> list[verify.Key]:
    return [verify.parse_key(line) for line in logkey.verifiers()]


def decoded(path: list[str]) -> list[bytes]:
    return [base64.b64decode(step) for step in path]


def head() -> Checkpoint:
    return parse_checkpoint(parse_note(witnessing.head().note).text)


def test_every_entry_of_the_log_is_proven_to_whoever_asks(client):
    last = head()
    for index in range(last.size):
        told = shapes.InclusionShape.model_validate(client.get(f"/api/v1/log/inclusion?index={index}").json())
        leaf = verify.leaf_hash(told.leaf.encode())
        assert base64.b64decode(told.leaf_hash) == leaf
        assert root_from(index, last.size, leaf, decoded(told.path)) == last.root == base64.b64decode(told.root)
        assert parse_checkpoint(parse_note(told.checkpoint).text) == last


def test_an_entry_is_proven_in_every_earlier_log_that_had_it(client):
    for size in range(5, head().size):
        told = client.get(f"/api/v1/log/inclusion?index=4&size={size}").json()
        leaf = verify.leaf_hash(told["leaf"].encode())
        assert root_from(4, size, leaf, decoded(told["path"])) == base64.b64decode(told["root"])


def test_every_growth_of_the_log_is_proven_to_whoever_asks(client):
    size, roots = head().size, {}
    for old in range(1, size + 1):
        told = shapes.ConsistencyShape.model_validate(client.get(f"/api/v1/log/consistency?old={old}").json())
        roots[old] = base64.b64decode(told.old_root)
        assert consistent(Checkpoint("", old, roots[old]), head(), decoded(told.path))
    told = client.get("/api/v1/log/consistency?old=3&new=19").json()
    assert base64.b64decode(told["new_root"]) == roots[19]
    assert consistent(Checkpoint("", 3, roots[3]), Checkpoint("", 19, roots[19]), decoded(told["path"]))


@pytest.mark.parametrize(
    "asked",
    [
        *("inclusion?index=9999", "inclusion?index=4&size=4", "inclusion?index=0&size=9999"),
        *("consistency?old=9999", "consistency?old=5&new=4", "entries/9999.tlog-proof"),
    ],
)
def test_what_the_log_does_not_have_is_refused_with_the_reason(client, asked):
    answer = client.get(f"/api/v1/log/{asked}")
    assert (answer.status_code, answer.json()["rule"]) == (422, "log.beyond")
    assert answer.json()["remedy"]["zh"]


@pytest.mark.parametrize("asked", ["inclusion?index=-1", "inclusion", "consistency?old=0", f"inclusion?index={2**63}"])
def test_what_is_no_number_of_an_entry_is_refused(client, asked):
    assert client.get(f"/api/v1/log/{asked}").json()["rule"] == "api.parameter"


def test_stock_clients_get_the_same_proof_in_their_own_form(client):
    text = client.get("/api/v1/log/entries/7.tlog-proof").content.decode()
    kind, index, *path = text.partition("\n\n")[0].split("\n")
    note = text.partition("\n\n")[2]
    assert (kind, index) == ("c2sp.org/tlog-proof@v1", "index 7")
    leaf = verify.leaf_hash(proofs.inclusion(7)["leaf"].encode())
    stated = parse_checkpoint(parse_note(note).text)
    assert root_from(7, stated.size, leaf, decoded(path)) == stated.root


def test_the_proof_of_a_record_is_a_file_that_the_offline_program_accepts(client, city):
    for record, given in ((city.licences[0], True), (city.open_penalty, False)):
        told = client.get(f"/api/v1/records/{record}").json()["links"]["proof"]
        file = client.get(told).json()
        shapes.ProofShape.model_validate(file)
        report = verify.check(file, keys())
        assert report.faults == []
        assert ("content.same" in [line[0] for line in report.held]) is given, "content only where all of it is public"


def test_an_ended_record_has_no_proof_and_answers_as_one_that_never_was(client, city):
    ended, never = (client.get(f"/api/v1/records/{id}/proof") for id in (city.ended, "f" * 32))
    assert (ended.status_code, never.status_code) == (404, 404)
    assert ended.json() | {"instance": ""} == never.json() | {"instance": ""}


@pytest.fixture(scope="module")
def receipt(city) -> Submission:
    """The receipt of the first batch, which ended before the last one was written."""
    first = LedgerBatch.objects.order_by("first_seq").first()
    return Submission.objects.create(
        id=first.id,
        source_id=site_seed.AUTHORITY,
        item="xzcf",
        file_name="处罚.csv",
        state="done",
        batch=first.id,
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def test_a_department_shows_later_what_it_handed_in(receipt):
    token = tokens.issue(source=site_seed.AUTHORITY, label="", by="officer", now=datetime.now(UTC)).token
    asked = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})
    file = asked.get(f"/api/v1/receipts/{receipt.id}/proof").json()
    shapes.ProofShape.model_validate(file)
    report = verify.check(file, keys())
    assert report.faults == []
    assert [line[0] for line in report.held].count("entry.included") == 2, "first and last entry of the batch"
    assert "earlier.kept" in [line[0] for line in report.held]
    assert all(receipt.id in entry["leaf"] for entry in file["entries"])
    assert Client().get(f"/api/v1/receipts/{receipt.id}/proof").status_code == 401


def test_a_receipt_whose_rows_were_all_set_aside_has_nothing_to_prove(receipt):
    with pytest.raises(Refusal, match=r"receipt\.nothing-entered"):
        proofs.of_receipt(Submission(id="R-20261120-0009", batch=""))


def test_a_record_whose_checkpoint_is_held_back_is_shown_as_waiting(client, city, tmp_path, settings):
    rules = tmp_path / "policy"
    rules.write_text("quorum none\n")
    settings.LOG_POLICY, settings.LOG_BELOW_QUORUM = str(rules), "hold"
    assert witnessing.head().newest, "where no quorum is asked for nothing is held back"
    nobody = witness_key("w.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    rules.write_text(f"witness W {nobody.line}\nquorum W\n")
    assert witnessing.head() is None
    assert "待写入检查点" in client.get(f"/record/{city.licences[0]}").content.decode()
    assert client.get(f"/record/{city.licences[0]}/proof").status_code == 404
    told = client.get(f"/api/v1/records/{city.licences[0]}/proof")
    assert (told.status_code, told.json()["rule"]) == (422, "log.pending")


def test_proof_files_are_json_that_survives_being_sent_around(client, city):
    page = client.get(f"/record/{city.licences[0]}/proof")
    assert page["Content-Disposition"].endswith('.json"')
    assert verify.check(json.loads(page.content.decode()), keys()).faults == []
