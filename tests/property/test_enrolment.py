"""Whatever a register lists, in whatever order: no two codes ever become one subject by a number or a name."""

from functools import cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.resolution import enrolment, linking

CODES, NUMBERS, NAMES = ["C1", "C2", "C3"], ["n1", "n2"], ["A", "B"]
BASE_CODES = [
    {"code": "C9", "scheme": "uscc", "subject": "C9"},
    {"code": "n9", "scheme": "registration", "subject": "n9"},
]
BASE_NAMES = [
    {"norm": "A", "subject": "C9", "kind": "current"},
    {"norm": "B", "subject": "n9", "kind": "current"},
]
ROW = st.fixed_dictionaries(
    {"norm": st.sampled_from(NAMES)},
    optional={
        "code": st.sampled_from([*CODES, "C9"]),
        "registration_no": st.sampled_from([*NUMBERS, "n9"]),
        "former_code": st.sampled_from(["C9", "C1", "C2"]),
    },
)


@cache
def statement() -> str:
    tables = (("link_rows", linking.ROWS), ("link_codes", linking.CODES), ("link_names", linking.NAMES))
    return str(ibis.to_sql(enrolment.enrol(*(ibis.table(schema, name=name) for name, schema in tables)), "duckdb"))


def enrolled(
    rows: list[dict[str, Any]], codes: list[dict[str, Any]], names: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """``row, subject, how, problem`` of each row, in the order given."""
    con = duckdb.connect()
    numbered = [{"row": number, **row} for number, row in enumerate(rows, 1)]
    for name, schema, given_rows in (
        ("link_rows", linking.ROWS, numbered),
        ("link_codes", linking.CODES, codes),
        ("link_names", linking.NAMES, names),
    ):
        told = [{column: row.get(column) for column in schema.names} for row in given_rows]
        con.register(name, pa.Table.from_pylist(told, schema.to_pyarrow()))
    found = con.sql(statement()).to_arrow_table().sort_by("row").to_pylist()
    assert [row["row"] for row in found] == [row["row"] for row in numbered], "a row was lost or doubled"
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_no_two_codes_become_one_subject_and_no_code_becomes_two(rows: list[dict[str, str]]) -> None:
    found = enrolled(rows, BASE_CODES, BASE_NAMES)
    of_code: dict[str, set[str]] = {}
    exchanges = {frozenset((row["code"], row["former_code"])) for row in rows if "code" in row and "former_code" in row}
    for row, told in zip(rows, found, strict=True):
        if "code" not in row and "registration_no" not in row:
            assert told["problem"] == linking.UNKNOWN
            continue
        assert told["subject"]
        if "code" in row:
            of_code.setdefault(row["code"], set()).add(told["subject"])
    assert all(len(subjects) == 1 for subjects in of_code.values()), "one code, two subjects"
    owners: dict[str, list[str]] = {}
    for code, subjects in of_code.items():
        owners.setdefault(next(iter(subjects)), []).append(code)
    for first, *others in owners.values():
        reached = {first}
        for _ in others:
            reached |= {code for pair in exchanges if pair & reached for code in pair}
        assert reached >= set(others), "codes of one subject that nobody said were exchanged"


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_a_row_without_a_code_goes_to_its_number_or_to_the_one_code_that_claims_it(rows: list[dict[str, str]]) -> None:
    found = enrolled(rows, [], [])
    for row, told in zip(rows, found, strict=True):
        if "code" in row or "registration_no" not in row:
            continue
        claims = {other.get("code") for other in rows if other.get("registration_no") == row["registration_no"]} - {
            None
        }
        if len(claims) != 1:
            assert told["subject"] == row["registration_no"]
