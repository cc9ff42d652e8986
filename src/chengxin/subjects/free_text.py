"""Free text (自由文本) that people type, as reasons and documents: no citizen's number (公民身份号码) may stand in it.

What a file states is cleaned at the intake. What an official types is refused instead, so that the sentence stays the
official's own; it would otherwise lie in the log, in letters and in notices for good.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import partial

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

_GAP = "[\\s\u00a0\u3000\\-–—·.．－_,，:：\u00ad\u200b-\u200d\u2060\ufeff]{0,3}"
"""What stands between the digits, or groups of digits, of a number that is spaced out; some of it nobody sees."""
_CENTURIES = ("19", "20")
_GROWN = (("1", "9", "0-9", "0-9"), ("2", "0", "0", "0-9"), ("2", "0", "1", "0-2"))
_PROVINCES = {"1": "1-5", "2": "1-3", "3": "1-7", "4": "1-6", "5": "0-4", "6": "1-5", "7": "1", "8": "1-3"}


def _digit(allowed: str, wide: bool) -> str:
    """A digit in its own width and, where asked, in full width: 1-5 as [1-5１-５]."""
    full = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in allowed)
    return f"[{allowed}{full}]" if wide else f"[{allowed}]"


def _any_of(*spelt: Sequence[str], gap: str, wide: bool) -> str:
    """One of several runs of digits, each given by what its digits may be."""
    return f"(?:{'|'.join(gap.join(_digit(allowed, wide) for allowed in run) for run in spelt)})"


def _number(*years: Sequence[str], gap: str) -> str:
    runs = partial(_any_of, gap=gap, wide=True)
    parts = (runs(*_PROVINCES.items()), runs(("0-9",) * 4), runs(*years), _born(gap), runs(("0-9Xx",)))
    return gap.join(parts)


def _born(gap: str) -> str:
    """Month and day of birth and serial."""
    runs = partial(_any_of, gap=gap, wide=True)
    month, day = runs(("0", "1-9"), ("1", "0-2")), runs(("0", "1-9"), ("12", "0-9"), ("3", "01"))
    return gap.join((month, day, runs(("0-9",) * 3)))


_OUTSIDE = "[^0-9０-９]"
_TOGETHER, _SPACED = _number(*((*c, "0-9", "0-9") for c in _CENTURIES), gap=""), _number(*_GROWN, gap=_GAP)
_GLUED = _number(*_GROWN, gap="")
CITIZEN_NUMBER = f"(^|{_OUTSIDE})(?:{_TOGETHER}|{_SPACED})($|{_OUTSIDE})|{_GLUED}"
"""A citizen's number (GB 11643-1999) by its shape: province, division, birth date, serial, check character; digits in
either width, in one piece or spaced out, after letters (ID…) or among other digits (a telephone number behind it).

The check character is not asked: a mistyped number of a person is one too. Codes of enterprises, sole traders and
co-operatives begin with 9 and no province does; the few all-digit codes of other bodies that have this shape fall with
it, since a number too many out of a free text does less harm than one too few. Spaced out, or among other digits, it
must be of somebody born by 2012: documents are numbered by place, day and serial, too (370102-20260305-0012).
"""
_ANY = _digit("0-9", wide=True)
SIGNS = tuple(_GAP.join((*century, _ANY, _ANY, _born(_GAP))) for century in _CENTURIES)
"""Whatever holds a citizen's number matches one of these patterns, or holds one of ``WIDE_SIGNS``. They begin with a fixed
digit, which is found at the speed of memchr."""
WIDE_SIGNS = ("１", "２", "９", "０")
"""In which a year of birth may begin that is not written with the digits at which ``SIGNS`` begin."""
DIGITS = ("9", "0", "９", "０")
"""Whoever has a number was born in 19.. or 20..: it holds one of these digits. Most names hold none."""
_SHAPE = re.compile(CITIZEN_NUMBER)


def holds_citizen_number(text: str) -> bool:
    """Whether a citizen's number stands in the text, in digits of any width, also in groups."""
    return bool(_SHAPE.search(unicodedata.normalize("NFKC", text)))


def without_persons(*texts: str) -> None:
    """Raises Refusal ``text.personal-number`` where one of the texts holds a citizen's number; it is not repeated."""
    if any(map(holds_citizen_number, texts)):
        raise Refusal(
            "text.personal-number",
            Text("填写的文字含有公民身份号码", "the text holds a citizen's identity number"),
            basis="《中华人民共和国个人信息保护法》第六条",
            remedy=Text(
                "请删去身份号码后重新提交；用文书号指明即可", "leave the number out; name the document instead"
            ),
        )
