"""Search over a million subjects: how long filling the index takes, and a question, and candidates for one name.

``python bench/search.py [subjects] [questions]``; with DATABASE_URL of an empty database on PostgreSQL. The names are invented,
seven in ten begin with the same city, as in a city's own subject base: that is the hard case for an index.
"""

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import accumulate

import django
import pyarrow as pa

CITY = "澜州"
PLACES = [
    "东岭",
    "西河",
    "南浦",
    "北原",
    "云台",
    "青川",
    "玉山",
    "金沙",
    "平湖",
    "新丰",
    "临江",
    "安远",
    "永泰",
    "长宁",
    "和顺",
    "广元",
]
BRAND = (
    "华金新天大中海东方国盛美安宏鑫源德兴和信泰达瑞丰恒康龙博鼎佳成利通明远诚辉建富平永顺益创众联嘉润万广亚科亿"
    "旺隆祥福宝裕正昌元星凯力洋腾飞睿智云尚雅艺景园林森泉溪河湖江山峰岭松柏竹梅兰菊荷莲春夏秋冬晨曦朝阳晓月"
    "穗禾麦稻粟谷棉麻丝绸锦绣珍珠玉石翠青蓝紫红白黑银铜铁钢木水火土风雷电雨雪霜露虹"
)
TRADES = [
    "科技",
    "贸易",
    "商贸",
    "建筑工程",
    "食品",
    "机械",
    "电子",
    "信息技术",
    "物流",
    "运输",
    "餐饮管理",
    "文化传媒",
    "广告",
    "装饰工程",
    "农业发展",
    "环保科技",
    "化工",
    "纺织",
    "服装",
    "家具",
    "汽车销售",
    "物业管理",
    "房地产开发",
    "投资管理",
    "医疗器械",
    "教育咨询",
    "网络科技",
    "进出口贸易",
    "电气设备",
    "建材",
]
SUFFIXES = [
    ("有限公司", 66),
    ("有限责任公司", 10),
    ("厂", 5),
    ("农民专业合作社", 4),
    ("经营部", 3),
    ("商行", 3),
    ("店", 4),
    ("股份有限公司", 1),
]


PART = 1_000_000
"""Names stored at once: ten million would not fit into memory."""


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    questions = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHENGXIN_HOME"] = folder  # never an installation in use
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
        django.setup()
        names = _names(size)
        fill(names)
        _ask(names, questions)
        _match(names, questions)


def _names(size: int) -> list[str]:
    pick = random.Random(20261121)
    suffixes, weights = zip(*SUFFIXES, strict=True)
    ends = pick.choices(suffixes, cum_weights=list(accumulate(weights)), k=size)
    return [
        (CITY if pick.random() < 0.7 else pick.choice(PLACES))
        + "".join(pick.choices(BRAND, k=pick.choice((2, 2, 2, 3, 4))))
        + pick.choice(TRADES)
        + end
        for end in ends
    ]


def fill(names: list[str]) -> None:
    from django.core.management import call_command
    from django.db import connection

    from chengxin.storage import search as index
    from chengxin.storage.bulk import transaction
    from chengxin.storage.models import Subject

    call_command("migrate", verbosity=0)
    if Subject.objects.exists():
        raise SystemExit("the database holds subjects: give DATABASE_URL of an empty one")
    size, added, before = len(names), 0.0, 0.0
    for start in range(0, size, PART):
        part = names[start : start + PART]
        codes = pa.array([f"91370200MA{start + number:07d}X" for number in range(len(part))], pa.string())
        text, blank = pa.array(part, pa.string()), pa.array([""] * len(part), pa.string())
        kinds = pa.array(["sole_trader" if name.endswith("店") else "enterprise" for name in part], pa.string())
        seq = pa.array(range(start, start + len(part)), pa.int64())
        flags = {"provisional": pa.array([False] * len(part)), "seq": seq}
        scheme, current = pa.array(["uscc"] * len(part), pa.string()), pa.array(["current"] * len(part), pa.string())
        with transaction() as store:
            subject = {
                "id": codes,
                "kind": kinds,
                "code": codes,
                "name": text,
                "status": blank,
                "region": blank,
                **flags,
            }
            store.append("subject", pa.table(subject))
            store.append(
                "subject_code", pa.table({"code": codes, "scheme": scheme, "subject": codes, "state": current})
            )
            borne = pa.table({"norm": text, "subject": codes, "kind": current, "text": text})
            store.append("subject_name", borne.sort_by([("norm", "ascending"), ("subject", "ascending")]))
        found = pa.table({"subject": codes, "text": text, "kind": kinds})
        started, worked = time.perf_counter(), _cpu()
        with transaction() as store:
            index.add(store, found)
        added, before = added + time.perf_counter() - started, before + _cpu() - worked
    print(f"index of {size:,} names: committed {added:.1f} s, CPU {before:.1f} s")
    if os.environ.get("DATABASE_URL"):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the server does so by itself, some minutes after a large batch
    started = time.perf_counter()
    with transaction() as store:
        index.add(store, found.slice(0, 1000))
    print(f"1,000 more names: {time.perf_counter() - started:.2f} s")


def _ask(names: list[str], questions: int) -> None:
    from chengxin.operations.search import search
    from chengxin.subjects import names as naming

    pick = random.Random(7)
    bare = [name for name in pick.sample(names, 20_000) if not name.endswith("店")]

    def slip(name: str) -> str:
        at = pick.randrange(len(name))
        return name[:at] + pick.choice(BRAND) + name[at + 1 :]

    def piece(name: str) -> str:
        at = pick.randrange(2, 4)
        return name[at : at + pick.randrange(2, 6)]

    def without_end(name: str) -> str:
        return name.replace("有限责任公司", "").replace("有限公司", "")

    kinds: dict[str, Callable[[str], str]] = {
        "code": lambda name: f"91370200MA{pick.randrange(len(names)):07d}X",
        "full name": str,
        "beginning": lambda name: name[: pick.randrange(2, 8)],
        "piece": piece,
        "trade and form": lambda name: name[-pick.randrange(5, 8) :],
        "common piece": lambda name: pick.choice(
            [CITY, "科技", "澜州科技", "公司贸易", "有限公司", "大海洋贸易", "国际", "科技贸易"]
        ),
        "initials, full": lambda name: naming.initials(without_end(name)),
        "initials, piece": lambda name: naming.initials(name)[2 : 2 + pick.randrange(2, 6)],
        "full name, one slip": slip,
        "short name, one slip": lambda name: slip(without_end(name)[2:8]),
        "nothing like it": lambda name: "".join(pick.choices("龘靐齉爩麤灪籱癵", k=6)),
    }
    search(bare[0])
    everything: list[float] = []
    all_worked: list[float] = []
    for title, make in kinds.items():
        times, worked, found = [], [], 0
        for name in pick.choices(bare, k=questions):
            text = make(name)
            started, before = time.perf_counter(), time.thread_time()
            answer = search(text)
            worked.append((time.thread_time() - before) * 1000)
            times.append((time.perf_counter() - started) * 1000)
            found += any(hit.name == name for hit in answer.hits) or title in ("code", "common piece")
        print(f"{title:22} {_spread(times)}   CPU here {_spread(worked)}   on page one {found / questions:.0%}")
        everything += times
        all_worked += worked
    print(f"{'all':22} {_spread(everything)}   CPU here {_spread(all_worked)}")


def _match(names: list[str], questions: int) -> None:
    """Candidates for one name, as ``POST /api/v1/match`` with one example looks for them."""
    from chengxin.operations.resolve import Question, resolve

    pick = random.Random(11)
    bare = [name for name in pick.sample(names, min(len(names), 20_000)) if not name.endswith("店")]

    def slip(name: str) -> str:
        at = pick.randrange(len(name))
        return name[:at] + pick.choice(BRAND) + name[at + 1 :]

    def without(name: str) -> str:
        at = pick.randrange(len(name))
        return name[:at] + name[at + 1 :]

    def short(name: str) -> str:
        return name.replace("有限责任公司", "").replace("有限公司", "").removeprefix(CITY)

    kinds: dict[str, Callable[[str], str]] = {
        "candidates, exact": str,
        "one slip": slip,
        "one left out": without,
        "two slips": lambda name: slip(slip(name)),
        "short name": short,
        "short name with a slip": lambda name: slip(short(name)),
        "of another place": lambda name: "远山" + "".join(pick.choices(BRAND, k=3)) + name[-8:],
    }
    resolve([Question(bare[0][1:])])  # the first one reads lists of sounds and shapes
    everything: list[float] = []
    for title, make in kinds.items():
        times, found = [], 0
        for name in pick.choices(bare, k=questions):
            asked = Question(make(name))
            started = time.perf_counter()
            (answer,) = resolve([asked])
            times.append((time.perf_counter() - started) * 1000)
            named = [answer.subject.name] if answer.subject else [one.name for one in answer.candidates]
            found += name in named
        print(f"{title:22} {_spread(times)}   meant one among five {found / questions:.0%}")
        everything += times
    print(f"{'all':22} {_spread(everything)}")


def _spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"median {ordered[len(ordered) // 2]:6.1f} ms p99 {ordered[int(len(ordered) * 0.99)]:6.1f} ms"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
