"""Sources (报送单位): who may submit, as the operator at the command line makes them known."""

import re

from django.conf import settings

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage.models import Source
from chengxin.subjects.identifiers import check_uscc

OPERATOR = "operator"
"""Source of registry imports where the installation names no code of its own (CHENGXIN_OPERATOR)."""
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{1,63}")


def operator() -> str:
    """The code under which the operator itself submits."""
    return settings.OPERATOR_CODE or OPERATOR


def find(code: str) -> Source:
    """The source with this code. Raises Refusal ``source.unknown``."""
    found = Source.objects.filter(code=code).first()
    if found is None:
        raise Refusal(
            "source.unknown",
            Text(f"没有代码为 {code} 的报送单位", f"no source has the code {code}"),
            remedy=Text("请先登记报送单位", "register the source first"),
        )
    return found


def ensure(code: str) -> list[Text]:
    """Make a source known that the operator names; returns what the operator should know about it.

    Raises Refusal ``source.code`` for a code that cannot stand in the log.
    """
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise Refusal(
            "source.code",
            Text(f"“{code}”不能作报送单位代码", f"“{code}” cannot be a source's code"),
            basis="GB 32100-2015",
            remedy=Text("请使用该单位的统一社会信用代码", "use the organisation's unified social credit code"),
        )
    _, created = Source.objects.get_or_create(code=code, defaults={"name": code})
    if not created:
        return []
    told = [
        Text(
            f"报送单位 {code} 是第一次出现，已登记；名称可用 chengxin sources add 补充",
            f"source {code} is new and was registered; give it a name with chengxin sources add",
        )
    ]
    if code != OPERATOR and not (found := check_uscc(code)).ok:
        told.append(
            Text(
                f"注意：{code} 不是有效的统一社会信用代码：{found.message.zh}",
                f"note: {code} is no valid unified social credit code: {found.message.en}",
            )
        )
    return told
