"""What people said about rows: what stands, which links it overrules, what is marked, what is learned from."""

from datetime import UTC, datetime

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from chengxin.engine.connect import sql
from chengxin.resolution import judgement
from chengxin.resolution.judgement import Judgement, Verdict, differing, pairs, split, standing

AT = datetime(2026, 8, 14, 3, tzinfo=UTC)


def said(id: int, verdict: str, subject: str = "甲", row: int = 2, revokes: int | None = None, **more) -> Judgement:
    return Judgement(id, "R-1", row, subject, verdict, "clerk", AT, "看过档案", revokes=revokes, **more)


def test_the_last_word_on_a_row_and_a_subject_stands() -> None:
    made = [said(1, "unsure"), said(2, "different"), said(3, "same", "乙"), said(4, "same", row=3)]
    assert [one.id for one in standing(made)] == [2, 3, 4]


def test_what_was_taken_back_stands_no_longer_and_neither_does_the_taking_back() -> None:
    made = [said(1, "different"), said(2, "same"), said(3, "revoked", revokes=2)]
    assert [one.id for one in standing(reversed(made))] == [1]


def test_a_judgement_overrules_the_link_of_its_row_and_of_no_other() -> None:
    con = duckdb.connect()
    linked = [(1, None, None, "subject.unknown"), (2, "丙", "code", None), (3, None, None, "subject.ambiguous")]
    names = judgement.LINKED.names
    con.register("linked", pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in linked], judgement.LINKED.to_pyarrow()))  # fmt: skip
    con.register("judged", pa.table({"row": pa.array([1], pa.int64()), "subject": ["甲"]}))
    overruled = judgement.overrule(
        ibis.table(judgement.LINKED, name="linked"), ibis.table(judgement.JUDGED, name="judged")
    )
    found = con.sql(f"SELECT row, subject, how, problem FROM ({sql(overruled)}) ORDER BY row").fetchall()
    assert found == [(1, "甲", "judgement", None), *linked[1:]]


def test_differing_characters_are_marked_and_no_others() -> None:
    assert differing("澜州青穗食呂有限公司", "澜州青穗食品有限公司") == [
        ("澜州青穗食", False),
        ("品", True),
        ("有限公司", False),
    ]
    assert differing("大河纸业", "大河造纸业") == [("大河", False), ("造", True), ("纸业", False)]
    assert differing("甲", "") == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_pieces_of_a_name_are_the_name_and_what_is_not_marked_stands_in_the_other(one: str, other: str) -> None:
    pieces = differing(one, other)
    assert "".join(text for text, _ in pieces) == other
    rest = iter(one)
    assert all(char in rest for text, differs in pieces if not differs for char in text)


def test_pairs_carry_the_verdict_and_never_who_gave_it() -> None:
    made = [
        said(1, "same", name="甲厂", norm="甲厂", score=0.9),
        said(2, "different", "乙", name="甲厂", norm="甲厂"),
        said(3, "unsure", "不在", name="甲厂", norm="甲厂"),
    ]
    found = pairs(made, {"甲": ("甲工厂", "9X"), "乙": ("乙工厂", "9Y")})
    assert [(one.subject_name, one.label, one.score) for one in found] == [
        ("甲工厂", Verdict.SAME, 0.9),
        ("乙工厂", Verdict.DIFFERENT, None),
    ]
    assert len({one.split for one in found}) == 1, "pairs of one name are all learned from, or all tested with"
    assert "clerk" not in str(found)


def test_about_a_fifth_of_all_names_is_kept_for_tests() -> None:
    share = sum(split(f"澜州第{n}有限公司") == "test" for n in range(2000)) / 2000
    assert 0.17 < share < 0.23
