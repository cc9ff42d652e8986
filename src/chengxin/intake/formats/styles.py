"""Styles (单元格格式): which dates of a workbook are shown as a month or a year only, so that no day was meant."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from xml.parsers import expat

from chengxin.intake.formats.cells import cell_text
from chengxin.intake.formats.headers import column_number

Shown = Mapping[int, str]
"""For each style whose dates show no day, by its number: how they are written instead (``%Y-%m`` or ``%Y``)."""

MONTH, YEAR = "%Y-%m", "%Y"
_BUILT_IN: Shown = dict.fromkeys((17, 27, 36, 50, 52, 57), MONTH)
"""Formats that files name by number and need not spell out: 17 is ``mmm-yy``, the others are yyyy年m月 in China."""
_NOT_SIGNS = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
"""What a format says literally, its blanks, colours, languages and spans ([h]), and words that hold letters of dates."""
_RUNS = re.compile(r"d+|y+|e+|g+|m+|h+|s+|[0#?]", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


def shown_text(value: object, pattern: str | None) -> str | None:
    """The text of a cell: that of a date in a style of ``Shown`` holds what was seen of it, any other is canonical."""
    if pattern is not None and isinstance(value, date):
        return value.strftime(pattern)
    return cell_text(value)


def without_day(code: str) -> str | None:
    """How a date in this number format is written where the format shows a month or a year and no day, else None."""
    runs = [run.lower() for run in _RUNS.findall(_NOT_SIGNS.sub("", code.split(";")[0]))]
    # ddd and dddd are days of the week; digits are those of an amount
    if any(run in ("d", "dd") or run in "0#?" for run in runs):
        return None
    has_year = any(run[0] in "yeg" for run in runs)
    has_time = any(run[0] in "hs" for run in runs)
    if any(len(run) > 2 and run[0] == "m" for run in runs) or (any(run[0] == "m" for run in runs) and not has_time):
        return MONTH
    # m beside hours or seconds are minutes, unless a year is shown too
    return (MONTH if any(run[0] == "m" for run in runs) else YEAR) if has_year else None


def without_days(styles: Iterable[bytes]) -> Shown:
    """The cell styles whose dates show no day, from the workbook's part of styles; none where it cannot be read."""
    formats: dict[str, str | None] = {str(number): pattern for number, pattern in _BUILT_IN.items()}
    found: dict[int, str] = {}
    inside, count = False, 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, count
        name = name.rpartition(":")[2]
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = without_day(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            pattern = formats.get(attributes.get("numFmtId", "0"))
            if pattern is not None:
                found[count] = pattern
            count += 1

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name.rpartition(":")[2] != "cellXfs"

    _parse(styles, begin, end)
    return found


def cells_without_days(sheet: Iterable[bytes], shown: Shown) -> dict[int, dict[int, str]]:
    """Where a worksheet has cells in such styles: row number → column, both from 1 → how its date is written.

    Cells and rows without a reference follow the one before them.
    """
    found: dict[int, dict[int, str]] = {}
    row = column = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        name = name.rpartition(":")[2]
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            column = column_number(reference[1]) if reference else column + 1
            row = int(reference[2]) if reference else row
            pattern = shown.get(int(attributes.get("s", 0)))
            if pattern is not None:
                found.setdefault(row, {})[column] = pattern

    _parse(sheet, begin, lambda name: None)
    return found


def _parse(chunks: Iterable[bytes], begin: Callable[[str, dict[str, str]], None], end: Callable[[str], None]) -> None:
    """Damaged XML ends the parse without a word: the reader of workbooks says what is wrong with it."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        for chunk in chunks:
            parser.Parse(chunk)
    except (expat.ExpatError, ValueError):
        return
