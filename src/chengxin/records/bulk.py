"""Bulk fold (批量归并): the same as ``records.fold`` for a table of acts, as expressions for any engine.

Tables of acts have ``record`` (number of the record's first entry), ``seq``, ``act``, ``day``; one row per act.
"""

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from chengxin.records.fold import EFFECTS, OFF, Mark

ACTS = ibis.schema({"record": "int64", "seq": "int64", "act": "string", "day": "date"})
SPANS = ibis.schema({"record": "int64", "starts": "date", "ends": "date"})


def marks(acts: ir.Table) -> ir.Table:
    """``record, marks``: of each mark the last act that sets or clears it decides."""
    decided = []
    for mark in Mark:
        sets = acts["act"].isin([act.value for act, effect in EFFECTS.items() if effect.sets & mark])
        clears = acts["act"].isin([act.value for act, effect in EFFECTS.items() if effect.clears & mark])
        last_set, last_cleared = (acts["seq"].max(where=which).fill_null(-1) for which in (sets, clears))
        decided.append(ibis.cases((last_set > last_cleared, ibis.literal(mark.value, "int64")), else_=0))
    return acts.group_by("record").aggregate(marks=reduce(lambda one, other: one + other, decided).cast("int64"))


def days_off(acts: ir.Table) -> ir.Table:
    """``record, starts, ends``: the spans of days on which acts kept a record from the public; ends NULL = until now."""
    order = ibis.window(group_by="record", order_by="seq", preceding=None, following=0)
    parts = {}
    for mark in Mark:
        if not mark & OFF:
            continue
        sets = acts["act"].isin([act.value for act, effect in EFFECTS.items() if effect.sets & mark])
        clears = acts["act"].isin([act.value for act, effect in EFFECTS.items() if effect.clears & mark])
        last_set = acts["seq"].max(where=sets).over(order).fill_null(-1)
        last_cleared = acts["seq"].max(where=clears).over(order).fill_null(-1)
        parts[f"is_{mark.value}"] = last_set > last_cleared
    stepped = acts.mutate(**parts)
    stepped = stepped.select("record", "seq", "day", off=reduce(or_, (stepped[name] for name in parts)))
    by_record = ibis.window(group_by="record", order_by="seq")
    turned = stepped.mutate(before=stepped["off"].lag().over(by_record).fill_null(False))
    turned = turned.filter(turned["off"] != turned["before"])
    spans = turned.mutate(ends=turned["day"].lead().over(by_record))
    spans = spans.filter(spans["off"]).select("record", starts="day", ends="ends")
    return spans.filter(spans["ends"].isnull() | (spans["starts"] < spans["ends"]))


def window_counts(windows: ir.Table, spans: ir.Table) -> ir.Table:
    """``record, day, opening, closing``: what spans off change in the counts of windows (``record, starts, ends``).

    The windows' own openings and closings are not among them; days may come more than once.
    """
    joined = windows.filter(windows["starts"].notnull()).join(
        spans.rename(off_from="starts", off_until="ends"), "record"
    )
    cut = joined.mutate(
        first=ibis.greatest(joined["off_from"], joined["starts"]),
        last=ibis.cases(
            (joined["off_until"].isnull(), joined["ends"]),
            (joined["ends"].isnull(), joined["off_until"]),
            else_=ibis.least(joined["off_until"], joined["ends"]),
        ),
    )
    cut = cut.filter(cut["last"].isnull() | (cut["first"] < cut["last"]))
    at_start, at_end = cut["first"] == cut["starts"], (cut["last"] == cut["ends"]).fill_null(False)
    none, one, less = (ibis.literal(number, "int64") for number in (0, 1, -1))
    edges = cut.select(
        "record",
        day="first",
        opening=at_start.ifelse(less, none),
        closing=at_start.ifelse(none, one),
    ).union(cut.select("record", day="last", opening=at_end.ifelse(none, one), closing=at_end.ifelse(less, none)))
    return edges.filter(edges["day"].notnull())
