"""The published withdrawal set and a recipient's own copy of records: offline it learns what it has to ask about."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.databases import Place
from tests.integration import erasure_seed as seed
from tests.integration.desk_seed import quick_passwords
from tests.integration.paper import penalty, uscc

from chengxin.kernel.refusal import Refusal
from chengxin.operations import acts, logkey, recipients, withdrawn, withdrawn_check
from chengxin.operations.deliveries import hand_over, log_size
from chengxin.records.model import Act
from chengxin.storage.models import Record


@pytest.fixture(scope="module")
def copy(database: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Record → withdrawal key, as a recipient keeps them."""
    with quick_passwords():
        seed.people()
    rows = [penalty(n, CF_XDR_SHXYM=uscc(700 + n), CF_XDR_MC=f"澜州示例{n}号有限公司") for n in range(1, 7)]
    seed.hand_in(rows, tmp_path_factory.mktemp("files"))
    recipient = recipients.register(code=uscc(500), name="澜州信用服务公司")
    ids = [bytes(each.id).hex() for each in Record.objects.filter(item="xzcf").order_by("seq")]
    return dict(hand_over(recipient, ids, size=log_size(), door="file"))


def hits(copy: dict[str, str]) -> list[int]:
    """Places (from 0) of the records that the published files hit."""
    listed = Client().get("/api/v1/withdrawn").json()
    full, *deltas = [Client().get(each["url"]).content for each in listed["files"]]
    withdrawn_check.verified(listed, logkey.verifier(), [full, *deltas])
    text = "record,withdrawal_key\n" + "".join(f"{id},{key}\n" for id, key in copy.items())
    result = withdrawn_check.check(io.BytesIO(text.encode()), "copy.csv", full, deltas)
    assert (result.asked, result.until) == (len(copy), log_size())
    return [row - 2 for row in result.hits]


def test_what_acts_ended_is_hit_what_came_back_is_not_and_erasure_is_no_way_out(copy: dict[str, str]) -> None:
    ids = list(copy)
    acts.on_record(Act.SUSPEND, ids[0], by=seed.SOURCE)
    assert withdrawn.publish().kind == "full"
    assert hits(copy) == [0]
    acts.on_record(Act.RESUME, ids[0], by=seed.SOURCE)
    acts.on_record(Act.REPAIR, ids[1], by=seed.SOURCE)
    acts.on_record(Act.OBJECT, ids[2], by=seed.SOURCE)
    assert withdrawn.publish().kind == "delta"
    assert withdrawn.publish() is None, "nothing new, no file"
    assert hits(copy) == [1]
    with quick_passwords():
        seed.erase(ids[3])
    acts.on_record(Act.RESTORE, ids[1], by=seed.SOURCE)
    assert withdrawn.publish().kind == "delta"
    assert hits(copy) == [3]
    assert withdrawn.publish(full=True).kind == "full"
    assert hits(copy) == [3]


def test_it_is_published_every_six_hours_and_full_once_a_week(copy: dict[str, str]) -> None:
    withdrawn.publish(full=True)
    now = timezone.now()
    acts.on_record(Act.OBJECT, list(copy)[4], by=seed.SOURCE)
    assert withdrawn.publish_due(now=now + timedelta(hours=5)) is None
    assert withdrawn.publish_due(now=now + timedelta(hours=7)).kind == "delta"
    acts.on_record(Act.SETTLE, list(copy)[4], by=seed.SOURCE)
    assert withdrawn.publish_due(now=now + timedelta(days=8)).kind == "full"


def test_files_are_kept_by_caches_for_ever_and_names_are_not_guessed(copy: dict[str, str]) -> None:
    made = withdrawn.publish(full=True)
    answer = Client().get(f"/api/v1/withdrawn/{made.name}")
    assert "immutable" in answer["Cache-Control"]
    assert Client(headers={"if-none-match": answer["ETag"]}).get(f"/api/v1/withdrawn/{made.name}").status_code == 304
    for wrong in ("list.json", "..%2Fchengxin.sqlite3", "full-0-0.bin"):
        assert Client().get(f"/api/v1/withdrawn/{wrong}").status_code == 404


def test_a_file_that_was_changed_is_not_believed(copy: dict[str, str], tmp_path: Path) -> None:
    made = withdrawn.publish(full=True)
    data = withdrawn.file(made.name)
    listed = json.loads(Client().get("/api/v1/withdrawn").content)
    with pytest.raises(Refusal, match=r"withdrawn\.files"):
        withdrawn_check.verified(listed, logkey.verifier(), [data[:-1] + b"x"])
    listed["files"][0]["note"] = logkey.signed(len(data), bytes(32), "/withdrawn")
    with pytest.raises(Refusal, match=r"withdrawn\.files"):
        withdrawn_check.verified(listed, logkey.verifier(), [data])
    without_item = next(iter(copy.values())).rsplit("/", 1)[0]
    for text, rule in (
        ("a\n1\n", r"file\.layout"),
        ("withdrawal_key\nzz\n", r"withdrawn\.key"),
        (f"withdrawal_key\n{without_item}\n", r"withdrawn\.key"),
    ):
        with pytest.raises(Refusal, match=rule):
            withdrawn_check.check(io.BytesIO(text.encode()), "x.csv", data)
    with pytest.raises(Refusal, match=r"withdrawn\.files"):
        withdrawn_check.check(io.BytesIO(f"withdrawal_key\n{next(iter(copy.values()))}\n".encode()), "x.csv", b"no")
