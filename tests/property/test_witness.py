"""Whatever a log tries, in whatever order, its witness stands by one growing history and signs nothing else."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.foreign_log import ForeignLog

from chengxin.ledger import proof
from chengxin.ledger.verify import Checkpoint, consistent
from chengxin.ledger.witness import Request, Verdict, decide, parse_request

SIZE = 40


@cache
def history(fork: int) -> ForeignLog:
    """One of several histories of the same log that part at entry ``fork``; SIZE is the one that never parts."""
    log = ForeignLog(SIZE)
    log.leaves[fork:] = [f"another {fork} {n}".encode() for n in range(SIZE - fork)]
    return log


@cache
def note(fork: int, size: int) -> str:
    return history(fork).note(size)


asked = st.tuples(st.sampled_from([0, 1, 7, 20, 39, SIZE]), st.integers(0, SIZE), st.integers(0, SIZE))


@given(st.lists(asked, max_size=25))
@settings(max_examples=60, deadline=None)
def test_all_heads_a_witness_ever_signs_are_of_one_tree(requests):
    stands: Checkpoint | None = None
    keys, signed = [history(SIZE).key], []
    for fork, old, size in requests:
        old = min(old, size)
        path = proof.consistency(old, size, history(fork).read(size))
        request = parse_request(Request(old, path, note(fork, size)).body())
        decision = decide(request, keys, stands)
        if decision.verdict == Verdict.COSIGN:
            assert stands is None or decision.head.size >= stands.size, "never back"
            stands = decision.head
            signed.append((fork, stands))
        else:
            assert decision.verdict in (Verdict.CONFLICT, Verdict.INCONSISTENT)
    for fork, head in signed:
        read = history(signed[-1][0]).read(stands.size)
        if head.size:
            path = proof.consistency(head.size, stands.size, read)
            assert consistent(head, stands, path), f"a head of the history that parts at {fork} was signed too"


@given(st.text(max_size=200))
def test_nonsense_is_no_request(text):
    try:
        request = parse_request(text)
    except ValueError:
        return
    assert parse_request(request.body()) == request
