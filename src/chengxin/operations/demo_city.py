"""Example city (示例城市): the invented place 澜州市, its departments, and the settings a demonstration runs under.

No Django here: the command line reads ``environment`` before the settings are loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from chengxin.subjects.identifiers import organisation_check, uscc_check

NAME = "澜州市"
DIVISION = "990100"
"""No division of GB/T 2260 begins with 99."""
DISTRICTS: Mapping[str, str] = {
    "990102": "澜城区",
    "990103": "望江区",
    "990104": "临港区",
    "990121": "青禾县",
    "990122": "云岭县",
}
OVERLAY = Path(str(files("chengxin.operations"))) / "demo_data" / "overlay"


@dataclass(frozen=True)
class Offence:
    """A kind of unlawful act that a department punishes; ``kinds`` are the lawful combinations of penalties."""

    type: str
    fact: str
    rule: str
    article: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Licence:
    """A licence that a department grants, for ``years`` (0 = without end)."""

    title: str
    paper: str
    kind: str
    years: int
    text: str


@dataclass(frozen=True)
class Department:
    """A department (部门) of the city that hands in files; ``form`` and ``weight`` are by item.

    ``states_severity``: it says itself how serious its penalties are, and on what basis.
    """

    id: str
    name: str
    short: str
    code: str
    form: Mapping[str, str]
    weight: Mapping[str, float]
    tags: frozenset[str]
    offences: tuple[Offence, ...]
    licences: tuple[Licence, ...]
    states_severity: bool


def code_of(department_and_class: str, division: str, serial: int) -> str:
    """A valid 统一社会信用代码 for an invented organisation."""
    body = f"{serial:08d}"
    first = f"{department_and_class}{division}{body}{organisation_check(body)}"
    return first + uscc_check(first)


@cache
def departments() -> tuple[Department, ...]:
    """The departments of the city, in the order of their codes."""
    return tuple(_department(number, data) for number, data in enumerate(_read("departments.yaml"), 1))


@cache
def words() -> Mapping[str, list[Any]]:
    """Word lists from which names and addresses are made."""
    lists = _read("words.yaml")
    return {key: value.split() if isinstance(value, str) else value for key, value in lists.items()}


CENTRE_NAME = f"{NAME}公共信用信息中心"
CENTRE_CODE = code_of("12", DIVISION, 80000001)
REGISTRY_NAME = f"{NAME}主体登记库"
REGISTRY_CODE = code_of("12", DIVISION, 80000002)


def environment(home: Path, address: str) -> dict[str, str]:
    """Environment variables of a demonstration whose state lies in ``home`` and which is served at ``address``."""
    return {
        "CHENGXIN_HOME": str(home),
        "CHENGXIN_OVERLAYS": str(OVERLAY),
        "CHENGXIN_OPERATOR": CENTRE_CODE,
        "CHENGXIN_SITE_NAME": "信用澜州（示例）",
        "CHENGXIN_URL": address,
    }


def _read(name: str) -> Any:
    return yaml.safe_load((files("chengxin.operations") / "demo_data" / name).read_text(encoding="utf-8"))


def _department(number: int, data: Mapping[str, Any]) -> Department:
    return Department(
        id=data["id"],
        name=NAME + data["name"],
        short=data["short"],
        code=code_of("11", DIVISION, 1000 + number),
        form=data["form"],
        weight=data["weight"],
        tags=frozenset(data["tags"]),
        offences=tuple(Offence(**{**o, "kinds": tuple(o["kinds"])}) for o in data["offences"]),
        licences=tuple(Licence(**licence) for licence in data["licences"]),
        states_severity=data.get("states_severity", False),
    )
