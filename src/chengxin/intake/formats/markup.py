"""Markup (标记索引): where the tags of a piece of spreadsheet XML stand, found for the whole piece at once.

A parser that looks at one tag after the other spends most of its time on markup: a cell is forty bytes of it. Here the
places of all ``<`` are found in one step and told apart by the eight bytes that begin there.
"""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_AHEAD = 8
"""Tags that are looked at beyond one: the list is that much longer, so that a piece may end anywhere."""
_PLAIN, _KEPT = b"<t>", b'<t xml:space="preserve">'
_NOT_PLAIN = re.compile(rb"[&\r]|_x")
_BLANK = 32


class Unusual(Exception):
    """A worksheet is written in a way that only the full reader knows; what it says is not wrong for that."""


class Markup:
    """A piece of XML: its bytes, the places of its tags, and what each tag begins with.

    Raises Unusual where the piece is not UTF-8 or has comments or CDATA, in which a ``<`` is no tag.
    """

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        padded = xml + bytes(32)
        self._buffer = pa.py_buffer(padded)
        self.bytes = np.frombuffer(padded, np.uint8)
        self.eight = np.ndarray((len(xml) + 24,), "<u8", padded, strides=(1,))
        found = np.flatnonzero(self.bytes == ord("<"))
        self.count = len(found)
        self.at = np.concatenate([found, np.full(_AHEAD, len(xml))])
        self._head = self.eight[self.at]
        if self.all(b"<!").size:
            raise Unusual("comment")
        try:
            self._texts(np.array([0, len(xml)])).validate(full=True)
        except pa.ArrowInvalid:
            raise Unusual("encoding") from None

    def all(self, tag: bytes) -> Places:
        """Which tags begin so."""
        return np.flatnonzero(self._begins(self._head[: self.count], tag))

    def are(self, tags: Places, tag: bytes) -> Flags:
        """For each of these tags whether it begins so."""
        return self._begins(self._head[tags], tag)

    def spans(self, starts: Places, ends: Places) -> pa.StringArray:
        """The bytes between; places ascend and do not overlap."""
        return self.take(self.strided(starts, ends), np.arange(len(starts)))

    def strided(self, starts: Places, ends: Places) -> pa.StringArray:
        """The bytes between without copying them: text n is element 2 n, the rest is what lies between."""
        return self._texts(np.stack([starts, ends], axis=1).ravel())

    @staticmethod
    def take(strided: pa.StringArray, numbers: Places) -> pa.StringArray:
        return strided.take(pa.array(numbers * 2))

    def _texts(self, places: Places) -> pa.StringArray:
        if not len(places):
            return pa.array([], pa.string())
        return pa.StringArray.from_buffers(len(places) - 1, pa.py_buffer(places.astype(np.int32)), self._buffer)

    def text_of(self, tags: Places) -> tuple[Places, Places, Flags]:
        """Of tags that should be ``<t>``: where their text begins and ends, and whether it stands there as it is.

        It does not where another tag stands, where a character is written as ``&…;`` or ``_x…_``, and where blanks at
        the edges may not belong to it.
        """
        plain = self.are(tags, _PLAIN)
        kept = self.are(tags, _KEPT[:8])
        for part in range(8, len(_KEPT), 8):
            kept &= self.eight[np.minimum(self.at[tags] + part, len(self.xml))] == int.from_bytes(
                _KEPT[part : part + 8], "little"
            )
        starts = self.at[tags] + np.where(kept, len(_KEPT), len(_PLAIN))
        ends = self.at[tags + 1]
        is_text = (plain | kept) & self.are(tags + 1, b"</t>") & (ends >= starts)
        edges = (self.bytes[starts] <= _BLANK) | (self.bytes[ends - 1] <= _BLANK)
        return starts, ends, is_text & (kept | (starts == ends) | ~edges) & ~self._written_otherwise(starts, ends)

    def _written_otherwise(self, starts: Places, ends: Places) -> Flags:
        found = np.zeros(len(starts), bool)
        # single characters are looked for ten times as fast as pairs of them
        if len(starts) and any(mark in self.xml for mark in (b"&", b"\r", b"_")):
            places = np.array([match.start() for match in _NOT_PLAIN.finditer(self.xml)], np.int64)
            holders = np.maximum(np.searchsorted(starts, places, side="right") - 1, 0)
            found[holders[(places >= starts[holders]) & (places < ends[holders])]] = True
        return found

    @staticmethod
    def _begins(heads: npt.NDArray[np.uint64], tag: bytes) -> Flags:
        begins: Flags = (heads & np.uint64(256 ** len(tag) - 1)) == np.uint64(int.from_bytes(tag, "little"))
        return begins


def blank_to_null(texts: pa.StringArray) -> pa.StringArray:
    """Empty texts are nothing."""
    return pc.if_else(pc.equal(texts, ""), None, texts)
