"""Example register changes (示例登记变更): what the register of 澜州市 hands in after its full list.

New names, exchanged codes, deregistrations, mergers, a division, and companies with branches. The changed rows state the
whole registration again, as a register does; relations are the rows of the item djgx.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from chengxin.operations.demo_city import DISTRICTS, NAME, code_of, words
from chengxin.operations.demo_subjects import Organisation, register_rows

Row = dict[str, str]

RENAMED, EXCHANGED, DISSOLVED, MERGED, DIVIDED, HEADS = 24, 8, 12, 4, 1, 6
"""How many organisations each thing happens to; a small city has fewer."""
NEW_SERIAL = 60_000_000
"""Codes assigned after the full list begin here: none of the list reaches it."""


@dataclass(frozen=True)
class Changes:
    """The rows of both files (变更和关系), by field id."""

    registrations: tuple[Row, ...]
    relations: tuple[Row, ...]


def changes(orgs: Sequence[Organisation], seed: int, today: date) -> Changes:
    """What happened in the register of a city of these organisations: the same for the same seed and day."""
    random = Random(f"register/{seed}")
    taken = {name for org in orgs for name in (org.name, *org.former)}
    rows: list[Row] = []
    relations: list[Row] = []
    companies = [org for org in orgs if org.kind == "企业" and org.status == "存续" and "分公司" not in org.name]
    random.shuffle(companies)
    share = max(1, len(companies) // 100)
    pick = iter(companies)
    for _ in range(min(RENAMED, share)):
        rows.append(_renamed(next(pick), random, taken, today))
    for number in range(min(EXCHANGED, share)):
        rows.append(_exchanged(next(pick), number, _lately(random, today)))
    for _ in range(min(DISSOLVED, share)):
        rows.append(_ended(next(pick), _lately(random, today)))
    for _ in range(min(MERGED, share)):
        merged, into, day = next(pick), next(pick), _lately(random, today)
        rows.append(_ended(merged, day))
        relations.append(_relation(merged, "并入", into, day))
    for _ in range(DIVIDED):
        relations.append(_relation(next(pick), "分立自", next(pick), _lately(random, today)))
    for number, (head, branches) in enumerate(_heads(orgs)):
        rows += register_rows([head])
        relations += (_relation(branch, "分支机构", head, max(branch.since, head.since)) for branch in branches)
        if number + 1 == HEADS:
            break
    return Changes(tuple(rows), tuple(relations))


def _renamed(org: Organisation, random: Random, taken: set[str], today: date) -> Row:
    """The same trade under another brand; the name before becomes a former one."""
    brand_at = next(at for at in range(len(org.name)) if not NAME.startswith(org.name[: at + 1]))
    while (name := _branded(org.name, brand_at, random)) in taken:
        pass
    taken.add(name)
    changed = replace(org, name=name, former=(org.name, *org.former))
    return _row(changed) | {"DJ_MCRQ": _lately(random, today).isoformat()}


def _branded(name: str, at: int, random: Random) -> str:
    return name[:at] + "".join(random.sample(words()["brand"], 2)) + name[at + 2 :]


def _exchanged(org: Organisation, number: int, day: date) -> Row:
    """The organisation moved to another district's register and got a code from there; it stays the same subject."""
    district = next(other for other in DISTRICTS if other != org.district)
    moved = replace(org, code=code_of("91", district, NEW_SERIAL + number), district=district)
    return _row(moved) | {"DJ_YDM": org.code, "DJ_DMRQ": day.isoformat()}


def _ended(org: Organisation, day: date) -> Row:
    return _row(replace(org, status="注销")) | {"DJ_ZTRQ": day.isoformat()}


def _row(org: Organisation) -> Row:
    (row,) = register_rows([org])
    return row


def _heads(orgs: Sequence[Organisation]) -> Iterator[tuple[Organisation, list[Organisation]]]:
    """For branches of the full list a head company that it lacks, as their names say, with every branch of that name."""
    branches: dict[str, list[Organisation]] = {}
    for org in orgs:
        if org.name.endswith("分公司"):
            branches.setdefault(org.name[: org.name.index("有限公司") + len("有限公司")], []).append(org)
    known = {org.name for org in orgs}
    of_size = sorted(branches.items(), key=lambda one: (-len(one[1]), one[0]))
    for number, (name, found) in enumerate(one for one in of_size if one[0] not in known):
        first = min(found, key=lambda org: org.since)
        code = code_of("91", first.district, NEW_SERIAL + 1000 + number)
        since = first.since - timedelta(days=400)
        yield replace(first, name=name, code=code, registration_no="", former=(), status="存续", since=since), found


def _relation(org: Organisation, kind: str, related: Organisation, day: date) -> Row:
    return {
        "GX_MC": org.name,
        "GX_DM": org.code,
        "GX_LX": kind,
        "GX_GLMC": related.name,
        "GX_GLDM": related.code,
        "GX_QRQ": day.isoformat(),
    }


def _lately(random: Random, today: date) -> date:
    return today - timedelta(days=random.randint(20, 300))
