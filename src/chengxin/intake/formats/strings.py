"""Shared strings (共享字符串): the texts of a workbook that cells point to by number."""

import numpy as np
import pyarrow as pa

from chengxin.intake.formats.cells import cell_text
from chengxin.intake.formats.markup import Markup, Unusual, blank_to_null
from chengxin.intake.formats.package import Package
from chengxin.intake.formats.pieces import pieces


class Strings:
    """All shared strings in their order; empty ones are null. Raises Unusual."""

    def __init__(self, package: Package) -> None:
        parts = [_read(piece, package) for piece in pieces(package.shared_strings(), of=b"sst", element=b"si")]
        self.texts = pa.chunked_array(parts, pa.string()).combine_chunks()
        self.is_empty = np.asarray(self.texts.is_null())


def _read(piece: bytes, package: Package) -> pa.StringArray:
    """The strings of one piece: those of one plain text as they stand, the others by the reader of workbooks."""
    markup = Markup(piece)
    opens = markup.all(b"<si>")
    closes = np.append(opens[1:], markup.count)[: len(opens)] - 1
    # a string ends where the next one begins, and nothing stands before the first
    if not opens.size or opens[0] or not markup.are(closes, b"</si>").all():
        raise Unusual("si")
    starts, ends, is_plain = markup.text_of(opens + 1)
    is_plain &= closes == opens + 3
    plain = Markup.take(markup.strided(starts[is_plain], ends[is_plain]), np.arange(np.count_nonzero(is_plain)))
    if is_plain.all():
        texts = plain
    else:
        rest = markup.spans(markup.at[opens[~is_plain]] + len(b"<si>"), markup.at[closes[~is_plain]])
        cells = [b' t="inlineStr"><is>%b</is>' % text.encode() for text in rest.to_pylist()]
        read = pa.array([cell_text(value) for value in package.values(cells)], pa.string())
        order = np.empty(len(opens), np.int64)
        order[is_plain] = np.arange(len(plain))
        order[~is_plain] = len(plain) + np.arange(len(read))
        texts = pa.concat_arrays([plain, read]).take(pa.array(order))
    return blank_to_null(texts)
