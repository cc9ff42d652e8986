"""Workbooks: rows a second from a large XLSX file to committed.

    python -m bench.workbook --rows 100000

Two files, one after the other: with the first file of an item after installation its plan is compiled, with the next it is
there already, whatever its layout.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from bench import generate
from bench.intake import somewhere, submit
from bench.running import Installation, machine
from bench.yardstick import slowness

AS_LONG = 1_000_000
"""Rows that the yardstick is laid on: of fewer, starting weighs more here than it did there."""


def workbook(source: Path, out: Path) -> None:
    """The same table as a workbook with a title row."""
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_string(0, 0, "行政处罚信息汇总表")
        with source.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file), 1):
                for column, text in enumerate(row):
                    if text:
                        sheet.write_string(number, column, text)


def run(rows: int, folder: Path) -> Iterator[dict[str, object]]:
    place = Installation(folder)
    register, table, book = folder / "registry.csv", folder / "penalties.csv", folder / "penalties.xlsx"
    generate.registry(rows, register)
    place.chengxin("subjects", "import", str(register), "--json")
    long = folder / "yardstick.csv"
    generate.penalties(AS_LONG, 0, rows, long)
    for plan, first in (("compiled", 0), ("kept", rows)):
        generate.penalties(rows, first, rows, table)
        workbook(table, book)
        before = slowness(long, AS_LONG)
        weighed, left = submit(place, book)
        slow = (before + slowness(long, AS_LONG)) / 2
        wall = weighed.wall + left
        yield {
            "rows": rows,
            "plan": plan,
            "megabytes": round(book.stat().st_size / 1e6, 1),
            "wall_s": round(wall, 2),
            "cpu_s": round(weighed.cpu, 2),
            "rows_a_second": round(rows / wall),
            "machine_slower": round(slow, 2),
            "rows_a_second_where_the_floor_was_set": round(rows / wall * slow),
            "peak_gib": round(weighed.peak, 2),
            "accepted": weighed.answer["accepted"],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(machine())
    with somewhere(given.folder) as folder:
        for line in run(given.rows, folder):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
