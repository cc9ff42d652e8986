"""Formats in (报送文件格式): CSV, XLSX, JSON, NDJSON and Parquet, told by content, read as one kind of table."""

from collections.abc import Callable
from typing import BinaryIO

from chengxin.intake.formats.delimited import open_delimited
from chengxin.intake.formats.headers import clean_header, header_key
from chengxin.intake.formats.lines import open_lines
from chengxin.intake.formats.objects import is_lines, open_objects
from chengxin.intake.formats.parquet import open_parquet
from chengxin.intake.formats.reading import BATCH_ROWS, Limits, Ragged, Reading, raw_schema
from chengxin.intake.formats.refusals import refuse
from chengxin.intake.formats.signature import kind
from chengxin.intake.formats.workbook import open_workbook

__all__ = [
    "BATCH_ROWS",
    "Limits",
    "Ragged",
    "Reading",
    "clean_header",
    "header_key",
    "open_source",
    "raw_schema",
]

DEFAULT_LIMITS = Limits()


def open_source(
    data: BinaryIO,
    name: str,
    *,
    sheet: str | None = None,
    known: Callable[[str], bool],
    limits: Limits = DEFAULT_LIMITS,
) -> Reading:
    """Open a file that somebody sent.

    ``data`` is seekable and stays open while the Reading is used; ``name`` is shown, not believed; ``sheet`` chooses a
    worksheet or the path of a JSON array; ``known`` says whether a header is one that some field answers to.
    Raises Refusal (rule ``file.…``) when the file as a whole cannot be read; see docs/reference/formats.md.
    """
    size = data.seek(0, 2)
    if size > limits.file:
        raise refuse("file.too-large", found=size, limit=limits.file)
    what = kind(data)
    if what == "zip":
        return open_workbook(data, sheet=sheet, known=known, limits=limits)
    if what == "parquet":
        return open_parquet(data, known=known, limits=limits)
    if what == "json":
        if is_lines(data, name, limits):
            return open_lines(data, known=known, limits=limits)
        return open_objects(data, sheet=sheet, known=known, limits=limits)
    return open_delimited(data, known=known, limits=limits)
