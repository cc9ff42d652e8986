"""Garbage characters (乱码与控制字符): what no stored text may hold."""

import re
from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Field
from chengxin.intake.normalise import raw, treatment
from chengxin.intake.rules.model import ERROR, Explanation, Ground, Quick, Rule, any_of, never_null
from chengxin.intake.whole_rows import LEGIBLE, LOST, REPLACED, SIMPLE, UNWRITTEN, joined, legible, simple
from chengxin.kernel.canonical import has_refused_control
from chengxin.kernel.text import Text

CONTROL = "text.control"
_CONTROLS = "[" + "".join(f"\\x{code:02x}" for code in range(32) if has_refused_control(chr(code))) + "]"
_ALL_LOST = "^[?]{3,}$"
"""Lost characters count in a name wherever they stand, in other texts where nothing else is left; there people ask too."""
_NAMES = ("name", "authority_name", "source_name")


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
    worded = [field for field in ground.fields if _holds_words(ground, field)]
    quick = Quick("garbled", lambda t: _legible(t, ground, worded))
    for field in worded:
        yield _garbled(ground, field, quick)


def _holds_words(ground: Ground, field: Field) -> bool:
    """Whether a sender's own words are stored of a field; a value that is none of its code list is wrong anyway."""
    if field.codelist:
        return bool(ground.catalogue.codelists[field.codelist].detail)
    return field.type in ("text", "multi")


def _legible(t: ir.Table, ground: Ground, fields: Sequence[Field]) -> ir.BooleanValue:
    """Whether none of the signs of any such rule stands in a row, asked once for all its cells."""
    if LEGIBLE not in t.columns:
        return legible(joined([t[field.id] for field in fields]))
    rest = [field for field in fields if not treatment(field, ground.item, ground.catalogue).is_open]
    return t[LEGIBLE] & legible(joined([t[field.id] for field in rest])) if rest else t[LEGIBLE]


def _controls(t: ir.Table, ground: Ground) -> ir.BooleanValue:
    """Asked of the cells as they were sent, since those are kept too.

    A JSON string may hold no control character, and a JSON parser reads ten times as fast as a pattern matches:
    rows that make one valid string hold none. Quotes, backslashes and line breaks send a row to the pattern as well.
    A first look asks it of open cells only: it takes no row in which another is not canonical.
    """
    cells = [t[raw(field.id)] for field in ground.fields]
    found = any_of([never_null(cell.re_search(_CONTROLS)) for cell in cells])
    return ibis.cases((t[SIMPLE] if SIMPLE in t.columns else simple(joined(cells)), False), else_=found)


def _garbled(ground: Ground, field: Field, quick: Quick) -> Rule:
    basis, _ = ground.layout(field, "type")
    is_name = ground.role(field) in _NAMES
    # a hot-pot shop may be called 烫烫烫
    signs = REPLACED if is_name else (*REPLACED, UNWRITTEN)
    wrong = re.compile("|".join(("[?]{2,}" if is_name else _ALL_LOST, *signs)))

    def violated(t: ir.Table) -> ir.BooleanValue:
        value = t[field.id]
        lost = ibis.literal(True) if is_name else value.re_search(_ALL_LOST)
        found = [(value.contains(sign), ibis.literal(True)) for sign in signs]
        return ibis.cases((value.isnull(), False), *found, (value.contains(LOST), lost), else_=False)

    return Rule(
        ground.rule_id(field, "garbled"),
        field.id,
        ERROR,
        Text(f"{field.label.zh}有乱码", f"{field.label.en} is garbled"),
        basis,
        Text(
            "文件的编码在某处转换错了；请从原系统重新导出", "The file's encoding was broken on its way; export it again"
        ),
        violated,
        True,
        lambda value: Explanation(
            Text("有无法还原的字符", "there are characters that cannot be restored"),
            tuple(place for match in wrong.finditer(value) for place in range(*match.span())),
        ),
        quick,
    )
