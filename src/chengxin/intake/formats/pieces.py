"""Pieces (分段): a long list in XML, some megabytes at a time, cut between its elements."""

import re
from collections.abc import Iterable, Iterator

from chengxin.intake.formats.markup import Unusual

PIECE = 4 << 20
_LONGEST = 64 << 20
"""Bytes that one element, or what stands before the list, may take: what is longer goes to the full reader."""
_ENCODING = re.compile(rb"""^[^>]*\bencoding\s*=\s*["']([^"']*)""")


def pieces(chunks: Iterable[bytes], *, of: bytes, element: bytes) -> Iterator[bytes]:
    """The elements of the list ``of``, whole, in pieces of about 4 MB; the first piece as soon as there is one.

    No chunks at all are an empty list. Raises Unusual where the list does not end or is not in UTF-8.
    """
    opens, closes = b"<" + element, b"</" + element + b">"
    waiting: list[bytes] = []
    held, wanted, begun = 0, 0, False
    for chunk in chunks:
        waiting.append(chunk)
        held += len(chunk)
        if held < wanted:
            continue
        if held > _LONGEST:
            raise Unusual("length")
        joined = b"".join(waiting)
        if not begun:
            begun = (start := _start(joined, opens)) >= 0
            joined = joined[max(start, 0) :]
        cut = joined.rfind(closes) + len(closes) if begun else 0
        if cut >= len(closes):
            yield joined[:cut]
            joined, wanted = joined[cut:], PIECE
        waiting, held = [joined], len(joined)
    rest = b"".join(waiting)
    if not rest or (not begun and re.search(rb"<%b(\s[^>]*)?/>|</%b>" % (of, of), rest)):
        return
    elements, end, _ = rest.partition(b"</%b>" % of)
    if not begun or not end:
        raise Unusual("no end")
    if elements.strip():
        yield elements


def _start(xml: bytes, opens: bytes) -> int:
    encoding = _ENCODING.search(xml[:200])
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"utf8"):
        raise Unusual("encoding")
    return xml.find(opens)
