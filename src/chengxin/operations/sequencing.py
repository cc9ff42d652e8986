"""Group commit (成组提交): single acts that come at the same time share one transaction, one flush of the disk, one publication.

Whoever comes first does the work of all who wait, each in a savepoint of its own: one that fails takes nobody with it. Each act
still has its own batch, number and signed checkpoint; what it shares is the wait for the disk.
"""

import contextvars
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, transaction

from chengxin.operations import publishing
from chengxin.storage import sequencing

Result = TypeVar("Result")

MOST = 256
"""Acts in one transaction at most: the last of them should not keep the first waiting."""


class _Waiting(Generic[Result]):
    """One caller's work and what came of it. It runs as its caller would have: same language, same signed-in person."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._context = contextvars.copy_context()
        self.settled = False
        self.error: BaseException | None = None
        self.result: Result | None = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.result = self._context.run(self._work)
        except Exception as error:
            self.error = error


_waiting: list[_Waiting[Any]] = []
_lists = threading.Lock()
_turn = threading.Lock()


def together(work: Callable[[], Result]) -> Result:
    """Run ``work`` in a transaction that holds the sequencer's place, with others that wait in this process; its result.

    On return everything ``work`` wrote is durable and published. Raises what ``work`` raises (then nothing of it was
    written), or what the commit raises (then nothing of the whole group was). RuntimeError inside a transaction.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a group cannot be committed from inside a transaction")
    mine = _Waiting(work)
    with _lists:
        _waiting.append(mine)
    with _turn:
        while not mine.settled:  # with more than a group before it, it leads theirs first
            _lead()
    if mine.error is not None:
        raise mine.error
    return mine.result  # type: ignore[return-value]


def _lead() -> None:
    """Do the work of those who have waited longest, up to ``MOST`` of them."""
    with _lists:
        group = _waiting[:MOST]
        del _waiting[:MOST]
    try:
        with transaction.atomic():
            sequencing.session()
            for each in group:
                each.run()
    except BaseException as error:
        for each in group:
            each.error = each.error or error
        if not isinstance(error, Exception):
            raise
    finally:
        for each in group:
            each.settled = True
    publishing.publish()
