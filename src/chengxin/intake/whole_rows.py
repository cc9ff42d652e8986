"""Whole rows (整行): what is asked of many cells of a row together, since one look costs less than one at each of them."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from chengxin.intake.normalise_texts import holds_citizen_number, may_hold_number

SIMPLE = "is_simple"
"""A column: whether a row's open cells hold no sign that JSON escapes, see :func:`simple`."""
IMPERSONAL = "is_impersonal"
"""A column: whether none of them holds a citizen's number, see :func:`impersonal`."""
LEGIBLE = "is_legible"
"""A column: whether none of them looks garbled, see :func:`legible`."""
REPLACED, UNWRITTEN, LOST = ("\ufffd", "锟斤拷"), "烫烫烫", "??"
"""What broken conversions leave behind: the replacement character and its GBK reading; memory that a program never wrote
to, read as GBK; lost characters. One of them stands in every garbled cell; a sound one may hold them too."""
_BETWEEN = "|"
"""Stands between two cells: part of no citizen's number, and none of what may stand beside one."""
_WHOLE = "whole_row"


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_valid(text: str) -> bool:  # type: ignore[empty-body]
    """Whether a text is a JSON document. Runs in the engine; one that lacks it (Spark) registers it by this name."""
    ...


def look(rows: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The table with ``SIMPLE``, ``IMPERSONAL`` and ``LEGIBLE`` of these columns added; none is ever null.

    They are asked of open cells only, in which anything may stand: any other that is canonical holds neither sign nor
    number, and digits of codes and dates would slow the search down.
    """
    rows = rows.mutate(**{_WHOLE: joined([rows[column] for column in columns])})
    whole = rows[_WHOLE]
    seen = {SIMPLE: simple(whole), IMPERSONAL: impersonal(whole), LEGIBLE: legible(whole)}
    return rows.mutate(**seen).drop(_WHOLE)


def joined(cells: Sequence[ir.StringValue]) -> ir.StringValue:
    """Cells of a row as one text, those that are null left out."""
    return ibis.literal(_BETWEEN).join(cells)


def simple(whole: ir.StringValue) -> ir.BooleanValue:
    r"""Whether a text holds no sign that JSON escapes: no quotes, backslashes, line breaks or control characters.

    A JSON parser reads ten times as fast as a pattern matches. Backslashes are asked for by themselves: what stands in a
    cell may look like an escape (C:\new).
    """
    return json_valid(ibis.literal('"') + whole + '"') & ~whole.contains("\\")


def impersonal(whole: ir.StringValue) -> ir.BooleanValue:
    """Whether a text holds nothing of the shape of a citizen's number."""
    return ibis.cases((may_hold_number(whole), ~holds_citizen_number(whole)), else_=True)


def legible(whole: ir.StringValue) -> ir.BooleanValue:
    """Whether a text holds nothing that a broken conversion leaves behind."""
    return ~reduce(or_, [whole.contains(sign) for sign in (*REPLACED, UNWRITTEN, LOST)])
