"""One record alone and a million in a table get the same answer."""

from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.catalogue.conditions import Condition, expression, holds
from chengxin.catalogue.loader import load
from chengxin.catalogue.terms import Counting
from chengxin.disclosure import publication
from chengxin.kernel.periods import add_months

DAYS = st.dates(date(2015, 1, 1), date(2110, 12, 31))
MONTH_ENDS = st.sampled_from([date(2024, 2, 29), date(2026, 1, 31), date(2026, 11, 30), date(2027, 12, 31)])
KINDS = [
    "警告",
    "罚款",
    "通报批评",
    "没收违法所得",
    "没收非法财物",
    "吊销许可证件",
    "限制从业",
    "责令关闭",
    "其他-道歉",
]
ORDER = {"minor": 0, "general": 1, "serious": 2}


@pytest.fixture(scope="module")
def con() -> Any:
    return ibis.duckdb.connect()


def run(con: Any, expression_: Any) -> list[Any]:
    return con.to_pyarrow(expression_).to_pylist()


@given(days=st.lists(st.one_of(DAYS, MONTH_ENDS), min_size=1, max_size=20), months=st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_term_ends_on_the_same_day_in_both_counts(con: Any, days: list[date], months: int) -> None:
    table = con.create_table(
        "days", pa.table({"n": range(len(days)), "d": pa.array(days, pa.date32())}), overwrite=True
    )
    ends = table.order_by("n").select(e=publication.add_months_bulk(table.d, months))
    assert [row["e"] for row in run(con, ends)] == [add_months(day, months) for day in days]


@pytest.mark.parametrize(
    ("month_end", "leap_day", "day", "months", "ends"),
    [
        ("clip", "clip", date(2026, 1, 31), 1, date(2026, 2, 28)),
        ("roll", "clip", date(2026, 1, 31), 1, date(2026, 3, 1)),
        ("roll", "clip", date(2024, 2, 29), 12, date(2025, 2, 28)),
        ("clip", "roll", date(2024, 2, 29), 12, date(2025, 3, 1)),
        ("clip", "roll", date(2026, 1, 31), 1, date(2026, 2, 28)),
        ("roll", "roll", date(2024, 2, 29), 48, date(2028, 2, 29)),
        ("roll", "roll", date(2026, 4, 15), 3, date(2026, 7, 15)),
    ],
)
def test_another_counting_rule_is_followed(
    con: Any, month_end: str, leap_day: str, day: date, months: int, ends: date
) -> None:
    counting = Counting("decision-day", month_end, leap_day, (), True)
    found = publication.add_months_bulk(ibis.literal(day), months, counting)
    assert con.to_pyarrow(found.as_table()).to_pylist()[0].popitem()[1] == ends


@given(
    windows=st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), min_size=1, max_size=20),
    on=DAYS,
)
@settings(max_examples=60, deadline=None)
def test_the_page_and_the_open_data_agree_on_what_is_public(
    con: Any, windows: list[tuple[date | None, date | None]], on: date
) -> None:
    windows = [*windows, (on, None), (on, on), (date(2015, 1, 1), on)]
    starts, ends = pa.array([w[0] for w in windows], pa.date32()), pa.array([w[1] for w in windows], pa.date32())
    table = con.create_table("windows", pa.table({"n": range(len(windows)), "s": starts, "e": ends}), overwrite=True)
    found = table.order_by("n").select(p=publication.is_public_bulk(table.s, table.e, on))
    assert [row["p"] for row in run(con, found)] == [publication.is_public(s, e, on) for s, e in windows]


VALUES = st.none() | st.lists(st.sampled_from([*KINDS, "罚", "款"]), min_size=1, max_size=3).map(";".join)
SIMPLE = st.one_of(
    st.builds(
        lambda op, v: Condition(op, "A", tuple(v)),
        st.sampled_from(["in", "contains", "mentions"]),
        st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    ),
    st.sampled_from(["A", "B"]).map(lambda f: Condition("filled", f)),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda op, parts: Condition(op, parts=tuple(parts)),
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        inner.map(lambda part: Condition("not", parts=(part,))),
    ),
    max_leaves=5,
)


@given(condition=CONDITIONS, rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=10))
@settings(max_examples=80, deadline=None)
def test_a_condition_asks_the_same_of_a_row_and_of_a_table(
    con: Any, condition: Condition, rows: list[tuple[str | None, str | None]]
) -> None:
    data = {
        "n": range(len(rows)),
        "A": pa.array([r[0] for r in rows], pa.string()),
        "B": pa.array([r[1] for r in rows], pa.string()),
    }
    table = con.create_table("rows", pa.table(data), overwrite=True)
    found = run(con, table.order_by("n").select(p=expression(condition, table)))
    assert [row["p"] for row in found] == [holds(condition, {"A": a, "B": b}) for a, b in rows]


@pytest.fixture(scope="module")
def severities(con: Any) -> Any:
    """Judges lists of kinds; the expression is compiled once, which is what takes long."""
    catalogue = load()
    item = catalogue.items["xzcf"]
    columns = publication.needed(item, catalogue)
    table = ibis.table({"n": "int64", **dict.fromkeys(columns, "string")}, name="kinds")
    judged = publication.project(table, item, catalogue).order_by("n").select("severity", "withheld", "ends")
    query = str(ibis.to_sql(judged, dialect="duckdb"))

    def judge(kinds: list[list[str]]) -> list[dict[str, Any]]:
        data: dict[str, Any] = {"n": pa.array(range(len(kinds)), pa.int64())}
        data |= {column: pa.nulls(len(kinds), pa.string()) for column in columns}
        data["CF_CFLB"] = pa.array([";".join(k) for k in kinds], pa.string())
        data["CF_JDRQ"] = pa.array(["2026-04-15"] * len(kinds), pa.string())
        con.create_table("kinds", pa.table(data), overwrite=True)
        return con.raw_sql(query).to_arrow_table().to_pylist()

    return judge


@given(kinds=st.lists(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_decision_is_as_serious_as_its_most_serious_kind(severities: Any, kinds: list[list[str]]) -> None:
    named = load().severity_standards["national"].kinds

    def by_hand(listed: list[str]) -> str:
        known = [named[k] for k in listed if k in named]
        if "serious" in known:
            return "serious"
        return max(known, key=ORDER.__getitem__) if len(known) == len(listed) else "unclassified"

    found = severities(kinds)
    assert [row["severity"] for row in found] == [by_hand(k) for k in kinds]
    assert all((row["withheld"] == "") == (row["ends"] is not None) for row in found)
