"""Example decisions (示例行政决定): penalties and licences as the departments of 澜州市 would have taken them.

Clean rows by field id; ``demo_dirt`` makes them as real files are. Fines follow the quantiles counted in published
penalties; decisions are spread over 2023 until today, with more in the last year, so that many windows are open.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from random import Random
from string import Template

from chengxin.kernel.periods import LONG_TERM, add_months
from chengxin.operations.demo_city import Department, Licence, Offence
from chengxin.operations.demo_subjects import Organisation

FIRST_DAY = date(2023, 1, 3)
FINES = (
    (0.0, 200),
    (0.05, 1600),
    (0.25, 6000),
    (0.5, 18855),
    (0.75, 40000),
    (0.95, 120000),
    (0.99, 250000),
    (1.0, 900000),
)
"""Fines in yuan by share of penalties at or below."""
GOODS = (
    "散装白酒",
    "糕点",
    "食用油",
    "冷冻肉",
    "保健食品",
    "儿童玩具",
    "电动自行车",
    "消毒用品",
    "化肥",
    "建筑用钢筋",
    "电线电缆",
    "化妆品",
)

Row = dict[str, str]


def penalties(
    department: Department, among: Sequence[Organisation], count: int, random: Random, today: date
) -> Iterator[Row]:
    """``count`` penalty decisions (xzcf) of one department, each with its own document number, oldest first."""
    for number, day in _numbered(random, count, today):
        org, offence = _party(random, among), random.choice(department.offences)
        yield _penalty(department, org, offence, day, number, random)


def licences(
    department: Department, among: Sequence[Organisation], count: int, random: Random, today: date
) -> Iterator[Row]:
    """``count`` licence decisions (xzxk) of one department, oldest first."""
    for number, day in _numbered(random, count, today):
        yield _licence(department, _party(random, among), random.choice(department.licences), day, number, random)


def _numbered(random: Random, count: int, today: date) -> Iterator[tuple[int, date]]:
    """Days of decision, each with the number of the document in its year."""
    for _, days in groupby(_days(random, count, today), key=lambda day: day.year):
        yield from enumerate(days, 1)


def _days(random: Random, count: int, today: date) -> list[date]:
    """Working days on which the decisions were taken: half of them within the last fourteen months."""
    span = (today - FIRST_DAY).days
    days = []
    for _ in range(count):
        back = int(425 * random.random()) if random.random() < 0.5 else int(span * random.random())
        day = today - timedelta(days=back)
        days.append(day - timedelta(days=max(0, day.weekday() - 4)))
    return sorted(days)


def _party(random: Random, among: Sequence[Organisation]) -> Organisation:
    """Most have one or two decisions, a few have dozens."""
    return among[int(len(among) * random.random() ** 1.3)]


def _party_fields(prefix: str, org: Organisation, random: Random) -> Row:
    return {
        f"{prefix}_XDR_MC": org.name,
        f"{prefix}_XDR_LB": "个体工商户" if org.is_sole_trader else "法人及非法人组织",
        f"{prefix}_XDR_SHXYM": org.code,
        f"{prefix}_XDR_GSZC": org.registration_no,
        f"{prefix}_XDR_ZZJG": org.code[8:17] if random.random() < 0.2 else "",
        f"{prefix}_XDR_SWDJ": "",
        f"{prefix}_XDR_SYDW": "",
        f"{prefix}_XDR_SHZZ": "",
        # A masked form: no name of a person is invented that someone could bear.
        f"{prefix}_FRDB": random.choice("林陈方沈罗叶苏温宋邱") + "某某",
        f"{prefix}_FR_ZJLX": "",
        f"{prefix}_FR_ZJHM": "",
        f"{prefix}_XDR_ZJLX": "",
        f"{prefix}_XDR_ZJHM": "",
    }


def _penalty(
    department: Department, org: Organisation, offence: Offence, day: date, number: int, random: Random
) -> Row:
    kinds = random.choice(offence.kinds)
    fine = _fine(random) if "罚款" in kinds else 0
    gains = round(fine * random.random(), 2) if "没收" in kinds else 0.0
    small, n = random.randint(80, 9800), random.randint(1, 12)
    fact = Template(offence.fact).substitute(small=small, n=n, goods=random.choice(GOODS))
    done = [f"对{org.name}作出如下行政处罚："]
    for kind in kinds.split(";"):
        if kind == "罚款":
            done.append(f"罚款人民币{fine}元；")
        elif kind.startswith("没收"):
            done.append(f"{kind}{gains}元；")
        else:
            done.append(f"{kind}；")
    row = _party_fields("CF", org, random)
    row |= {
        "CF_WSH": f"澜{department.short}罚〔{day.year}〕{number}号",
        "CF_WFXW": offence.type,
        "CF_SY": f"经查，当事人{fact}。上述事实有现场笔录、询问笔录、照片等证据证明。",
        "CF_YJ": f"《{offence.rule}》{offence.article}",
        "CF_CFLB": kinds,
        "CF_NR": "".join(done)[:-1] + "。",
        "CF_NR_FK": _wan(fine) if fine else "",
        "CF_NR_WFFF": _wan(gains) if "没收" in kinds else "",
        "CF_NR_ZKDX": f"许可证 LZ{random.randint(10**7, 10**8 - 1)}" if "许可证件" in kinds else "",
        "CF_JDRQ": day.isoformat(),
        "CF_YXQ": LONG_TERM.isoformat(),
        "CF_GSJZQ": add_months(day, 36).isoformat() if random.random() < 0.6 else "",
        "CF_CFJG": department.name,
        "CF_CFJGDM": department.code,
        "CF_SJLY": department.name,
        "CF_SJLYDM": department.code,
        "BZ": "",
    }
    if department.states_severity:
        row |= _severity(kinds, fine, random)
    return row


def _severity(kinds: str, fine: int, random: Random) -> Row:
    """What the authority itself says about the severity, in the platform's optional fields."""
    if any(kind in kinds for kind in ("吊销", "限制从业")):
        severity = "严重"
    else:
        severity = "一般" if fine >= 20000 else "轻微"
    needed = severity == "轻微" and random.random() < 0.1
    return {
        "BC_YZCD": severity,
        "BC_YZCDYJ": "《澜州市应急管理领域行政处罚信息分类办法》第五条",
        "BC_GSBYLY": "涉及危险作业，公众须知悉" if needed else "",
    }


def _licence(
    department: Department, org: Organisation, licence: Licence, day: date, number: int, random: Random
) -> Row:
    until = add_months(day, 12 * licence.years) if licence.years else LONG_TERM
    row = _party_fields("XK", org, random)
    row |= {
        "XK_XKWS": licence.title,
        "XK_WSH": f"澜{department.short}许〔{day.year}〕{number}号",
        "XK_XKLB": licence.kind,
        "XK_XKZS": licence.paper,
        "XK_XKBH": f"LZ{department.code[9:13]}{day.year}{number:06d}",
        "XK_NR": licence.text,
        "XK_JDRQ": day.isoformat(),
        "XK_YXQZ": day.isoformat(),
        "XK_YXQZI": until.isoformat(),
        "XK_XKJG": department.name,
        "XK_XKJGDM": department.code,
        "XK_ZT": "1",
        "XK_LYDW": department.name,
        "XK_LYDWDM": department.code,
        "BZ": "",
    }
    return row


def _fine(random: Random) -> int:
    """A fine in yuan from the counted quantiles, in the round sums that authorities write."""
    share = random.random()
    at = min(bisect(FINES, (share, 0)), len(FINES) - 1)
    (low, least), (high, most) = list(pairwise(FINES))[max(at - 1, 0)]
    yuan = least + (most - least) * (share - low) / (high - low)
    step = 50 if yuan < 2000 else 500 if yuan < 20000 else 5000
    return max(step, int(yuan / step) * step)


def _wan(yuan: float) -> str:
    """Yuan as 万元 with up to six decimals, as the layout asks."""
    return f"{yuan / 10000:.6f}".rstrip("0").rstrip(".")
