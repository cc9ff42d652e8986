"""Sections of a subject's page (信息分类), in the order of the national report.

Source: 《公共信用信息报告标准（2022年版）》 (国家公共信用信息中心, 2022-09-07). Professional titles are left out: they
are about persons.
"""

from collections.abc import Iterable

from chengxin.catalogue.model import Catalogue, Item
from chengxin.kernel.text import Text
from chengxin.records.model import SUBJECT_BASE

SECTIONS: tuple[Text, ...] = (
    Text("基本信息", "Basic information"),
    Text("行政管理", "Administrative matters"),
    Text("诚实守信", "Good faith"),
    Text("严重失信", "Serious breach of trust"),
    Text("经营异常", "Abnormal operation"),
    Text("信用承诺", "Credit commitments"),
    Text("信用评价", "Credit evaluation"),
    Text("司法判决", "Court decisions"),
    Text("其他信息", "Other information"),
)
REGISTRATION, SERIOUS, ABNORMAL = SECTIONS[0], SECTIONS[3], SECTIONS[4]


def position(section: Text) -> int:
    """Place of a section in the report; sections of regional supplements come last."""
    titles = [known.zh for known in SECTIONS]
    return titles.index(section.zh) if section.zh in titles else len(titles)


def is_list(item: Item) -> bool:
    """Whether an item is a list (名单、名录) that one is put on, where others are decisions that one is given."""
    return item.section.zh in (SERIOUS.zh, ABNORMAL.zh)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items in the order of the report; within a section what is adverse comes first."""
    return sorted(items, key=lambda i: (position(i.section), not i.adverse, i.id))


def published(catalogue: Catalogue) -> list[Item]:
    """Items whose records are shown to the public, in the order of the report."""
    return in_order(i for i in catalogue.items.values() if i.publicity == "public" and i.id not in SUBJECT_BASE)
