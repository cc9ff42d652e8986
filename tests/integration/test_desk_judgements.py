"""The desk's queue of rows without a subject: candidates side by side, a decision with its reason, and taking it back."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.operations import judged, receipts, unlinked
from chengxin.storage.models import Judgement

FIRST, SECOND = list(seed.COMPANIES.items())[:2]
MISSPELT = FIRST[1].replace("食品", "食呂")
OTHER_SLIP = SECOND[1].replace("食品", "实品")


@pytest.fixture(scope="module", autouse=True)
def desk(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        yield


def old_file(number: int, name: str, **other: str) -> dict[str, str]:
    """A row of an old penalty file that names its party without a unified code."""
    return {
        "CF_XDR_MC": name,
        "CF_XDR_GSZC": "990100000099999",
        "CF_WSH": f"澜环罚〔2014〕{number}号",
        "CF_NR": "罚款一万元",
        "CF_SJLY": "澜州市生态环境局",
        **other,
    }


@pytest.fixture(scope="module")
def number(desk: None) -> str:
    """A receipt of rows without a subject: 2 and from 5 on a slip in the name, 3 nothing like any, 4 a valid code of
    nobody known. A test that decides has a row of its own."""
    rows = [
        old_file(1, MISSPELT),
        old_file(2, "远山无人知晓机械厂"),
        old_file(3, MISSPELT, CF_XDR_GSZC="", CF_XDR_SHXYM=seed.code("91", 9107)),
        *(old_file(n, MISSPELT) for n in range(4, 9)),
        old_file(9, OTHER_SLIP),
        old_file(10, OTHER_SLIP),
    ]
    return seed.hand_in(seed.as_csv([{**dict.fromkeys(rows[2], ""), **row} for row in rows]), item="xzcf-archive")


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/desk/sign-in", {"username": name, "password": seed.PASSWORD})
    return client


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_the_queue_names_the_nearest_subject_of_each_row_and_leads_to_the_comparison(number: str) -> None:
    clerk = signed_in("clerk")
    page = clerk.get("/desk/unlinked/").content.decode()
    assert MISSPELT in page
    assert f"/desk/unlinked/{number}/2" in page
    assert FIRST[1] in page
    assert "没有相近的" in page
    assert "待确认主体" in clerk.get("/desk/").content.decode()


def test_pages_of_the_queue_follow_each_other_without_gap(number: str) -> None:
    whole, _ = unlinked.queue(source=None, limit=1000)
    seen, after = [], ""
    while True:
        page, after = unlinked.queue(source=None, after=after, limit=2)
        seen += [(one.submission.id, one.row) for one in page]
        if not after:
            break
    assert seen == [(one.submission.id, one.row) for one in whole]
    assert len(seen) == len(set(seen)) >= 3
    assert unlinked.waiting_count(None) == len(seen)


def test_candidates_stand_side_by_side_with_the_differing_characters_marked(number: str) -> None:
    page = signed_in("clerk").get(f"/desk/unlinked/{number}/2").content.decode()
    assert "<mark>呂</mark>" in page
    assert "<mark>品</mark>" in page
    assert FIRST[0] in page
    for words in ("同一主体", "不是同一主体", "不能确定", "判断的依据"):
        assert words in page


def test_a_clerk_decides_and_takes_it_back(number: str) -> None:
    clerk = signed_in("clerk")
    address = f"/desk/unlinked/{number}/5"
    answer = clerk.post(address, {f"verdict-{FIRST[0]}": "same", "reason": "查登记档案，为同一单位"}, follow=True)
    assert "已归到所选主体并入库" in answer.content.decode()
    made = Judgement.objects.get(submission=number, row=5)
    assert (made.by, made.verdict, made.subject) == ("clerk", "same", FIRST[0])
    assert made.score, "what the person was shown is kept"
    assert clerk.get(address).status_code == 422, "decided rows are no longer to be decided"
    listed = text_of(clerk.get("/desk/judgements/").content.decode())
    assert "查登记档案，为同一单位" in listed
    assert "停止公示" in clerk.get(f"/desk/judgements/{made.id}/revoke").content.decode()
    assert clerk.post(f"/desk/judgements/{made.id}/revoke", {"reason": ""}).status_code == 422
    back = clerk.post(f"/desk/judgements/{made.id}/revoke", {"reason": "档案号看错"}, follow=True)
    assert "重新待确认" in back.content.decode()
    assert 5 in [row.row for row in receipts.unlinked_rows(number)]


def test_a_decision_without_a_reason_is_asked_again_with_what_was_chosen(number: str) -> None:
    page = signed_in("clerk").post(f"/desk/unlinked/{number}/6", {f"verdict-{FIRST[0]}": "different", "reason": " "})
    text = page.content.decode()
    assert page.status_code == 422
    assert "没有写明理由" in text
    assert re.search(rf'name="verdict-{FIRST[0]}" value="different" checked', text)
    assert judged.of_row(number, 6) == []


def test_a_row_with_a_valid_code_of_its_own_offers_no_same(number: str) -> None:
    page = signed_in("clerk").get(f"/desk/unlinked/{number}/4").content.decode()
    assert "代码不同，不是同一主体" in page
    assert f'name="verdict-{FIRST[0]}" value="same"' not in page
    assert f"/desk/submissions/{number}/rows/4" in page, "and leads to where the code is mended"


def test_any_subject_can_be_added_by_its_code(number: str) -> None:
    clerk = signed_in("clerk")
    page = clerk.get(f"/desk/unlinked/{number}/3", {"code": SECOND[0]}).content.decode()
    assert SECOND[1] in text_of(page)
    unknown = clerk.get(f"/desk/unlinked/{number}/3", {"code": seed.code("91", 9999)})
    assert unknown.status_code == 422
    assert "主体库中没有这个代码" in unknown.content.decode()


def test_what_a_colleague_said_of_the_same_name_is_shown(number: str) -> None:
    clerk = signed_in("clerk")
    clerk.post(f"/desk/unlinked/{number}/10", {f"verdict-{SECOND[0]}": "unsure", "reason": "电话无人接听"})
    assert "有人不能确定" in clerk.get("/desk/unlinked/").content.decode()
    assert "clerk 已就本行判断：不能确定" in text_of(clerk.get(f"/desk/unlinked/{number}/10").content.decode())
    page = text_of(clerk.get(f"/desk/unlinked/{number}/11").content.decode())
    assert "曾就同一名称判断：不能确定" in page
    assert "clerk 已就本行判断" not in page


def test_another_source_sees_neither_row_nor_judgement(number: str) -> None:
    signed_in("clerk").post(f"/desk/unlinked/{number}/7", {f"verdict-{FIRST[0]}": "different", "reason": "地址不同"})
    made = Judgement.objects.filter(submission=number).latest("id").id
    neighbour = signed_in("neighbour")
    assert number not in neighbour.get("/desk/unlinked/").content.decode()
    assert neighbour.get(f"/desk/unlinked/{number}/7").status_code == 404
    assert neighbour.get(f"/desk/judgements/{made}/revoke").status_code == 404
    assert neighbour.post(f"/desk/judgements/{made}/revoke", {"reason": "无关人员"}).status_code == 404
    assert number not in neighbour.get("/desk/judgements/").content.decode()


def test_the_centre_takes_the_pairs_away_and_nobody_else(number: str) -> None:
    signed_in("clerk").post(f"/desk/unlinked/{number}/8", {f"verdict-{FIRST[0]}": "different", "reason": "地址不同"})
    answer = signed_in("officer").get("/desk/judgements/pairs.csv")
    assert MISSPELT in answer.content.decode("utf-8-sig")
    assert "clerk" not in answer.content.decode("utf-8-sig")
    assert signed_in("clerk").get("/desk/judgements/pairs.csv").status_code == 404
