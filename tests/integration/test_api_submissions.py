"""What a department's own system sees when it hands in files through the API."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.api_seed import NAME, ORGANISATION, OTHER, SOURCE

from chengxin.kernel.refusal import Refusal
from chengxin.operations import tokens, worker
from chengxin.operations.submit import submit_rows
from chengxin.storage.models import ApiToken, LedgerBatch, Source
from chengxin.web.api import shapes

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeded(database) -> None:
    for code, name in ((SOURCE, "澜州市示例局"), (OTHER, "澜州市另一局")):
        Source.objects.create(code=code, name=name)
    submit_rows(rows=[{"DJ_MC": NAME, "DJ_DM": ORGANISATION}], item="djxx", source=SOURCE)


@pytest.fixture
def token(seeded) -> str:
    return tokens.issue(source=SOURCE, label="业务系统", by="test", now=datetime.now(UTC)).token


def bearer(token: str) -> Client:
    return Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)


def csv(**changes: str) -> io.BytesIO:
    row = {
        "行政相对人名称": NAME,
        "行政相对人类别": "法人及非法人组织",
        "行政相对人代码_1(统一社会信用代码)": ORGANISATION,
        "法定代表人": "示例",
        "行政处罚决定书文号": "澜示罚〔2026〕90号",
        "违法行为类型": "示例违法行为",
        "违法事实": "示例事实",
        "处罚依据": "示例依据",
        "处罚类别": "没收违法所得",
        "处罚内容": "没收违法所得1万元",
        "没收违法所得、没收非法财物的金额（万元）": "1",
        "处罚决定日期": "2026/11/02",
        "处罚有效期": "2099/12/31",
        "处罚机关": "澜州市示例局",
        "处罚机关统一社会信用代码": SOURCE,
        "数据来源单位": "澜州市示例局",
        "数据来源单位统一社会信用代码": SOURCE,
    } | changes
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    file = io.BytesIO(text.encode())
    file.name = "十一月处罚.csv"
    return file


def test_a_token_speaks_for_its_source_until_it_ends_or_is_revoked(seeded):
    issued = tokens.issue(source=SOURCE, label="一号", by="officer", now=NOW, days=10)
    assert tokens.check(token=issued.token, now=NOW) == SOURCE
    assert tokens.check(token=issued.token, now=NOW + timedelta(days=10)) is None
    assert tokens.revoke(id=issued.id, by="officer", now=NOW)
    assert tokens.check(token=issued.token, now=NOW) is None
    assert not tokens.revoke(id=issued.id, by="other", now=NOW), "the first revocation stands"
    assert tokens.of_source(SOURCE)[0].revoked_at == NOW


def test_the_database_does_not_know_the_token_itself(seeded):
    issued = tokens.issue(source=SOURCE, label="二号", by="officer", now=NOW)
    row = ApiToken.objects.get(pk=issued.id)
    assert issued.token not in {str(getattr(row, field.attname)) for field in ApiToken._meta.fields}
    assert issued.token.startswith(row.hint)


def test_no_token_for_a_source_that_is_not_registered(seeded):
    with pytest.raises(Refusal) as refused:
        tokens.issue(source="unknown", label="", by="officer", now=NOW)
    assert refused.value.rule == "source.unknown"


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_no_token_without_an_end_in_sight(seeded, days):
    with pytest.raises(Refusal) as refused:
        tokens.issue(source=SOURCE, label="", by="officer", now=NOW, days=days)
    assert refused.value.rule == "token.days"


@pytest.mark.parametrize("authorization", ["", "Bearer cxt_made-up", "Bearer ", "Basic abc", "Bearer 中文"])
def test_without_a_good_token_nothing_is_taken(seeded, authorization):
    client = Client(headers={"authorization": authorization}, raise_request_exception=False)
    answer = client.post("/api/v1/submissions", {"file": csv(), "item": "xzcf"})
    assert (answer.status_code, answer.json()["rule"]) == (401, "api.token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_file_becomes_a_receipt_whose_numbers_add_up(token):
    client = bearer(token)
    answer = client.post("/api/v1/submissions", {"file": csv(), "item": "xzcf"})
    assert answer.status_code == 202, answer.content.decode()
    told = shapes.SubmissionShape.model_validate(answer.json())
    assert (told.state, told.source, told.file_name) == ("received", SOURCE, "十一月处罚.csv")
    assert answer["Location"] == f"/api/v1/submissions/{told.id}"
    assert client.get(f"/api/v1/receipts/{told.id}").status_code == 404, "no receipt before the work is done"
    worker.run_all()
    done = shapes.SubmissionShape.model_validate(client.get(answer["Location"]).json())
    assert done.state == "done", done.problem
    receipt = shapes.ReceiptShape.model_validate(client.get(done.links["receipt"]).json())
    counted = ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")
    assert sum(getattr(receipt, outcome) for outcome in counted) == receipt.rows == 1
    assert receipt.accepted == 1, receipt.reasons
    assert receipt.checkpoint is not None
    last = LedgerBatch.objects.order_by("-first_seq").first()
    assert receipt.checkpoint.size == last.first_seq + last.size
    page = client.get(f"/api/v1/subjects/{ORGANISATION}/records").json()
    assert [record["fields"]["CF_WSH"] for record in page["records"]] == ["澜示罚〔2026〕90号"]
    assert page["records"][0]["severity"] == "general"


def test_a_row_that_fails_is_listed_with_its_rules_and_as_it_was_sent(token):
    client = bearer(token)
    number = {"行政处罚决定书文号": "", "处罚决定日期": "2026/02/30"}
    where = client.post("/api/v1/submissions", {"file": csv(**number), "item": "xzcf"})["Location"]
    worker.run_all()
    page = shapes.RowPage.model_validate(client.get(f"{where}/rows").json())
    assert [(row.row, row.outcome) for row in page.rows] == [(2, "quarantined")]
    assert {reason.field for reason in page.rows[0].reasons} >= {"CF_WSH", "CF_JDRQ"}
    assert page.rows[0].cells["CF_JDRQ"] == "2026/02/30"
    assert page.next is None
    assert client.get(f"{where}/rows?after=nonsense").json()["rule"] == "api.cursor"
    assert len(client.get(f"{where}/rows?outcome=quarantined").json()["rows"]) == 1
    assert client.get(f"{where}/rows?outcome=unlinked").json()["rows"] == []
    assert client.get(f"{where}/rows?outcome=doubtful").json()["rule"] == "api.parameter"


def test_another_sources_submission_answers_like_none_at_all(token):
    where = bearer(token).post("/api/v1/submissions", {"file": csv(), "item": "xzcf"})["Location"]
    stranger = bearer(tokens.issue(source=OTHER, label="", by="test", now=datetime.now(UTC)).token)
    seen = stranger.get(where)
    none = stranger.get("/api/v1/submissions/R-20200101-0001")
    assert (seen.status_code, none.status_code) == (404, 404)
    assert seen.json()["what"] == none.json()["what"]
    assert stranger.get(f"{where}/rows").status_code == 404
    worker.run_all()


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ({"item": "xzcf"}, "api.parameter"),
        ({"file": None}, "api.parameter"),
        ({"file": None, "item": "no-such-item"}, "item.unknown"),
        ({"file": None, "item": "djxx"}, "api.item"),
        ({"file": None, "item": "xzcf", "mapping": "/etc/passwd"}, "upload.mapping"),
        ({"file": None, "item": "xzcf", "parent": "R-20200101-0001"}, "upload.parent"),
    ],
)
def test_a_wrong_form_is_refused_with_what_is_wrong(token, form, rule):
    sent = {key: csv() if key == "file" else value for key, value in form.items()}
    answer = bearer(token).post("/api/v1/submissions", sent)
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_file_that_is_too_large_is_refused_as_such(token, settings):
    settings.UPLOAD_MAX_BYTES = 10
    answer = bearer(token).post("/api/v1/submissions", {"file": csv(), "item": "xzcf"})
    assert (answer.status_code, answer.json()["rule"]) == (413, "upload.too-large")
