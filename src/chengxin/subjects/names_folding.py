"""Folding of names (名称归并): forms in which two spellings of one name come out alike, for comparing only.

``names.normalise`` is the form in which a name identifies; what is forgiven here goes further and only ever proposes.
Every form has one character per character of the folded name, so that places in one are places in the other.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby

import ibis
import ibis.expr.types as ir

from chengxin.subjects import names

DIGITS: Mapping[str, str] = {
    char: digit
    for digit, chars in zip(
        "0123456789",
        ("零〇○", "一壹弌", "二贰弍貳", "三叁弎參叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"),
        strict=True,
    )
    for char in chars
}
"""Numerals (数字): plain and capital ones, as digits. 两, 百 and 千 stand in brands more often than in numbers."""

_DOUBLED = re.compile(r"(.)\1", re.DOTALL)
_NO_ONES, _NO_TENS = re.compile("[十拾](?![1-9])"), re.compile("(?<![1-9])[十拾]")
_UNITS = "123456789"
_TEN_MARK, _ONE_MARK = "\x01", "\x02"
_FIRST_PRIVATE = 0xF000
"""Classes of sounds are written as private characters."""


@cache
def simplified() -> Mapping[int, str]:
    """Traditional → simplified characters (繁简), one for one (OpenCC, Apache-2.0)."""
    import opencc  # a compiled dictionary: only processes that compare names pay for it

    chars = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    plain = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {ord(char): to for char, to in zip(chars, plain, strict=True) if char != to and len(to) == 1}


@cache
def table() -> Mapping[int, str | None]:
    simple = simplified()
    table: dict[int, str | None] = dict(simple)
    for code, to in names.TABLE.items():
        table[code] = to if to is None else simple.get(ord(to), to)
    table.update(_digits())
    return table


def simplify(text: str) -> str:
    """The comparison form of a name in simplified characters: what its parts are read from."""
    return names.normalise(text).translate(simplified())


def fold(text: str) -> str:
    """The folded form: simplified, numerals as digits, no brackets, dots or stray marks. 第拾贰（建築） → 第12建筑."""
    plain = text.translate(table())
    if "十" in plain or "拾" in plain:
        # 二十三 is 23, 二十 is 20, 十三 is 13, 十 is 10
        plain = _NO_TENS.sub("1", _NO_ONES.sub("十0", plain)).replace("十", "").replace("拾", "")
    return plain if plain.isalnum() else "".join(filter(names.is_letter, plain))


def fold_bulk(norm: ir.StringValue) -> ir.StringValue:
    """``fold`` of a name in comparison form, as an expression; null stays null.

    Written without back references, look-around or functions per match, which the engines do not share.
    """
    simple, digits = simplified(), _digits()
    # what marks a ten below is no letter: as a dot it is left out with the others
    light = {**digits, ord(_TEN_MARK): ".", ord(_ONE_MARK): ".", ord("拾"): "十"}
    heavy = {**simple, **light}
    plain = ibis.cases(
        (norm.re_search(names.character_class(frozenset(simple) - frozenset(digits))), _translated(norm, heavy)),
        else_=_translated(norm, light),
    )
    for unit in _UNITS:
        plain = plain.replace(f"{unit}十", unit + _TEN_MARK)
    plain = plain.replace("十", _ONE_MARK + _TEN_MARK)
    for unit in _UNITS:
        plain = plain.replace(_TEN_MARK + unit, unit)
    plain = plain.replace(_ONE_MARK, "1").replace(_TEN_MARK, "0")
    return plain.re_replace(_strays() + "+", "")


def _translated(text: ir.StringValue, table: Mapping[int, str]) -> ir.StringValue:
    return text.translate("".join(map(chr, table)), "".join(table.values()))


@cache
def _strays() -> str:
    letters = frozenset(code for code in range(0x110000) if names.is_letter(chr(code)))
    return names.character_class(letters).replace("[", "[^", 1)


def numbered(text: str) -> str:
    """Plain and capital numerals as digits, one for one: what ``simplify`` gives, made comparable in place."""
    return text.translate(_digits())


@cache
def _digits() -> Mapping[int, str]:
    return {ord(char): digit for char, digit in DIGITS.items()}


def undoubled(folded: str) -> str:
    """The folded form with doubled characters (叠字) once: 有限限公司 → 有限公司. Digits stay: 11 is not 1."""
    if not _DOUBLED.search(folded):
        return folded  # most names
    return "".join(char if not char.isdigit() else char * len(list(run)) for char, run in groupby(folded))


def alike(one: str, other: str) -> bool:
    """Whether two names in comparison form differ by no more than folding and doubled characters forgive."""
    form = undoubled(fold(one))
    return form != "" and form == undoubled(fold(other))


def alike_bulk(pairs: ir.Table) -> ir.Table:
    """The distinct pairs ``one, other`` (names in comparison form) that are ``alike``.

    Compared letter by letter in tables: the engines share no function that drops a letter like the one before it.
    """
    pairs = pairs.select("one", "other").distinct()
    letters = _letters(pairs.select(text="one").union(pairs.select(text="other")).distinct())
    ours = letters.select(t1="text", at="place", char="char", length="length")
    theirs = letters.select(t2="text", at2="place", char2="char", length2="length")
    met = pairs.join(ours, [("one", "t1")])
    met = met.join(theirs, [("other", "t2"), ("at", "at2"), ("char", "char2"), ("length", "length2")])
    counted = met.group_by("one", "other").agg(agreeing=met.count(), length=met.length.max())
    return counted.filter(counted.agreeing == counted.length).select("one", "other")


def _letters(texts: ir.Table) -> ir.Table:
    """``text, char, place, length``: the letters of the folded and undoubled form of each text, in their places."""
    folded = texts.select("text", form=fold_bulk(texts.text))
    each = folded.select("text", "form", at=ibis.range(0, folded.form.length()).unnest())
    each = each.mutate(char=each.form.substr(each["at"], 1), before=each.form.substr(each["at"] - 1, 1))
    kept = each.filter((each["at"] == 0) | (each.char != each.before) | each.char.re_search(_digit_class()))
    return kept.select(
        "text",
        "char",
        place=ibis.row_number().over(group_by=kept.text, order_by=kept["at"]),
        length=kept.count().over(group_by=kept.text),
    )


@cache
def _digit_class() -> str:
    return names.character_class(frozenset(code for code in range(0x110000) if chr(code).isdigit()))


def sounded(folded: str) -> str:
    """One class of sound per character: 华 and 骅 are one. Tones, zh/z, n/l and -ng/-n are not told apart."""
    return folded.translate(_sounds())


def shaped(folded: str) -> str:
    """One class of shape per character: 未 and 末 are one (``data/shapes.tsv``)."""
    return folded.translate(shapes())


@cache
def shapes() -> Mapping[int, str]:
    """Look-alike characters (形近字) → the first of their group."""
    text = (files("chengxin.subjects") / "data" / "shapes.tsv").read_text(encoding="utf-8")
    groups = [row["characters"] for row in csv.DictReader(text.splitlines(), delimiter="\t")]
    return {ord(char): group[0] for group in groups for char in group}


@cache
def _sounds() -> Mapping[int, str]:
    syllables = {char: _class(syllable) for char, syllable in syllable_of().items()}
    number = {syllable: chr(_FIRST_PRIVATE + at) for at, syllable in enumerate(sorted(set(syllables.values())))}
    return {ord(char): number[syllable] for char, syllable in syllables.items()}


@cache
def syllable_of() -> Mapping[str, str]:
    """Character → its first reading in pinyin without tone (pypinyin, MIT)."""
    from pypinyin.pinyin_dict import pinyin_dict  # 40,000 readings, as in ``names.initial_of``

    plain = ((chr(code), _toneless(readings.split(",")[0])) for code, readings in pinyin_dict.items())
    return {char: syllable for char, syllable in plain if syllable}


def _toneless(reading: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", reading) if char.isascii())


def _class(syllable: str) -> str:
    """The class of a syllable: what is confused by ear or by habit of typing is one."""
    start = re.sub("^([zcs])h", r"\1", syllable)
    return re.sub("^l", "n", re.sub("(?<=[aei])ng$", "n", start))
