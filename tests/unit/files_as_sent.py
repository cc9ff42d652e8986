"""Files as departments send them (报送文件样例), made in memory for the tests; all organisations are invented."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence

import xlsxwriter

from chengxin.intake.formats import Reading, header_key, open_source

HEADERS = ("行政相对人名称", "统一社会信用代码", "行政处罚决定书文号", "处罚决定日期", "罚款金额（万元）", "备注")
ROW = ("示例市甲乙纸业有限公司", "91370000MA3C0JKY7X", "示市监罚〔2024〕1号", "2024/05/07", "0.2", "")
_KNOWN = {header_key(header) for header in HEADERS} | {
    "CF_XDR_MC",
    "CF_WSH",
    "CF_JDRQ",
    "行政相对人代码统一社会信用代码",
    "行政相对人代码工商注册号",
    "处罚机关名称",
}


def known(header: str) -> bool:
    return header_key(header) in _KNOWN


def csv_bytes(
    rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",", end: str = "\r\n"
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(*fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """An .xlsx written by functions that are handed the workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    for step in fill:
        step(book)
    book.close()
    return out.getvalue()


def sheet(rows: Sequence[Sequence[object]], name: str = "Sheet1") -> Callable[[xlsxwriter.Workbook], None]:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)

    return fill


def opened(content: bytes, name: str = "file", **options: object) -> Reading:
    return open_source(io.BytesIO(content), name, known=known, **options)  # type: ignore[arg-type]


def cells(reading: Reading, rows: int = 65536) -> list[tuple[object, ...]]:
    """All rows: row number, then the cells."""
    return [tuple(row.values()) for batch in reading.batches(rows) for row in batch.to_pylist()]


def rewritten(content, member, change):
    """The archive with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            new.writestr(info.filename, change(body) if info.filename == member else body)
    return out.getvalue()
