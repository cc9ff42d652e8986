"""One question and a file of questions are answered alike, and nobody is linked whom the base does not name."""

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.resolve import Question
from chengxin.resolution import linking, resolve_one
from chengxin.subjects.identifiers import organisation_check, uscc_check

CON = duckdb.connect()


def uscc(serial: int) -> str:
    body = f"MA{serial:06d}"
    coded = "91990100" + body + organisation_check(body)
    return coded + uscc_check(coded)


CODES = [uscc(1), uscc(2), "990100000012349", "990100000012357", "13579246" + organisation_check("13579246")]
SCHEMES = ("uscc", "registration", "organisation")
SUBJECTS = ("甲", "乙", "丙")
NAMES = ("甲公司", "老甲公司", "乙公司", "（丙）公司")
KINDS = ("current", "former", "branch", "english")
known_codes = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(SCHEMES), st.sampled_from(SUBJECTS)), max_size=6, unique=True
)
known_names = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(SUBJECTS), st.sampled_from(KINDS)), max_size=6, unique=True
)
names = st.one_of(
    st.none(),
    st.sampled_from([*NAMES, "(丙)公司", "甲公公司", "丙公司", " 甲 公司", "", "JIA", "丁公司"]),
    st.text(max_size=6),
)
codes = st.one_of(
    st.none(),
    st.sampled_from([*CODES, *(code.lower() for code in CODES), CODES[0] + "001V", CODES[0][:-1] + "O", "", "11010519491231002X", "00000000000000000X", "０"]),
    st.text("0123456789XABO ", max_size=22),
)  # fmt: skip
questions = st.lists(st.tuples(names, codes), min_size=1, max_size=12)


def bulk(asked, codes_held, names_held):
    table = pa.table(
        {
            "row": pa.array(range(len(asked)), pa.int64()),
            "name": pa.array([name for name, _ in asked], pa.string()),
            "code": pa.array([code for _, code in asked], pa.string()),
        }
    )
    question = Question(CON, table)
    CON.register("link_codes", _table(linking.CODES.names, codes_held))
    CON.register("link_names", _table(linking.NAMES.names, names_held))
    return question.decided().to_pylist()


def _table(columns, rows):
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(columns)})


@settings(max_examples=25, deadline=None)
@given(questions, known_codes, known_names)
def test_one_question_and_a_file_are_answered_alike(asked, codes_held, names_held):
    for row, (name, code) in zip(bulk(asked, codes_held, names_held), asked, strict=True):
        ready = resolve_one.prepare(name or "", code or "")
        one = resolve_one.decide(ready, codes_held, names_held)
        assert (one.subject, one.how, one.problem, ready.permit, ready.fault) == (
            row["subject"] or "",
            row["how"] or "",
            row["problem"] or "",
            row["permit"],
            row["fault"] or "",
        ), (name, code)


@settings(max_examples=200, deadline=None)
@given(names, codes, known_codes, known_names)
def test_nobody_is_linked_who_bears_neither_the_code_nor_the_name(name, code, codes_held, names_held):
    asked = resolve_one.prepare(name or "", code or "")
    found = resolve_one.decide(asked, codes_held, names_held)
    if found.subject:
        by_code = any(subject == found.subject and held in asked.codes for held, _, subject in codes_held)
        by_name = (asked.norm, found.subject, "current") in names_held
        assert by_code or by_name
