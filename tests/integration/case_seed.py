"""What tests of cases stand on: a bureau with two deciding officers, a centre with two, penalties that can be repaired."""

from datetime import UTC, datetime
from pathlib import Path

from tests.integration import desk_seed as seed

from chengxin.cases.model import Actor
from chengxin.operations import accounts
from chengxin.operations.attachments import Given
from chengxin.operations.submit import submit
from chengxin.storage.models import Record

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
FIRST, SECOND = (Actor(name, seed.BUREAU_CODE, decides=True) for name in ("li", "wang"))
CENTRE, OTHER_CENTRE = (Actor(name, seed.CENTRE_CODE, decides=True, centre=True) for name in ("officer", "second"))
NEIGHBOUR = Actor("neighbour", seed.OTHER_CODE, decides=True)
COMPANY = next(iter(seed.COMPANIES))
APPLICANT = Actor("applicant", applicant_for=COMPANY)
COMMITMENT = Given("commitment", "信用承诺书", "本单位承诺材料真实。".encode(), signed=True)
PROOF = Given("performance", "缴款书.pdf", PDF)


def at(day: str, hour: int = 10) -> datetime:
    """A moment of a working day, given as 2026-11-23 in China."""
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00+08:00").astimezone(UTC)


def place(folder: Path, rows: int = 4, **cells: str) -> list[str]:
    """Sources, people, organisations and ``rows`` penalties of one organisation; returns the records' ids."""
    seed.people()
    for name, source, role in (
        ("li", seed.BUREAU_CODE, accounts.DECIDER),
        ("wang", seed.BUREAU_CODE, accounts.DECIDER),
        ("second", seed.CENTRE_CODE, accounts.OFFICER),
    ):
        accounts.create_user(name=name, password=seed.PASSWORD, source=source, role=role)
    seed.companies(folder)
    return penalties(folder, rows, **cells)


def penalties(folder: Path, rows: int, first: int = 0, **cells: str) -> list[str]:
    """More penalties of the one organisation, decided on 14 August 2026, general: repairable from 14 November on."""
    settled = {"CF_CFLB": "没收违法所得", "CF_NR_WFFF": "1", "CF_NR_FK": "", "CF_JDRQ": "2026-08-14"} | cells
    before = set(Record.objects.filter(item="xzcf").values_list("seq", flat=True))
    path = folder / f"penalties-{first}.csv"
    path.write_bytes(
        seed.as_csv(seed.penalty(0, CF_WSH=f"澜环罚〔2026〕{n}号", **settled) for n in range(first, first + rows))
    )
    submit(path=path, item="xzcf", source=seed.BUREAU_CODE)
    made = Record.objects.filter(item="xzcf").exclude(seq__in=before).order_by("seq")
    return [bytes(row.id).hex() for row in made]
