"""Header rows (表头): which of the first rows is the header, also when it is two rows high or stands under a title."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chengxin.intake.formats.refusals import refuse
from chengxin.kernel.text import Text

Known = Callable[[str], bool]
Merge = tuple[tuple[int, int], tuple[int, int]]
"""A merged range: (first row, first column), (last row, last column), all from 0 and inside."""

_REQUIRED = re.compile(r"(\*|\((必填|必填项|选填|条件必填|非必填)\))+$")
_BRACKETS = str.maketrans("【】〔〕［］[]﹝﹞{}〈〉<>", "()()()()()()()()")
_GUIDANCE = re.compile(
    r"必填|选填|必选|可空|填写|填报|不超过|格式|^示例|示例[：:]|例如[：:]|^例[：:]|说明[：:]|字符|长度|请(填|按|勿|选|用)|下拉|YYYY"
    r"|^(文本|日期|数字|数值|字符串)型?$",
    re.IGNORECASE,
)
_GUIDANCE_LENGTH = 120
_NOTICE = re.compile(r"^\s*(填写|填表|填报)?(说明|须知|要求|注意事项|注|备注)[：:]?")


def header_key(text: str) -> str:
    """The form in which headers are compared: no blanks or line breaks, one width, one kind of bracket, upper case,
    no trailing ``*`` or （必填）."""
    folded = unicodedata.normalize("NFKC", text).translate(_BRACKETS).upper()
    folded = "".join(char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf")
    return _REQUIRED.sub("", folded.lstrip("*"))


def clean_header(text: str) -> str:
    """A header as shown and stored: line breaks, doubled blanks and invisible characters removed."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(visible.split())


@dataclass(frozen=True)
class Header:
    """The header found: ``columns`` cleaned, ``last`` the 0-based index of its last row among the rows looked at,
    ``first_data`` the index where the data begins, ``hits`` the number of known headers, ``notes`` what was skipped."""

    columns: tuple[str, ...]
    last: int
    first_data: int
    hits: int
    notes: tuple[Text, ...] = ()


def find(
    rows: Sequence[Sequence[str]],
    known: Known,
    *,
    merges: Sequence[Merge] = (),
    trim: bool = True,
    max_columns: int = 300,
) -> Header | None:
    """The row (or pair of rows) with most known headers: at least two, or at least half of its filled cells.

    ``trim`` leaves out columns without header at the right edge. None when there is no header. Raises Refusal ``file.too-many-columns`` and ``file.duplicate-header``.
    """
    best: tuple[int, int, list[str]] | None = None
    for index, row in enumerate(rows):
        candidates = [list(row)]
        if index and _may_be_pair(rows, index, merges):
            candidates.append(_joined(rows[index - 1], row, index, merges, known))
        for candidate in candidates:
            hits = len({header_key(cell) for cell in candidate if cell and known(cell)})
            if _enough(hits, candidate) and (best is None or hits > best[0]):
                best = (hits, index, candidate)
    if best is None:
        return None
    hits, last, cells = best
    columns = tuple(clean_header(cell) for cell in cells)
    while trim and columns and not columns[-1]:
        columns = columns[:-1]
    if len(columns) > max_columns:
        raise refuse("file.too-many-columns", found=len(columns), limit=max_columns)
    check_duplicates(columns, known)
    first_data, notes = _skip_guidance(rows, last, known)
    return Header(columns, last, first_data, hits, tuple(notes))


def check_duplicates(columns: Sequence[str], known: Known) -> None:
    """Refusal ``file.duplicate-header`` when a known header stands over two columns: which one counts is a guess.

    Headers nobody reads may repeat.
    """
    seen: dict[str, int] = {}
    repeated: list[str] = []
    for number, column in enumerate(columns, 1):
        key = header_key(column)
        if key and known(column) and key in seen:
            repeated.append(f"{column}（{column_name(seen[key])}, {column_name(number)}）")
        seen.setdefault(key, number)
    if repeated:
        raise refuse("file.duplicate-header", names="；".join(repeated))


def column_name(number: int) -> str:
    """A, B, … Z, AA … as spreadsheets name column 1, 2, …"""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """The number of the column that spreadsheets call so."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def _enough(hits: int, cells: Sequence[str]) -> bool:
    filled = sum(1 for cell in cells if cell.strip())
    return hits >= 2 or (hits >= 1 and hits * 2 >= filled)


def _may_be_pair(rows: Sequence[Sequence[str]], index: int, merges: Sequence[Merge]) -> bool:
    """Two rows form one header when merged cells say so, or, in formats that lose merges, when the upper row has
    gaps that the lower one fills and the other way round."""
    if merges:
        return any(top == index - 1 and (bottom == index or right > left) for (top, left), (bottom, right) in merges)
    upper, lower = rows[index - 1], rows[index]
    gaps_above = any(low.strip() and not up.strip() for up, low in zip(upper, lower, strict=False))
    gaps_below = any(up.strip() and not low.strip() for up, low in zip(upper, lower, strict=False))
    return gaps_above and gaps_below


def _joined(upper: Sequence[str], lower: Sequence[str], index: int, merges: Sequence[Merge], known: Known) -> list[str]:
    width = max(len(upper), len(lower))
    above = [*upper, *[""] * (width - len(upper))]
    below = [*lower, *[""] * (width - len(lower))]
    for (top, left), (bottom, right) in merges:
        if top == index - 1 == bottom:
            above[left : right + 1] = [above[left]] * (right - left + 1)
    if not merges:
        for column in range(1, width):
            # without merges a group title stands only over its first column; a column with both blank ends it
            if not above[column].strip() and below[column].strip() and below[column - 1].strip():
                above[column] = above[column - 1]
    return [_join(up, low, below, known) for up, low in zip(above, below, strict=True)]


def _join(up: str, low: str, lower: Sequence[str], known: Known) -> str:
    if not up.strip() or not low.strip():
        return up.strip() or low.strip()
    both = f"{up.strip()}{low.strip()}"
    if known(both) or not known(low):
        return both
    return low if sum(1 for cell in lower if header_key(cell) == header_key(low)) == 1 else both


def _skip_guidance(rows: Sequence[Sequence[str]], last: int, known: Known) -> tuple[int, list[Text]]:
    """Skip what stands between header and data: a second header row (codes under labels) and rows that tell the
    clerk how to fill in the columns. Each is noted, so that no row disappears unseen."""
    notes: list[Text] = []
    index = last + 1
    while index < len(rows):
        filled = [cell for cell in rows[index] if cell.strip()]
        if filled and sum(map(known, filled)) * 2 >= len(filled) and sum(map(known, filled)) >= 2:
            what = Text("按第二行表头处理", "taken as a second header row")
        elif _is_guidance(filled):
            what = Text("按填写说明处理", "taken as filling instructions")
        else:
            break
        notes.append(Text(f"第 {index + 1} 行{what.zh}，不作为数据。", f"Row {index + 1} was {what.en}, not as data."))
        index += 1
    return index, notes


def _is_guidance(filled: Sequence[str]) -> bool:
    """Two thirds of the cells are short and tell how to fill in; a lone cell says so in its first word."""
    if len(filled) == 1:
        return len(filled[0]) < 2000 and _NOTICE.match(filled[0]) is not None
    telling = [cell for cell in filled if len(cell) <= _GUIDANCE_LENGTH and _GUIDANCE.search(cell)]
    return bool(filled) and len(telling) * 3 >= len(filled) * 2
