"""Example subjects (示例主体): invented organisations of 澜州市 as a register would list them.

Shares follow what was counted in registers that are open: 23 % with a former name, 2.4 % deregistered, 0.2 % revoked,
median name of 13 characters; most are companies, with sole traders, co-operatives, institutions and associations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from chengxin.operations.demo_city import DISTRICTS, NAME, REGISTRY_NAME, code_of, words
from chengxin.subjects.identifiers import registration_check

FORMER_NAME_SHARE = 0.23
REGISTRATION_NO_UNTIL = date(2015, 10, 1)
"""Organisations registered before this day had a 工商注册号 first (三证合一)."""
SUFFIXES = ("有限公司", "有限责任公司", "股份有限公司", "厂", "经营部", "分公司")
SUFFIX_WEIGHTS = (74, 13, 1, 6, 3, 3)


Trade = tuple[str, str, frozenset[str]]
"""Name, what it does, and the kinds of department that look at it."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One invented organisation; ``tags`` are the kinds of department that look at it."""

    name: str
    code: str
    kind: str
    registration_no: str
    former: tuple[str, ...]
    status: str
    since: date
    district: str
    address: str
    scope: str
    tags: frozenset[str]

    @property
    def is_sole_trader(self) -> bool:
        return self.kind == "个体工商户"


def organisations(count: int, seed: int, today: date) -> list[Organisation]:
    """``count`` different organisations, the same ones for the same seed and day."""
    random = Random(f"subjects/{seed}")
    names: set[str] = set()
    made = []
    for serial in range(count):
        made.append(_organisation(random, serial, names, today))
    return made


def register_rows(made: list[Organisation]) -> Iterator[dict[str, str]]:
    """The organisations as rows of the registration item (djxx) by field id."""
    for number, org in enumerate(made):
        yield {
            "DJ_MC": org.name,
            "DJ_DM": _as_typed(org.code, number),
            "DJ_ZCH": org.registration_no,
            "DJ_CYM": ";".join(org.former),
            "DJ_LX": org.kind,
            "DJ_ZT": org.status,
            "DJ_CLRQ": org.since.isoformat(),
            "DJ_JG": REGISTRY_NAME,
            "DJ_DZ": org.address,
            "DJ_QH": DISTRICTS[org.district],
            "DJ_JYFW": org.scope,
        }


def _as_typed(code: str, number: int) -> str:
    """One code in a thousand in lower case or between blanks, as registers have them."""
    return {500: code.lower(), 999: f" {code} "}.get(number % 1000, code) if number % 2000 > 499 else code


def _organisation(random: Random, serial: int, names: set[str], today: date) -> Organisation:
    pick = random.random()
    district = random.choice(list(DISTRICTS))
    since = today - timedelta(days=int(90 + 9000 * random.random() ** 1.6))
    if pick < 0.80:
        prefix, kind, (name, scope, tags) = "91", "企业", _company(random, names)
    elif pick < 0.91:
        prefix, kind, (name, scope, tags) = "92", "个体工商户", _sole_trader(random, names, district)
    elif pick < 0.94:
        prefix, kind, (name, scope, tags) = "93", "农民专业合作社", _cooperative(random, names, district)
    elif pick < 0.97:
        prefix, kind, (name, scope, tags) = "52", "社会组织", _association(random, names)
    else:
        prefix, kind, (name, scope, tags) = "12", "事业单位", _institution(random, names, district)
    old = prefix[0] == "9" and since < REGISTRATION_NO_UNTIL
    return Organisation(
        name=name,
        code=code_of(prefix, district, 20000000 + serial * 3),
        kind=kind,
        registration_no=_registration_no(district, serial, prefix) if old else "",
        former=_former(random, names, name) if prefix == "91" and random.random() < FORMER_NAME_SHARE / 0.8 else (),
        status=random.choices(("存续", "注销", "吊销"), (97.4, 2.4, 0.2))[0],
        since=since,
        district=district,
        address=f"{NAME}{DISTRICTS[district]}{random.choice(words()['street'])}{random.randint(1, 899)}号",
        scope=scope,
        tags=tags,
    )


def _unique(names: set[str], make: Callable[[], str]) -> str:
    while (name := make()) in names:
        pass
    names.add(name)
    return name


def _brand(random: Random) -> str:
    return "".join(random.sample(words()["brand"], 2 if random.random() < 0.85 else 3))


def _company(random: Random, names: set[str]) -> Trade:
    industry = random.choice(words()["industry"])
    suffix = random.choices(SUFFIXES, SUFFIX_WEIGHTS)[0]

    def make() -> str:
        brand, word = _brand(random), industry["word"]
        if suffix == "分公司":
            district = random.choice(list(DISTRICTS.values()))
            return f"{NAME}{brand}{word}有限公司{district[:2]}分公司"
        form = random.random()
        if form < 0.72:
            return f"{NAME}{brand}{word}{suffix}"
        if form < 0.86:
            return f"澜州{brand}{word}{suffix}"
        return f"{brand}{word}（澜州）{suffix}"

    return _unique(names, make), industry["scope"], frozenset(industry["tags"])


def _sole_trader(random: Random, names: set[str], district: str) -> Trade:
    trade = random.choice(words()["sole"])
    name = _unique(names, lambda: f"{NAME}{DISTRICTS[district]}{_brand(random)}{trade['word']}")
    return name, trade["scope"], frozenset(trade["tags"])


def _cooperative(random: Random, names: set[str], district: str) -> Trade:
    word = random.choice(("果蔬", "粮食", "畜禽", "水产", "茶叶", "中药材", "农机"))
    name = _unique(names, lambda: f"{NAME}{DISTRICTS[district]}{_brand(random)}{word}专业合作社")
    return name, f"{word}种植、养殖、销售与服务", frozenset(("agri", "food"))


def _association(random: Random, names: set[str]) -> Trade:
    word = random.choice(words()["social"])
    return _unique(names, lambda: f"{NAME}{_brand(random)}{word}"), word, frozenset(("fire", "edu"))


def _institution(random: Random, names: set[str], district: str) -> Trade:
    word = random.choice(words()["institution"])
    name = _unique(names, lambda: f"{NAME}{DISTRICTS[district]}{_brand(random)}{word}")
    return name, "公益服务", frozenset(("edu", "health", "fire"))


def _former(random: Random, names: set[str], name: str) -> tuple[str, ...]:
    """One former name, sometimes two: the same trade under another brand."""
    brand_at = next(i for i in range(len(name)) if not NAME.startswith(name[: i + 1]))
    count = 2 if random.random() < 0.15 else 1
    return tuple(
        _unique(names, lambda: name[:brand_at] + "".join(random.sample(words()["brand"], 2)) + name[brand_at + 2 :])
        for _ in range(count)
    )


def _registration_no(district: str, serial: int, prefix: str) -> str:
    first = f"{district}{'6' if prefix == '92' else '0'}{serial:07d}"
    return first + registration_check(first)
