"""Last checkpoint signed (最近签出的检查点), kept in a file outside the database: what an old backup cannot know.

A database that is put back to an earlier state looks sound by itself. This file then states more entries than the
database holds, and whoever appended now would fork the log. It lies in ``CHENGXIN_HOME/log-seen`` and is the signed note
itself, so that it is evidence too.
"""

import base64
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage.sequencing import Session

_HEAD = "SELECT first_seq + size FROM ledger_batch WHERE first_seq < ? ORDER BY first_seq DESC LIMIT 1"
_ROOT = "SELECT root FROM ledger_batch WHERE first_seq < ? ORDER BY first_seq DESC LIMIT 1"


@dataclass(frozen=True)
class Seen:
    """Size and root (hex) of the last checkpoint, and its whole note."""

    size: int
    root: str
    note: str


def path() -> Path:
    return Path(settings.HOME) / "log-seen"


def last() -> Seen | None:
    """The last checkpoint this installation signed, None where it has signed none or the file is damaged."""
    try:
        note = path().read_text(encoding="utf-8")
        _, size, root, *_ = note.split("\n")
        return Seen(int(size), base64.b64decode(root, validate=True).hex(), note)
    except (FileNotFoundError, ValueError):
        return None


def note() -> None:
    """Keep the last checkpoint, once its batch is committed; readers see the old or the new one, also after a power cut."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_seq + size, checkpoint FROM ledger_batch ORDER BY first_seq DESC LIMIT 1")
        size, checkpoint = cursor.fetchone() or (0, "")
    before = last()
    if size <= (before.size if before else 0):
        return
    part = path().with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    with part.open("w", encoding="utf-8") as file:
        file.write(checkpoint)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path())


def require(session: Session) -> None:
    """Before anything is appended: the database must hold the last checkpoint. Costs one look into an index.

    Raises Refusal ``platform.log-behind`` when it does not: an old backup was put back, or the log's end was cut off.
    """
    seen = last()
    if seen is None:
        return
    size, root = session.value(_HEAD, [seen.size]), session.value(_ROOT, [seen.size])
    if (size, root) != (seen.size, seen.root):
        raise Refusal(
            "platform.log-behind",
            Text(
                f"数据库里没有已签出的第 {seen.size} 条检查点：可能恢复了旧备份。继续写入会使日志分叉。",
                f"the database lacks the signed checkpoint of {seen.size} entries: an old backup may have been put "
                "back. Appending would fork the log.",
            ),
            where=Text(str(path()), str(path())),
            basis="docs/adr/0013-erasure.md",
            remedy=Text(
                "请换回最新的数据库，再运行 chengxin log verify；见 docs/how-to/restore-a-backup.md",
                "put the latest database back and run chengxin log verify; see docs/how-to/restore-a-backup.md",
            ),
        )
