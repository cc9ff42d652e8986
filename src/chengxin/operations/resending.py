"""Resending (更正后重报): which rows of a receipt came back in a mended file, by the row numbers it carries."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import BinaryIO

from chengxin.catalogue.model import Item
from chengxin.intake import formats
from chengxin.intake.formats.headers import header_key
from chengxin.intake.formats.reading import Reading
from chengxin.kernel.text import Text
from chengxin.operations.rulebook import catalogue
from chengxin.operations.uploads import open_upload
from chengxin.storage.models import Submission

RECEIPT_COLUMN = "回执号"
ROW_COLUMN = "原行号"
PROBLEM_PREFIX = "问题："
"""The column right of a field whose cells have problems; ignored on the way in."""
WHOLE_ROW = "整行问题"
"""The column for what is wrong with a row as a whole; ignored, too."""


def headers(item: Item) -> dict[str, str]:
    """Field id → heading in the workbook: the national label, with the id where two fields share a label."""
    labels = [field.label.zh for field in item.stored_fields]
    return {
        field.id: field.label.zh if labels.count(field.label.zh) == 1 else f"{field.label.zh}（{field.id}）"
        for field in item.stored_fields
    }


def parent_named(reading: Reading, *, source: str, item: str) -> str | None:
    """The receipt of this source and item whose rows a file brings back, by its columns 回执号 and 原行号.

    A file mends one receipt: rows of several leave all of them open, and a note says so.
    """
    if (places := _places(reading.columns)) is None:
        return None
    column = f"c{places[0]}"
    numbers = {(cell or "").strip() for batch in reading.batches() for cell in batch.column(column).to_pylist()} - {""}
    own = Submission.objects.filter(source_id=source, item=item)
    # no sender works through more receipts at once; a column of other numbers may hold as many as there are rows
    found = sorted(own.filter(id__in=sorted(numbers)[:500]).values_list("id", flat=True))
    if len(found) > 1:
        shown = Text("、".join(found), ", ".join(found))
        reading.notes.append(
            Text(
                f"文件含多个回执（{shown.zh}）的待更正行，各回执上的这些行仍待更正；请按回执分别报送。",
                f"The file holds rows of several receipts ({shown.en}), on which they stay open; send one file for each.",
            )
        )
    return found[0] if len(found) == 1 else None


def foreign(columns: Iterable[str]) -> list[str]:
    """Columns nothing reads, less those that the workbook of rows to mend brings along."""
    names = list(columns)
    if _places(names) is None:
        return names
    prefix = header_key(PROBLEM_PREFIX)
    ours = {header_key(name) for name in (RECEIPT_COLUMN, ROW_COLUMN, WHOLE_ROW)}
    return [name for name in names if header_key(name) not in ours and not header_key(name).startswith(prefix)]


def _places(columns: Sequence[str]) -> tuple[int, int] | None:
    """Where the columns 回执号 and 原行号 stand; None unless both are there."""
    keys = [header_key(column) for column in columns]
    wanted = header_key(RECEIPT_COLUMN), header_key(ROW_COLUMN)
    return (keys.index(wanted[0]), keys.index(wanted[1])) if set(wanted) <= set(keys) else None


def rows_sent_again(child: Submission, data: BinaryIO | None = None) -> dict[int, tuple[int, Mapping[str, str]]]:
    """Original row number → (row number in the mended file, its cells by field id).

    ``data`` is the file where it was not uploaded. Empty when the file carries no columns 回执号 and 原行号, or names
    another receipt.
    """
    item = catalogue().items[child.item]
    by_key = {header_key(heading): field for field, heading in headers(item).items()}
    known = {*by_key, header_key(RECEIPT_COLUMN), header_key(ROW_COLUMN)}
    with nullcontext(data) if data else open_upload(child) as opened:
        reading = formats.open_source(
            opened, child.file_name, sheet=child.sheet or None, known=lambda text: header_key(text) in known
        )
        if (places := _places(reading.columns)) is None:
            return {}
        receipt_at, row_at = (f"c{place}" for place in places)
        keys = enumerate(map(header_key, reading.columns))
        fields = {f"c{at}": by_key[key] for at, key in keys if key in by_key}
        found: dict[int, tuple[int, Mapping[str, str]]] = {}
        for batch in reading.batches():
            for line in batch.to_pylist():
                original = (line[row_at] or "").strip()
                if (line[receipt_at] or "").strip() != child.parent_id or not original.isdecimal():
                    continue
                cells = {field: (line[at] or "").strip() for at, field in fields.items()}
                found[int(original)] = (int(line["row"]), cells)
    return found
