"""Answers written (解析结果文件): what ``chengxin resolve`` says of a file, as CSV, NDJSON or Parquet."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import duckdb
import orjson
import pyarrow.parquet as pq

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations.export import escape

FORMATS = (".csv", ".ndjson", ".parquet")
COLUMNS = (
    *("row", "name", "code", "decision", "subject", "subject_code", "subject_name", "confidence", "reasons"),
    *("explanation", "candidates", "part"),
)
"""Columns of the answer. ``reasons`` are ids, separated by ``;``; ``explanation`` says them in Chinese; ``candidates``
is a JSON list of ``{subject, code, name, matched, name_kind, score, reasons}``, empty where the row is decided; ``part``
is ``lead`` or ``member`` where the cell named a consortium: such a row has an answer for each member."""


def check(out: Path | None) -> None:
    """Raises Refusal ``resolve.format`` where the answers cannot be written."""
    if out is not None and (out.suffix.lower() not in FORMATS or not out.parent.is_dir()):
        raise Refusal(
            "resolve.format",
            Text("不能写到这里", "the answers cannot be written there"),
            where=Text(str(out), str(out)),
            remedy=Text(
                "请写到已有的文件夹，文件名以 .csv、.ndjson 或 .parquet 结尾",
                "choose a folder that is there and a name that ends in .csv, .ndjson or .parquet",
            ),
        )


def write(con: duckdb.DuckDBPyConnection, answers: str, out: Path) -> None:
    """Write what the query ``answers`` gives; the file appears under its name only when it is whole."""
    part = out.with_suffix(out.suffix + ".part")
    batches = con.sql(f"SELECT {', '.join(COLUMNS)} FROM ({answers}) ORDER BY place").to_arrow_reader(32_768)
    with part.open("wb") as file:
        if out.suffix.lower() == ".parquet":
            with pq.ParquetWriter(file, batches.schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
        elif out.suffix.lower() == ".ndjson":
            for batch in batches:
                file.writelines(orjson.dumps(_lean(row)) + b"\n" for row in batch.to_pylist())
        else:
            file.write(b"\xef\xbb\xbf")  # without it Excel reads UTF-8 Chinese as GBK
            text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
            writer = csv.writer(text)
            writer.writerow(COLUMNS)
            for batch in batches:
                cells = zip(*(batch.column(name).to_pylist() for name in COLUMNS), strict=True)
                writer.writerows((number, *map(escape, rest)) for number, *rest in cells)
            text.detach()
    part.replace(out)


def _lean(row: Mapping[str, object]) -> dict[str, object]:
    """A row as JSON: the candidates as a list, nothing where there is nothing."""
    listed = row["candidates"]
    kept = {key: value for key, value in row.items() if value not in (None, "")}
    return kept | ({"candidates": orjson.loads(listed)} if isinstance(listed, str) and listed else {})
