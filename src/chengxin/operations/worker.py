"""Worker (处理进程): takes handed-in files in the order they came and runs them, one at a time.

One process at a time holds the lock file; a submission it finds ``running`` was left by a process that died and is run
again, which is safe because a submission is all or nothing. A database that is away, or a disk that is full, ends no
worker and no submission: it waits and tries again.
"""

import fcntl
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections, connections
from django.db.models import F
from django.utils import timezone

from chengxin.kernel.refusal import Refusal, of_platform
from chengxin.kernel.text import Text
from chengxin.operations import (
    clock,
    crosscheck,
    erasure,
    judgements,
    progress,
    publishing,
    reminders,
    takedown,
    uploads,
    webhooks,
    withdrawn,
)
from chengxin.operations.mending import settle, settle_unsettled
from chengxin.operations.submit import process
from chengxin.storage.bulk import CUT_OFF
from chengxin.storage.models import Submission

log = logging.getLogger("chengxin.worker")

ATTEMPTS = 3
SWEEP_SECONDS = 3600
PURGE_PAUSE = 600
"""Seconds before purging is tried again after it failed."""
TROUBLE_PAUSE = 30
"""Seconds before anything is tried again when the database is away or takes nothing more."""
_TROUBLE: tuple[type[Exception], ...] = (Error, Refusal, *CUT_OFF)


def run_once() -> str | None:
    """Run the oldest waiting submission to its end; returns its receipt number, None when nothing waits.

    Raises Refusal ``platform.…`` when the platform cannot take it now, whatever the file: it waits again then; and what
    the database raises when it goes away: then it is left for :func:`recover`.
    """
    waiting = Submission.objects.filter(state="received").order_by("received_at", "id").values_list("id", flat=True)
    for number in waiting[:10]:
        # the update decides between two workers that saw the same row
        if Submission.objects.filter(id=number, state="received").update(state="running", attempts=F("attempts") + 1):
            _run(number)
            return number
    return None


def run_all() -> list[str]:
    """Run everything that waits; returns the receipt numbers in order."""
    done = []
    while number := run_once():
        done.append(number)
    return done


def run_forever(stop: threading.Event | None = None, pause: float = 0.5) -> None:
    """Run until ``stop`` is set; ``pause`` seconds between looks at an empty queue.

    Waits for the lock when another worker of this installation is alive, and takes over when it ends.
    """
    stop = stop or threading.Event()
    with _only_worker(stop, pause) as mine:
        while mine and not stop.is_set():
            try:
                _run_on(stop, pause)
            except _TROUBLE:
                log.exception("the platform cannot work now; it is tried again in %s seconds", TROUBLE_PAUSE)
                connections.close_all()  # a connection that was cut off stays so
                stop.wait(TROUBLE_PAUSE)


def _run_on(stop: threading.Event, pause: float) -> None:
    """Begin, and run until ``stop`` is set. Raises what the database raises, and Refusal as :func:`run_once` does."""
    recover()
    settle_unsettled()
    judgements.settle_unsettled()
    swept = purge_from = 0.0
    while not stop.is_set():
        now = timezone.now().timestamp()
        if now - swept > SWEEP_SECONDS:
            sweep()
            clock.tick()
            takedown.settle_silence()
            withdrawn.publish_due()
            swept = now
        publishing.publish()  # what was committed by someone who could not publish it
        _tell()
        if run_once() is None:
            crosscheck.run_waiting()
            if now > purge_from and not _purge():
                purge_from = now + PURGE_PAUSE
            close_old_connections()
            stop.wait(pause)


def _purge() -> bool:
    """Purge what was erased. It takes as long as a copy of the database and may fail for want of space; False then."""
    try:
        erasure.finish()
    except Exception:
        log.exception("what was erased could not be purged; it is tried again in %s seconds", PURGE_PAUSE)
        return False
    return True


def _tell() -> None:
    """Tell recipients what is new, and people what is due. Whatever goes wrong with one of them, files must not wait."""
    try:
        webhooks.send_due()
    except Exception:
        log.exception("recipients could not be told; it is tried again")
    try:
        reminders.send_due()
    except Exception:
        log.exception("reminders could not be sent; it is tried again")


def recover() -> int:
    """Put submissions that a dead process left running back into the queue; returns how many.

    One that was left so often that it must have been what ended the process is not begun again.
    """
    left = Submission.objects.filter(state="running").exclude(upload="")
    for number in left.filter(attempts__gte=ATTEMPTS).values_list("id", flat=True):
        log.error("submission %s was left unfinished %s times and is given up", number, ATTEMPTS)
        given_up = Refusal(
            "platform.given-up",
            Text(
                f"处理这份文件时平台中断了 {ATTEMPTS} 次，不再重试，没有写入任何一行。",
                f"The platform broke off {ATTEMPTS} times while working on this file and does not try again; "
                "not one row was stored.",
            ),
            remedy=Text(
                "请联系信用中心查看日志；可以先把文件拆成几份报送。",
                "Ask the credit centre to look at the log; the file can be split and sent in parts meanwhile.",
            ),
        )
        _end(number, "failed", dict(given_up.to_dict()))
    return left.update(state="received")


def sweep() -> int:
    """Delete uploads whose time is over, see ``uploads.sweep``."""
    return uploads.sweep()


def _run(number: str) -> None:
    try:
        process(number)
        settle(number)
    except Refusal as refusal:
        if of_platform(refusal.rule):
            # begun is not attempted: a disk may be full for days
            again = Submission.objects.filter(id=number, state="running")
            again.update(state="received", attempts=F("attempts") - 1)
            raise
        _end(number, "refused", dict(refusal.to_dict()))
    except CUT_OFF:
        raise  # it stays as it is, and is found by ``recover``
    except Exception:
        incident = secrets.token_hex(4)
        log.exception("submission %s failed, incident %s", number, incident)
        problem = Refusal(
            "platform.failure",
            Text(
                "平台处理这份文件时出错，没有写入任何一行。",
                "The platform failed on this file; not one row was stored.",
            ),
            where=Text(f"事件编号 {incident}", f"incident {incident}"),
            remedy=Text(
                "请把事件编号告诉信用中心；文件不用改，修复后可原样再传。",
                "Give the incident number to the credit centre; the file can be handed in unchanged once it is fixed.",
            ),
        )
        _end(number, "failed", dict(problem.to_dict()))
    finally:
        progress.forget(number)


def _end(number: str, state: str, problem: dict[str, object]) -> None:
    # a submission that was committed before something else failed stays done: its rows are in the log
    Submission.objects.filter(id=number).exclude(state="done").update(
        state=state, problem=problem, finished_at=timezone.now()
    )


@contextmanager
def _only_worker(stop: threading.Event, pause: float) -> Iterator[bool]:
    path = Path(settings.HOME) / "worker.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stop.wait(pause):
                    yield False
                    return
        yield True
    finally:
        os.close(handle)  # closing releases the lock, also when the process is killed
