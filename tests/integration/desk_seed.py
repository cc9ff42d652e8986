"""What tests of the desk stand on: two sources with people, a few registered organisations, files with known mistakes."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path

from django.test import override_settings

from chengxin.kernel.periods import today
from chengxin.operations import accounts, uploads
from chengxin.operations.submit import submit
from chengxin.operations.worker import run_all
from chengxin.subjects.identifiers import organisation_check, uscc_check

DECIDED = today() - timedelta(days=3)
"""Recent on every day the tests run, so that reports are on time."""
PASSWORD = "a-long-desk-password"


def code(kind: str, serial: int) -> str:
    """A valid 统一社会信用代码 of an invented body in an invented division; ``kind`` is its first two characters."""
    body = f"{serial:08d}"
    first = f"{kind}990100{body}{organisation_check(body)}"
    return first + uscc_check(first)


BUREAU_CODE, OTHER_CODE, CENTRE_CODE = code("11", 11), code("11", 12), code("12", 13)
COMPANIES = {code("91", 2000 + n): f"澜州测试第{n}食品有限公司" for n in range(1, 9)}


def quick_passwords() -> override_settings:
    """Passwords hashed in no time: these tests are about the desk, not about how slow guessing is."""
    return override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])


def people() -> None:
    """A clerk of the bureau, a clerk of another body, and an officer of the centre."""
    for source, name in (
        (BUREAU_CODE, "澜州市生态环境局"),
        (OTHER_CODE, "澜州市水利局"),
        (CENTRE_CODE, "澜州市信用中心"),
    ):
        accounts.register_source(code=source, name=name)
    for name, source, role in (
        ("clerk", BUREAU_CODE, accounts.CLERK),
        ("neighbour", OTHER_CODE, accounts.CLERK),
        ("officer", CENTRE_CODE, accounts.OFFICER),
    ):
        accounts.create_user(name=name, password=PASSWORD, source=source, role=role)


def companies(folder: Path) -> None:
    """Register the organisations through the same door as everything else."""
    rows = [
        {"DJ_MC": name, "DJ_DM": number, "DJ_LX": "有限责任公司", "DJ_ZT": "存续", "DJ_CLRQ": "2015-03-01"}
        for number, name in COMPANIES.items()
    ]
    path = folder / "register.csv"
    path.write_bytes(as_csv(rows))
    submit(path=path, item="djxx", source=CENTRE_CODE)


def penalty(n: int, **other: str) -> dict[str, str]:
    """A row that passes every check; ``other`` replaces cells."""
    number, name = list(COMPANIES.items())[n % len(COMPANIES)]
    row = {
        "CF_XDR_MC": name,
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": number,
        "CF_FRDB": "甲某",
        "CF_WSH": f"澜环罚〔2026〕{n}号",
        "CF_WFXW": "超标排放水污染物",
        "CF_SY": "经监测，排放的废水超过排放标准",
        "CF_YJ": "《中华人民共和国水污染防治法》第八十三条",
        "CF_CFLB": "罚款",
        "CF_NR": "罚款二万元",
        "CF_NR_FK": "2",
        "CF_JDRQ": DECIDED.isoformat(),
        "CF_YXQ": "2099-12-31",
        "CF_CFJG": "澜州市生态环境局",
        "CF_CFJGDM": BUREAU_CODE,
        "CF_SJLY": "澜州市生态环境局",
        "CF_SJLYDM": BUREAU_CODE,
    }
    return {**row, **other}


PUBLISHED = {"CF_CFLB": "没收违法所得", "CF_NR": "没收违法所得一万元", "CF_NR_FK": "", "CF_NR_WFFF": "1"}
"""Cells of a penalty whose severity follows from its kind, so that it is published."""


def as_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def letter_for_zero(number: str) -> str:
    """The code as somebody writes it who takes the digit 0 for the letter O."""
    return number[:8] + number[8:].replace("0", "O", 1)


_sent = count(1)


def bad_file(*, mark: int = 0) -> bytes:
    """Eight rows: 3 right, 2 with a letter for a zero, 1 with a month for a date, 1 unknown subject, 1 person.

    No two are the same file, but those with one ``mark``: a file handed in again as it was waits on its last receipt only.
    """
    last = f"备查{mark or -next(_sent)}"
    first = next(iter(COMPANIES))
    second = list(COMPANIES)[1]
    return as_csv(
        [
            penalty(1, BZ=""),
            penalty(2),
            penalty(3),
            penalty(4, CF_XDR_SHXYM=letter_for_zero(first), CF_XDR_MC=COMPANIES[first]),
            penalty(5, CF_XDR_SHXYM=letter_for_zero(second), CF_XDR_MC=COMPANIES[second]),
            penalty(6, CF_JDRQ="2026年11月"),
            penalty(7, CF_XDR_SHXYM=code("91", 9999), CF_XDR_MC="澜州无人知晓有限公司"),
            penalty(8, CF_XDR_LB="自然人", CF_XDR_SHXYM="", CF_XDR_MC="某某", BZ=last),
        ]
    )


def hand_in(data: bytes, name: str = "penalties.csv", item: str = "xzcf", source: str = "", **more: str) -> str:
    """Put a file into the queue as the desk does, run the queue, return the receipt number."""
    submission = uploads.receive(
        stored=uploads.store([data]), file_name=name, item=item, source=source or BUREAU_CODE, by="clerk", **more
    )
    run_all()
    return submission.id
