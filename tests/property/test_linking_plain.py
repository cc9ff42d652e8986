"""A row that is clear at the first look is linked as it would be after a long one."""

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.connect import sql
from chengxin.resolution import linking

CON = duckdb.connect()
CODES = ("A", "B", "C")
NUMBERS = ("1", "2")
SUBJECTS = ("甲", "乙")
NORMS = ("甲公司", "老甲公司", "乙公司")


def maybe(values):
    return st.one_of(st.none(), st.sampled_from(values))


asked = st.lists(
    st.tuples(maybe(CODES), st.none(), maybe(NUMBERS), maybe(NUMBERS), maybe(NORMS)), min_size=1, max_size=10
)
codes = st.lists(
    st.tuples(
        st.sampled_from(CODES + NUMBERS),
        st.sampled_from(("uscc", "registration", "organisation")),
        st.sampled_from(SUBJECTS),
    ),
    max_size=6,
    unique=True,
)
names = st.lists(
    st.tuples(
        st.sampled_from(NORMS), st.sampled_from(SUBJECTS), st.sampled_from(("current", "former", "branch", "english"))
    ),
    max_size=6,
    unique=True,
)


def table(schema, rows):
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema.to_pyarrow())


ROWS, KNOWN, BORNE = (
    ibis.table(schema, name=name)
    for schema, name in ((linking.ROWS, "link_rows"), (linking.CODES, "link_codes"), (linking.NAMES, "link_names"))
)
PLAIN = sql(linking.plain(KNOWN, BORNE))
LINK = {introduce: sql(linking.link(ROWS, KNOWN, BORNE, introduce=introduce)) for introduce in (False, True)}


def linked(rows, introduce):
    CON.register("link_rows", rows)
    return {row["row"]: row for row in CON.sql(LINK[introduce]).to_arrow_table().to_pylist()}


@settings(max_examples=25, deadline=None)
@given(asked, codes, names, st.booleans())
def test_a_row_clear_at_the_first_look_is_linked_as_after_a_long_one(asked, codes, names, introduce):
    rows = table(linking.ROWS, [(number, *row) for number, row in enumerate(asked)])
    CON.register("link_codes", table(linking.CODES, codes))
    CON.register("link_names", table(linking.NAMES, names))
    thorough = linked(rows, introduce)

    CON.register("link_rows", rows)
    seen = CON.sql(
        f"""SELECT DISTINCT r.row, p.subject FROM link_rows r
            JOIN ({PLAIN}) p ON p.code = r.code AND p.norm = r.norm"""
    ).fetchall()
    at_first = {row: {"row": row, "subject": subject, "how": "code", "problem": None} for row, subject in seen}
    assert len(at_first) == len(seen), "a row was linked twice"
    others = table(linking.ROWS, [(number, *row) for number, row in enumerate(asked) if number not in at_first])
    assert thorough == at_first | linked(others, introduce)
