"""Credit subject (信用主体): an organisation the record is about, with its codes and names over time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from chengxin.subjects.identifiers import is_sole_trader_number


class Kind(StrEnum):
    """Kinds of subject (主体类别)."""

    GOVERNMENT = "government"  # 机关
    INSTITUTION = "institution"  # 事业单位
    ENTERPRISE = "enterprise"  # 企业
    SOLE_TRADER = "sole_trader"  # 个体工商户
    SOCIAL = "social"  # 社会组织
    COOPERATIVE = "cooperative"  # 农民专业合作社
    OTHER = "other"  # 其他


class Scheme(StrEnum):
    """Code schemes (代码种类)."""

    USCC = "uscc"  # 统一社会信用代码
    ORGANISATION = "organisation"  # 组织机构代码
    REGISTRATION = "registration"  # 工商注册号


@dataclass(frozen=True)
class Code:
    """A code of a subject; ``state`` is ``current``, ``former`` or ``legacy``; borne in ``[since, until)`` as far as known."""

    scheme: str
    value: str
    state: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Name:
    """A name of a subject; ``kind`` is ``current``, ``former``, ``branch`` or ``english``; borne in ``[since, until)``."""

    text: str
    kind: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Subject:
    """A subject as pages and answers see it. ``id`` is the first code it was known under and never changes."""

    id: str
    kind: str
    code: str
    name: str
    status: str
    provisional: bool
    names: tuple[Name, ...] = ()
    codes: tuple[Code, ...] = ()
    status_since: date | None = None
    registration: Mapping[str, str] = field(default_factory=dict)
    """Fields of the registration item by field id (成立日期, 住所, 登记机关 …); empty for provisional subjects."""


@dataclass(frozen=True)
class Relation:
    """A relation (主体关系) seen from one subject.

    ``outward``: the subject is ``means`` of the other (``branch-of``, ``subordinate-of``, ``merged-into``,
    ``split-from``); else the other is that of the subject. ``code`` and ``name`` are the other's; ``id`` is "" where
    the base does not know it.
    """

    means: str
    outward: bool
    id: str
    code: str
    name: str
    since: date | None = None
    until: date | None = None


KIND_OF_CODE: Mapping[str, Kind] = {
    "11": Kind.GOVERNMENT,
    "12": Kind.INSTITUTION,
    "51": Kind.SOCIAL,
    "52": Kind.SOCIAL,
    "53": Kind.SOCIAL,
    "59": Kind.SOCIAL,
    "91": Kind.ENTERPRISE,
    "92": Kind.SOLE_TRADER,
    "93": Kind.COOPERATIVE,
}
"""Kind by the first two characters of a 统一社会信用代码 (GB 32100-2015: department, class); others are OTHER."""


def kind_of_code(code: str) -> Kind:
    """The kind that a 统一社会信用代码 (18) or a 工商注册号 (15 characters) implies."""
    if len(code) == 18:
        return KIND_OF_CODE.get(code[:2], Kind.OTHER)
    return Kind.SOLE_TRADER if is_sole_trader_number(code) else Kind.OTHER
