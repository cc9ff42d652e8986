"""A workbook of rows to mend, as a clerk sends it back."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter
from python_calamine import CalamineWorkbook

from chengxin.operations.resending import headers
from chengxin.operations.rulebook import item


def mended(sent: bytes, change: Mapping[str, Mapping[str, str]], without: Sequence[str] = ()) -> bytes:
    """Cells changed by row number and heading, some rows deleted, the rest sorted as the clerk likes."""
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(sent)).get_sheet_by_index(0).to_python()
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        kept = [row for row in rows if row[1] not in without]
        for line, row in enumerate([head, *reversed(kept)]):
            for column, value in enumerate(row):
                new = change.get(row[1], {}).get(head[column], value) if line else value
                sheet.write_string(line, column, new)
    return out.getvalue()


def heading(field: str) -> str:
    """The heading of a field of ``xzcf`` in that workbook."""
    return headers(item("xzcf"))[field]
