"""Example lists (示例名单): entries of the lists of seriously dishonest subjects and of abnormal operations, some removed again."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from chengxin.operations.demo_city import Department
from chengxin.operations.demo_records import Row
from chengxin.operations.demo_subjects import Organisation

SERIOUS = ("安全生产严重失信主体名单", "未经许可擅自恢复生产，造成较大社会影响。", "被责令停产停业后擅自恢复生产")
ABNORMAL_SHARE, SERIOUS_SHARE = 0.02, 0.001
LEAST = 4
REMOVED_EVERY = 4
"""One entry in so many has been removed since."""
CAUSES = ("未按规定公示年度报告", "通过登记的住所或者经营场所无法联系", "未按规定公示年度报告", "未按责令期限公示信息")
CONDITIONS = "列入满一年，履行全部义务并整改到位，作出信用承诺。"
BASIS = "澜州市安全生产失信管理规定第八条"


def abnormal(department: Department, among: Sequence[Organisation], seed: int, today: date) -> Iterator[Row]:
    """Entries of the list of abnormal operations (jyyc), by day of entry."""
    random = Random(f"{seed}/jyyc")
    for number, (org, day) in enumerate(_chosen(among, ABNORMAL_SHARE, 1000, random, today), 1):
        cause = random.choice(CAUSES)
        yield {
            "JY_XDR_MC": org.name,
            "JY_XDR_LB": "个体工商户" if org.is_sole_trader else "法人及非法人组织",
            "JY_XDR_SHXYM": org.code,
            "JY_WSH": f"澜市监异列〔{day.year}〕{number}号",
            "JY_LRYY": cause,
            "JY_LRSM": f"经核查，当事人{cause}。",
            **_entry("JY", department, day, number, today),
        }


def serious(department: Department, among: Sequence[Organisation], seed: int, today: date) -> Iterator[Row]:
    """Entries of a list of seriously dishonest subjects (yzsx), by day of entry."""
    random = Random(f"{seed}/yzsx")
    title, conduct, reason = SERIOUS
    for number, (org, day) in enumerate(_chosen(among, SERIOUS_SHARE, 220, random, today), 1):
        yield {
            "YZ_XDR_MC": org.name,
            "YZ_XDR_LB": "法人及非法人组织",
            "YZ_XDR_SHXYM": org.code,
            "YZ_MDMC": title,
            "YZ_WSH": f"澜{department.short}失信〔{day.year}〕{number}号",
            "YZ_SXXW": conduct,
            "YZ_LRLY": reason,
            "YZ_LRYJ": BASIS,
            "YZ_YCTJ": CONDITIONS,
            **_entry("YZ", department, day, number, today),
        }


def _chosen(
    among: Sequence[Organisation], share: float, days: int, random: Random, today: date
) -> list[tuple[Organisation, date]]:
    """Organisations that still exist and were there on the day, with the working day of their entry."""
    standing = [org for org in among if org.code.startswith("91") and not org.status.startswith(("注销", "吊销"))]
    found = []
    for org in random.sample(standing, min(len(standing), max(LEAST, int(len(among) * share)))):
        day = today - timedelta(days=random.randint(20, days))
        day -= timedelta(days=max(0, day.weekday() - 4))
        if day > org.since:
            found.append((org, day))
    return sorted(found, key=lambda pair: (pair[1], pair[0].code))


def _entry(prefix: str, department: Department, day: date, number: int, today: date) -> Row:
    removed = min(day + timedelta(days=90), today - timedelta(days=1))
    gone = number % REMOVED_EVERY == 0 and removed > day
    return {
        f"{prefix}_LRRQ": day.isoformat(),
        f"{prefix}_LRJG": department.name,
        f"{prefix}_LRJGDM": department.code,
        f"{prefix}_YCRQ": removed.isoformat() if gone else "",
        f"{prefix}_YCWSH": f"澜{department.short}移出〔{removed.year}〕{number}号" if gone else "",
        f"{prefix}_SJLY": department.name,
        f"{prefix}_SJLYDM": department.code,
    }
