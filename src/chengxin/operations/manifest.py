"""Manifests (清单): small lists kept as lines of JSON in the home folder, because they must outlive the database."""

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson


def lines(path: Path) -> list[dict[str, Any]]:
    """What the list says, in order; nothing where there is no list yet."""
    try:
        return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]
    except FileNotFoundError:
        return []


def write_lines(path: Path, values: Iterable[Mapping[str, object]]) -> None:
    """Replace the list; readers see the old or the new one, also after a power cut."""
    part = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    with part.open("wb") as file:
        file.writelines(orjson.dumps(value) + b"\n" for value in values)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
