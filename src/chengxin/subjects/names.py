"""Names (主体名称): the comparison form of a name, its two-character grams and its pinyin initials (拼音首字母).

The comparison form forgives width, case, blanks, bracket variants and radical look-alikes; it never decides by itself
that two names mean one subject. ``normalise`` and ``normalise_bulk`` are one table applied in two ways.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import ibis
import ibis.expr.types as ir

from chengxin.subjects.widths import ASCII_UPPER, BLANKS, COMPATIBILITY, FULL_WIDTH, RADICALS

OPENING = "([{〔【〖﹝﹙﹛［｛⁽₍"
CLOSING = ")]}〕】〗﹞﹚﹜］｝⁾₎"
"""Bracket variants; registered names carry （）, so that is the one form kept."""


def _name_table() -> dict[int, str | None]:
    single: dict[str, str] = {**FULL_WIDTH, **COMPATIBILITY, **RADICALS}
    single |= {chr(code): upper for code, upper in ASCII_UPPER.items()}
    single |= dict.fromkeys(OPENING, "（") | dict.fromkeys(CLOSING, "）")
    del single["（"], single["）"]
    table: dict[int, str | None] = {ord(char): single.get(plain, plain) for char, plain in single.items()}
    return table | dict.fromkeys(map(ord, BLANKS), None)


TABLE: Mapping[int, str | None] = _name_table()
"""Code point → what it becomes in the comparison form; None = left out."""
_LIGHT = frozenset(map(ord, BLANKS)) | frozenset(ASCII_UPPER)
"""Dirt met in every second English name; the rest is rare and may cost more."""


def character_class(codes: frozenset[int]) -> str:
    """A character class that Python, DuckDB (RE2) and Spark (Java) read alike."""
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"


_HEAVY_CLASS = character_class(frozenset(TABLE) - _LIGHT - frozenset(map(ord, "()")))
_LIGHT_CLASS = character_class(_LIGHT)
_BLANK_CLASS = character_class(frozenset(map(ord, BLANKS)))


def normalise(text: str) -> str:
    """The comparison form of a name; "" when nothing is left. Private-use characters stay as they are."""
    return text.translate(TABLE)


def normalise_bulk(value: ir.StringValue) -> ir.StringValue:
    """The same as an expression; null stays null.

    Clean names cost one pass of a pattern: ``translate`` builds its table anew for every row (DuckDB: 20 µs), so only
    rows that need it reach it.
    """
    bracketed = value.replace("(", "（").replace(")", "）")
    mapped = [(chr(code), plain) for code, plain in TABLE.items() if plain is not None]
    gone = "".join(chr(code) for code, plain in TABLE.items() if plain is None)
    heavy = bracketed.translate("".join(char for char, _ in mapped) + gone, "".join(plain for _, plain in mapped))
    light = bracketed.re_replace(_BLANK_CLASS + "+", "").translate(
        "".join(map(chr, ASCII_UPPER)), "".join(ASCII_UPPER.values())
    )
    return ibis.cases(
        (bracketed.re_search(_HEAVY_CLASS), heavy),
        (bracketed.re_search(_LIGHT_CLASS), light),
        else_=bracketed,
    )


def is_letter(char: str) -> bool:
    """Whether a character of the comparison form counts when names are searched: letters, digits, private use."""
    return char.isalnum() or unicodedata.category(char) == "Co"


def squeeze(text: str) -> str:
    """The searched form: the comparison form without brackets, dots and any other punctuation."""
    plain = normalise(text)
    return plain if plain.isalnum() else "".join(filter(is_letter, plain))


def grams(text: str) -> tuple[str, ...]:
    """Two-character grams of the searched form, in order, each once."""
    plain = squeeze(text)
    return tuple(dict.fromkeys(plain[i : i + 2] for i in range(len(plain) - 1)))


def initials(text: str) -> str:
    """One pinyin initial per character of the searched form; Latin letters and digits stand for themselves.

    One reading per character, the most frequent in organisations' names; a list of words settles the common
    exceptions (重庆 → cq). Other readings of a character are not found. Characters without a reading give ``_``.
    """
    plain = squeeze(text)
    table, words = initial_of(), initial_words()
    letters = [table.get(char, "_") for char in plain]
    pairs = [(i, words[plain[i : i + 2]]) for i in range(len(plain) - 1) if plain[i : i + 2] in words]
    for i, pair in pairs:
        letters[i] = pair[0]
    for i, pair in pairs:
        letters[i + 1] = pair[1]
    return "".join(letters)


@cache
def initial_of() -> Mapping[str, str]:
    """Character → lower-case initial, for all characters of the Basic Multilingual Plane that have one."""
    from pypinyin.pinyin_dict import pinyin_dict  # loads 40,000 readings: only processes that search pay for it

    table = {
        chr(code): letter for code, readings in pinyin_dict.items() if code < 0x10000 and (letter := _first(readings))
    }
    table |= {char: letters for char, letters in _overrides().items() if len(char) == 1}
    return table | {char: char.lower() for char in map(chr, range(0x80)) if char.isalnum()}


@cache
def initial_words() -> Mapping[str, str]:
    """Two-character words whose initials differ from those of their characters."""
    return {word: letters for word, letters in _overrides().items() if len(word) == 2}


@cache
def _overrides() -> Mapping[str, str]:
    text = (files("chengxin.subjects") / "data" / "initials.tsv").read_text(encoding="utf-8")
    return {row["word"]: row["initials"] for row in csv.DictReader(text.splitlines(), delimiter="\t")}


def _first(readings: str) -> str:
    """First letter of the first reading, without its tone mark; "" when it is none of a–z."""
    letter = unicodedata.normalize("NFD", readings[:1]).lower()[:1]
    return letter if re.fullmatch("[a-z]", letter) else ""
