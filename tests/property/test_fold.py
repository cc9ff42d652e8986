"""Bulk fold and single fold say the same; marks and days off agree with a count done day by day."""

from datetime import date, timedelta
from itertools import pairwise

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.connect import sql
from chengxin.kernel.periods import Period
from chengxin.records import bulk, fold
from chengxin.records.fold import OFF, Done
from chengxin.records.model import Act

DAY = date(2026, 3, 28)
_histories = st.lists(
    st.lists(st.tuples(st.sampled_from(list(Act)), st.integers(0, 4)), max_size=8), min_size=1, max_size=6
)
_windows = st.one_of(st.none(), st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 20))))


def _done(history: list[tuple[Act, int]], first_seq: int) -> list[Done]:
    days = [sum(step for _, step in history[: place + 1]) for place in range(len(history))]
    return [Done(first_seq + place, act, DAY + timedelta(days=days[place])) for place, (act, _) in enumerate(history)]


def _table(histories: list[list[Done]]) -> pa.Table:
    rows = [(record, done) for record, history in enumerate(histories) for done in history]
    return pa.table(
        {
            "record": pa.array([record for record, _ in rows], pa.int64()),
            "seq": pa.array([done.seq for _, done in rows], pa.int64()),
            "act": pa.array([done.act.value for _, done in rows], pa.string()),
            "day": pa.array([done.day for _, done in rows], pa.date32()),
        }
    )


def _window(given: tuple[int, int | None] | None) -> tuple[date | None, date | None]:
    if given is None:
        return None, None
    starts = DAY + timedelta(days=given[0])
    return starts, None if given[1] is None else starts + timedelta(days=given[1])


@settings(max_examples=60, deadline=None)
@given(_histories, st.lists(_windows, min_size=6, max_size=6))
def test_many_records_fold_as_each_one_does(histories, windows) -> None:
    done = [_done(history, 100 * number) for number, history in enumerate(histories)]
    con = duckdb.connect()
    con.register("acts", _table(done))
    acts = ibis.table(bulk.ACTS, name="acts")
    marks = dict(con.execute(sql(bulk.marks(acts))).fetchall())
    assert marks == {n: int(fold.marks(history)) for n, history in enumerate(done) if history}

    spans: dict[int, list[Period]] = {}
    for record, starts, ends in con.execute(f"SELECT * FROM ({sql(bulk.days_off(acts))}) ORDER BY 1, 2").fetchall():
        spans.setdefault(record, []).append(Period(starts, ends))
    assert spans == {n: list(off) for n, history in enumerate(done) if (off := fold.days_off(history))}

    held = [_window(each) for each in windows[: len(done)]]
    con.register(
        "windows",
        pa.table(
            {
                "record": pa.array(range(len(held)), pa.int64()),
                "starts": pa.array([starts for starts, _ in held], pa.date32()),
                "ends": pa.array([ends for _, ends in held], pa.date32()),
            }
        ),
    )
    windows_table, spans_table = ibis.table(bulk.SPANS, name="windows"), bulk.days_off(acts)
    changed = con.execute(sql(bulk.window_counts(windows_table, spans_table))).fetchall()
    for number, (starts, ends) in enumerate(held):
        counts = fold.window_counts(starts, ends, [])
        for record, day, opening, closing in changed:
            if record == number:
                before = counts.get(day, (0, 0))
                counts[day] = (before[0] + opening, before[1] + closing)
        counts = {day: both for day, both in sorted(counts.items()) if both != (0, 0)}
        assert counts == fold.window_counts(starts, ends, spans.get(number, []))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.integers(0, 4)), max_size=12), _windows)
def test_the_counts_of_a_day_are_whether_the_record_is_public_on_it(history, window) -> None:
    done = _done(history, 1)
    off = fold.days_off(done)
    starts, ends = _window(window)
    counts = fold.window_counts(starts, ends, off)
    for offset in range(-2, 60):
        day = DAY + timedelta(days=offset)
        # the last act up to and on a day settles the whole day
        marked = fold.marks(each for each in done if each.day <= day) & OFF
        public = starts is not None and starts <= day and (ends is None or day < ends) and not marked
        open_now = sum(o - c for at, (o, c) in counts.items() if at <= day)
        assert open_now == int(public), day
    assert all(one.ends and one.ends <= other.starts for one, other in pairwise(off))


@given(st.lists(st.sampled_from(list(Act)), max_size=20))
def test_marks_never_contradict_each_other(acts) -> None:
    """Only acts that may come are entered: then sharing never ends without a repair, and nothing outlives erasure."""
    marks = fold.Mark.NONE
    for act in acts:
        if fold.may(act, marks):
            marks = fold.after(marks, act)
        assert fold.Mark.REPAIRED in marks or not marks & (fold.Mark.UNSHARED | fold.Mark.LIFTED)
        if fold.Mark.ERASED in marks:
            assert not any(fold.may(each, marks) for each in Act)
            break
