"""Lists come in by the same door as penalties, are shown in their place, removed, withdrawn and repaired; licences withdrawn by file."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.databases import Databases, Place
from tests.integration import case_seed
from tests.integration.case_seed import APPLICANT, COMMITMENT, COMPANY, FIRST, PROOF, SECOND
from tests.integration.desk_seed import BUREAU_CODE, COMPANIES, quick_passwords
from tests.integration.paper import write_csv

from chengxin.kernel.periods import add_months, today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import acts, cases, lookup, notices, repair, withdrawal
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit
from chengxin.records.model import Act, Record

DAY = today() - timedelta(days=60)
PARTY = {"XDR_MC": COMPANIES[COMPANY], "XDR_LB": "法人及非法人组织", "XDR_SHXYM": COMPANY}


def party(prefix: str) -> dict[str, str]:
    return {f"{prefix}_{field}": text for field, text in PARTY.items()}


def entry(prefix: str) -> dict[str, str]:
    name = "澜州市生态环境局"
    said = {"LRRQ": DAY.isoformat(), "LRJG": name, "LRJGDM": BUREAU_CODE, "SJLY": name, "SJLYDM": BUREAU_CODE}
    return party(prefix) | {f"{prefix}_{field}": text for field, text in said.items()}


ABNORMAL = entry("JY") | {"JY_WSH": "澜异列〔2026〕1号", "JY_LRYY": "未年报"}
SERIOUS = entry("YZ") | {
    "YZ_WSH": "澜失信〔2026〕1号",
    "YZ_MDMC": "安全生产严重失信主体名单",
    "YZ_SXXW": "擅自恢复生产",
    "YZ_LRLY": "被责令停产后擅自恢复生产",
    "YZ_LRYJ": "《某某管理办法》第五条",
    "YZ_YCTJ": "列入满一年，整改到位",
}
LICENCE = party("XK") | {
    "XK_FRDB": "甲某",
    "XK_XKWS": "准予许可决定书",
    "XK_WSH": "澜许〔2026〕1号",
    "XK_XKLB": "普通",
    "XK_NR": "准予从事食品销售",
    "XK_JDRQ": DAY.isoformat(),
    "XK_YXQZ": DAY.isoformat(),
    "XK_YXQZI": "2099-12-31",
    "XK_XKJG": "澜州市生态环境局",
    "XK_XKJGDM": BUREAU_CODE,
    "XK_ZT": "1",
    "XK_LYDW": "澜州市生态环境局",
    "XK_LYDWDM": BUREAU_CODE,
}


@pytest.fixture(scope="module")
def filled(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("sent")
    with quick_passwords():
        case_seed.place(folder, rows=1)
    for item, row in (("jyyc", ABNORMAL), ("yzsx", SERIOUS), ("xzxk", LICENCE)):
        assert send(folder, item, row).outcomes["accepted"] == 1
    return database


@pytest.fixture
def city(filled: Place, databases: Databases, tmp_path: Path) -> Iterator[Path]:
    with databases.copy(filled):
        yield tmp_path


def send(folder: Path, item: str, row: Mapping[str, str]):
    return submit(path=write_csv(folder / f"{item}.csv", [row]), item=item, source=BUREAU_CODE)


def shown() -> dict[str, Record]:
    return {each.item: each for each in lookup.records(lookup.subject(COMPANY), on=today()).rows}


def test_the_page_of_the_organisation_shows_lists_in_the_order_of_the_national_report(city: Path) -> None:
    page = Client().get(f"/subject/{COMPANY}").content.decode()
    assert re.findall(r'<h2 id="(\w{4})">', page) == ["xzcf", "xzxk", "yzsx", "jyyc", "none"]
    for text in ("安全生产严重失信主体名单", "未按规定公示年度报告", "澜失信〔2026〕1号", "澜异列〔2026〕1号"):
        assert text in page
    for record in shown().values():
        assert Client().get(f"/record/{record.id}").status_code == 200


def facts(code: str) -> list[str]:
    """The boxes at the head of a subject's page, as read."""
    page = Client().get(f"/subject/{code}").content.decode()
    (listed,) = re.findall(r'<ul class="cx-facts">(.*?)</ul>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", box) for box in re.findall(r"<li>(.*?)</li>", listed)]


def test_the_head_of_the_page_says_whether_the_organisation_is_on_a_serious_list_and_what_is_contested(
    city: Path,
) -> None:
    _, serious, contested = facts(COMPANY)
    assert "严重失信主体名单" in serious
    assert "列入 1 条" in serious
    assert "异议处理  0 条" in contested
    acts.on_record(Act.OBJECT, shown()["xzcf"].id, by=case_seed.seed.CENTRE_CODE)
    _, _, contested = facts(COMPANY)
    assert "1 条处理中" in contested
    assert "行政处罚 1" in contested
    _, serious, _ = facts(list(COMPANIES)[3])
    assert "未列入" in serious


def test_one_is_put_on_a_list_and_given_a_decision(city: Path) -> None:
    page = Client().get("/").content.decode()
    for words in (
        "近 12 个月列入经营异常名录的信息，有 1 条进入公示",
        "近 12 个月列入严重失信主体名单的信息，有 1 条进入公示",
        "近 12 个月作出的行政处罚，有 1 条进入公示",
    ):
        assert words in page


def test_what_is_not_seen_is_listed_in_the_order_of_the_national_report(city: Path) -> None:
    page = Client().get(f"/subject/{list(COMPANIES)[3]}").content.decode()
    assert (
        "查询时未见公示中的：行政处罚、行政许可、诚实守信、严重失信主体名单、经营异常名录、信用承诺、信用评价、"
        "司法判决、其他信息。"
    ) in page


def test_an_entry_that_was_removed_is_off_with_the_row_that_says_so(city: Path) -> None:
    removed = {"JY_YCRQ": today().isoformat(), "JY_YCWSH": "澜异移〔2026〕1号"}
    assert send(city, "jyyc", ABNORMAL | removed).outcomes["corrected"] == 1
    assert "jyyc" not in shown()
    assert lookup.figures(today()).published.get("jyyc", 0) == 0
    assert rebuild()["equal"]


def test_an_abnormal_entry_is_repaired_by_the_body_that_made_it(city: Path) -> None:
    record = shown()["jyyc"].id
    explained = repair.explain(record)
    assert (explained.eligibility.state, explained.eligibility.since) == ("open", DAY)
    assert "第4条" in explained.eligibility.cited.zh
    number = cases.start(kind="repair", record=record, actor=APPLICANT, files=[COMMITMENT, PROOF]).case
    for step, who in (("accept", FIRST), ("propose-grant", FIRST), ("grant", SECOND)):
        cases.step(number=number, step=step, actor=who)
    assert "jyyc" not in shown()
    assert send(city, "jyyc", ABNORMAL | {"BZ": "补报"}).outcomes["corrected"] == 1
    assert "jyyc" not in shown(), "a correction does not undo a repair"
    assert rebuild()["equal"]


def test_a_serious_entry_says_from_which_day_it_can_be_repaired(city: Path) -> None:
    record = shown()["yzsx"]
    assert (record.severity, record.severity_by) == ("serious", "yzsx")
    since = add_months(DAY, 12)
    told = Client().get(f"/api/v1/records/{record.id}/repair").json()
    assert (told["state"], date.fromisoformat(told["since"])) == ("later", since)
    assert str(since.year) in told["says"]["zh"]
    with pytest.raises(Refusal) as caught:
        cases.start(kind="repair", record=record.id, actor=APPLICANT, files=[COMMITMENT, PROOF])
    assert caught.value.rule == "repair.later"


@pytest.mark.parametrize(
    ("item", "row", "number", "by"),
    [
        ("xzxk", LICENCE, "澜许〔2026〕1号", "XKJG"),
        ("yzsx", SERIOUS, "澜失信〔2026〕1号", "LRJG"),
        ("jyyc", ABNORMAL, "澜异列〔2026〕1号", "LRJG"),
    ],
)
def test_what_was_a_mistake_is_withdrawn_by_file_and_comes_back_with_a_certificate(
    city: Path, item: str, row: dict[str, str], number: str, by: str
) -> None:
    gone = {
        "CH_XDR_MC": COMPANIES[COMPANY],
        "CH_XDR_SHXYM": COMPANY,
        "CH_YWSH": number,
        f"CH_{by}DM": BUREAU_CODE,
        "CH_QX": "报送错误",
        "CH_WSH": "澜更正〔2026〕1号",
        "CH_JDRQ": today().isoformat(),
        "CH_LY": "误将另一案件的文书号填入本条。",
    }
    assert send(city, f"{item}-withdrawal", gone).outcomes["accepted"] == 1
    assert item not in shown()
    (notice,) = notices.notices(1).rows
    assert COMPANIES[COMPANY] not in f"{notice}"
    assert send(city, item, row).reasons == {"record.withdrawn": 1}
    assert send(city, item, row | {"BC_HFSL": "澜证〔2026〕1号"}).outcomes["corrected"] == 1
    back = shown()[item]
    assert len(back.versions) == 1, "in public it begins anew"
    assert rebuild()["equal"]


def test_one_entry_is_withdrawn_at_the_desk_on_the_spot(city: Path) -> None:
    record = shown()["yzsx"].id
    withdrawal.withdraw(
        record=record,
        ground="撤销",
        document="澜撤〔2026〕1号",
        decided_on=today(),
        reason="列入决定已被撤销。",
        by=BUREAU_CODE,
    )
    assert "yzsx" not in shown()


def test_what_was_suspended_and_came_back_tells_nothing_of_before(city: Path) -> None:
    record = shown()["xzxk"].id
    assert send(city, "xzxk", LICENCE | {"XK_NR": "准予从事食品制售"}).outcomes["corrected"] == 1
    assert len(shown()["xzxk"].versions) == 2
    acts.on_record(Act.SUSPEND, record, by=BUREAU_CODE)
    acts.on_record(Act.RESUME, record, by=BUREAU_CODE)
    assert len(shown()["xzxk"].versions) == 1
    assert len(Client().get(f"/api/v1/records/{record}").json()["versions"]) == 1
