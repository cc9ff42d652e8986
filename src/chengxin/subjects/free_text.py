"""Free text (自由文本) that people type, as reasons and documents: no citizen's number (公民身份号码) may stand in it.

What a file states is cleaned at the intake. What an official types is refused instead, so that the sentence stays the
official's own; it would otherwise lie in the log, in letters and in notices for good.
"""

import re
import unicodedata

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

BORN = "[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_PROVINCES = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
CITIZEN_NUMBER = f"(^|[^0-9A-Za-z]){_PROVINCES}[0-9]{{4}}(?:19|20){BORN}($|[^0-9A-Za-z])"
"""A citizen's number (GB 11643-1999) by its shape: province, division, birth date, serial, check character.

The check character is not asked: a mistyped number of a person is one too. Codes of enterprises, sole traders and
co-operatives begin with 9 and no province does; the few all-digit codes of other bodies that have this shape fall with
it, since a number too many out of a free text does less harm than one too few.
"""
_SHAPE = re.compile(CITIZEN_NUMBER)
_BETWEEN = re.compile(r"(?<=[0-9])[\s\-–—·.]+(?=[0-9Xx])")


def holds_citizen_number(text: str) -> bool:
    """Whether a citizen's number stands in the text, in digits of any width, also in groups."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_SHAPE.search(plain) or _SHAPE.search(_BETWEEN.sub("", plain)))


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
