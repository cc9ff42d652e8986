"""Which organisations a name may mean, on both databases, asked one by one and as a file."""

import json

import pyarrow as pa
import pytest
from django.conf import settings

from chengxin.engine.connect import connect
from chengxin.operations import matching, matching_bulk
from chengxin.storage import bulk
from chengxin.storage import search as index
from chengxin.subjects import identifiers, names

SUBJECTS = [
    # kind, name, former name
    ("enterprise", "澜州青穗食品科技有限公司", "澜州青穗粮油有限公司"),
    ("enterprise", "澜州青禾食品科技有限公司", ""),
    ("enterprise", "东岭青穗食品科技有限公司", ""),
    ("enterprise", "澜州银杏建筑工程股份有限公司", ""),
    ("enterprise", "澜州银杏建筑工程股份有限公司东岭分公司", ""),
    ("sole_trader", "澜州市东区好味来小吃店", ""),
    ("enterprise", "澜州同名贸易有限公司", ""),
    ("enterprise", "澜州同名贸易有限公司", ""),
]
PREFIX = {"enterprise": "91", "sole_trader": "92"}


def code(number: int) -> str:
    body = f"MA{number:06d}"
    first17 = PREFIX[SUBJECTS[number][0]] + "370200" + body + identifiers.organisation_check(body)
    return first17 + identifiers.uscc_check(first17)


def text(values) -> pa.Array:
    return pa.array(list(values), pa.string())


@pytest.fixture(scope="module")
def base(database):
    """A small subject base, put in the way the platform does."""
    size = len(SUBJECTS)
    ids = [code(number) for number in range(size)]
    columns = {
        "id": text(ids),
        "kind": text(kind for kind, _, _ in SUBJECTS),
        "code": text(ids),
        "name": text(name for _, name, _ in SUBJECTS),
        "status": text(["存续"] * size),
        "region": text(["澜州"] * size),
        "provisional": pa.array([False] * size),
        "seq": pa.array(range(size), pa.int64()),
    }
    borne = [(ids[at], name, "current", kind) for at, (kind, name, _) in enumerate(SUBJECTS)]
    borne += [(ids[at], former, "former", kind) for at, (kind, _, former) in enumerate(SUBJECTS) if former]
    subject, texts, kinds, subject_kinds = zip(*borne, strict=True)
    with bulk.transaction() as store:
        store.append("subject", pa.table(columns))
        states = {"code": text(ids), "scheme": text(["uscc"] * size), "subject": text(ids)}
        store.append("subject_code", pa.table({**states, "state": text(["current"] * size)}))
        norms = text(map(names.normalise, texts))
        store.append(
            "subject_name",
            pa.table({"norm": norms, "subject": text(subject), "kind": text(kinds), "text": text(texts)}),
        )
        index.add(store, pa.table({"subject": text(subject), "text": text(texts), "kind": text(subject_kinds)}))
    return database


def queries(*asked: tuple[str, str | None]) -> pa.Table:
    found, given = zip(*asked, strict=True)
    return pa.table({"row": pa.array(range(len(asked)), pa.int64()), "name": text(found), "code": text(given)})


def one_by_one(asked: pa.Table, limit: int = 5) -> pa.Table:
    return matching.candidates(asked, limit=limit)


def as_a_file(asked: pa.Table, limit: int = 5) -> pa.Table:
    with connect(settings.HOME) as con, bulk.reading() as store:
        return matching_bulk.candidates(con, store, asked, limit=limit)


@pytest.fixture(params=[one_by_one, as_a_file])
def ask(base, request):
    def found(*asked: tuple[str, str | None], limit: int = 5) -> dict[int, list[dict]]:
        table = request.param(queries(*asked), limit)
        assert table.schema == matching.CANDIDATES
        rows: dict[int, list[dict]] = {}
        for row in table.to_pylist():
            rows.setdefault(row["row"], []).append(row)
            assert row["rank"] == len(rows[row["row"]])
        return rows

    return found


def numbers(rows: list[dict]) -> list[int]:
    known = {code(number): number for number in range(len(SUBJECTS))}
    return [known[row["subject"]] for row in rows]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("澜州清穗食品科技有限公司", 0),  # one sound
        ("澜州青穗食品科枝有限公司", 0),  # one shape
        ("澜州青穗食品科技有限责任公司", 0),  # another form
        ("青穗食品科技（澜州）有限公司", 0),  # place in brackets
        ("澜州银杏建築工程股份有限公司", 3),  # traditional characters
        ("澜州银杏建建筑工程股份有限公司", 3),  # a character doubled
        ("澜州杏银建筑工程股份有限公司", 3),  # two exchanged
        ("澜州银杏建筑工程股份有限公司东领分公司", 4),
        ("澜州青惠粮油有限公司", 0),  # a former name with a slip
    ],
)
def test_a_slip_does_not_hide_the_organisation(ask, written, meant):
    found = ask((written, None))[0]
    assert numbers(found)[0] == meant
    assert 0.5 <= found[0]["score"] < 1


def test_an_exact_name_is_answered_by_all_who_bear_it(ask):
    found = ask(("澜州同名贸易 有限公司", None))[0]
    assert sorted(numbers(found)) == [6, 7]
    assert [row["score"] for row in found] == [1, 1]
    assert json.loads(found[0]["reasons"])[0] == {
        "part": "name",
        "verdict": "same",
        "asked": "澜州同名贸易有限公司",
        "found": "澜州同名贸易有限公司",
    }


def test_a_former_name_answers_and_says_that_it_is_one(ask):
    found = ask(("澜州青穗粮油有限公司", None))[0]
    assert (numbers(found), found[0]["name_kind"], found[0]["name"]) == ([0], "former", "澜州青穗粮油有限公司")


def test_every_candidate_says_which_part_agrees_and_which_differs(ask):
    found = ask(("澜州清穗食品科技有限公司", None))[0]
    told = {reason["part"]: reason for reason in json.loads(found[0]["reasons"])}
    assert told["brand"]["why"] == "sound" or told["brand"]["verdict"] == "similar"
    assert told["trade"]["verdict"] == told["form"]["verdict"] == "same"


def test_the_code_comes_before_every_name_and_its_subject_is_shown_under_its_likest_name(ask):
    found = ask(("澜州青禾食品科技有限公司", code(0)))[0]
    assert set(numbers(found)[:2]) == {0, 1}
    by_code = next(row for row in found if row["subject"] == code(0))
    assert json.loads(by_code["reasons"])[0] == {"part": "code", "verdict": "same", "asked": "", "found": ""}
    assert by_code["score"] > 0.6


def test_a_code_in_full_width_and_lower_case_is_the_same_code(ask):
    found = ask(("", code(3).lower().translate({n: n + 0xFEE0 for n in range(33, 127)})))[0]
    assert numbers(found) == [3]


def test_sole_traders_answer_to_their_full_name_and_code_only(ask):
    assert numbers(ask(("澜州市东区好味来小吃店", None))[0]) == [5]
    assert numbers(ask(("随便写的", code(5)))[0]) == [5]
    assert 5 not in numbers(ask(("澜州市东区好味来小吃", None)).get(0, []))


def test_names_of_nobody_and_odd_names_answer_nothing(ask):
    assert ask(("", None), ("（）", None), ("龘靐齉爩麤灪", None), ("字" * 300, None), ("青", None)) == {}


def test_a_thousand_rows_are_answered_as_each_alone(ask):
    written = ["澜州清穗食品科技有限公司", "澜州银杏建築工程股份有限公司", "澜州同名贸易有限公司"]
    together = ask(*[(written[number % 3], None) for number in range(1000)])
    assert len(together) == 1000
    alone = {number: ask((name, None))[0] for number, name in enumerate(written)}
    for number, rows in together.items():
        assert [(row["subject"], row["score"]) for row in rows] == [
            (row["subject"], row["score"]) for row in alone[number % 3]
        ]


def test_no_more_are_given_than_asked_for(ask):
    assert len(ask(("澜州青穗食品科技公司", None), limit=1)[0]) == 1
