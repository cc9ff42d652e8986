"""People find an organisation by whatever they have of it: a code, a name, a piece, initials, a slip of the pen."""

import pyarrow as pa
import pytest
from django.db import connection

from chengxin.operations.search import SearchAnswer, search
from chengxin.storage import search as index
from chengxin.storage.bulk import transaction
from chengxin.storage.rarity import Rarity, sampled
from chengxin.subjects import identifiers, names, terms

SUBJECTS = [
    # kind, name, former names, registration number
    ("enterprise", "澜州青穗食品科技有限公司", ["澜州青穗粮油有限公司"], "370200000000016"),
    ("enterprise", "澜州青禾食品有限责任公司", [], ""),
    ("enterprise", "重庆银杏行建筑工程股份有限公司", [], ""),
    ("enterprise", "东岭〔澜州〕国际贸易有限公司", [], ""),
    ("cooperative", "澜州市西河镇金穗小麦种植专业合作社", [], ""),
    ("sole_trader", "澜州市东区好味来小吃店", ["澜州市东区味来小吃店"], ""),
    ("enterprise", "⻛华机械制造厂", [], ""),
]
PREFIX = {"enterprise": "91", "sole_trader": "92", "cooperative": "93"}


def code(number: int) -> str:
    kind = SUBJECTS[number][0]
    body = f"MA{number:06d}"
    first17 = PREFIX[kind] + "370200" + body + identifiers.organisation_check(body)
    return first17 + identifiers.uscc_check(first17)


def text(values: list[str]) -> pa.Array:
    return pa.array(values, pa.string())


@pytest.fixture(scope="module")
def base(database):
    """A small subject base, put in the way the platform does."""
    subjects, codes, borne, found = [], [], [], []
    for number, (kind, name, former, registration) in enumerate(SUBJECTS):
        subject = code(number)
        subjects.append((subject, kind, subject, name, "存续", "澜州", False, number))
        codes.append((subject, "uscc", subject, "current"))
        if registration:
            codes.append((registration, "registration", subject, "legacy"))
        for one, name_kind in [(name, "current"), *((old, "former") for old in former)]:
            borne.append((names.normalise(one), subject, name_kind, one))
            found.append((subject, one, kind))
    with transaction() as store:
        columns = list(zip(*subjects, strict=True))
        fields = ["id", "kind", "code", "name", "status", "region"]
        table = {field: text(list(values)) for field, values in zip(fields, columns, strict=False)}
        store.append("subject", pa.table({**table, "provisional": pa.array(columns[6]), "seq": pa.array(columns[7])}))
        for target, fields, rows in [
            ("subject_code", ["code", "scheme", "subject", "state"], codes),
            ("subject_name", ["norm", "subject", "kind", "text"], borne),
        ]:
            values = zip(*rows, strict=True)
            store.append(target, pa.table(dict(zip(fields, map(text, map(list, values)), strict=True))))
        half = len(found) // 2
        for part in (found[:half], found[half:]):
            columns = list(zip(*part, strict=True))
            rows = dict(zip(["subject", "text", "kind"], map(text, map(list, columns)), strict=True))
            index.add(store, pa.table(rows))
    return database


def found(answer: SearchAnswer) -> list[tuple[int, str]]:
    numbers = {code(number): number for number in range(len(SUBJECTS))}
    return [(numbers[hit.subject], hit.how) for hit in answer.hits]


@pytest.mark.parametrize(
    "write",
    [
        str,
        str.lower,
        lambda it: f" {it[:8]} {it[8:]}\u3000",
        lambda it: it.translate({n: n + 0xFEE0 for n in range(33, 127)}),
    ],
    ids=["as printed", "lower case", "with blanks", "full width"],
)
def test_a_code_finds_its_organisation_however_it_is_typed(base, write) -> None:
    assert found(search(write(code(0)))) == [(0, "code")]


def test_an_old_registration_number_finds_the_organisation(base) -> None:
    answer = search("370200000000016")
    assert found(answer) == [(0, "code")]
    assert answer.hits[0].matched_kind == "code"


@pytest.mark.parametrize("write", [str, str.lower, lambda it: f"{it[:8]}-{it[8]}"], ids=["plain", "lower case", "dash"])
@pytest.mark.parametrize("number", range(len(SUBJECTS)))
def test_the_organisation_code_within_a_code_finds_the_organisation(base, number: int, write) -> None:
    inner = code(number)[8:17]
    answer = search(write(inner))
    assert found(answer) == [(number, "code")]
    assert (answer.hits[0].matched, answer.hits[0].matched_kind) == (inner, "code")


def test_a_right_code_that_nobody_has_is_answered_with_an_explanation(base) -> None:
    answer = search("91320100748204660Q")
    assert (answer.hits, answer.code_problem) == ((), None)
    assert "主体库中没有" in answer.explanation.zh


def test_a_wrong_code_is_explained_with_the_place_and_a_proposal(base) -> None:
    answer = search(code(0).replace("0", "O", 1))
    assert answer.hits == ()
    assert answer.code_problem.rule == "uscc.alphabet"
    assert answer.code_problem.suggestion == code(0)


def test_a_personal_number_is_not_searched_for_and_not_repeated(base) -> None:
    for typed in ("11010119900307" + "7758", "某某 11010119900307" + "7758", "11010119900307" + "7757"):
        answer = search(typed)
        assert (answer.query, answer.hits, answer.code_problem) == ("", (), None), typed
        assert "公民身份号码" in answer.explanation.zh


def test_a_full_name_comes_first(base) -> None:
    assert found(search("澜州青穗食品科技有限公司"))[0] == (0, "exact")


def test_blanks_brackets_and_look_alikes_in_a_name_do_not_matter(base) -> None:
    assert found(search("东岭(澜州) 国际贸易有限公司")) == [(3, "exact")]
    assert found(search("风华机械制造厂")) == [(6, "exact")]
    assert found(search("东岭澜州国际")) == [(3, "part")]


def test_a_former_name_finds_the_organisation_and_says_so(base) -> None:
    (hit,) = search("青穗粮油").hits
    assert (hit.name, hit.matched, hit.matched_kind) == ("澜州青穗食品科技有限公司", "澜州青穗粮油有限公司", "former")


def test_two_characters_of_a_name_are_enough(base) -> None:
    assert found(search("青穗")) == [(0, "part")]
    assert found(search("合作社")) == [(4, "part")]


def test_names_that_begin_with_the_text_come_first(base) -> None:
    assert [number for number, _ in found(search("澜州"))][-1] == 3


def test_initials_find_a_name(base) -> None:
    assert found(search("lzqs")) == [(0, "initials")]
    assert found(search("CQYXH")) == [(2, "initials")]
    assert found(search("qsspkjyxgs")) == [(0, "initials")]
    assert found(search("dl")) == [(3, "initials")]


@pytest.mark.parametrize(
    "typed",
    [
        "澜州青惠食品科技有限公司",
        "澜州青穗食科技有限公司",
        "澜州青穗食品科技技有限公司",
        "澜州青穗品食科技有限公司",
        "青碎食品",
        "青穗食拼",
        "澜州青穗食品科技有线公司",
    ],
)
def test_one_slip_is_forgiven(base, typed: str) -> None:
    assert found(search(typed))[0] == (0, "typo")


@pytest.fixture
def town(base, databases):
    """The same, and three thousand more organisations whose names nearly all begin with the town's."""
    chars = [chr(0x4E00 + n) for n in range(600)]
    brands = [f"{chars[n % 600]}{chars[(n * 7 + 13) % 600]}" for n in range(3000)]
    listed = [f"澜州{brand}贸易有限公司" for brand in brands] + [f"澜州明{char}商贸有限公司" for char in chars[:18]]
    with databases.copy(base):
        listed = [*listed[3000:], *listed[:3000], "澜州市明雅餐饮管理有限公司"]
        ids = [f"town-{n}" for n in range(len(listed))]
        with transaction() as store:
            known = {"id": ids, "kind": "enterprise", "code": ids, "name": listed, "status": "存续", "region": "澜州"}
            columns = {
                key: text(value if isinstance(value, list) else [value] * len(ids)) for key, value in known.items()
            }
            numbers = {"provisional": pa.array([False] * len(ids)), "seq": pa.array(range(100, 100 + len(ids)))}
            store.append("subject", pa.table({**columns, **numbers}))
            norms = text([names.normalise(name) for name in listed])
            named = {"norm": norms, "subject": text(ids), "kind": text(["current"] * len(ids)), "text": text(listed)}
            store.append("subject_name", pa.table(named))
            index.add(store, pa.table({"subject": ids, "text": listed, "kind": ["enterprise"] * len(ids)}))
        yield


@pytest.mark.parametrize("typed", ["澜州明雅", "澜州市名雅餐饮", "澜州市明雅餐引管理有限公司"])
def test_a_slip_is_forgiven_beside_the_name_of_the_town_too(town, typed: str) -> None:
    assert "澜州市明雅餐饮管理有限公司" in [hit.name for hit in search(typed).hits]


def test_a_list_for_a_slip_says_when_it_was_cut(town, monkeypatch) -> None:
    assert not search("澜州明雅").total_is_floor
    monkeypatch.setattr("chengxin.operations.search.LOOKED_AT_FOR_SLIPS", 1)
    answer = search("澜州明雅")
    assert answer.hits
    assert answer.total_is_floor
    assert "只列出一部分" in answer.explanation.zh


def test_a_sole_trader_is_found_by_code_or_full_name_only(base) -> None:
    assert found(search(code(5))) == [(5, "code")]
    assert found(search("澜州市东区好味来小吃店")) == [(5, "exact")]
    assert found(search("澜州市东区味来小吃店")) == [(5, "exact")]
    for less in ("好味来", "东区好味来小吃", "lzsdqhwlxcd", "hwl", "澜州市东区好味莱小吃店", "小吃店", "澜州市东"):
        assert 5 not in {number for number, _ in found(search(less))}, less


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "两个字"),
        ("青", "两个字"),
        ("有限公司", "几乎每个公司"),
        ("不存在的名字", "没有找到"),
        ('" OR 1=1 --', "没有找到"),
        ("%%", "两个字"),
    ],
)
def test_a_question_without_an_answer_gets_a_reason(base, typed: str, says: str) -> None:
    answer = search(typed)
    assert answer.hits == ()
    assert says in answer.explanation.zh


def test_results_can_be_read_page_by_page(base) -> None:
    whole = [hit.subject for hit in search("澜州").hits]
    first = search("澜州", limit=3)
    second = search("澜州", limit=3, after=first.next)
    assert [len(first.hits), len(second.hits)] == [3, 1]
    assert [hit.subject for page in (first, second) for hit in page.hits] == whole
    assert (first.total, second.next) == (4, None)
    assert [hit.subject for hit in search("澜州", limit=2, after="not a page").hits] == whole[:2]


@pytest.mark.parametrize(
    "typed", ["澜州青穗食品", "青穗食品", "澜州", "lzqsspkj", "澜州青惠食品科技", "食品", "澜州食品"]
)
def test_leaving_the_commonest_terms_unread_changes_no_answer(base, typed: str, monkeypatch) -> None:
    before = search(typed)
    common = dict.fromkeys(["澜州", "食品", "科技", "spk", "pkj", "·澜州", "·lz"], 900)
    monkeypatch.setattr(index, "rarity", lambda: Rarity(common, 1000, 1_000_000))
    after = search(typed)
    assert (found(after), after.total) == (found(before), before.total)


def test_the_sample_of_common_terms_is_drawn_from_the_index(base, monkeypatch) -> None:
    monkeypatch.setattr("chengxin.storage.rarity.SAMPLE", 1)
    monkeypatch.setattr("chengxin.storage.rarity.MANY", 4)
    with connection.cursor() as cursor:
        cursor.execute("SELECT norm FROM name_doc WHERE doc = 1")
        first = cursor.fetchone()[0]
    drawn = sampled.__wrapped__("any", 1)
    assert (drawn.size, drawn.counts) == (0, {}), "a small base needs no sample"
    assert sampled.__wrapped__("any", 3).counts.keys() >= set(terms.terms(first))


def test_a_name_given_up_is_no_longer_found(base) -> None:
    norm = names.normalise("澜州青穗粮油有限公司")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM subject_name WHERE norm = %s", [norm])
        try:
            assert found(search("青穗粮油")) == []
        finally:
            cursor.execute(
                "INSERT INTO subject_name (norm, subject, kind, text) VALUES (%s, %s, 'former', %s)",
                [norm, code(0), norm],
            )
    assert found(search("青穗粮油")) == [(0, "part")]


def test_an_emptied_index_can_be_filled_again(base) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, n.text, s.kind FROM subject_name n JOIN subject s ON s.id = n.subject ORDER BY n.norm"
        )
        columns = zip(*cursor.fetchall(), strict=True)
    with transaction() as store:
        index.clear(store)
    assert found(search("青穗")) == []
    with transaction() as store:
        index.add(store, pa.table(dict(zip(["subject", "text", "kind"], map(text, map(list, columns)), strict=True))))
    assert found(search("青穗")) == [(0, "part")]
