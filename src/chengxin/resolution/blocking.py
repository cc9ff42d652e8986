"""Blocking (候选分组): which names share enough telling pieces to be compared at all.

Comparing every name with every other is out of the question at the size of a province. For a file of names ``near``
compares the pieces of both sides (``subjects.names_bulk``) on the engine; for a few names ``stages`` says which pieces to
look up in the index that the platform keeps.
"""

from itertools import combinations

import ibis
import ibis.expr.types as ir

from chengxin.resolution.scoring import Name
from chengxin.subjects import names, terms

COMMON = 1000
"""A piece that more names hold tells too little to be followed."""
FOLLOWED = 250
"""Names looked at for one row: its rarest pieces are followed until so many names hold them."""
KEPT = 12
"""Names kept for one row: those that share most, by how rare the shared pieces are."""

PIECES = ibis.schema({"name": "int32", "piece": "int64"})


def telling(asked: ir.Table, base: ir.Table) -> ir.Table:
    """The pieces worth following: ``name, piece, weight`` of each asked name's rarest pieces, given the base's."""
    held = base.group_by("piece").agg(holders=base.name.count()).filter(ibis._.holders <= COMMON)
    known = asked.distinct().join(held, "piece")
    rarest = ibis.window(group_by=known.name, order_by=[known.holders, known.piece], rows=(None, 0))
    followed = known.mutate(looked_at=known.holders.sum().over(rarest))
    # so much rarer than the most common piece that is followed at all
    weight = (ibis.literal(COMMON + 1.0) / followed.holders).ln()
    return followed.filter(followed.looked_at <= FOLLOWED).select("name", "piece", weight=weight)


def near(followed: ir.Table, base: ir.Table) -> ir.Table:
    """``asked, found``: for each asked name up to ``KEPT`` names of the base, those that share most of its pieces."""
    met = followed.join(base.select(found="name", piece="piece"), "piece")
    shared = met.group_by(asked=met.name, found=met.found).agg(shared=met.weight.sum())
    best = ibis.window(group_by=shared.asked, order_by=[shared.shared.desc(), shared.found])
    return shared.mutate(place=ibis.row_number().over(best)).filter(ibis._.place < KEPT).select("asked", "found")


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
