"""What must become of the 25,423 rows of the registration sample, worked out from the file with pandas alone.

Run ``python -m tests.real.expect_registration`` to see the numbers.
"""

import json

import pandas as pd
from tests.real import codes
from tests.real.files import REGISTRATION, folder

FIRST_ROW = 2
"""Row 1 of the file is the header; a CSV without line breaks in cells has one row per line."""


def table() -> pd.DataFrame:
    """The file as text, with the number of each row as the sender sees it."""
    read = pd.read_csv(folder() / REGISTRATION, dtype=str, keep_default_na=False)
    return read.assign(row=range(FIRST_ROW, FIRST_ROW + len(read)))


def expected() -> dict[str, object]:
    """Outcomes by number, rows that fail with their rules, rows with a warning, code cells that had to be tidied."""
    read = table()
    code = read["统一社会信用代码"].map(codes.tidy)
    right = code.map(codes.right)
    named = read["企业名称"].str.strip() != ""
    dated = pd.to_datetime(read["注册日期"], format="%Y-%m-%d", errors="coerce").notna()
    good = right & named & dated
    first = ~code.duplicated()
    return {
        "rows": len(read),
        "accepted": int((good & first).sum()),
        "repeated": int((good & ~first).sum()),
        "wrong": read.loc[~good, "row"].tolist(),
        "inner": read.loc[right & ~code.map(codes.inner_right), "row"].tolist(),
        "tidied": read.loc[code != read["统一社会信用代码"], "row"].tolist(),
    }


if __name__ == "__main__":
    print(json.dumps({k: v if isinstance(v, int) or len(v) < 40 else len(v) for k, v in expected().items()}))
