"""Small files as a department would send them, for tests: invented organisations, valid codes."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from chengxin.kernel.periods import today
from chengxin.operations import lookup, sources
from chengxin.operations.submit import submit
from chengxin.subjects.identifiers import organisation_check, uscc_check

SOURCE_NAME = "澜州市生态环境局"


def uscc(serial: int, prefix: str = "91990102") -> str:
    """A valid 统一社会信用代码 of an invented organisation."""
    body = f"MA{serial:06d}"
    coded = prefix + body + organisation_check(body)
    return coded + uscc_check(coded)


AUTHORITY = SOURCE = uscc(1, "11990100")


def penalty(number: int = 1, **changed: str) -> dict[str, str]:
    """One penalty row by Chinese labels; ``changed`` are field ids."""
    row = {
        "CF_XDR_MC": "澜州青穗食品有限公司",
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": uscc(100),
        "CF_FRDB": "某某",
        "CF_WSH": f"澜环罚〔2026〕{number}号",
        "CF_WFXW": "违反了《澜州市水污染防治条例（示例）》第十二条",
        "CF_SY": "未按规定排放废水",
        "CF_YJ": "《澜州市水污染防治条例（示例）》第四十条",
        "CF_CFLB": "没收违法所得",
        "CF_NR": "没收违法所得一万元",
        "CF_NR_WFFF": "1",
        "CF_JDRQ": "2026-08-14",
        "CF_YXQ": "2099-12-31",
        "CF_CFJG": SOURCE_NAME,
        "CF_CFJGDM": AUTHORITY,
        "CF_SJLY": SOURCE_NAME,
        "CF_SJLYDM": AUTHORITY,
    }
    return row | changed


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8") -> Path:
    """The rows as a CSV file with field ids as header."""
    header = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)
    return path


REGISTER = [
    {"名称": "澜州青穗食品有限公司", "统一社会信用代码": uscc(100), "曾用名": "澜州青穗副食品有限公司"},
    {"名称": "澜州大河纸业有限公司", "统一社会信用代码": uscc(101), "注册号": "990100000012349"},
]


def four_records(folder: Path) -> list[str]:
    """Hand in ``REGISTER`` and four penalties of ``SOURCE``; the numbers of the public records, oldest document first."""
    for code in ("operator", SOURCE):
        sources.ensure(code)
    submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source="operator")
    submit(path=write_csv(folder / "p.csv", [penalty(n) for n in range(1, 5)]), item="xzcf", source=SOURCE)
    found = lookup.records(lookup.subject(uscc(100)), on=today()).rows
    return [each.id for each in sorted(found, key=lambda each: each.fields["CF_WSH"])]
