"""Exported files (已导出的文件): which folders hold open data written on this machine, and taking a record out of them.

The list is a file in the home folder: what was exported is no business of the database.
"""

import csv
import os
from pathlib import Path

import orjson
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from chengxin.operations.manifest import lines, write_lines

CHUNK = 50_000
"""Rows of a Parquet file held at once."""


def note(folder: Path) -> None:
    """Remember a folder that open data were written to."""
    known = folders()
    if folder.resolve() not in known:
        write_lines(_path(), [{"folder": str(each)} for each in (*known, folder.resolve())])


def folders() -> list[Path]:
    """Folders that open data were written to, and that are still there."""
    return [Path(line["folder"]) for line in lines(_path()) if Path(line["folder"]).is_dir()]


def remove(record: str, item: str) -> list[Path]:
    """Write the item's files in all known folders anew without this record (32 hex characters); returns those that held it."""
    changed = []
    for folder in folders():
        for form, rewrite in _REWRITE.items():
            path = folder / f"{item}.{form}"
            if path.exists() and rewrite(path, path.with_suffix(f".{form}.part"), record):
                changed.append(path)
    return changed


def _csv(path: Path, part: Path, record: str) -> bool:
    found = False
    with path.open(encoding="utf-8-sig", newline="") as old, part.open("w", encoding="utf-8-sig", newline="") as new:
        reader, writer = csv.reader(old), csv.writer(new)
        for row in reader:
            if row and row[0] == record:
                found = True
            else:
                writer.writerow(row)
    return _put(part, path, found)


def _ndjson(path: Path, part: Path, record: str) -> bool:
    found = False
    with path.open("rb") as old, part.open("wb") as new:
        for line in old:
            if record.encode() in line and orjson.loads(line)["record"] == record:
                found = True
            else:
                new.write(line)
    return _put(part, path, found)


def _parquet(path: Path, part: Path, record: str) -> bool:
    found = False
    with pq.ParquetFile(path) as old, pq.ParquetWriter(part, old.schema_arrow, compression="zstd") as new:
        for batch in old.iter_batches(CHUNK):
            kept = batch.filter(pc.not_equal(batch["record"], record))
            found = found or kept.num_rows < batch.num_rows
            new.write_batch(kept)
    return _put(part, path, found)


_REWRITE = {"csv": _csv, "ndjson": _ndjson, "parquet": _parquet}


def _put(part: Path, path: Path, found: bool) -> bool:
    if not found:
        part.unlink()
        return False
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    return True


def _path() -> Path:
    return Path(settings.HOME) / "exports.ndjson"
