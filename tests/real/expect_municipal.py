"""What must become of the two real 双公示 rows of a municipal system, worked out from the file and the standards.

As sent both lack the legal representative (removed before the sample was kept) and the licence names its authority and its
source by the placeholder code. Mended by a mapping, each shows a publication window: the penalty under the rules of 2019
(general: repairable after three months, ends after a year), the licence until the day after its validity ends.
"""

import json

import pandas as pd
from tests.real import codes
from tests.real.files import MUNICIPAL, folder

PLACEHOLDER = "00000000000000000X"
ARRAYS = {"xzcf": "penalty_rows", "xzxk": "permit_rows"}


def row(item: str) -> dict[str, object]:
    """The one row of an item as the file holds it."""
    rows = json.loads((folder() / MUNICIPAL).read_text())[ARRAYS[item]]
    assert len(rows) == 1
    return rows[0]


def reasons_as_sent(item: str) -> dict[str, int]:
    """Rules the row breaks when nothing is mended."""
    sent = row(item)
    prefix = {"xzcf": "CF", "xzxk": "XK"}[item]
    found = {f"{item}.frdb.required": 1} if not sent[f"{prefix}_FRDB"] else {}
    for field in ("CF_CFJGDM", "CF_SJLYDM") if item == "xzcf" else ("XK_XKJGDM", "XK_LYDWDM"):
        name = field[3:].lower()
        if sent[field] == PLACEHOLDER:
            found[f"{item}.{name}.placeholder"] = 1
        elif not codes.right(str(sent[field])):
            found[f"{item}.{name}.check"] = 1
        elif not codes.inner_right(str(sent[field])):
            found[f"{item}.{name}.inner"] = 1
    if not codes.inner_right(str(sent[f"{prefix}_XDR_SHXYM"])):
        found[f"{item}.xdr_shxym.inner"] = 1
    return found


def window(item: str) -> tuple[str, str | None, str]:
    """First day public, first day repair may be asked for (None: not repairable), first day no longer public."""
    sent = row(item)
    if item == "xzcf":
        decided = pd.Timestamp(str(sent["CF_JDRQ"]))
        days = (decided, decided + pd.DateOffset(months=3), decided + pd.DateOffset(years=1))
        return tuple(day.date().isoformat() for day in days)  # type: ignore[return-value]
    ends = pd.Timestamp(str(sent["XK_YXQZI"])) + pd.Timedelta(days=1)
    return str(sent["XK_JDRQ"]), None, ends.date().isoformat()


if __name__ == "__main__":
    for item in ARRAYS:
        print(item, reasons_as_sent(item), window(item))
