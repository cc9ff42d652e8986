"""Shredding (粉碎文件): a file is overwritten before its name goes, so that its blocks hold nothing of it."""

import os
from pathlib import Path

_PIECE = b"\x00" * (1 << 20)


def shred(path: Path) -> bool:
    """Overwrite and remove a file; whether there was one. File systems that copy on write keep older blocks: see docs."""
    try:
        with path.open("r+b") as file:
            left = file.seek(0, os.SEEK_END)
            file.seek(0)
            while left > 0:
                left -= file.write(_PIECE[: min(left, len(_PIECE))])
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink()
    return True
