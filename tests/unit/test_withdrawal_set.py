"""The withdrawal set answers exactly, says so when it is damaged, and deltas bring it up to date."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.disclosure import withdrawn, withdrawn_delta
from chengxin.disclosure.withdrawn import Block, Keys, WithdrawalSet, as_keys, build, key_of
from chengxin.disclosure.withdrawn_delta import Delta, prefixes


def keys(name: str, count: int) -> Keys:
    return as_keys([hashlib.sha256(f"{name} {n}".encode()).digest()[:16] for n in range(count)])


def block(name: str, gone: int, stays: int) -> Block:
    others = keys(f"{name} stays", stays)
    return Block(name, gone + stays, keys(f"{name} gone", gone), lambda: [others[::2], others[1::2]])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 600)), max_size=6))
def test_every_record_gets_the_right_answer(shares: list[tuple[int, int]]) -> None:
    blocks = [block(f"s{n}", gone, stays) for n, (gone, stays) in enumerate(shares)]
    held = WithdrawalSet.from_bytes(build(blocks, {"size": "9"}).to_bytes())
    assert held.about == {"size": "9"}
    for each in blocks:
        for asked, expected in ((each.members, True), *((part, False) for part in each.others())):
            assert (held.holds(asked, [each.name] * len(asked)) == expected).all()


def test_a_stranger_reads_the_set_with_the_lines_of_the_reference() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "withdrawal-set.md"
    lines: dict[str, Any] = {}
    exec(page.read_text().split("```python")[1].split("```")[0], lines)
    blocks = [block("a/xzcf", 300, 200), block("b/xzcf", 40, 400), block("b/xzxk", 3, 900), block("c/xzxk", 0, 50)]
    data = build(blocks, {"size": "10"}).to_bytes()
    parts = lines["read"](data)
    for each in blocks:
        for asked, expected in ((each.members, True), *((part, False) for part in each.others())):
            told = [lines["is_withdrawn"](parts, f"{key.tobytes().hex()}.9.{each.name}") for key in asked]
            assert told == [expected] * len(asked)
    later = f"{blocks[0].members[0].tobytes().hex()}.10.a/xzcf"
    assert not lines["is_withdrawn"](parts, later), "what was stated later is the deltas' business"


def test_a_source_with_everything_withdrawn_and_one_unknown() -> None:
    held = build([block("all", 5, 0)], {})
    assert held.holds(keys("all gone", 5), ["all"] * 5).all()
    assert not held.holds(keys("x", 5), ["unknown"] * 5).any()


def test_a_damaged_file_is_refused() -> None:
    data = build([block("a", 20, 200)], {}).to_bytes()
    for damaged in (b"", b"XXXX", data[:-1], data[: len(data) // 2]):
        with pytest.raises(ValueError, match="withdrawal set"):
            WithdrawalSet.from_bytes(damaged)


def test_the_same_key_twice_cannot_be_solved() -> None:
    twice = np.concatenate([keys("a", 3), keys("a", 1)])
    with pytest.raises(ValueError, match="twice"):
        withdrawn.solve(twice, np.array([0, 1, 0, 1], np.uint32), 1)


def test_the_set_stays_near_the_entropy_bound() -> None:
    shares = [(2_000, 120_000), (1_000, 20_000)]
    made = build([block(f"s{n}", gone, records - gone) for n, (gone, records) in enumerate(shares)], {})
    assert len(made.to_bytes()) * 8 < 1.55 * withdrawn.least_bits(shares)


def test_a_key_says_nothing_and_follows_from_the_nonce() -> None:
    assert key_of(b"n" * 16) == key_of(b"n" * 16) != key_of(b"m" * 16)
    assert len(key_of(b"n" * 16)) == withdrawn.KEY_BYTES


def test_deltas_add_and_take_out_in_order_and_a_missing_one_is_noticed() -> None:
    a, b = (bytes([n]) * 16 for n in (1, 2))
    asked, held = as_keys([a, b]), np.array([False, True])
    first = Delta(10, 10, 20, prefixes([a]), prefixes([b]))
    second = Delta(10, 20, 30, prefixes([b]), prefixes([]))
    again = [Delta.from_bytes(each.to_bytes()) for each in (second, first)]
    assert withdrawn_delta.apply(held, asked, again[1:], 10).tolist() == [True, False]
    assert withdrawn_delta.apply(held, asked, again, 10).tolist() == [True, True]
    assert held.tolist() == [False, True]
    for wrong in ([second], [Delta(9, 10, 20, prefixes([]), prefixes([]))]):
        with pytest.raises(ValueError, match="missing"):
            withdrawn_delta.apply(held, asked, wrong, 10)
    for damaged in (b"", first.to_bytes()[:-1]):
        with pytest.raises(ValueError, match="delta"):
            Delta.from_bytes(damaged)


def test_a_delta_of_six_hours_is_small() -> None:
    """10,000 changes a day are 2,500 in six hours."""
    changed = [hashlib.sha256(bytes([n % 256, n // 256])).digest()[:16] for n in range(2500)]
    assert len(Delta(0, 0, 1, prefixes(changed[:2000]), prefixes(changed[2000:])).to_bytes()) <= 30_000
