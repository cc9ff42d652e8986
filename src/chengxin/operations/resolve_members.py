"""Members (联合体成员) in a file to be resolved: a cell that names several organisations asks as many questions."""

import pyarrow as pa
import pyarrow.compute as pc

from chengxin.resolution import consortium

PLACES = 1 << 12
"""A row's question has this many times its number; questions about its further members follow on that."""
QUESTIONS = pa.schema([("place", pa.int64()), ("name", pa.string()), ("code", pa.string()), ("part", pa.string())])
"""``part`` is that of the organisation in its consortium, or ''."""


def by_member(rows: pa.Table) -> pa.Table:
    """``QUESTIONS`` of rows (``place, name, code``), a consortium's members each one.

    A code beside a consortium is its lead's: notices give no other.
    """
    table = rows.append_column("part", pa.repeat("", rows.num_rows)).select(QUESTIONS.names).cast(QUESTIONS)
    several = pc.match_substring_regex(table["name"], consortium.SEPARATED).fill_null(False)
    if not pc.any(several).as_py():
        return table
    split = [question for row in table.filter(several).to_pylist() for question in _members(row)]
    whole = table.filter(pc.invert(several))
    return pa.concat_tables([whole, pa.Table.from_pylist(split, QUESTIONS)]).sort_by("place")


def _members(row: dict[str, str]) -> list[dict[str, object]]:
    members = consortium.split(row["name"])
    if not 1 < len(members) <= PLACES:
        return [{**row}]
    return [
        {
            "place": int(row["place"]) + number,
            "name": each.name,
            "code": row["code"] if each.part == consortium.LEAD else None,
            "part": each.part,
        }
        for number, each in enumerate(members)
    ]
