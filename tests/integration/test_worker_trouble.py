"""Trouble of the platform is no fault of a file: it waits in the queue, and goes through when the trouble is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from tests.databases import Place
from tests.integration import desk_seed as seed
from tests.integration.rounds import Rounds

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import batch, uploads, worker
from chengxin.storage import bulk
from chengxin.storage.models import Submission

FULL = Refusal("platform.disk-full", Text("磁盘写不下了", "the disk takes no more"))


@pytest.fixture(scope="module", autouse=True)
def desk(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with seed.quick_passwords():
        seed.people()
        folder = tmp_path_factory.mktemp("register")
        seed.companies(folder)
        yield folder


@pytest.fixture
def waiting() -> Submission:
    """A file of one penalty in the queue, alone."""
    Submission.objects.filter(state="received").update(state="done")
    data = seed.as_csv([seed.penalty(Submission.objects.count())])
    return uploads.receive(stored=uploads.store([data]), file_name="p.csv", item="xzcf", source=seed.BUREAU_CODE)


def test_a_file_waits_while_the_disk_is_full_however_long(waiting: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise FULL

    with monkeypatch.context() as full:
        full.setattr(batch, "run", run)
        for _ in range(2 * worker.ATTEMPTS):
            with pytest.raises(Refusal, match="disk-full"):
                worker.run_once()
            waiting.refresh_from_db()
            assert (waiting.state, waiting.problem, waiting.finished_at) == ("received", None, None)
    assert worker.run_once() == waiting.id
    waiting.refresh_from_db()
    assert (waiting.state, waiting.accepted) == ("done", 1)


def test_a_database_that_goes_away_in_the_middle_loses_nothing(
    waiting: Submission, monkeypatch: pytest.MonkeyPatch, database: Place
) -> None:
    problems, cut = batch._keep_problems, []

    def cut_off(store: bulk.Store, *more: object) -> None:
        if database.vendor == "postgresql" and not cut:
            cut.append(True)
            (pid,) = store.table("SELECT pg_backend_pid() AS pid").column(0).to_pylist()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        elif not cut:
            cut.append(True)
            raise OperationalError("unable to open database file")
        problems(store, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "_keep_problems", cut_off)
    monkeypatch.setattr(worker, "TROUBLE_PAUSE", 0)
    worker.run_forever(Rounds(3), pause=0)
    assert cut
    waiting.refresh_from_db()
    assert (waiting.state, waiting.accepted, waiting.attempts) == ("done", 1, 2)


def test_the_worker_outlives_a_database_that_does_not_answer(
    waiting: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    silences = [OperationalError("connection refused")] * 3

    def publish() -> bool:
        if silences:
            raise silences.pop()
        return True

    monkeypatch.setattr(worker.publishing, "publish", publish)
    monkeypatch.setattr(worker, "TROUBLE_PAUSE", 0)
    worker.run_forever(Rounds(5), pause=0)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.accepted) == ("done", 1)
