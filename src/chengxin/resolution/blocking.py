"""Blocking (候选分组): which names share enough telling pieces to be compared at all.

Comparing every name with every other is out of the question at the size of a province. For a file of names ``near``
compares the rare pieces of both sides (``subjects.names_bulk``) on the engine; for a few names ``stages`` says which pieces to
look up in the index that the platform keeps.
"""

from itertools import combinations

import ibis
import ibis.expr.types as ir

from chengxin.resolution.scoring import Name
from chengxin.subjects import names, terms

FOLLOWED = 60
"""Names looked at for one row: its rarest pieces are followed until so many names hold them. A piece that more names hold
is never followed."""

PIECES = ibis.schema({"name": "int32", "piece": "int64"})
HOLDERS = ibis.schema({"piece": "int64", "holders": "int64"})


def rare(base: ir.Table) -> ir.Table:
    """``piece, holders``: the pieces of the base that tell enough to be followed, and how many names hold each."""
    return base.group_by("piece").agg(holders=base.name.count()).filter(ibis._.holders <= FOLLOWED)


def telling(asked: ir.Table, rare: ir.Table) -> ir.Table:
    """``name, piece``: each asked name's rarest pieces, as many as are followed."""
    known = asked.distinct().join(rare, "piece")
    rarest = ibis.window(group_by=known.name, order_by=[known.holders, known.piece], rows=(None, 0))
    followed = known.mutate(looked_at=known.holders.sum().over(rarest))
    return followed.filter(followed.looked_at <= FOLLOWED).select("name", "piece")


def near(followed: ir.Table, base: ir.Table) -> ir.Table:
    """``asked, found``: for each asked name the names of the base that hold one of its followed pieces."""
    met = followed.select(asked="name", piece="piece").join(base.select(found="name", piece="piece"), "piece")
    return met.select("asked", "found").distinct()


Stage = tuple[terms.Terms, ...]
"""Alternatives; a name answers when it holds all terms of at least one of them."""
DEPTH = 4
_SHORT = 6
_LOOSE = 5
"""Of so many pieces of a name, any two must be found, where nothing closer is."""


def stages(asked: Name) -> tuple[Stage, ...]:
    """What to look for, closest first; a stage is only asked when the one before it found nothing close.

    The name with a slip, or its brand and trade as they are; two characters exchanged, or a slip in brand or trade; any
    two pieces of brand and trade, or their sound; the brand alone.
    """
    text, parts = asked.parts.text, asked.parts
    core = parts.brand + parts.trade
    near_by = [*terms.slips(text), terms.part(core), terms.start(text) if len(text) <= _SHORT else ()]
    farther = [*terms.slips(text, exchanged=True), *terms.slips(core)]
    loose = [*combinations(terms.part(core)[:_LOOSE], 2), terms.initials(names.initials(core))]
    return tuple(_distinct(stage) for stage in (near_by, farther, loose, [terms.part(parts.brand)]))


def _distinct(found: list[terms.Terms]) -> Stage:
    return tuple(dict.fromkeys(one for one in found if one))
