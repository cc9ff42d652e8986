"""The days in the 5,704 rows of the black-list workbook: 627 Excel serial numbers, 2,118 dates, 2,959 empty cells."""

from datetime import date, timedelta

import pandas as pd
from tests.real.files import BLACKLIST, folder

FIRST_ROW = 2
EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's 1900 system for every day after February 1900."""


def days() -> dict[str, dict[int, str]]:
    """Row → day (YYYY-MM-DD) for cells that are serial numbers and for cells that are dates; and the empty rows."""
    cells = pd.read_excel(folder() / BLACKLIST, dtype=object, engine="calamine")["公布时间"]
    found: dict[str, dict[int, str]] = {"serial": {}, "date": {}, "empty": {}}
    for row, cell in enumerate(cells, start=FIRST_ROW):
        if pd.isna(cell):
            found["empty"][row] = ""
        elif isinstance(cell, int):
            found["serial"][row] = (EPOCH + timedelta(days=cell)).isoformat()
        else:
            found["date"][row] = cell.date().isoformat()
    return found


if __name__ == "__main__":
    for kind, rows in days().items():
        values = sorted(rows.values())
        print(kind, len(rows), values[0], values[-1])
