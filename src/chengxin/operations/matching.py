"""Matching (匹配): which subjects a name may mean, best first, each with a score and its reasons.

A candidate is a proposal for a person or for ``resolve``; nothing is linked here. Sole traders (个体工商户) are proposed
for their code or their full name only, never for a part of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from chengxin.resolution import blocking, scoring
from chengxin.resolution.scoring import Name, Reason
from chengxin.storage import matching as base
from chengxin.storage.rarity import rarity
from chengxin.subjects import identifiers, names_bulk

QUERIES = pa.schema([("row", pa.int64()), ("name", pa.string()), ("code", pa.string())])
CANDIDATES = pa.schema(
    [
        ("row", pa.int64()),
        ("rank", pa.int64()),
        ("subject", pa.string()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("name_kind", pa.string()),
        ("score", pa.float64()),
        ("reasons", pa.string()),
    ]
)
"""``rank`` counts from 1 within a row. ``name`` is the name that answered, as registered, ``name_kind`` its kind;
``code`` the subject's current code. ``reasons`` is a JSON list of ``{part, verdict, asked, found[, why]}``."""

LOOKED_AT = 200
"""Names compared for one row and one way of looking."""
LONGEST = 120
"""Characters of a name that are used; the longest registered names have about 60."""
SCORED = 3
"""Of them, so many times as many as are wanted are scored: those that are most alike as a whole …"""
NEARLY = 0.35
"""… and not so much less alike than the best."""
CLOSE = 0.85
"""Where a name as alike as this is found, nothing farther is looked for."""
CODE_SAME = 0.6
"""What the same code is worth by itself; the name decides about the rest."""

Pairs = dict[int, dict[tuple[str, str], None]]


@dataclass(frozen=True)
class _Candidate:
    subject: str
    norm: str
    score: float
    reasons: tuple[Reason, ...]


def candidates(queries: pa.Table, *, limit: int = 10) -> pa.Table:
    """Up to ``limit`` subjects for each row of ``queries`` (see ``QUERIES``; code may be null), as ``CANDIDATES``.

    All rows are looked up together. A row whose exact name a subject bears is given the bearers of that name (and of its
    code) and nothing less.
    """
    rows = queries.select(QUERIES.names).cast(QUERIES).to_pylist()
    local = rarity().beginnings
    asked = {row["row"]: scoring.prepare((row["name"] or "")[:LONGEST], local) for row in rows}
    codes = {row["row"]: identifiers.normalise_code(row["code"]) for row in rows if row["code"]}
    by_code = _by_code(codes)
    found = _named(base.by_names([(row, name.norm) for row, name in asked.items() if name.norm]))
    open_rows = [row for row in asked if row not in found and asked[row].norm]
    for row, pairs in _named(base.names_of([(row, s) for row, subjects in by_code.items() for s in subjects])).items():
        found.setdefault(row, {}).update(pairs)
    _look_around(asked, found, open_rows, SCORED * limit)
    best = {
        row: _ranked(
            asked[row],
            [(subject, norm, scoring.prepare(norm, local)) for subject, norm in pairs],
            by_code.get(row, frozenset()),
            limit,
        )
        for row, pairs in found.items()
    }
    return _table(best)


def _by_code(codes: Mapping[int, str]) -> Mapping[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for row, subject in base.by_codes(list(codes.items())):
        found[row].add(subject)
    return {row: frozenset(subjects) for row, subjects in found.items()}


def _look_around(asked: Mapping[int, Name], found: Pairs, open_rows: Sequence[int], most: int) -> None:
    """Add up to ``most`` names near each row's name, looked for stage by stage until something close is among them."""
    stages = {row: blocking.stages(asked[row]) for row in open_rows}
    nearest: dict[int, dict[tuple[str, str], float]] = {row: {} for row in open_rows}
    read: dict[int, tuple[str, str]] = {}
    for depth in range(blocking.DEPTH):
        held = base.by_pieces([(row, stages[row][depth]) for row in open_rows], LOOKED_AT, read)
        new = [
            (row, subject, norm) for row, subject, norm in dict.fromkeys(held) if (subject, norm) not in nearest[row]
        ]
        alike = scoring.likeness(
            [asked[row].forms[0] for row, _, _ in new], names_bulk.folded([norm for _, _, norm in new])
        )
        for (row, subject, norm), likeness in zip(new, alike.tolist(), strict=True):
            nearest[row][subject, norm] = likeness
        open_rows = [row for row in open_rows if max(nearest[row].values(), default=0.0) < CLOSE]
        if not open_rows:
            break
    for row, pairs in nearest.items():
        best = sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:most]
        found.setdefault(row, {}).update((pair, None) for pair, likeness in best if likeness >= best[0][1] - NEARLY)


def _ranked(asked: Name, named: Sequence[tuple[str, str, Name]], coded: frozenset[str], limit: int) -> list[_Candidate]:
    """The best name of each subject, best subject first; the same code comes before every name."""
    alike = scoring.scores([asked] * len(named), [name for _, _, name in named]).tolist()
    best: dict[str, tuple[float, str, Name]] = {}
    for (subject, norm, name), likeness in zip(named, alike, strict=True):
        score = CODE_SAME + (1 - CODE_SAME) * likeness if subject in coded else likeness
        if score >= scoring.WORTH_SHOWING and (subject not in best or (score, norm) > best[subject][:2]):
            best[subject] = (score, norm, name)
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
    return [
        _Candidate(subject, norm, round(score, 4), _reasons(asked, name, subject in coded))
        for subject, (score, norm, name) in ordered
    ]


def _reasons(asked: Name, found: Name, same_code: bool) -> tuple[Reason, ...]:
    told = tuple(scoring.reasons(asked, found))
    return ({"part": "code", "verdict": scoring.SAME, "asked": "", "found": ""}, *told) if same_code else told


def _table(best: Mapping[int, Sequence[_Candidate]]) -> pa.Table:
    shown = base.borne([(one.subject, one.norm) for listed in best.values() for one in listed])
    sole = base.sole_traders([one.subject for listed in best.values() for one in listed])
    rows = []
    for row, listed in best.items():
        kept = [one for one in listed if (one.subject, one.norm) in shown and _may_show(one, sole)]
        for rank, one in enumerate(kept, 1):
            bearer = shown[one.subject, one.norm]
            rows.append(
                (
                    row,
                    rank,
                    one.subject,
                    bearer.code,
                    bearer.name,
                    bearer.name_kind,
                    one.score,
                    scoring.as_json(one.reasons),
                )
            )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(CANDIDATES)
    return pa.table(
        [pa.array(list(column), field.type) for column, field in zip(columns, CANDIDATES, strict=True)], CANDIDATES
    )


def _may_show(one: _Candidate, sole: set[str]) -> bool:
    """Sole traders are not in the index of pieces; a former name in it may belong to one all the same."""
    return one.subject not in sole or one.score == 1.0 or one.reasons[0]["part"] in ("code", "name")


def _named(held: Iterable[tuple[int, str, str]]) -> Pairs:
    found: Pairs = {}
    for row, subject, norm in held:
        found.setdefault(row, {})[subject, norm] = None
    return found
