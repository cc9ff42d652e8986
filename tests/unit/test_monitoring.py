"""Whoever follows a log sees that it only grew; when it tells two stories, the evidence convinces a third person."""

import json
from pathlib import Path

import pytest
from tests.integration.foreign_log import URL, ForeignLog

from chengxin.kernel.refusal import Refusal
from chengxin.ledger import verify
from chengxin.operations import monitoring
from chengxin.operations.monitoring import State, look


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "monitor" / "province.json"


def seen(log: ForeignLog, memory: Path, **how) -> monitoring.Look:
    return look(URL, memory, fetch=log.fetch, **how)


def convinced(memory: Path, found: monitoring.Look, log: ForeignLog) -> bool:
    """Whether ``verify.py`` accepts the evidence that was kept, knowing only the log's key."""
    file = json.loads(monitoring.evidence_file(memory, found).read_text())
    report = verify.check(file, [log.key])
    return not report.faults and "split.shown" in [line[0] for line in report.held]


def test_a_log_that_only_grows_is_followed_with_the_key_given_once(memory):
    log = ForeignLog(300)
    assert seen(log, memory, keys=[log.key]).state == State.FIRST
    assert seen(log, memory).state == State.UNCHANGED
    for count in (1, 211, 300):
        log.leaves += [f"more {n}".encode() for n in range(count)]
        assert seen(log, memory, entries=True).state == State.GROWN
    assert json.loads(memory.read_text())["note"] == log.note()


def test_without_a_key_nothing_is_believed(memory):
    with pytest.raises(Refusal, match=r"monitor\.key"):
        seen(ForeignLog(3), memory)
    with pytest.raises(Refusal, match=r"monitor\.key"):
        monitoring.keys_of(["not a key"])
    assert seen(ForeignLog(3, seed=8), memory, keys=[ForeignLog(3).key]).state == State.UNSOUND
    assert not memory.exists()


def test_two_roots_for_one_size_are_a_split_view_with_both_checkpoints_as_evidence(memory):
    log = ForeignLog(300)
    first = seen(log, memory, keys=[log.key])
    log.leaves[17] = b"rewritten"
    found = seen(log, memory)
    assert (found.state, found.before, found.note) == (State.SPLIT, first.note, log.note())
    assert convinced(memory, found, log)
    assert json.loads(memory.read_text())["note"] == first.note, "the head that was believed stays the one remembered"


@pytest.mark.parametrize("before", [1, 64, 200, 256, 257])
@pytest.mark.parametrize("changed", [0, -1])
def test_a_rewritten_entry_in_a_log_that_grew_is_a_split_view(memory, before, changed):
    log = ForeignLog(before)
    seen(log, memory, keys=[log.key])
    log.leaves[changed] = b"rewritten"
    log.leaves += [f"more {n}".encode() for n in range(300)]
    found = seen(log, memory)
    assert found.state == State.SPLIT
    assert convinced(memory, found, log)


def test_an_entry_thinned_out_of_the_past_is_a_split_view(memory):
    log = ForeignLog(300)
    seen(log, memory, keys=[log.key])
    del log.leaves[100]
    log.leaves += [b"one", b"two"]
    assert seen(log, memory).state == State.SPLIT


def test_a_head_older_than_one_seen_is_not_taken_for_the_present(memory):
    log = ForeignLog(300)
    seen(log, memory, keys=[log.key])
    log.size = 200
    found = seen(log, memory)
    assert (found.state, found.sound, found.detail) == (State.OLDER, False, "")
    del log.leaves[200:]
    assert seen(log, memory).detail == "the log no longer serves the larger tree"


def test_an_older_head_of_another_tree_is_a_split_view(memory):
    log, other = ForeignLog(300), ForeignLog(200)
    seen(log, memory, keys=[log.key])
    other.leaves[3] = b"rewritten"

    def two_faced(url: str):
        return (other if url.endswith("checkpoint") else log).fetch(url)

    found = look(URL, memory, fetch=two_faced)
    assert found.state == State.SPLIT
    assert convinced(memory, found, log)


def test_tiles_and_entries_that_do_not_fit_the_checkpoint_are_named(memory):
    log, other = ForeignLog(300), ForeignLog(300)
    other.leaves[280] = b"rewritten"

    def served(by_other: str):
        return lambda url: (other if by_other in url else log).fetch(url)

    assert "tiles" in look(URL, memory, keys=[log.key], fetch=served("/tile/0/")).detail
    assert look(URL, memory, keys=[log.key], fetch=served("/tile/entries/")).sound, "leaves are fetched when asked for"
    log.leaves.append(b"one more")
    other.leaves.append(b"one more")
    found = look(URL, memory, fetch=served("/tile/entries/"), entries=True)
    assert found.sound, "only what is new is fetched"
    memory.unlink()
    found = look(URL, memory, keys=[log.key], fetch=served("/tile/entries/"), entries=True)
    assert (found.state, "entries" in found.detail) == (State.UNSOUND, True)


def test_a_log_that_drops_partial_tiles_is_read_from_the_full_ones(memory):
    log = ForeignLog(512)
    log.size = 300
    log.lost = {"tile/0/001.p/44"}
    assert seen(log, memory, keys=[log.key]).state == State.FIRST


def test_a_log_that_does_not_answer_is_reported_as_that_and_not_as_a_fraud(memory):
    log = ForeignLog(300)
    log.lost = {"tile/1/000", "tile/1/000.p/1"}
    with pytest.raises(Refusal, match=r"monitor\.unreachable"):
        seen(log, memory, keys=[log.key])

    def nobody(url: str):
        raise OSError("connection refused")

    with pytest.raises(Refusal, match=r"monitor\.unreachable"):
        look(URL, memory, keys=[log.key], fetch=nobody)


def test_a_damaged_memory_is_not_taken_for_a_first_look(memory):
    memory.parent.mkdir()
    memory.write_text("{}")
    with pytest.raises(Refusal, match=r"monitor\.memory"):
        seen(ForeignLog(3), memory, keys=[ForeignLog(3).key])


def test_too_few_witnesses_are_reported(memory):
    log = ForeignLog(300)
    rules = verify.parse_policy(f"log {log.key.line}\nquorum none\n")
    assert seen(log, memory, policy=rules).sound
    strict = verify.Policy(rules.logs, {}, {"g": (1, ())}, "g")
    assert seen(log, memory, policy=strict).state == State.BELOW_QUORUM
    assert json.loads(memory.read_text())["note"] == log.note()
    log.leaves[2] = b"rewritten"
    assert seen(log, memory, policy=strict).state == State.SPLIT, "what the log signed counts against it all the same"
