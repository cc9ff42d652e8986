"""Resending (更正后重报): which rows of a receipt came back in a mended file, by the row numbers it carries."""

from collections.abc import Mapping

from chengxin.catalogue.model import Item
from chengxin.intake import formats
from chengxin.intake.formats.headers import header_key
from chengxin.operations.rulebook import catalogue
from chengxin.operations.uploads import open_upload
from chengxin.storage.models import Submission

RECEIPT_COLUMN = "回执号"
ROW_COLUMN = "原行号"
PROBLEM_PREFIX = "问题："
"""The column right of a field whose cells have problems; ignored on the way in."""


def headers(item: Item) -> dict[str, str]:
    """Field id → heading in the workbook: the national label, with the id where two fields share a label."""
    labels = [field.label.zh for field in item.stored_fields]
    return {
        field.id: field.label.zh if labels.count(field.label.zh) == 1 else f"{field.label.zh}（{field.id}）"
        for field in item.stored_fields
    }


def rows_sent_again(child: Submission) -> dict[int, tuple[int, Mapping[str, str]]]:
    """Original row number → (row number in the mended file, its cells by field id).

    Empty when the file carries no columns 回执号 and 原行号, or names another receipt.
    """
    item = catalogue().items[child.item]
    by_key = {header_key(heading): field for field, heading in headers(item).items()}
    receipt_key, row_key = header_key(RECEIPT_COLUMN), header_key(ROW_COLUMN)
    known = {*by_key, receipt_key, row_key}
    with open_upload(child) as data:
        reading = formats.open_source(
            data, child.file_name, sheet=child.sheet or None, known=lambda text: header_key(text) in known
        )
        keys = [header_key(column) for column in reading.columns]
        if receipt_key not in keys or row_key not in keys:
            return {}
        receipt_at, row_at = f"c{keys.index(receipt_key)}", f"c{keys.index(row_key)}"
        fields = {f"c{at}": by_key[key] for at, key in enumerate(keys) if key in by_key}
        found: dict[int, tuple[int, Mapping[str, str]]] = {}
        for batch in reading.batches():
            for line in batch.to_pylist():
                original = (line[row_at] or "").strip()
                if (line[receipt_at] or "").strip() != child.parent_id or not original.isdecimal():
                    continue
                cells = {field: (line[at] or "").strip() for at, field in fields.items()}
                found[int(original)] = (int(line["row"]), cells)
    return found
