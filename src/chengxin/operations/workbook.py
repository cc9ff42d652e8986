"""Workbook (待更正行工作簿): the rows that need a person as XLSX, each problem beside its cell, made to be sent back."""

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from chengxin.catalogue.model import Item
from chengxin.intake.mapping import APPROXIMATE, STAND_INS
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import reasons, receipts, rulebook
from chengxin.operations.receipts import Row
from chengxin.operations.resending import PROBLEM_PREFIX, RECEIPT_COLUMN, ROW_COLUMN, WHOLE_ROW, headers
from chengxin.storage import space
from chengxin.storage.models import Mend, SubmissionRow

PAGE = 2000
"""Rows read at a time; the workbook is written row by row and its size does not show in memory."""
SHEET_ROWS = 1_048_575
CELL = 32_767
"""What one sheet and one cell can hold."""
WIDTH = 22
HELD = 64 << 20
"""So many bytes of a workbook are held in memory before it goes to a file of its own."""


def write(number: str, outcome: str, path: Path, language: str = "zh") -> int:
    """The same as a file on this machine, which is there only when it is whole.

    Raises Refusal ``file.unwritable``, ``platform.disk-full``, ``platform.read-only``, and those of :func:`workbook`.
    """
    if path.is_dir():
        raise _unwritable(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    part = path.with_name(f"{path.name}.part")
    # closed here only when all went well: a packer that failed tries once more to end its archive when it is thrown away
    made = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115
    try:
        count = workbook(number, outcome, made, language)
        made.seek(0)
        with part.open("wb") as file:
            shutil.copyfileobj(made, file)
        part.replace(path)
    except (OSError, FileCreateError) as fault:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise space.refusal(fault, str(path)) or _unwritable(path, fault) from fault
    made.close()
    return count


def _unwritable(path: Path, fault: Exception) -> Refusal:
    told = getattr(fault, "strerror", None) or str(fault)
    return Refusal(
        "file.unwritable",
        Text(f"文件写不了：{told}", f"the file cannot be written: {told}"),
        where=Text(str(path), str(path)),
        remedy=Text(
            "请核对文件夹是否存在、是否可写", "check that the folder exists and that your user may write there"
        ),
    )


def workbook(number: str, outcome: str, out: IO[bytes], language: str = "zh") -> int:
    """Write the open rows of a receipt with this outcome as an XLSX file; returns how many rows it holds.

    Columns: receipt number, row number in the sender's file, problems of the row as a whole, where there are any the fields
    that something else stands in for, then every field; right of a field with problems stands a column that says what is
    wrong and what is proposed, in Chinese, since the file goes to departments, and in any other ``language`` in English
    below it. All cells are text: a value that begins with ``=`` stays a text and is never evaluated. Refused rows have no
    content and give no workbook.
    Raises Refusal ``receipt.unknown``, ``receipt.no-rows``.
    """
    found = receipts.submission(number)
    rows = _rows(number, outcome) if outcome != "refused" else iter(())
    first = next(rows, None)
    if first is None:
        raise _no_rows(number)
    item = rulebook.item(found.item)
    troubled = {reasons.explain(item.id, rule).field for rule in found.reasons} - {""}
    # strings_to_* off: a cell is what the sender wrote, not what a spreadsheet makes of it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    stand_ins = SubmissionRow.objects.filter(submission=number, cells__contains=f'"{APPROXIMATE}":').exists()
    with xlsxwriter.Workbook(out, options) as book:
        return _fill(
            _Sheet(book, item, troubled, _languages(language), stand_ins), number, itertools.chain([first], rows)
        )


def _no_rows(number: str) -> Refusal:
    later = Mend.objects.filter(submission_id=number, outcome=receipts.RESENT).order_by("into").distinct()
    waiting = list(later.values_list("into", flat=True))
    elsewhere = Text("", "")
    if waiting:
        elsewhere = Text(
            f"再次报送后仍待更正的行在回执 {'、'.join(waiting)} 上。",
            f" Rows that were sent again and are still wrong wait on {', '.join(waiting)}.",
        )
    return Refusal(
        "receipt.no-rows",
        Text("没有可下载的行。", "There is no row to download."),
        where=Text(number, number),
        remedy=Text(
            f"已拒收的行不保存内容；已更正的行不再列出。{elsewhere.zh}",
            f"Refused rows are not kept, mended ones not listed.{elsewhere.en}",
        ),
    )


def _rows(number: str, outcome: str) -> Iterator[Row]:
    after, open_only = -1, outcome in receipts.TO_MEND
    while page := receipts.rows(number, outcome=outcome, open_only=open_only, after=after, limit=PAGE):
        yield from page
        after = page[-1].row


def _fill(sheet: "_Sheet", number: str, rows: Iterator[Row]) -> int:
    count = 0
    for row in itertools.islice(rows, SHEET_ROWS):
        count += 1
        sheet.write(count, number, row)
    sheet.close(count)
    return count


class _Sheet:
    """The one sheet of the workbook: its columns, and how a row goes into them."""

    def __init__(
        self, book: xlsxwriter.Workbook, item: Item, troubled: set[str], languages: Sequence[str], stand_ins: bool
    ) -> None:
        self.item, self.troubled, self.languages, self.stand_ins = item, troubled, languages, stand_ins
        self.sheet = book.add_worksheet("待更正")
        base = {"num_format": "@", "valign": "top"}
        self.look = {
            "head": book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True}),
            "head_problem": book.add_format({"bold": True, "bottom": 1, "font_color": "#6B4000", "text_wrap": True}),
            "cell": book.add_format(base),
            "wrong": book.add_format({**base, "bg_color": "#FFEFCC", "border": 1, "border_color": "#6B4000"}),
            "problem": book.add_format({**base, "font_color": "#6B4000", "text_wrap": True}),
        }
        titles = headers(item)
        heads = [(RECEIPT_COLUMN, "head"), (ROW_COLUMN, "head"), (WHOLE_ROW, "head_problem")]
        heads += [(STAND_INS, "head")] if stand_ins else []
        for field in item.stored_fields:
            heads.append((titles[field.id], "head"))
            if field.id in troubled:
                heads.append((PROBLEM_PREFIX + field.label.zh, "head_problem"))
        self.columns = len(heads)
        self.sheet.set_column(0, self.columns - 1, WIDTH)
        self.sheet.freeze_panes(1, 2)
        for column, (title, style) in enumerate(heads):
            self.sheet.write_string(0, column, title, self.look[style])

    def write(self, line: int, number: str, row: Row) -> None:
        wrong = _problems(self.item.id, row, self.languages)
        values: list[tuple[str, str]] = []
        whole = [text for field, text in wrong.items() if field not in self.troubled]
        for field in self.item.stored_fields:
            value = row.cells.get(field.id, "")
            if len(value) > CELL:  # a cut value must never come back as if it were whole
                whole += [_too_long(field.label).in_language(language) for language in self.languages]
                value = ""
            values.append((value, "wrong" if field.id in wrong else "cell"))
            if field.id in self.troubled:
                values.append((wrong.get(field.id, ""), "problem"))
        start = [(number, "cell"), (str(row.row), "cell"), ("\n".join(whole), "problem")]
        start += [(row.cells.get(APPROXIMATE, ""), "cell")] if self.stand_ins else []
        for column, (value, style) in enumerate(start + values):
            self.sheet.write_string(line, column, value, self.look[style])

    def close(self, rows: int) -> None:
        self.sheet.autofilter(0, 0, rows, self.columns - 1)


def _languages(language: str) -> tuple[str, ...]:
    return ("zh",) if language.startswith("zh") else ("zh", "en")


def _problems(item: str, row: Row, languages: Sequence[str]) -> dict[str, str]:
    """Field id ('' = the row as a whole) → what is wrong, as one text."""
    said: dict[str, list[str]] = {}
    for field, finding in reasons.findings(item, row):
        said.setdefault(field, []).extend(_told(finding).in_language(language) for language in languages)
    return {field: "\n".join(texts) for field, texts in said.items()}


def _told(finding: reasons.Finding) -> Text:
    """What is wrong, what is proposed, and the rule's id."""
    zh, en = finding.message.zh, finding.message.en
    if finding.suggestion:
        zh, en = f"{zh}；建议：{finding.suggestion}", f"{en}; proposed: {finding.suggestion}"
    return Text(f"{zh}（{finding.rule.id}）", f"{en} ({finding.rule.id})")


def _too_long(label: Text) -> Text:
    return Text(
        f"{label.zh}：内容过长，未列出，请从原文件复制",
        f"{label.en}: too long to be listed; copy it from the original file",
    )
