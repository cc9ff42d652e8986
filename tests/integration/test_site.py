"""What a citizen sees on the public site, and what nobody may see there."""

import csv
import io
import json
import re
from decimal import Decimal

import orjson
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from tests.integration import site_seed
from tests.integration.reading import unmarked_chinese
from tests.integration.site_seed import FOOD, FOOD_NAME, OPERATOR, QUIET, TRADER, TRADER_NAME

from chengxin.disclosure import masking
from chengxin.kernel.periods import today
from chengxin.ledger import checkpoint, verify
from chengxin.ledger.merkle import leaf_hash, root_of
from chengxin.operations import export, logkey, lookup, rulebook
from chengxin.web.site.wording import article_name
from chengxin.web.templatetags.chengxin import number

SECRET = "一个不应出现的号码"
PAGES = [
    "/",
    "/search?q=澜州青穗",
    "/search?q=不存在的名称",
    f"/subject/{FOOD}",
    f"/subject/{QUIET}",
    f"/subject/{FOOD}/xzxk",
    "/verify",
    "/rules/",
    "/rules/laws/",
    "/rules/laws/xingzheng-chufa-fa",
    "/rules/items/xzcf",
    "/rules/items/xzxk",
    "/rules/terms/2026-order36",
    "/rules/terms/xzxk-validity",
    "/rules/severity/national",
    "/rules/codes/penalty-kind",
    "/data",
    "/log",
    "/quality",
]


@pytest.fixture(scope="module")
def city(database):
    return site_seed.seed()


@pytest.fixture
def client(city):
    return Client(headers={"host": "127.0.0.1"})


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages_and_is_small(client, prefix, path):
    answer = client.get(prefix + path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert f'<html lang="{"en" if prefix else "zh-Hans"}"' in text
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert len(answer.content) < 400_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_inline_and_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', text) == []


def test_the_english_page_says_the_same_thing_in_english(client):
    text = client.get(f"/en/subject/{FOOD}").content.decode()
    assert "Term of publication" in text
    assert f'lang="zh-Hans">{FOOD_NAME}' in text


@pytest.mark.parametrize(
    "path",
    [*PAGES, "/notices", "/agencies", "/rules/items/jyyc", "/rules/terms/samr-107", "/rules/codes/registration-status"],
)
def test_what_stays_chinese_on_an_english_page_is_marked_as_chinese(client, path):
    assert unmarked_chinese(client.get(f"/en{path}").content.decode()) == []


def test_the_registration_status_is_said_in_the_language_of_the_page(client):
    assert "登记状态：存续" in client.get(f"/subject/{FOOD}").content.decode()
    for path in (f"/en/subject/{FOOD}", "/en/search?q=澜州青穗"):
        text = client.get(path).content.decode()
        assert "Active" in text
        assert "存续" not in text


def test_names_of_the_switch_to_the_other_language_lead_to_the_same_page(client):
    assert f'href="/en/subject/{FOOD}"' in client.get(f"/subject/{FOOD}").content.decode()
    assert f'href="/subject/{FOOD}"' in client.get(f"/en/subject/{FOOD}").content.decode()


def test_an_ended_a_withheld_and_an_unknown_record_get_the_very_same_answer(client, city):
    numbers = [city.ended, city.withheld, "0f" * 16, "z" * 32]
    answers = [client.get(f"/record/{number}") for number in numbers]
    texts = {a.content.replace(n.encode(), b"") for a, n in zip(answers, numbers, strict=True)}
    assert {a.status_code for a in answers} == {404}
    assert len(texts) == 1
    assert "本编号没有公示中的信息。可能已停止公示，或编号有误。" in texts.pop().decode()
    assert len({tuple(sorted(a.headers.items())) for a in answers}) == 1
    assert {client.get(f"/record/{n}/proof").status_code for n in numbers} == {404}
    assert {client.get(f"/verify?number={n}").status_code for n in numbers} == {404}


def test_a_subject_page_lists_what_is_public_today_and_nothing_else(client, city):
    text = client.get(f"/subject/{FOOD}").content.decode()
    assert city.open_penalty in text
    assert city.corrected in text
    assert city.ended not in text
    assert city.withheld not in text
    assert "14 条" in text
    assert "曾用名" in text


def test_sections_without_data_are_named_without_a_verdict(client):
    text = client.get(f"/subject/{QUIET}").content.decode()
    assert "查询时未见公示中的：行政处罚、行政许可、" in text
    for banned in ("无不良记录", "信用良好", "失信企业", "黑名单", "暂未收录", "无相关信息"):
        assert banned not in text


def test_a_record_page_says_who_why_until_when_and_under_which_article(client, city):
    text = client.get(f"/record/{city.open_penalty}").content.decode()
    assert "最短公示 3 个月，最长 1 年" in text
    assert "/rules/laws/fagaiwei-36#" in text
    assert "由作出决定的机关认定" in text
    assert "报送原文" in text
    assert "与报送记录一致" in text
    assert "不说明决定本身是否正确" in text


def test_a_corrected_record_shows_the_new_content_and_when_it_was_corrected(client, city):
    text = client.get(f"/record/{city.corrected}").content.decode()
    assert "罚款 15,000 元" in text
    assert "罚款 20,000 元" not in text
    assert text.count("R-20261120-0003") >= 1
    assert "更正" in text


def test_nobody_sees_a_personal_number_or_the_operator_of_a_sole_trader(client, city):
    paths = [f"/record/{city.trader_penalty}", f"/subject/{TRADER}", f"/record/{city.open_penalty}"]
    paths += [f"/record/{city.trader_penalty}/proof", f"/record/{city.open_penalty}/proof"]
    for path in paths:
        text = client.get(path).content.decode()
        assert SECRET not in text
        assert OPERATOR not in text
    assert "当事人〔经营者〕的经营场所" in client.get(f"/record/{city.trader_penalty}").content.decode()


def test_pages_about_subjects_are_asked_for_again_and_kept_by_nobody(client, city, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)  # a page says when it was checked
    for path in (f"/subject/{FOOD}", f"/record/{city.open_penalty}", f"/subject/{FOOD}/xzcf"):
        answer = client.get(path)
        assert answer["X-Robots-Tag"] == "noindex, noarchive"
        assert "no-cache" in answer["Cache-Control"]
        again = client.get(path, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_former_code_leads_to_the_page_of_the_present_one(client):
    answer = client.get(f"/subject/{FOOD.lower()}")
    assert (answer.status_code, answer["Location"]) == (302, f"/subject/{FOOD}")


def test_a_complete_code_leads_straight_to_its_subject_and_a_wrong_one_is_explained(client):
    assert client.get(f"/search?q={FOOD}")["Location"] == f"/subject/{FOOD}"
    wrong = FOOD[:11] + "O" + FOOD[12:]
    assert "第 12 位" in client.get(f"/search?q={wrong}").content.decode()


def test_a_persons_number_typed_into_the_search_does_not_stay_in_the_address(client):
    number = "11010119900307" + "7758"
    answer = client.get("/search", {"q": f"某某 {number}"})
    assert answer.status_code == 302
    assert number not in answer["Location"]
    text = client.get(answer["Location"]).content.decode()
    assert "不按个人身份号码提供查询" in text
    assert number not in text


def test_a_search_by_post_is_answered_alike_and_a_persons_number_with_the_reason(city):
    posting = Client(enforce_csrf_checks=True)
    assert "澜州青穗" in posting.post("/search", {"q": "澜州青穗"}).content.decode()
    assert posting.post("/search", {"q": FOOD})["Location"] == f"/subject/{FOOD}"
    refused = posting.post("/search", {"q": "110000 1900 0101 001X"}, follow=True)
    assert "不按个人身份号码提供查询" in refused.content.decode()
    assert "0101" not in refused.content.decode()


def test_pages_of_results_lead_forth_and_back(client, monkeypatch):
    from chengxin.web.site import search

    monkeypatch.setattr(search, "PER_PAGE", 1)

    def links(address):
        return dict(re.findall(r'<a rel="(\w+)" href="([^"]*)"', client.get(address).content.decode()))

    first = links("/search?q=青穗")
    assert set(first) == {"next"}
    second = links("/search" + first["next"].replace("&amp;", "&"))
    assert set(second) == {"prev", "next"}
    assert links("/search" + second["prev"].replace("&amp;", "&")) == first
    last = links("/search" + second["next"].replace("&amp;", "&"))
    assert set(last) == {"prev"}
    assert "after=1" in last["prev"]


def test_a_search_shows_the_former_name_that_matched(client):
    text = client.get("/search?q=青穗副食品").content.decode()
    assert FOOD in text
    assert "曾用名" in text
    assert "<mark>青穗副食品</mark>" in text


def test_suggestions_mark_what_was_typed_and_count_aloud(client):
    told = client.get("/search/suggest?q=澜州青穗").json()
    assert told["hits"][0]["name"][0] == ["澜州青穗", True]
    assert str(len(told["hits"])) in told["status"]


def test_part_of_a_sole_traders_name_finds_nothing_but_the_full_name_does(client):
    assert TRADER not in client.get(f"/search?q={TRADER_NAME[:6]}").content.decode()
    assert TRADER in client.get(f"/search?q={TRADER_NAME}").content.decode()


def test_anyone_can_check_the_proof_of_a_record(client, city):
    told = json.loads(client.get(f"/record/{city.licences[0]}/proof").content)
    keys = [verify.parse_key(line) for line in logkey.verifiers()]
    report = verify.check(told, keys)
    assert report.faults == []
    assert {"checkpoint.signed", "entry.included", "content.same"} <= {line[0] for line in report.held}


def test_a_proof_gives_no_content_when_a_field_of_it_is_not_public(client, city):
    told = json.loads(client.get(f"/record/{city.trader_penalty}/proof").content)
    entry = told["entries"][0]
    assert (entry["content"], entry["nonce"]) == (None, None)
    assert entry["withheld"]["zh"]
    assert OPERATOR not in json.dumps(told, ensure_ascii=False)


def test_a_changed_content_is_shown_as_not_matching(empty_database):
    city = site_seed.seed(licences=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER ledger_entry_no_update"
            if connection.vendor == "sqlite"
            else "ALTER TABLE ledger_entry DISABLE TRIGGER USER"
        )
        cursor.execute("UPDATE ledger_entry SET digest = %s", [b"\0" * 32])
    text = Client(headers={"host": "127.0.0.1"}).get(f"/record/{city.open_penalty}").content.decode()
    assert "与报送记录不一致" in text
    assert "请勿使用本信息" in text


def test_the_checkpoint_is_plain_text_that_the_public_key_confirms(client):
    answer = client.get("/log/checkpoint")
    assert answer["Content-Type"].startswith("text/plain")
    assert checkpoint.opened(answer.content.decode(), logkey.keys()).size == lookup.figures(today()).log_size


def test_a_stranger_rebuilds_the_root_from_the_published_tiles_and_leaves(client):
    size = lookup.figures(today()).log_size
    hashes = client.get(f"/log/tile/0/000.p/{size}").content
    bundle, leaves = client.get(f"/log/tile/entries/000.p/{size}").content, []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        leaves.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert hashes == b"".join(leaf_hash(leaf) for leaf in leaves)
    signed = client.get("/log/checkpoint").content.decode()
    assert root_of(leaf_hash(leaf) for leaf in leaves) == checkpoint.opened(signed, logkey.keys()).root
    assert not any(name.encode() in leaf for leaf in leaves for name in (FOOD, FOOD_NAME, TRADER))


@pytest.mark.parametrize(
    "tile", ["0/000", "0/000.p/23", "0/000.p/0", "1/000.p/1", "0/001.p/1", "9/000.p/1", "0/12.p/1"]
)
def test_the_log_serves_nothing_beyond_its_checkpoint(client, tile):
    assert client.get(f"/log/tile/{tile}").status_code == 404


def test_figures_count_what_is_public_today(city):
    figures = lookup.figures(today())
    assert dict(figures.published) == {"xzcf": 3, "xzxk": 12}
    assert figures.subjects == 4


def test_a_subject_with_ten_records_takes_four_queries(city):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = lookup.subject(FOOD)
        page = lookup.records(found, on=today(), limit=10)
    assert len(page.rows) == 10
    assert len(asked) <= 4


def test_pages_of_records_follow_each_other_without_gap_or_repeat(city):
    found = lookup.subject(FOOD)
    seen, after = [], None
    while True:
        page = lookup.records(found, on=today(), after=after, limit=5)
        seen += [record.id for record in page.rows]
        if (after := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 14
    with pytest.raises(ValueError, match="cursor"):
        lookup.records(found, on=today(), after="nonsense")


def test_open_data_holds_what_is_public_and_no_sole_trader(city):
    lines = b"".join(export.stream("xzcf", "ndjson", today())).splitlines()
    rows = [orjson.loads(line) for line in lines]
    assert {row["record"] for row in rows} == {city.open_penalty, city.corrected}
    assert all(row["subject_code"] == FOOD for row in rows)
    assert SECRET not in b"".join(lines).decode()


def test_the_page_of_open_data_counts_the_rows_of_each_file(client, city):
    text = client.get("/data").content.decode()
    said = dict(re.findall(r'href="/rules/items/(\w+)">.*?data-label="文件中的条数">([\d,]+)', text))
    assert list(said) == ["xzcf", "xzxk", "yzsx", "jyyc"], "in the order of the national report"
    for item, count in said.items():
        rows = b"".join(export.stream(item, "ndjson", today())).splitlines()
        assert int(count) == len(rows), item
    assert "另有个体工商户 1 条" in text, "what the home page counts and the file leaves out"


def test_the_catalogue_is_in_the_order_of_the_national_report(client):
    listed = re.findall(r'href="/rules/items/([\w-]+)">', client.get("/rules/").content.decode())
    assert listed[:7] == ["djgx", "djxx", "xzcf", "xzcf-archive", "xzcf-withdrawal", "xzxk", "xzxk-withdrawal"]


def test_the_three_formats_of_open_data_say_the_same(client, city):
    def get(form):
        return b"".join(client.get(f"/data/xzxk.{form}").streaming_content)

    table = pq.read_table(io.BytesIO(get("parquet"))).to_pylist()
    lines = [orjson.loads(line) for line in get("ndjson").splitlines()]
    sheet = list(csv.DictReader(io.StringIO(get("csv").decode("utf-8-sig"))))
    assert [{k: v for k, v in row.items() if v is not None} for row in table] == lines
    assert [{k: v for k, v in row.items() if v} for row in sheet] == lines
    assert len(lines) == 12


@pytest.mark.parametrize("path", ["/data/xzcf-archive.csv", "/data/djxx.csv", "/data/nothing.csv", "/data/xzcf.exe"])
def test_what_is_never_public_cannot_be_downloaded(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("cell", ["=cmd|'/c calc'!A1", "+SUM(A1)", "-2+3", "@x", "\tx"])
def test_a_cell_that_looks_like_a_formula_is_escaped_on_the_way_out(cell):
    assert export.escape(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+3.5", "罚款", "1=1"])
def test_an_ordinary_cell_stays_as_it_is(cell):
    assert export.escape(cell) == cell


def test_unconfirmed_rules_are_marked_where_they_are_shown(client):
    assert "未经核实" in client.get("/rules/terms/2026-order36").content.decode()
    assert "未经核实" in client.get("/rules/items/xzcf").content.decode()


def test_the_page_of_components_does_not_exist_for_the_public(client):
    assert client.get("/components/").status_code == 404


def test_the_catalogue_says_not_public_of_every_field_that_nobody_is_shown(client):
    for item in rulebook.catalogue().items.values():
        text = client.get(f"/rules/items/{item.id}").content.decode()
        said = re.findall(r'data-label="公开">([^<]*)<', text)
        assert len(said) == len(item.all_fields)
        for field, words in zip(item.all_fields, said, strict=True):
            shown = field.id in masking.public_ids(item, "enterprise")
            assert words in (("公开", "个体工商户的不公开") if shown else ("不公开", "不保存")), field.id


def test_a_failed_check_says_so_in_the_title_and_a_check_says_when_it_was_made(client, city):
    wrong = client.get("/verify?number=xyz").content.decode()
    assert re.search(r"<title>错误：核验", wrong)
    assert "未能核验" in wrong
    assert not re.search(r"<title>错误", client.get("/verify").content.decode())
    page = client.get(f"/record/{city.open_penalty}").content.decode()
    assert re.search(rf'本站核对时间：<time datetime="{today()}T', page)


@pytest.mark.parametrize(
    ("article", "said"),
    [
        (4, "第四条"),
        (10, "第十条"),
        (19, "第十九条"),
        (20, "第二十条"),
        (48, "第四十八条"),
        (105, "第一百零五条"),
        (110, "第一百一十条"),
        (200, "第二百条"),
        (1005, "第一千零五条"),
        (1029, "第一千零二十九条"),
        (1195, "第一千一百九十五条"),
    ],
)
def test_articles_are_counted_as_laws_count_them(article, said):
    with translation.override("zh-hans"):
        assert article_name(article) == said


@pytest.mark.parametrize("kind", ["items", "laws", "terms", "severity", "codes"])
def test_the_catalogue_tells_the_public_rules_and_no_working_notes(client, kind):
    loaded = rulebook.catalogue()
    known = {
        "items": loaded.items,
        "laws": loaded.laws,
        "terms": loaded.regimes,
        "severity": loaded.severity_standards,
        "codes": loaded.codelists,
    }
    for id in known[kind]:
        for prefix in ("", "/en"):
            text = client.get(f"{prefix}/rules/{kind}/{id}").content.decode()
            for note in ("待核", "未核", "回忆", "凭记忆", "实际运行系统", "unconfirmed)", "unconfirmed.", "recalled"):
                assert note not in text, (id, note)


@pytest.mark.parametrize(("amount", "said"), [("10000", "10,000"), ("15500.50", "15,500.50"), ("1E+4", "10,000")])
def test_amounts_have_their_thousands_apart(amount, said):
    assert number(Decimal(amount)) == said


def test_the_page_of_notices_cites_each_article_once(client):
    cited = re.findall(r"《[^》]+》[^<]*</a>", client.get("/notices").content.decode())
    assert cited
    assert len(cited) == len(set(cited))


def test_records_brought_along_are_the_first_of_the_list_item_by_item(client, city):
    """As the reference says: not the newest of all, so that ``next`` goes on where they end."""
    whole = client.get(f"/api/v1/subjects/{FOOD}/records").json()["records"]
    items = [record["item"] for record in whole]
    assert len(set(items)) > 1
    assert items == sorted(items, reverse=True)
    brought = client.get(f"/api/v1/subjects/{FOOD}", {"records": 2}).json()["records"]
    assert [record["id"] for record in brought["records"]] == [record["id"] for record in whole[:2]]
