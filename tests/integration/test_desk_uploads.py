"""A file on its way in: encrypted while it arrives, queued in order, deleted after its time."""

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.kernel.refusal import Refusal
from chengxin.operations import uploads, worker
from chengxin.storage.models import Submission

MARK = "澜环罚〔2026〕77号"


@pytest.fixture(scope="module", autouse=True)
def desk(database: Place) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        yield


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": "clerk", "password": seed.PASSWORD})
    return client


def a_file(name: str = "penalties.csv", rows: int = 3) -> SimpleUploadedFile:
    data = seed.as_csv(seed.penalty(77, BZ="说明" * 200) for _ in range(rows))
    return SimpleUploadedFile(name, data, "text/csv")


def on_disk() -> list[Path]:
    return [path for path in Path(settings.HOME).rglob("*") if path.is_file() and "uploads" in path.parts]


def test_an_upload_gets_a_number_and_nothing_of_it_lies_on_disk_in_plain(clerk: Client) -> None:
    file = a_file(rows=4000)  # larger than Django keeps in memory
    data = file.read()
    file.seek(0)
    answer = clerk.post("/desk/submissions/new", {"item": "xzcf", "file": file})
    number = answer["Location"].rpartition("/")[2]
    received = Submission.objects.get(id=number)
    assert received.state == "received"
    assert received.by == "clerk"
    assert received.source_id == seed.BUREAU_CODE
    assert received.file_digest == hashlib.sha256(data).hexdigest()
    assert received.file_size == len(data)
    assert on_disk()
    assert all(MARK.encode() not in path.read_bytes() for path in on_disk())
    with uploads.open_upload(received) as plain:
        assert plain.read() == data


def test_the_key_is_the_owners_alone(clerk: Client) -> None:
    uploads.upload_key()
    mode = (Path(settings.HOME) / "keys" / "uploads").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(uploads.upload_key()) == uploads.KEY_BYTES


def test_two_processes_that_make_the_key_at_once_end_with_one(home: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(uploads.upload_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"item": "xzcf"}, "请选择要上传的文件"),
        ({"file": True}, "请选择报送事项"),
        ({"item": "djxx", "file": True}, "请选择报送事项"),
        ({"item": "xzcf", "file": True, "mapping": "../../etc"}, "没有这个对照表"),
    ],
)
def test_what_is_missing_is_said_at_the_field(clerk: Client, given: dict[str, object], said: str) -> None:
    before = Submission.objects.count()
    left = set(on_disk())
    posted = {key: a_file() if value is True else value for key, value in given.items()}
    answer = clerk.post("/desk/submissions/new", posted)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "<title>错误：" in page
    assert Submission.objects.count() == before
    answer.close()
    assert set(on_disk()) == left, "what no submission took over is removed"


def test_an_empty_file_is_refused_with_what_to_do(clerk: Client) -> None:
    empty = SimpleUploadedFile("nothing.csv", b"")
    answer = clerk.post("/desk/submissions/new", {"item": "xzcf", "file": empty})
    assert answer.status_code == 422


def test_a_file_above_the_limit_is_refused_and_not_kept(clerk: Client, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    left = set(on_disk())
    answer = clerk.post("/desk/submissions/new", {"item": "xzcf", "file": a_file()})
    assert answer.status_code == 422
    assert "文件超过" in answer.content.decode()
    assert set(on_disk()) == left


def test_files_of_people_who_are_not_signed_in_are_dropped(clerk: Client) -> None:
    left = set(on_disk())
    answer = Client().post("/desk/submissions/new", {"item": "xzcf", "file": a_file()})
    assert answer.status_code == 302
    assert set(on_disk()) == left


def test_when_the_disk_is_full_the_sender_is_told_that_nothing_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(src, dst, key) -> None:
        src.read(10)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "encrypt_stream", full)
    with pytest.raises(Refusal) as refused:
        uploads.store([b"x" * (2 << 20)] * 3)
    assert refused.value.rule == "upload.disk"
    assert "没有任何一行" in refused.value.remedy.zh


def test_a_mended_file_must_belong_to_a_receipt_of_the_same_source_and_item() -> None:
    with pytest.raises(Refusal) as refused:
        uploads.receive(
            stored=uploads.store([b"x"]), file_name="a.csv", item="xzcf", source=seed.OTHER_CODE, parent="R-20200101-1"
        )
    assert refused.value.rule == "upload.parent"


def test_uploads_are_deleted_after_their_time_but_never_before_they_were_read() -> None:
    Submission.objects.exclude(upload="").update(upload="")
    waiting, done, fresh = (
        uploads.receive(stored=uploads.store([b"x"]), file_name=name, item="xzcf", source=seed.BUREAU_CODE)
        for name in ("waiting.csv", "done.csv", "fresh.csv")
    )
    old = timezone.now() - timedelta(days=settings.UPLOAD_DAYS, minutes=1)
    Submission.objects.filter(id__in=[waiting.id, done.id]).update(received_at=old)
    Submission.objects.filter(id__in=[done.id, fresh.id]).update(state="done")
    stale = Path(settings.HOME) / "uploads" / "incoming" / "broken-off"
    stale.write_bytes(b"x")
    os.utime(stale, (0, 0))
    assert worker.sweep() == 2
    assert Path(waiting.upload).exists()
    assert Path(fresh.upload).exists()
    assert not Path(done.upload).exists()
    assert not stale.exists()
    done.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        uploads.open_upload(done)
    assert refused.value.rule == "upload.gone"
    Submission.objects.filter(id=waiting.id).update(state="done")


def test_a_number_belongs_to_one_file_also_when_two_arrive_at_once() -> None:
    numbers: list[str] = []

    def hand_in() -> None:
        from django.db import connection

        one = uploads.receive(stored=uploads.store([b"x"]), file_name="a.csv", item="xzcf", source=seed.BUREAU_CODE)
        numbers.append(one.id)
        connection.close()

    threads = [threading.Thread(target=hand_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 6
    Submission.objects.filter(id__in=numbers).update(state="done")


def test_files_are_run_in_the_order_they_came_and_a_failure_keeps_none_from_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Submission.objects.filter(state="received").update(state="done")
    came = [
        uploads.receive(stored=uploads.store([b"x"]), file_name=name, item="xzcf", source=seed.BUREAU_CODE).id
        for name in ("first.csv", "second.csv", "third.csv")
    ]
    ran: list[str] = []

    def process(number: str) -> None:
        ran.append(number)
        if number == came[1]:
            raise RuntimeError("something unforeseen")
        Submission.objects.filter(id=number).update(state="done")

    monkeypatch.setattr(worker, "process", process)
    assert worker.run_all() == came == ran
    failed = Submission.objects.get(id=came[1])
    assert failed.state == "failed"
    assert "事件编号" in failed.problem["where"]["zh"]
    assert "something unforeseen" not in str(failed.problem)


def test_a_file_whose_worker_died_is_run_again() -> None:
    left = uploads.receive(stored=uploads.store([b"x"]), file_name="a.csv", item="xzcf", source=seed.BUREAU_CODE)
    Submission.objects.filter(id=left.id).update(state="running")
    assert worker.recover() == 1
    left.refresh_from_db()
    assert left.state == "received"
    Submission.objects.filter(id=left.id).update(state="done")


def test_a_file_that_ends_the_worker_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    Submission.objects.filter(state__in=("received", "running")).update(state="done")
    left = uploads.receive(stored=uploads.store([b"x"]), file_name="a.csv", item="xzcf", source=seed.BUREAU_CODE)
    monkeypatch.setattr(worker, "_run", lambda number: None)  # the process ends in the middle of it
    for attempt in range(worker.ATTEMPTS):
        assert worker.recover() == int(attempt > 0)
        assert worker.run_once() == left.id
    assert worker.recover() == 0
    left.refresh_from_db()
    assert (left.state, left.problem["rule"]) == ("failed", "platform.given-up")


def test_only_one_worker_runs_at_a_time_and_the_next_takes_over() -> None:
    stop, second = threading.Event(), threading.Event()
    entered: list[str] = []

    def work(name: str, until: threading.Event) -> None:
        with worker._only_worker(until, 0.05) as mine:
            if mine:
                entered.append(name)
                until.wait(5)

    first = threading.Thread(target=work, args=("first", stop))
    first.start()
    while not entered:
        pass
    other = threading.Thread(target=work, args=("second", second))
    other.start()
    other.join(0.3)
    assert entered == ["first"]
    stop.set()
    first.join()
    while len(entered) < 2:
        pass
    second.set()
    other.join()
    assert entered == ["first", "second"]


def test_what_is_wrong_with_an_upload_is_said_in_the_order_of_the_page(clerk: Client) -> None:
    text = clerk.post("/desk/submissions/new", {}).content.decode()
    summary = text[text.index("govuk-error-summary__list") :]
    assert summary.index("#id_item") < summary.index("#id_file")
    assert text.index('name="item"') < text.index('name="file"')
