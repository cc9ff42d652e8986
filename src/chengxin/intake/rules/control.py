"""Garbage characters (乱码与控制字符): what no stored text may hold."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Field
from chengxin.intake.normalise import raw
from chengxin.intake.rules.model import ERROR, Explanation, Ground, Rule, any_of, never_null
from chengxin.intake.whole_rows import SIMPLE, joined, simple
from chengxin.kernel.canonical import has_refused_control
from chengxin.kernel.text import Text

CONTROL = "text.control"
_CONTROLS = "[" + "".join(f"\\x{code:02x}" for code in range(32) if has_refused_control(chr(code))) + "]"
_GARBLED = ("\ufffd", "锟斤拷", "??")
"""What broken conversions leave behind: the replacement character, its GBK reading, and lost characters."""


def rules(ground: Ground) -> Iterator[Rule]:
    yield Rule(
        CONTROL,
        "",
        ERROR,
        Text("行中有控制字符（如空字符 NUL）", "The row holds control characters (such as NUL)"),
        "本平台规范形式：除制表符、换行和回车外不接受 C0 控制字符",
        Text(
            "多为导出程序出错；请重新导出，或删除这些看不见的字符",
            "Mostly a fault of the export; export again or remove the invisible characters",
        ),
        lambda t: _controls(t, ground),
        True,
        lambda value: Explanation(
            Text("有看不见的控制字符", "there are invisible control characters"),
            tuple(i for i, char in enumerate(value) if has_refused_control(char)),
            "".join(char for char in value if not has_refused_control(char)),
        ),
    )
    for role in ("name", "authority_name", "source_name"):
        if field := ground.of(role):
            yield _garbled(ground, field)


def _controls(t: ir.Table, ground: Ground) -> ir.BooleanValue:
    """Asked of the cells as they were sent, since those are kept too.

    A JSON string may hold no control character, and a JSON parser reads ten times as fast as a pattern matches:
    rows that make one valid string hold none. Quotes, backslashes and line breaks send a row to the pattern as well.
    A first look asks it of open cells only: it takes no row in which another is not canonical.
    """
    cells = [t[raw(field.id)] for field in ground.fields]
    found = any_of([never_null(cell.re_search(_CONTROLS)) for cell in cells])
    return ibis.cases((t[SIMPLE] if SIMPLE in t.columns else simple(joined(cells)), False), else_=found)


def _garbled(ground: Ground, field: Field) -> Rule:
    basis, _ = ground.layout(field, "type")
    return Rule(
        ground.rule_id(field, "garbled"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}有乱码", f"{field.label.en} is garbled"),
        basis,
        Text(
            "文件的编码在某处转换错了；请从原系统重新导出", "The file's encoding was broken on its way; export it again"
        ),
        lambda t: any_of([never_null(t[field.id].contains(sign)) for sign in _GARBLED]),
        True,
        lambda value: Explanation(
            Text("有无法还原的字符", "there are characters that cannot be restored"),
            tuple(i for i, char in enumerate(value) if char in "\ufffd?锟斤拷"),
        ),
    )
