"""Sources (报送单位): who may submit, as the operator at the command line makes them known."""

import re

from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage.models import Source
from chengxin.subjects.identifiers import check_uscc

OPERATOR = "operator"
"""Source of registry imports where the installation names no code of its own (CHENGXIN_OPERATOR)."""
_UNIFIED = re.compile("[0-9A-Za-z]{18}")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{1,63}")


def operator() -> str:
    """The code under which the operator itself submits."""
    return settings.OPERATOR_CODE or OPERATOR


def find(code: str) -> Source:
    """The source with this code. Raises Refusal ``source.unknown``."""
    found = Source.objects.filter(code=canonical(code)).first()
    if found is None:
        raise Refusal(
            "source.unknown",
            Text(f"没有代码为 {code} 的报送单位", f"no source has the code {code}"),
            remedy=Text("请先登记报送单位", "register the source first"),
        )
    return found


def canonical(code: str) -> str:
    """A source's code as it is registered: without blanks around it, a unified code in capitals."""
    code = code.strip()
    return code.upper() if _UNIFIED.fullmatch(code) else code


def ensure(code: str) -> list[Text]:
    """Make a source known that the operator names; returns what the operator should know about it.

    Raises Refusal ``source.code`` for a code that cannot stand in the log, and for a mistyped unified code: its records
    would belong to an organisation that does not exist.
    """
    code = canonical(code)
    if not _CODE.fullmatch(code):
        raise Refusal(
            "source.code",
            Text(f"“{code}”不能作报送单位代码", f"“{code}” cannot be a source's code"),
            basis="GB 32100-2015",
            remedy=Text("请使用该单位的统一社会信用代码", "use the organisation's unified social credit code"),
        )
    if Source.objects.filter(code=code).exists():
        return []
    found = check_uscc(code)
    if _UNIFIED.fullmatch(code) and not found.ok:
        raise Refusal(
            "source.code",
            Text(
                f"报送单位代码 {code} 有误：{found.message.zh}",
                f"the source's code {code} is mistyped: {found.message.en}",
            ),
            basis="GB 32100-2015",
            remedy=Text(
                "请核对该单位的统一社会信用代码；确有这样的代码时，先用 chengxin sources add 登记",
                "check the organisation's code; where it really is so, register it with chengxin sources add first",
            ),
        )
    Source.objects.get_or_create(code=code, defaults={"name": code})
    told = [
        Text(
            f"报送单位 {code} 是第一次出现，已登记；名称可用 chengxin sources add 补充",
            f"source {code} is new and was registered; give it a name with chengxin sources add",
        )
    ]
    if code != OPERATOR and not found.ok:
        told.append(
            Text(
                f"注意：{code} 不是有效的统一社会信用代码：{found.message.zh}",
                f"note: {code} is no valid unified social credit code: {found.message.en}",
            )
        )
    return told
