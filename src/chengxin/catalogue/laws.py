"""Laws (法律文件): the documents a basis can point to, their rank and the articles that are used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from chengxin.kernel.text import Text

NO_TEXT = Text("", "")


class Rank(IntEnum):
    """Rank of a document (效力位阶): the eight ranks a legal basis can have; a smaller number ranks higher."""

    LAW = 1
    ADMINISTRATIVE_REGULATION = 2
    LOCAL_REGULATION = 3
    CENTRAL_POLICY = 4
    JUDICIAL_INTERPRETATION = 5
    DEPARTMENTAL_RULE = 6
    LOCAL_RULE = 7
    NORMATIVE_DOCUMENT = 8

    @property
    def id(self) -> str:
        """As written in the data files: ``departmental-rule``."""
        return self.name.lower().replace("_", "-")

    @property
    def title(self) -> Text:
        return _RANK_TITLES[self]


_RANK_TITLES = {
    Rank.LAW: Text("法律", "law"),
    Rank.ADMINISTRATIVE_REGULATION: Text("行政法规", "administrative regulation"),
    Rank.LOCAL_REGULATION: Text("地方性法规", "local regulation"),
    Rank.CENTRAL_POLICY: Text(
        "党中央、国务院政策性文件", "policy document of the Central Committee or the State Council"
    ),
    Rank.JUDICIAL_INTERPRETATION: Text("司法解释", "judicial interpretation"),
    Rank.DEPARTMENTAL_RULE: Text("部门规章", "departmental rule"),
    Rank.LOCAL_RULE: Text("地方政府规章", "local government rule"),
    Rank.NORMATIVE_DOCUMENT: Text("规范性文件", "normative document"),
}


@dataclass(frozen=True)
class Article:
    """An article (条款) used by the catalogue. ``number`` is None where the article's number is not known for certain."""

    id: str
    number: int | None
    says: Text
    confirmed: bool


@dataclass(frozen=True)
class Law:
    """A document that can be a basis (法律文件). ``in_force_to`` is its last day, None while it is in force.

    ``unconfirmed`` names the attributes that nobody has checked against the text yet (``rank``, ``in_force_from`` …).
    """

    id: str
    title: Text
    rank: Rank
    number: str
    issued: date | None
    in_force_from: date | None
    in_force_to: date | None
    mark: str
    articles: Mapping[str, Article]
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed


@dataclass(frozen=True)
class Basis:
    """A legal basis (依据): an article of a law, both known to the catalogue."""

    law: str
    article: str


def cite(laws: Mapping[str, Law], basis: Iterable[Basis]) -> Text:
    """The articles by name, for people: 《信用修复管理办法》（国家发展改革委令第36号）第2条；…"""
    zh, en = [], []
    for one in basis:
        law = laws[one.law]
        article = law.articles[one.article]
        zh.append(
            f"《{law.title.zh}》（{law.number}）" + (f"第{article.number}条" if article.number else f"“{article.id}”")
        )
        en.append(
            f"{law.title.en} ({law.number}), " + (f"art. {article.number}" if article.number else article.says.en)
        )
    return Text("；".join(zh), "; ".join(en))
