"""Mapping files (字段映射文件): strict reading of the YAML; every fault names the file and the key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chengxin.intake.mapping_column import YUAN_TO_WAN, Column
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

BASIS = "docs/reference/mapping.md"
_TOP = {"item", "title", "columns", "sheet", "blanks", "ignore"}
_SOURCES = {"from", "first_of", "join", "constant", "stand_in"}
_STEPS = {"blanks", "replace", "pattern", "split", "values", "unit"}
_EMPTY = {"", "null", "~"}
_HAN = r"\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}"
_NOT_PORTABLE = re.compile(r"\(\?(?!:)|\\[1-9]|\\[kKGZzQEXR]|[*+?}]\+")


@dataclass(frozen=True)
class Written:
    """What a mapping file says."""

    item: str
    title: Text
    columns: tuple[Column, ...]
    ignore: tuple[str, ...]
    blanks: tuple[str, ...]
    sheet: str | None


def read(path: Path) -> Written:
    """Read a mapping file. Raises Refusal ``mapping.invalid``, also when there is no such file."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise Refusal(
            "mapping.invalid",
            Text(f"字段映射文件打不开：{fault.strerror}。", f"The mapping file cannot be opened: {fault.strerror}."),
            where=Text(str(path), str(path)),
            basis=BASIS,
            remedy=Text("请核对文件名和读取权限。", "Check the file's name and permissions."),
        ) from fault
    return _Reader(path.name).read(content)


def invalid(file: str, key: str | Text, zh: str, en: str) -> Refusal:
    """The refusal of a mapping file: which file, which key (or line), what is wrong."""
    place = key if isinstance(key, Text) else Text(key, key)
    return Refusal(
        "mapping.invalid",
        Text(f"字段映射文件 {file} 的 {place.zh}：{zh}。", f"Mapping file {file}, {place.en}: {en}."),
        where=Text(f"{file} · {place.zh}", f"{file} · {place.en}"),
        basis=BASIS,
        remedy=Text("请按字段映射说明修改后重试。", "Mend it as the reference on mapping files says, and try again."),
    )


def portable(pattern: str) -> str:
    """A regular expression in the form that all engines share: ``\\p{Han}`` written out as ranges."""
    out: list[str] = []
    inside = escaped = False
    position = 0
    while position < len(pattern):
        if pattern.startswith(r"\p{Han}", position) and not escaped:
            out.append(_HAN if inside else f"[{_HAN}]")
            position += len(r"\p{Han}")
            continue
        char = pattern[position]
        if not escaped:
            inside = char == "[" or (inside and char != "]")
        escaped = char == "\\" and not escaped
        out.append(char)
        position += 1
    return "".join(out)


class _Loader(yaml.BaseLoader):
    """Every scalar is text, so that a code 01 stays 01; a key that stands twice is refused."""


class _WrongKey(yaml.YAMLError):
    """A key that our own loader does not take."""

    def __init__(self, told: Text, mark: yaml.Mark) -> None:
        super().__init__(told.en)
        self.told, self.problem_mark = told, mark


def _once(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _WrongKey(Text("键应为文字", "a key is a text"), key_node.start_mark)
        if key in found:
            raise _WrongKey(Text(f"键 {key} 出现了两次", f"the key {key} stands twice"), key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _once)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file

    def read(self, content: bytes) -> Written:
        try:
            data = yaml.load(content, _Loader)
        except yaml.reader.ReaderError as fault:
            line = content.count(b"\n", 0, fault.position) + 1
            raise invalid(
                self._file,
                Text(f"第 {line} 行", f"line {line}"),
                "有不是 UTF-8 编码的字符，请另存为 UTF-8 编码",
                "a character is not UTF-8; save the file as UTF-8",
            ) from None
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            place = Text(f"第 {mark.line + 1} 行", f"line {mark.line + 1}") if mark else "YAML"
            problem = str(getattr(fault, "problem", "") or "YAML")
            told = fault.told if isinstance(fault, _WrongKey) else Text(f"解析器报告“{problem}”", problem)
            raise invalid(self._file, place, f"不是合法的 YAML，{told.zh}", f"not valid YAML ({told.en})") from None
        if data is None:
            raise invalid(
                self._file, "item, title, columns", "文件是空的，缺少这些项", "the file is empty and lacks them"
            )
        top = self._mapping(data, "·", _TOP)
        for key in ("item", "title", "columns"):
            if key not in top:
                raise invalid(self._file, key, "缺少该项", "is missing")
        columns = self._mapping(top["columns"], "columns", None)
        if not columns:
            raise invalid(self._file, "columns", "没有任何列", "names no column")
        return Written(
            item=self._text(top["item"], "item"),
            title=self._title(top["title"]),
            columns=tuple(self._column(field, rule) for field, rule in columns.items()),
            ignore=self._texts(top.get("ignore", []), "ignore"),
            blanks=self._texts(top.get("blanks", []), "blanks", empty=True),
            sheet=self._text(top["sheet"], "sheet") if "sheet" in top else None,
        )

    def _column(self, field: str, rule: object) -> Column:
        key = f"columns.{field}"
        found = self._mapping(rule, key, _SOURCES | _STEPS)
        sources = _SOURCES & found.keys()
        if len(sources) != 1:
            options = ", ".join(sorted(_SOURCES))
            raise invalid(self._file, key, f"须且只须写一个来源（{options}）", f"takes exactly one source ({options})")
        source = sources.pop()
        steps = self._steps(found, key)
        if source == "constant":
            if len(found) > 1:
                raise invalid(self._file, key, "constant 不能与其他步骤同用", "constant takes no steps")
            return Column(field, combine="constant", constant=self._text(found["constant"], f"{key}.constant"))
        at = f"{key}.{source}"
        if source == "from":
            return Column(field, parts=(self._headers(found["from"], at),), **steps)
        if source == "first_of":
            return Column(field, parts=tuple((h,) for h in self._headers(found[source], at)), combine="first", **steps)
        inner = self._mapping(found[source], at, {"from"} if source == "stand_in" else {"from", "with"})
        if "from" not in inner:
            raise invalid(self._file, f"{at}.from", "缺少该项", "is missing")
        headers = self._headers(inner["from"], f"{at}.from")
        if source == "stand_in":
            return Column(field, parts=(headers,), stand_in=True, **steps)
        joiner = inner.get("with", ";")
        if not isinstance(joiner, str):
            raise invalid(self._file, f"{at}.with", "应为文本", "is a text")
        return Column(field, parts=tuple((h,) for h in headers), combine="join", joiner=joiner, **steps)

    def _steps(self, found: Mapping[str, object], key: str) -> dict[str, Any]:
        steps: dict[str, Any] = {}
        if "blanks" in found:
            steps["blanks"] = self._texts(found["blanks"], f"{key}.blanks", empty=True)
        if "replace" in found:
            steps["replace"] = self._replace(found["replace"], f"{key}.replace")
        if "pattern" in found:
            steps["pattern"] = self._pattern(found["pattern"], f"{key}.pattern", groups=1)
        if "split" in found:
            steps["split"] = self._split(found["split"], f"{key}.split")
        if "values" in found:
            values = self._mapping(found["values"], f"{key}.values", None)
            meant = {sent: self._text(value, f"{key}.values.{sent}", empty=True) for sent, value in values.items()}
            steps["values"] = {sent: "" if value in _EMPTY else value for sent, value in meant.items()}
        if "unit" in found:
            if found["unit"] != YUAN_TO_WAN:
                raise invalid(self._file, f"{key}.unit", f"只支持 {YUAN_TO_WAN}", f"only {YUAN_TO_WAN} is known")
            steps["unit"] = YUAN_TO_WAN
        return steps

    def _replace(self, value: object, key: str) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, list):
            raise invalid(self._file, key, "应为列表", "is a list")
        pairs: list[tuple[str, str]] = []
        for number, entry in enumerate(value, 1):
            inner = self._mapping(entry, f"{key}[{number}]", {"pattern", "with"})
            if inner.keys() != {"pattern", "with"}:
                raise invalid(self._file, f"{key}[{number}]", "须写 pattern 和 with", "takes pattern and with")
            replacement = self._text(inner["with"], f"{key}[{number}].with", empty=True)
            if "\\" in replacement or "$" in replacement:
                raise invalid(self._file, f"{key}[{number}].with", "不支持引用分组", "takes no group references")
            pairs.append((self._pattern(inner["pattern"], f"{key}[{number}].pattern", groups=None), replacement))
        return tuple(pairs)

    def _pattern(self, value: object, key: str, groups: int | None) -> str:
        pattern = self._text(value, key)
        if _NOT_PORTABLE.search(portable(pattern)):
            raise invalid(
                self._file, key, "不支持环视、反向引用等写法", "look-around, back-references and the like are not known"
            )
        try:
            # Python names a character \u3400 where the engines write \x{3400}
            compiled = re.compile(re.sub(r"\\x\{([0-9A-F]{4})\}", r"\\u\1", portable(pattern)))
        except re.error as fault:
            raise invalid(self._file, key, f"不是合法的正则表达式（{fault}）", f"no valid pattern ({fault})") from None
        if groups is not None and compiled.groups != groups:
            raise invalid(self._file, key, "须恰好有一个分组（括号）", "takes exactly one group in brackets")
        return portable(pattern)

    def _split(self, value: object, key: str) -> tuple[str, int]:
        inner = self._mapping(value, key, {"on", "part"})
        if inner.keys() != {"on", "part"}:
            raise invalid(self._file, key, "须写 on 和 part", "takes on and part")
        part = self._text(inner["part"], f"{key}.part")
        if not re.fullmatch(r"-?[1-9]\d?", part):
            raise invalid(self._file, f"{key}.part", "应为 1、2… 或 -1、-2…", "is 1, 2 … or -1, -2 …")
        return self._text(inner["on"], f"{key}.on"), int(part)

    def _headers(self, value: object, key: str) -> tuple[str, ...]:
        return (self._text(value, key),) if isinstance(value, str) else self._texts(value, key)

    def _title(self, value: object) -> Text:
        if isinstance(value, str):
            return Text(value, value)
        inner = self._mapping(value, "title", {"zh", "en"})
        if inner.keys() != {"zh", "en"}:
            raise invalid(self._file, "title", "须写 zh 和 en", "takes zh and en")
        return Text(self._text(inner["zh"], "title.zh"), self._text(inner["en"], "title.en"))

    def _mapping(self, value: object, key: str, allowed: set[str] | None) -> dict[str, object]:
        if not isinstance(value, dict):
            raise invalid(self._file, key, "应为键值对", "is a mapping")
        for name in value:
            if allowed is not None and name not in allowed:
                options = ", ".join(sorted(allowed))
                at = name if key == "·" else f"{key}.{name}"
                raise invalid(self._file, at, f"未知的键（可用：{options}）", f"unknown key (known: {options})")
        return value

    def _text(self, value: object, key: str, *, empty: bool = False) -> str:
        if not isinstance(value, str) or (not value and not empty):
            raise invalid(self._file, key, "应为文本", "is a text")
        return value

    def _texts(self, value: object, key: str, *, empty: bool = False) -> tuple[str, ...]:
        if not isinstance(value, list) or (not value and key not in ("ignore", "blanks")):
            raise invalid(self._file, key, "应为文本列表", "is a list of texts")
        return tuple(self._text(entry, key, empty=empty) for entry in value)
