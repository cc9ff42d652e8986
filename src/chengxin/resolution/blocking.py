"""Blocking (候选分组): which terms a name must share with another to be compared with it at all.

Comparing every name with every other is out of the question at the size of a province, so a name is only compared with
those that share telling pieces with it. ``stages`` says which pieces, for the index that the platform keeps.
"""

from itertools import combinations

from chengxin.resolution.scoring import Name
from chengxin.subjects import names_folding, terms

Stage = tuple[terms.Terms, ...]
"""Alternatives; a name answers when it holds all terms of at least one of them."""

DEPTH = 3
_LOOSE = 5
"""Of so many pieces of a name, any two must be found, where nothing closer is."""


def stages(asked: Name) -> tuple[Stage, ...]:
    """What to look for, closest first: the name with a slip; its brand and trade alone; any two of its pieces."""
    text = names_folding.simplify(asked.norm)
    parts = asked.parts
    core = parts.brand + parts.trade
    near = [*terms.slips(text), *terms.slips(text, exchanged=True)]
    near += [found for piece in (core, parts.place + core) if (found := terms.part(piece))]
    near += [terms.start(text)] if len(text) <= 6 else []
    if len(core) >= 4:
        near += terms.slips(core)
    sound = terms.initials(terms.searched(parts.brand) and _initials(core))
    loose = [*combinations(terms.part(core)[:_LOOSE], 2), *([sound] if sound else [])]
    brand = terms.part(parts.brand)
    return tuple(_distinct(stage) for stage in (near, loose, [brand] if brand else []))


def _initials(text: str) -> str:
    from chengxin.subjects import names

    return names.initials(text)


def _distinct(found: list[terms.Terms]) -> Stage:
    return tuple(dict.fromkeys(one for one in found if one))
