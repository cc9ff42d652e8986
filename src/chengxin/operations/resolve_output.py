"""Answers written (解析结果文件): what ``chengxin resolve`` says of a file, as CSV, NDJSON or Parquet."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

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
    ordered = f"SELECT {', '.join(COLUMNS)} FROM ({answers}) ORDER BY place"
    if out.suffix.lower() == ".parquet":
        _copy(con, ordered, part, "FORMAT parquet")
    elif out.suffix.lower() == ".ndjson":
        _write_lines(con, ordered, part)
    else:
        _copy(con, _spreadsheet(ordered), part, "FORMAT csv, HEADER true")
    part.replace(out)


def _copy(con: duckdb.DuckDBPyConnection, query: str, to: Path, options: str) -> None:
    con.execute(f"COPY ({query}) TO '{str(to).replace(chr(39), 2 * chr(39))}' ({options}, USE_TMP_FILE false)")


def _spreadsheet(query: str) -> str:
    """The rows with every cell as ``export.escape`` writes it; the first header brings the mark (BOM) without which Excel
    reads UTF-8 Chinese as GBK."""
    first, *rest = COLUMNS
    cells = ", ".join(
        f"CASE WHEN {_IS_FORMULA.format(cell)} THEN chr(39) || {cell} ELSE nullif({cell}, '') END AS {cell}"
        for cell in rest
    )
    return f'SELECT {first} AS "\ufeff{first}", {cells} FROM ({query})'


_IS_FORMULA = r"{0} < 'A' AND regexp_matches({0}, '^[=+\-@\t\r]') AND NOT regexp_full_match({0}, '[+-][0-9]+\.?[0-9]*|[+-]\.[0-9]+')"
"""Told in SQL; the comparison keeps nearly every cell from being looked at twice."""


def _write_lines(con: duckdb.DuckDBPyConnection, query: str, to: Path) -> None:
    """One JSON object a line: the candidates as a list, nothing where there is nothing."""
    first, *rest = COLUMNS
    told = [f"coalesce(',\"{cell}\":' || {_as_json(cell)}, '')" for cell in rest]
    lines = con.sql(
        f"""SELECT '{{"{first}":' || {first} || {" || ".join(told)} || chr(125) || chr(10) AS line FROM ({query})"""
    )
    with to.open("wb") as file:
        for batch in lines.to_arrow_reader(32_768):
            # the lines stand one after the other in the column's own memory
            _, offsets, text = batch.column(0).cast(pa.large_string()).buffers()
            ends = np.frombuffer(offsets, np.int64)[batch.column(0).offset :]
            file.write(text[ends[0] : ends[batch.num_rows]])


def _as_json(cell: str) -> str:
    return f"nullif({cell}, '')" if cell == "candidates" else f"to_json(nullif({cell}, ''))::VARCHAR"
