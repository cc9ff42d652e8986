"""What an operator sees at the command line: witnesses asked, their answers in words, a foreign log followed, a proof."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.databases import Place
from tests.integration import site_seed
from tests.integration.foreign_log import URL, ForeignLog
from typer.testing import CliRunner, Result

from chengxin.cli import witness as commands  # noqa: F401  (it registers them)
from chengxin.cli.app import app
from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify, witness
from chengxin.operations import logkey, monitoring


@pytest.fixture(scope="module")
def city(sqlite_database: Place) -> site_seed.City:
    return site_seed.seed()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["log", *arguments], catch_exceptions=False)


def test_an_operator_gets_a_proof_file_of_a_record(city):
    done = run("proof", city.licences[0])
    report = verify.check(json.loads(done.stdout), [verify.parse_key(line) for line in logkey.verifiers()])
    assert (done.exit_code, report.faults) == (0, [])
    with pytest.raises(Refusal, match=r"record\.unknown"):
        run("proof", city.ended)


def test_without_a_policy_nobody_is_asked_and_nothing_is_wrong(city):
    told = run("cosign", "--json")
    assert (told.exit_code, json.loads(told.stdout)["quorum"]) == (0, "none")


def test_a_witness_that_cannot_be_reached_is_told_in_words_and_by_the_exit_code(city, tmp_path: Path, settings):
    key = witness.witness_key("w.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    rules = tmp_path / "policy"
    rules.write_text(f"witness W {key.line} http://127.0.0.1:9/witness\nquorum W\n")
    settings.LOG_POLICY = str(rules)
    done = run("cosign", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["quorum"], told["contacts"][0]["outcome"]) == (1, "below", "unreachable")
    assert told["contacts"][0]["says"]
    (listed,) = json.loads(run("witnesses", "--json").stdout)["witnesses"]
    assert (listed["name"], listed["outcome"], listed["size"]) == ("W", "unreachable", 0)


def test_our_witness_key_is_printed_and_renewed(city):
    before = run("witness-key").stdout.strip()
    assert verify.parse_key(before).kind == verify.WITNESS_KEY
    assert run("witness-key", "--renew").stdout.strip() != before


def test_whoever_follows_a_log_learns_by_the_exit_code_whether_it_holds(city, tmp_path: Path, monkeypatch):
    log, memory = ForeignLog(300), tmp_path / "memory.json"
    look = monitoring.look
    monkeypatch.setattr(monitoring, "look", lambda *place, **how: look(*place, **how, fetch=log.fetch))
    follow = ["monitor", URL, "--memory", str(memory), "--json"]
    first = run(*follow, "--key", log.key.line)
    assert (first.exit_code, json.loads(first.stdout)["state"], json.loads(first.stdout)["size"]) == (0, "first", 300)
    log.leaves[4] = b"rewritten"
    split = run(*follow)
    told = json.loads(split.stdout)
    assert (split.exit_code, told["state"]) == (1, "split")
    assert (told["before"], told["now"]) == (json.loads(memory.read_text())["note"], log.note())
    assert verify.check(json.loads(Path(told["evidence"]).read_text()), [log.key]).faults == []
