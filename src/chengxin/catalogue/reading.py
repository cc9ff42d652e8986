"""Reading data files (读取目录文件): YAML with nothing forgiven.

Every key must be known, every value of the right form, no key given twice. A refusal names the file and the key.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

_REQUIRED: Any = object()
_LISTED = ("in", "contains", "mentions")


class _OnceOnly(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key given twice: {key}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def refused(rule: str, what: Text, file: str, key: str = "") -> Refusal:
    """A refusal of a data file, naming file and key."""
    where = f"{file}:{key}" if key else file
    return Refusal(
        f"catalogue.{rule}",
        what,
        where=Text(where, where),
        basis="docs/reference/catalogue.md",
        remedy=Text("请改正该文件。", "Correct the file."),
    )


def read(path: Path, name: str) -> "Section":
    """The one mapping in a file; ``name`` is how messages call the file. Raises Refusal ``catalogue.yaml``."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_OnceOnly)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or a date like 2026-02-30
        raise refused("yaml", Text(f"不是合法的 YAML：{error}", f"not valid YAML: {error}"), name) from error
    if not isinstance(data, dict):
        raise refused("yaml", Text("文件应是一个映射。", "The file must hold one mapping."), name)
    return Section(name, "", data)


class Section:
    """A mapping in a file, read key by key; ``end`` refuses what nobody asked for."""

    def __init__(self, file: str, at: str, data: dict[Any, Any]) -> None:
        self.file = file
        self.data = data
        self._at = at
        self._asked: set[Any] = set()

    def key(self, key: object) -> str:
        return f"{self._at}.{key}" if self._at else str(key)

    def has(self, key: str) -> bool:
        return key in self.data

    def wrong(self, key: str, zh: str, en: str, rule: str = "form") -> Refusal:
        return refused(rule, Text(f"{self.key(key)}：{zh}", f"{self.key(key)}: {en}"), self.file, self.key(key))

    def _take(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.data:
            if default is _REQUIRED:
                raise self.wrong(key, "缺少此项。", "is missing.", "missing-key")
            return default
        return self.data[key]

    def text(self, key: str, default: Any = _REQUIRED, among: Sequence[str] = ()) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "应为文字（必要时加引号）。", "must be text (quote it where needed).")
        if among and value not in among:
            raise self.wrong(key, f"应为其中之一：{'、'.join(among)}。", f"must be one of {', '.join(among)}.")
        return value

    def truth(self, key: str, default: Any = _REQUIRED) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "应为 true 或 false。", "must be true or false.")
        return value

    def number(self, key: str, default: Any = _REQUIRED) -> int | None:
        value = self._take(key, default)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self.wrong(key, "应为非负整数或 null。", "must be a whole number or null.")
        return value

    def amount(self, key: str) -> Decimal:
        value = self._take(key, _REQUIRED)
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if isinstance(value, (bool, float)) or not amount.is_finite() or amount < 0:
            raise self.wrong(key, "应为以元计的金额。", "must be an amount in yuan.")
        return amount

    def day(self, key: str, default: Any = _REQUIRED) -> date | None:
        value = self._take(key, default)
        if value is not None and type(value) is not date:
            raise self.wrong(key, "应为日期 YYYY-MM-DD 或 null。", "must be a date YYYY-MM-DD or null.")
        return value

    def given_day(self, key: str) -> date:
        """A date that cannot be left open."""
        value = self.day(key)
        if value is None:
            raise self.wrong(key, "不能为 null。", "must be a date.")
        return value

    def texts(self, key: str, default: Any = _REQUIRED) -> tuple[str, ...]:
        value = self._take(key, default)
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise self.wrong(
                key, "应为文字的列表（必要时加引号）。", "must be a list of texts (quote them where needed)."
            )
        if len(set(value)) != len(value):
            raise self.wrong(key, "列表中有重复。", "holds the same entry twice.", "duplicate")
        return tuple(value)

    def bilingual(self, key: str, default: Any = _REQUIRED) -> Text:
        value = self._take(key, default)
        if isinstance(value, Text):
            return value
        return self._section(key, value).itself()

    def itself(self) -> Text:
        """The section as one bilingual text."""
        text = Text(self.text("zh").strip(), self.text("en").strip())
        self.end()
        return text

    def section(self, key: str) -> "Section":
        return self._section(key, self._take(key, _REQUIRED))

    def optional_section(self, key: str) -> "Section | None":
        value = self._take(key, None)
        return None if value is None else self._section(key, value)

    def sections(self, key: str, default: Any = _REQUIRED) -> list["Section"]:
        value = self._take(key, default)
        if not isinstance(value, (list, tuple)):
            raise self.wrong(key, "应为列表。", "must be a list.")
        return [self._section(f"{key}[{n}]", inner) for n, inner in enumerate(value)]

    def raw(self, key: str, default: Any = _REQUIRED) -> Any:
        """A value whose form the caller checks."""
        return self._take(key, default)

    def basis(self, key: str = "basis", default: Any = _REQUIRED) -> tuple[Basis, ...]:
        found = []
        for section in self.sections(key, default):
            found.append(Basis(section.text("law"), section.text("article")))
            section.end()
        return tuple(found)

    def condition(self, key: str) -> Condition | None:
        section = self.optional_section(key)
        return None if section is None else condition(section)

    def common(self) -> dict[str, Any]:
        """The keys every kind of file may carry: mark, unconfirmed, note; and the file itself."""
        return {
            "mark": self.text("mark"),
            "unconfirmed": self.texts("unconfirmed", ()),
            "note": self.bilingual("note", NO_TEXT),
            "source": self.file,
        }

    def names(self) -> list[str]:
        """All keys, for mappings whose keys are data; they count as asked for."""
        self._asked.update(self.data)
        for key in self.data:
            if not isinstance(key, str):
                raise self.wrong(
                    str(key), "键应为文字（必要时加引号）。", "the key must be text (quote it where needed)."
                )
        return list(self.data)

    def end(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self.data:
            if key not in self._asked:
                raise self.wrong(str(key), "不认识此项。", "is not a known key.", "unknown-key")

    def _section(self, key: str, value: object) -> "Section":
        if not isinstance(value, dict):
            raise self.wrong(key, "应为映射。", "must be a mapping.")
        return Section(self.file, self.key(key), value)


def condition(section: Section) -> Condition:
    """A condition written as data; see ``conditions`` for its forms."""
    for op in ("all", "any"):
        if section.has(op):
            parts = tuple(condition(part) for part in section.sections(op))
            section.end()
            if not parts:
                raise section.wrong(op, "条件不能为空。", "must hold at least one condition.")
            return Condition(op, parts=parts)
    if section.has("not"):
        part = condition(section.section("not"))
        section.end()
        return Condition("not", parts=(part,))
    field = section.text("field")
    if section.has("filled"):
        wanted = section.truth("filled")
        section.end()
        filled = Condition("filled", field)
        return filled if wanted else Condition("not", parts=(filled,))
    for op in _LISTED:
        if section.has(op):
            values = section.texts(op)
            section.end()
            if not values:
                raise section.wrong(op, "列表不能为空。", "must not be empty.")
            return Condition(op, field, values)
    section.end()
    raise section.wrong("field", "没有写明条件（in、contains、mentions 或 filled）。", "no condition is given.")
