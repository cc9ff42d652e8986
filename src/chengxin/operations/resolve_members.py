"""Members (联合体成员) in a file to be resolved: a cell that names several organisations asks as many questions."""

import pyarrow as pa
import pyarrow.compute as pc

from chengxin.resolution import consortium

LINES = pa.schema([("place", pa.int64()), ("line", pa.int64()), ("part", pa.string())])
"""Number of the question, row of the file it is of, and the part of the organisation in its consortium or ''."""


def by_member(rows: pa.Table, before: int) -> tuple[pa.Table, pa.Table]:
    """Questions numbered on from ``before``, a consortium's members each one, and which row each is of (``LINES``).

    A code beside a consortium is its lead's: notices give no other.
    """
    table = rows.append_column("part", pa.array([""] * rows.num_rows, pa.string()))
    several = pc.match_substring_regex(table["name"], consortium.SEPARATED).fill_null(False)
    if pc.any(several).as_py():
        split: list[dict[str, object]] = []
        for row in table.filter(several).to_pylist():
            members = consortium.split(row["name"])
            split += (
                [
                    row
                    | {
                        "name": each.name,
                        "code": row["code"] if each.part == consortium.LEAD else None,
                        "part": each.part,
                    }
                    for each in members
                ]
                if len(members) > 1
                else [row]
            )
        parted = pa.Table.from_pylist(split, table.schema)
        # sorted by row; members of one row keep their order
        order = pa.array(range(parted.num_rows), pa.int64())
        whole = table.filter(pc.invert(several))
        whole = whole.append_column("order", pa.nulls(whole.num_rows, pa.int64()))
        table = pa.concat_tables([whole, parted.append_column("order", order)])
        table = table.sort_by([("row", "ascending"), ("order", "ascending")])
    numbers = pa.array(range(before + 1, before + 1 + table.num_rows), pa.int64())
    lines = pa.table({"place": numbers, "line": table["row"], "part": table["part"]}, LINES)
    return pa.table({"row": numbers, "name": table["name"], "code": table["code"]}), lines
