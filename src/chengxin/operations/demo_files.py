"""Example files (示例报送文件): rows written as the departments would send them.

CSV in GB18030 or UTF-8, by Chinese label or by field code; workbooks with a title row, an instruction row, line breaks
in headers and real date cells; JSON as an interface answers. Each file appears whole or not at all.
"""

import csv
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import xlsxwriter

Row = Mapping[str, str]
Labels = Mapping[str, str]
"""Field id → the Chinese label that stands above its column, in the order of the columns."""

EXTENSIONS = {"csv": "csv", "xlsx": "xlsx", "json": "json"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
LONG_LABEL = 12
"""Labels longer than this are broken into two lines in workbooks, as people do to keep columns narrow."""


def write(folder: Path, name: str, form: str, labels: Labels, rows: Sequence[Row], title: str) -> Path:
    """Write ``rows`` in ``form`` (``csv-gb18030-labels``, ``csv-utf8-codes``, ``xlsx``, ``json`` …); return the path.

    An existing file of that name is taken as written: the content depends on nothing but the name and the plan.
    """
    kind = form.split("-")[0]
    path = folder / f"{name}.{EXTENSIONS[kind]}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    _WRITERS[kind](unfinished, form, labels, rows, title)
    os.replace(unfinished, path)
    return path


def _csv(path: Path, form: str, labels: Labels, rows: Iterable[Row], title: str) -> None:
    _, encoding, heads = form.split("-")
    codec = {"gb18030": "gb18030", "utf8": "utf-8-sig" if heads == "labels" else "utf-8"}[encoding]
    with path.open("w", encoding=codec, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(labels.values() if heads == "labels" else labels.keys())
        writer.writerows([row.get(field, "") for field in labels] for row in rows)


def _xlsx(path: Path, form: str, labels: Labels, rows: Iterable[Row], title: str) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})  # else the clock would be in it
        sheet = book.add_worksheet("数据")
        bold = book.add_format({"bold": True, "align": "center"})
        head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.merge_range(0, 0, 0, len(labels) - 1, title, bold)
        sheet.write_string(1, 0, "填写说明：带*为必填项；日期格式为2026/1/1；金额单位为万元。")
        for column, label in enumerate(labels.values()):
            sheet.write_string(2, column, _broken(label), head)
        for number, row in enumerate(rows, 3):
            for column, field in enumerate(labels):
                text = row.get(field, "")
                if _DAY.fullmatch(text) and "1900" < text < "2099":
                    sheet.write_datetime(number, column, datetime.fromisoformat(text), day)
                elif text:
                    sheet.write_string(number, column, text)


def _json(path: Path, form: str, labels: Labels, rows: Iterable[Row], title: str) -> None:
    sent = [{field: row.get(field, "") for field in labels} for row in rows]
    path.write_bytes(orjson.dumps({"code": 200, "msg": title, "data": sent}, option=orjson.OPT_INDENT_2))


def _broken(label: str) -> str:
    if len(label) <= LONG_LABEL or "(" not in label.replace("（", "("):
        return label
    at = label.replace("（", "(").index("(")
    return f"{label[:at]}\n{label[at:]}"


def file_name(department: str, item_title: str, last: date, part: str) -> str:
    """How departments name their files: who, what, until when."""
    return f"{department}_{item_title}_{part}_{last:%Y%m%d}"


_WRITERS: Mapping[str, Callable[[Path, str, Labels, Sequence[Row], str], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a small text file so that it is there whole or not at all, with these permissions."""
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=mode)
    unfinished.write_text(text)
    unfinished.replace(path)
