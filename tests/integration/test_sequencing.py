"""Appending to the log: files and single acts take numbers from one place, and whoever lost the place writes nothing."""

import pytest
from django.db import connection, transaction
from tests.databases import Place

from chengxin.kernel.canonical import encode
from chengxin.ledger.model import Batch
from chengxin.operations import logkey
from chengxin.operations.audit import verify_log
from chengxin.storage import bulk, sequencing
from chengxin.storage.ledger import Appender


def _batch(number: int) -> Batch:
    return Batch(f"R-20261122-{number:04d}", "2026-11-22T02:00:00Z", "operator", "0" * 64)


def _contents(count: int, start: int = 0) -> list[bytes]:
    return [encode({"act": "state", "kind": "test", "record": str(number)}) for number in range(start, start + count)]


def _append_singly(number: int, count: int, fail: bool = False) -> int:
    with transaction.atomic():
        ledger = Appender(sequencing.session(), _batch(number))
        first = ledger.add(_contents(count))
        ledger.close(logkey.signed)
        if fail:
            raise LookupError
    return first


def test_acts_and_files_share_one_sequence(empty_database: Place) -> None:
    assert _append_singly(1, 3) == 0
    with bulk.transaction() as store:
        ledger = Appender(store, _batch(2))
        assert ledger.add(_contents(600)) == 3
        ledger.close(logkey.signed)
    assert _append_singly(3, 1) == 603
    found = verify_log()
    assert (found["size"], found["findings"]) == (604, [])


def test_an_act_outside_a_transaction_is_refused(empty_database: Place) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        sequencing.session()


def test_an_act_that_fails_leaves_no_gap(empty_database: Place) -> None:
    _append_singly(1, 2)
    with pytest.raises(LookupError):
        _append_singly(2, 300, fail=True)
    assert _append_singly(3, 2) == 2
    connection.close()
    assert verify_log() == verify_log() | {"size": 4, "sound": True}
