"""Backups (备份): a consistent copy of the database, and the manifest of all copies: which of them still hold what was erased.

A backup cannot be edited. What was erased after it was taken is in it until it is destroyed; the manifest says so, by
entry number, and never forgets a backup whose file has not been destroyed.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations.manifest import lines, write_lines
from chengxin.operations.shredding import shred


@dataclass(frozen=True)
class Backup:
    """One copy: its file, when, how many entries of the log it holds, SHA-256 (hex, empty for one made elsewhere).

    ``holds`` are the acts of erasure that came after it, by entry: their content is still in it. ``destroyed`` is when.
    """

    id: str
    path: str
    at: str
    size: int
    digest: str = ""
    holds: Sequence[int] = field(default=())
    destroyed: str = ""


def write(folder: Path) -> Backup:
    """Copy the database into a folder while the platform runs. Raises Refusal ``backup.postgresql``."""
    if connection.vendor != "sqlite":
        raise Refusal(
            "backup.postgresql",
            Text("PostgreSQL 数据库请用它自己的工具备份", "back PostgreSQL up with its own tools"),
            basis="docs/how-to/restore-a-backup.md",
            remedy=Text(
                "用 pg_dump 备份后，以 chengxin backup note <文件> 登记，删除信息时才知道它含有什么",
                "use pg_dump, then chengxin backup note FILE, so that an erasure knows what it holds",
            ),
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"chengxin-{timezone.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.sqlite3"
    part = path.with_suffix(".part")
    with (
        closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as live,
        closing(sqlite3.connect(part)) as copy,
    ):
        live.backup(copy)
        size = copy.execute("SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch").fetchone()[0]
    part.replace(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _keep(path, size, digest)


def note(path: Path) -> Backup:
    """Put a backup that was made with other tools onto the manifest. Raises Refusal ``backup.unknown`` without a file."""
    if not path.exists():
        raise _unknown(str(path))
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch")
        return _keep(path, cursor.fetchone()[0], "")


def listing() -> list[Backup]:
    """All backups ever noted, oldest first."""
    return [Backup(**line) for line in lines(_path())]


def erased(act: int, entries: Sequence[int]) -> list[Backup]:
    """Note which backups hold what this act erased; returns those that are still there."""
    known = listing()
    changed = [
        Backup(**(asdict(each) | {"holds": sorted({*each.holds, act})})) if each.size > min(entries) else each
        for each in known
    ]
    if changed != known:
        write_lines(_path(), map(asdict, changed))
    return [each for each in changed if act in each.holds and not each.destroyed]


def destroy(id: str) -> Backup:
    """Destroy a backup's file and note when. Raises Refusal ``backup.unknown``."""
    known = {each.id: each for each in listing()}
    if id not in known:
        raise _unknown(id)
    shred(Path(known[id].path))
    known[id] = Backup(**(asdict(known[id]) | {"destroyed": timezone.now().isoformat(timespec="seconds")}))
    write_lines(_path(), map(asdict, known.values()))
    return known[id]


def _keep(path: Path, size: int, digest: str) -> Backup:
    made = Backup(secrets.token_hex(4), str(path.resolve()), timezone.now().isoformat(timespec="seconds"), size, digest)
    write_lines(_path(), map(asdict, [*listing(), made]))
    return made


def _path() -> Path:
    return Path(settings.HOME) / "backups.ndjson"


def _unknown(what: str) -> Refusal:
    return Refusal(
        "backup.unknown",
        Text(f"没有备份 {what}", f"there is no backup {what}"),
        remedy=Text("用 chengxin backup list 查看", "see chengxin backup list"),
    )
