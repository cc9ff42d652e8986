"""Paging (分页): cursors are opaque texts; a page never skips or repeats what was there when paging began."""

import base64
import binascii

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

AFTER = "上一页给出的 next / the value of next on the page before"


def seal(position: str | None) -> str | None:
    """A position as an opaque cursor; None stays None (last page)."""
    return None if position is None else base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def unseal(cursor: str | None) -> str | None:
    """The position behind a cursor. Raises Refusal ``api.cursor`` for a text that is none."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        return raw.decode()
    except (binascii.Error, ValueError):
        raise wrong_cursor() from None


def wrong_cursor() -> Refusal:
    return Refusal(
        "api.cursor",
        Text("翻页标记无法识别", "the paging cursor is not one of ours"),
        where=Text("参数 after", "parameter after"),
        remedy=Text("请原样使用上一页给出的 next", "send the value of next from the page before, unchanged"),
    )


def row_number(cursor: str | None) -> int:
    """The row number behind a cursor, -1 before the first row. Raises Refusal ``api.cursor``."""
    position = unseal(cursor)
    if position is None:
        return -1
    if not position.isascii() or not position.isdigit():
        raise wrong_cursor()
    return int(position)
